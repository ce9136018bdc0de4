/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "run/report_text.h"
#include "support.h"

/* The report of runs over what the emulator can do: what it says, and what it must never say. */

static struct simulation sim; /* large */

static const char *const accept_all[] = {"accept-assumed=true", NULL};
static const char *const with_password[] = {
    "accept-assumed=true", "mqtt.password-file=fixtures/transcripts/password", NULL};
static const char *const with_abort[] = {"accept-assumed=device-cert,device-key,abort", NULL};

static void run(struct bench *b, const char *profile, const char *const *assignments,
                const char *fault)
{
    rehearse(&sim, b,
             &(struct rehearsal){.profile = profile, .assignments = assignments, .fault = fault});
}

/* Not one run of 16 characters of the key, wherever it begins. */
static void assert_no_part_of_key(const struct bench *b, const char *text)
{
    for (size_t i = 0; i < b->plan->count; i++) {
        const struct exchange *x = &b->plan->exchanges[i];

        if (x->slot != SLOT_DEVICE_KEY)
            continue;
        for (size_t at = 0; at + 16 <= x->body.len; at++)
            assert_null(memmem(text, strlen(text), x->body.data + at, 16));
    }
}

/* No line is longer than 100 columns but those that hold what cannot be broken. */
static void assert_lines(const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");

        for (size_t i = 0; i < n; i++)
            assert_true((unsigned char)text[i] >= ' ' && text[i] != 0x7F);
        assert_true(n == 0 || text[n - 1] != ' ');
        if (n > 100)
            fail_msg("%zu columns: %.*s", n, (int)n, text);
        text += n + 1;
    }
}

static char *report(const struct bench *b)
{
    struct verdict v;
    struct buf out = {0};
    struct err err;

    assert_int_equal(verdict_make(b->plan, sim.loader, READER_SHELL, &v, &err), 0);
    report_text(&out, &(struct report_source){
                          .version = "1.0",
                          .when = 1795305600,
                          .port = "/dev/\x1b[2J",
                          .job = &b->job,
                          .plan = b->plan,
                          .loader = sim.loader,
                          .verdict = &v,
                          .findings = &b->findings,
                      });
    verdict_reset(&v);
    assert_false(out.failed);
    assert_lines(out.data);
    assert_no_part_of_key(b, out.data);
    assert_null(strstr(out.data, "s3cret"));
    return buf_take(&out);
}

static void assert_all_occur(const char *text, const char *const *parts)
{
    for (; *parts != NULL; parts++)
        assert_occurs(text, *parts);
}

static void test_a_loaded_device(void **state)
{
    static const char *const parts[] = {
        "comcert 1.0: report of a load\n",
        "\ntime      2026-11-22 00:00 UTC\n",
        "\nport      /dev/\\x1B[2J at 115200 8N1, flow control none\n",
        "\nprofile   infinite (Infinite Informatics, 9270 file slots)\n",
        "\njob       fixtures/jobs/pump-7.cfg\n",
        "\ndevice    pump-7\n",
        "\nresult    OK\n          The device is loaded: server CA, device certificate and private",
        "\nnext      7 settings",
        "\n  3  device-key    loaded     echo        1713  ",
        "% of line rate\n",
        "\n     answer  COMMAND PROCESSED OK\n",
        "\nTo be entered by hand, in WA Manager, Edit Device window\n",
        "\n  Broker IP           my-hub.azure-devices.net\n",
        "\n  Username            my-hub.azure-devices.net/pump-7/?api-version=2021-04-12\n",
        "\n  Password            (the password, which is not shown)\n",
        "\n  device-key    follows 9270,10; the guide's table is a picture\n",
        "\n  server-ca\n",
        "\n    valid            2013-08-01 12:00 UTC to 2038-01-15 12:00 UTC (",
        " days left)\n",
        "\n    SHA-1            DF3C24F9BFD666761B268073FE06D1CC8D4F82A4\n",
        "\n    SHA-256          CB3CCBB76031E5E0138F8DD39A23F9DE47FFC35E43C1144CEA27D46A5AB1CB5F\n",
        "\n    subject          CN=pump-7\n",
        "\n  device-key\n    file             fixtures/jobs/../pem/pump-7.key\n    key             "
        " "
        "RSA 2048\n",
        "\n  warning  line-assumed: port.baud: ",
        "\n           fix: If the device does not answer, try another speed",
        NULL,
    };
    struct bench b;
    char *text;

    (void)state;
    run(&b, "infinite", with_password, NULL);
    text = report(&b);
    assert_all_occur(text, parts);
    assert_null(strstr(text, "failed"));
    free(text);
    rehearsal_reset(&sim, &b);
}

/* Settings that have a command show what was sent; the password does not. */
static void test_settings(void **state)
{
    struct bench b;
    char *text;

    (void)state;
    run(&b, "bench", with_password, NULL);
    text = report(&b);
    assert_occurs(text, "\n     value   devices/pump-7/messages/events/\n");
    assert_occurs(text, "  password      loaded     -             18");
    assert_occurs(text, "documented\n  nothing\n");
    assert_null(strstr(text, "by hand"));
    free(text);
    rehearsal_reset(&sim, &b);
}

static void test_a_failed_one(void **state)
{
    struct bench b;
    char *text;

    (void)state;
    run(&b, "infinite", accept_all, "refuse-end:device-key");
    text = report(&b);
    assert_occurs(text, "\nresult    NOT OK\n          The device is only partly loaded: private ");
    assert_occurs(text, "\n  3  device-key    unknown    -           1713  ");
    assert_occurs(text, "\n     failed  the device refused it (in words that are not shown: <");
    assert_null(strstr(text, "answer  <")); /* told already */
    free(text);
    rehearsal_reset(&sim, &b);

    run(&b, "infinite", with_abort, "refuse:server-ca");
    text = report(&b);
    assert_occurs(text, "\n     failed  the device refused it before any of the body was sent: \"");
    assert_occurs(text, "\n  2  device-cert   untouched  -           1091        -      0\n");
    assert_occurs(text, "\n  abort         may store a truncated file\n");
    free(text);
    rehearsal_reset(&sim, &b);
}

/* Before a load, and of a job that gave no plan. */
static void test_what_is_not_known_is_left_out(void **state)
{
    struct bench b;
    struct buf out = {0};
    struct job empty;

    (void)state;
    run(&b, "infinite", accept_all, NULL);
    report_text(&out, &(struct report_source){.job = &b.job, .plan = b.plan});
    assert_lines(out.data);
    assert_occurs(out.data, "\nresult    nothing was sent\n");
    assert_occurs(out.data, "\n  1  server-ca     not sent   -           1303\n");
    buf_reset(&out);
    credential_destroy(b.job.credentials[SLOT_SERVER_CA].credential);
    b.job.credentials[SLOT_SERVER_CA].credential = NULL;
    report_text(&out, &(struct report_source){.job = &b.job});
    assert_occurs(out.data, "could not be used\n");
    assert_occurs(out.data, "\nprofile   infinite\n");
    buf_reset(&out);
    job_init(&empty);
    report_text(&out, &(struct report_source){.job = &empty});
    assert_lines(out.data);
    buf_reset(&out);
    rehearsal_reset(&sim, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_loaded_device),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_a_failed_one),
        cmocka_unit_test(test_what_is_not_known_is_left_out),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
