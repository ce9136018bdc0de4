/* SPDX-License-Identifier: MIT */
/* TLS from credentials in memory, over a pair of sockets with a peer that is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pki/tls.h"
#include "support.h"

static struct credential *read_one(const char *path)
{
    struct findings findings = {0};
    struct credential *c = NULL;

    assert_int_equal(credential_read(path, (struct place){0}, NULL, &c, &findings), 0);
    findings_reset(&findings);
    return c;
}

/* A handshake with somebody who answers with these bytes, or (n < 0) is silent. */
static enum tls_end shake(const void *answer, ssize_t n, bool hangs_up, struct tls_context **out)
{
    struct credential *ca = read_one("fixtures/pem/pump-7.crt"); /* quicker than the system's */
    struct tls_options options = {.host = "localhost", .server_ca = ca, .learn = true};
    struct err err = {0};
    char words[128];
    enum tls_end end;
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    if (n > 0)
        assert_int_equal(write(ends[1], answer, (size_t)n), n);
    if (hangs_up)
        assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
    assert_int_equal(tls_context_create(&options, out, &err), 0);
    credential_destroy(ca);
    end = tls_handshake(*out, ends[0], clock_now() + 50 * USEC_PER_MS, 0, words, sizeof words);
    close(ends[0]);
    close(ends[1]);
    return end;
}

static void expect_stranger(const char *answer, enum tls_stranger stranger)
{
    struct tls_context *tls;

    assert_int_equal(shake(answer, (ssize_t)strlen(answer), false, &tls), TLS_END_NOT_TLS);
    assert_int_equal(tls_context_stranger(tls), stranger);
    tls_context_destroy(tls);
}

static void strangers_are_known_by_their_first_bytes(void **state)
{
    (void)state;
    expect_stranger("HTTP/1.1 400 Bad Request\r\n\r\n", STRANGER_HTTP);
    expect_stranger("<html><body>", STRANGER_HTTP);
    expect_stranger("SSH-2.0-x\r\n", STRANGER_SSH);
    expect_stranger("\x20\x02\x01\x05\x20", STRANGER_MQTT);
    expect_stranger("220 mail", STRANGER_UNKNOWN);
    assert_int_equal(tls_stranger_of("\x15\x03\x01", 3), STRANGER_TLS);
    assert_int_equal(tls_stranger_of("", 0), STRANGER_UNKNOWN);
}

static void silence_and_hanging_up_end_in_time(void **state)
{
    usec began = clock_now();
    struct tls_context *tls;

    (void)state;
    assert_int_equal(shake(NULL, 0, false, &tls), TLS_END_TIMEOUT);
    assert_true(clock_now() - began < 5 * USEC_PER_SEC);
    tls_context_destroy(tls);
    assert_int_equal(shake(NULL, 0, true, &tls), TLS_END_CLOSED);
    tls_context_destroy(tls);
}

static void alerts_are_noted(void **state)
{
    static const unsigned char alert[] = {0x15, 3, 3, 0, 2, 2, 112};
    struct tls_context *tls;

    (void)state;
    assert_int_equal(shake(alert, sizeof alert, false, &tls), TLS_END_ALERT);
    assert_int_equal(tls_context_seen(tls)->alert, 112);
    assert_string_equal(tls_alert_name(112), "unrecognized name");
    assert_false(tls_context_seen(tls)->peer);
    /* For the library's connection it is forgotten. */
    assert_non_null(tls_context_ssl_ctx(tls));
    assert_int_equal(tls_context_seen(tls)->alert, -1);
    tls_context_destroy(tls);
}

static void garbage_never_passes(void **state)
{
    unsigned char noise[64];
    unsigned seed = 1;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct tls_context *tls;
        enum tls_end end;

        for (size_t i = 0; i < sizeof noise; i++)
            noise[i] = (unsigned char)((seed = seed * 1103515245u + 12345u) >> 16);
        if (round % 2 == 0)
            memcpy(noise, "\x16\x03\x03\x00\x3B\x02", 6);
        end = shake(noise, sizeof noise, true, &tls);
        assert_int_not_equal(end, TLS_END_DONE);
        assert_false(tls_context_seen(tls)->established);
        tls_context_destroy(tls);
    }
}

static void credentials_must_fit(void **state)
{
    struct credential *cert = read_one("fixtures/pem/pump-7.crt");
    struct credential *key = read_one("fixtures/pem/pump-7.key");
    struct credential *other = read_one("src/cmd/demo/other-key.pem");
    struct tls_options options = {
        .host = "broker.example", .server_ca = cert, .device_cert = cert, .device_key = key};
    struct tls_context *tls;
    struct err err = {0};

    (void)state;
    assert_int_equal(tls_context_create(&options, &tls, &err), 0);
    tls_context_destroy(tls);
    options.device_key = other;
    assert_int_equal(tls_context_create(&options, &tls, &err), ERR_VALUE);
    assert_null(tls);
    assert_occurs(err.text, "does not belong");
    credential_forget_key(key);
    options.device_key = key;
    assert_int_equal(tls_context_create(&options, &tls, &err), ERR_VALUE);
    assert_occurs(err.text, "holds no private key");
    options.device_key = NULL;
    options.device_cert = key;
    assert_int_equal(tls_context_create(&options, &tls, &err), ERR_VALUE);
    assert_occurs(err.text, "holds no certificate");
    credential_destroy(cert);
    credential_destroy(key);
    credential_destroy(other);
    tls_context_destroy(NULL);
}

static void hosts_of_any_kind(void **state)
{
    static const char *const hosts[] = {"broker.example", "192.0.2.1", "2001:db8::1", "::1"};
    struct tls_options options = {0};
    struct tls_context *tls;
    struct err err = {0};
    char longest[400];

    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        options.host = hosts[i];
        assert_int_equal(tls_context_create(&options, &tls, &err), 0);
        tls_context_destroy(tls);
    }
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    options.host = longest;
    assert_int_equal(tls_context_create(&options, &tls, &err), ERR_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strangers_are_known_by_their_first_bytes),
        cmocka_unit_test(silence_and_hanging_up_end_in_time),
        cmocka_unit_test(alerts_are_noted),
        cmocka_unit_test(garbage_never_passes),
        cmocka_unit_test(credentials_must_fit),
        cmocka_unit_test(hosts_of_any_kind),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
