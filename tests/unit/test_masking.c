/* SPDX-License-Identifier: MIT */
/* What could be a key, judged by looks. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "device/masking.h"

static const char key_line[] = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBFzPuYh0EoX6b";

static const unsigned char *bytes(const char *text)
{
    return (const unsigned char *)text;
}

static bool is_body(const char *text)
{
    return masking_is_body(bytes(text), strlen(text));
}

static bool has_body(const char *text)
{
    return masking_has_body(bytes(text), strlen(text));
}

static bool hides(struct masking *m, const char *text)
{
    return masking_hides(m, bytes(text), strlen(text));
}

static bool hides_unfinished(const struct masking *m, const char *text, bool settled)
{
    return masking_hides_unfinished(m, bytes(text), strlen(text), settled);
}

static void lines_of_a_body(void **state)
{
    (void)state;
    assert_true(is_body(key_line));
    assert_true(is_body("pB0kq3x7Wm1gkqM="));
    assert_true(is_body("pB0kq3x7Wm1gkqM*"));
    assert_true(is_body("0123456789abcdef"));
    assert_false(is_body(""));
    assert_false(is_body("pB0kq3x7Wm1gkqM"));
    assert_false(is_body("COMMAND PROCESSED OK"));
    assert_false(is_body("-----BEGIN PRIVATE KEY-----"));
    assert_false(is_body("89440000000000000001")); /* a SIM card's number */
    assert_false(is_body("********************"));
    assert_false(is_body("===================="));
}

static void bodies_inside_a_line(void **state)
{
    (void)state;
    assert_true(has_body("> MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"));
    assert_true(has_body("[12.345] rx: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC (32)"));
    assert_true(has_body("-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0B"));
    assert_true(has_body("SharedAccessSignature sr=h&sig=Xb1pB0kq3x7Wm1gkqMIIEvQI%3D&se=1"));
    assert_false(has_body("> MIIEvQIBADANBgk"));
    assert_false(has_body("topic devices/pump7/messages/events/ subscribed"));
    assert_false(has_body("sha1 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 of the file"));
    assert_false(has_body("+CCID: 89440000000000000001 is the SIM card"));
    assert_false(has_body(""));
}

static void sizes(void **state)
{
    static const struct {
        size_t n;
        const char *text;
    } cases[] = {{0, "<0 bytes>"}, {7, "<7 bytes>"}, {64, "<64 bytes>"}, {1679, "<1679 bytes>"}};
    char out[MASKING_SIZE_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(masking_put_size(out, cases[i].n), strlen(cases[i].text));
        assert_string_equal(out, cases[i].text);
    }
    assert_true(masking_put_size(out, SIZE_MAX) < sizeof out);
}

static void a_key_is_hidden_whole(void **state)
{
    struct masking m = {0};

    (void)state;
    assert_false(hides(&m, "9270,12"));
    assert_false(hides(&m, "-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_true(hides(&m, "Proc-Type: 4,ENCRYPTED"));
    assert_false(hides(&m, ""));
    assert_true(hides(&m, key_line));
    assert_true(hides(&m, "a b"));
    assert_true(hides(&m, "Qw=="));
    assert_false(hides(&m, "-----END ENCRYPTED PRIVATE KEY-----"));
    assert_false(hides(&m, "*COMMAND PROCESSED OK"));
    assert_false(hides(&m, "a b"));
}

static void a_certificate_by_looks(void **state)
{
    struct masking m = {0};

    (void)state;
    assert_false(hides(&m, "-----BEGIN CERTIFICATE-----"));
    assert_true(hides(&m, key_line));
    assert_true(hides(&m, "Qw==")); /* its last line */
    assert_false(hides(&m, "-----END CERTIFICATE-----"));
    assert_false(hides(&m, "Qw==")); /* on its own it is nothing */
    assert_false(hides(&m, "OK"));
}

/* The end line was lost, or another key begins: what follows is not hidden for ever. */
static void a_key_without_end(void **state)
{
    struct masking m = {0};
    size_t lines = 0;

    (void)state;
    assert_false(hides(&m, "-----BEGIN RSA PRIVATE KEY-----"));
    assert_true(hides(&m, "hello, world"));
    assert_false(hides(&m, "-----BEGIN RSA PRIVATE KEY-----"));
    assert_true(m.in_key);
    while (hides(&m, "hello, world"))
        assert_true(lines++ < 2000);
    assert_true(lines >= 1000);
    assert_false(m.in_key);
    assert_true(hides(&m, key_line));
}

static void keys_on_one_line(void **state)
{
    struct masking m = {0};

    (void)state;
    assert_true(hides(&m, "-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0B"));
    assert_true(hides(&m, "MIIEvQIBADANBgkqhkiG9w0B-----END PRIVATE KEY-----"));
    assert_false(hides(&m, "hello, world"));
    assert_true(hides(&m, "-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0B"
                          "-----END PRIVATE KEY-----"));
    assert_false(hides(&m, "hello, world"));
}

/* Also when what stands beside the armour is short. */
static void pieces_beside_the_armour(void **state)
{
    struct masking m = {0};

    (void)state;
    assert_true(hides_unfinished(&m, "-----BEGIN PRIVATE KEY-----MII", true));
    assert_false(hides_unfinished(&m, "> -----BEGIN PRIVATE KEY-----", true));
    assert_true(hides(&m, "> -----BEGIN PRIVATE KEY-----MII"));
    assert_true(hides_unfinished(&m, "-MII", true));
    assert_true(hides_unfinished(&m, "Qw==-----EN", true));
    assert_true(hides(&m, "Qw==-----END PRIVATE KEY-----"));
    assert_false(m.in_key);
    assert_false(hides(&m, "-----BEGIN PRIVATE KEY-----"));
    assert_false(hides(&m, "> -----END PRIVATE KEY-----*COMMAND PROCESSED OK"));
    assert_true(hides(&m, "-----BEGIN PRIVATE KEY-----Qw==-----END PRIVATE KEY-----"));
    assert_false(m.in_key);
}

static void lines_that_are_still_coming_in(void **state)
{
    struct masking m = {0};

    (void)state;
    assert_false(hides_unfinished(&m, "", false));
    assert_true(hides_unfinished(&m, "MIIEv", false));
    assert_false(hides_unfinished(&m, "MIIEv", true)); /* a word without line end */
    assert_false(hides_unfinished(&m, "SEND FILE...", false));
    assert_false(hides_unfinished(&m, "> ", false));
    assert_true(hides_unfinished(&m, key_line, true));
    assert_true(hides(&m, key_line));
    assert_true(hides_unfinished(&m, "Qw=", true));
    assert_false(hides_unfinished(&m, "-----END", false));
    assert_false(hides(&m, "-----BEGIN PRIVATE KEY-----"));
    assert_true(hides_unfinished(&m, "a b", true));
    assert_false(hides_unfinished(&m, "-----EN", true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_a_body),
        cmocka_unit_test(bodies_inside_a_line),
        cmocka_unit_test(sizes),
        cmocka_unit_test(a_key_is_hidden_whole),
        cmocka_unit_test(a_certificate_by_looks),
        cmocka_unit_test(a_key_without_end),
        cmocka_unit_test(keys_on_one_line),
        cmocka_unit_test(pieces_beside_the_armour),
        cmocka_unit_test(lines_that_are_still_coming_in),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
