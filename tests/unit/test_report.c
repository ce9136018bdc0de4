/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <jansson.h>

#include "run/report.h"
#include "support.h"

/* What is said of a run, the verdict and objects, over what the emulator can do. */

static const char *const accept_all[] = {"accept-assumed=true", NULL};
static struct simulation sim; /* large */

struct row {
    const char *fault; /* NULL: none */
    const char *profile;
    const char *only;
    int exit_status;
    const char *state[3];  /* texts that occur in it */
    const char *remedy;    /* a text that occurs in it; NULL: there is none */
    const char *why;       /* a text that occurs in the reason of the failed exchange; NULL */
    const char *no_remedy; /* a text that must not occur in the remedy; NULL */
    enum echo_mode echo;
    const char *never; /* a text that must not occur in the state; NULL */
};

static const struct row rows[] = {
    {.profile = "infinite",
     .state = {"The device is loaded: server CA, device certificate and private key"},
     .remedy = "by hand (WA Manager"},
    {.profile = "bench", .state = {"settings, server CA, device certificate and private key"}},
    {.profile = "infinite",
     .only = "device-cert",
     .state = {"loaded: device certificate", "the key was not part of this run"}},
    {.profile = "infinite",
     .only = "device-key",
     .state = {"loaded: private key", "the certificate was not part of this run"}},
    {.fault = "refuse:device-key",
     .profile = "infinite",
     .exit_status = 5,
     .why = "the device refused it before any of the body",
     .state = {"only partly loaded: private key: refused",
               "loaded: server CA and device certificate; untouched: private key",
               "certificate is new, key is not: this device cannot connect until the private key "
               "is loaded"},
     .remedy = "follow a private key; --only device-key cannot change that"},
    {.fault = "refuse:server-ca",
     .profile = "infinite",
     .exit_status = 5,
     .state = {"not loaded: server CA", "nothing on the device was changed"},
     .remedy = "--trace"},
    {.fault = "silent:device-key",
     .profile = "infinite",
     .exit_status = 6,
     .why = "no answer within 30 s after the end of the body",
     .state = {"private key: no answer;", "unknown: private key",
               "certificate is new, whether the key is cannot be told"},
     .remedy = "Power-cycle"},
    {.fault = "silent:device-cert",
     .profile = "infinite",
     .exit_status = 6,
     .state = {"unknown: device certificate; untouched: private key",
               "key is as it was, whether the certificate is new cannot be told"},
     .remedy = "--recover"},
    {.fault = "no-prompt:device-cert",
     .profile = "infinite",
     .exit_status = 6,
     .why = "no prompt `SEND FILE...` came within 10 s; the device may still be inside an earlier "
            "upload",
     .state = {"device certificate: no prompt;"},
     .remedy = "--recover"},
    {.fault = "deaf",
     .profile = "infinite",
     .exit_status = 6,
     .why = "no answer to the command: no prompt `SEND FILE...` came within 10 s; no byte of the "
            "body was sent",
     .state = {"unknown: server CA"},
     .remedy = "115200 8N1",
     .never = "earlier upload"},
    {.fault = "garbage:server-ca",
     .profile = "infinite",
     .exit_status = 6,
     .why = "line speed is probably not 115200 8N1",
     .state = {"wrong line speed"},
     .remedy = "--baud"},
    {.fault = "lost:device-cert:300",
     .profile = "infinite",
     .exit_status = 5,
     .why = "lost or changed on the line",
     .state = {"damaged on the line", "unknown: device certificate"},
     .remedy = "transfer.window"},
    {.fault = "hang-up:device-cert:300",
     .profile = "infinite",
     .exit_status = 4,
     .why = "the port went away after ",
     .state = {"the port went away", "unknown: device certificate"},
     .remedy = "Plug the adapter in"},
    {.fault = "reboot:device-cert:300",
     .profile = "infinite",
     .exit_status = 5,
     .state = {"device certificate", "unknown: device certificate"},
     .remedy = "ower-cycle"},
    {.fault = "ok-early:server-ca:100",
     .profile = "infinite",
     .exit_status = 5,
     .why = "does not count",
     .state = {"answered too early", "unknown: server CA"},
     .remedy = "Power-cycle"},
    {.fault = "refuse-body:device-cert:300",
     .profile = "infinite",
     .exit_status = 5,
     .why = "the device refused it after ",
     .state = {"device certificate: refused", "unknown: device certificate"},
     .remedy = "Power-cycle"},
    {.fault = "refuse-end:device-cert",
     .profile = "infinite",
     .exit_status = 5,
     .why = "the device refused it",
     .state = {"device certificate: refused", "unknown: device certificate"},
     .remedy = "The file arrived as it was sent; the device does not like it",
     .no_remedy = "ower-cycle"},
    {.fault = "refuse-end:device-cert",
     .profile = "infinite",
     .echo = ECHO_OFF,
     .exit_status = 5,
     .state = {"device certificate: refused"},
     .remedy = "Bytes may have been lost on the line",
     .no_remedy = "ower-cycle"},
    {.profile = "infinite",
     .echo = ECHO_OFF,
     .state = {"accepted by the device; not compared: it does not echo"},
     .remedy = "by hand"},
    {.profile = "infinite",
     .echo = ECHO_COMMANDS,
     .state = {"accepted by the device; not compared: it does not echo"},
     .remedy = "by hand"},
    {.fault = "echo-stops:device-cert:300",
     .profile = "infinite",
     .state = {"accepted by the device; not all compared: "},
     .remedy = "by hand"},
    {.fault = "silent:device-key",
     .profile = "bench",
     .exit_status = 5,
     .why = "asked, the device said that it has not stored it",
     .state = {"private key: not stored", "unknown: private key"},
     .remedy = "back at its command line",
     .no_remedy = "ower-cycle"},
};

static void run(struct bench *b, const struct row *row)
{
    rehearse(&sim, b,
             &(struct rehearsal){.profile = row->profile,
                                 .assignments = accept_all,
                                 .only = row->only,
                                 .fault = row->fault,
                                 .echo = row->echo});
}

/* The reason is told once: with the exchange, not in the verdict. */
static void assert_why(const struct bench *b, const char *part)
{
    struct buf why = {0};

    for (size_t i = 0; i < b->plan->count; i++) {
        if (loader_result(sim.loader, i)->failure != FAILURE_NONE)
            report_failure(&why, b->plan, sim.loader, i);
    }
    assert_occurs(why.data, part);
    buf_reset(&why);
}

static void test_verdict_of_each_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        struct verdict v;
        struct bench b;
        struct err err;

        print_message("# %s, %s\n", row->profile, row->fault != NULL ? row->fault : "no fault");
        run(&b, row);
        assert_int_equal(verdict_make(b.plan, sim.loader, READER_SHELL, &v, &err), 0);
        print_message("# %s\n# %s\n", v.state, v.remedy != NULL ? v.remedy : "-");
        assert_int_equal(v.exit_status, row->exit_status);
        for (size_t k = 0; k < 3 && row->state[k] != NULL; k++)
            assert_occurs(v.state, row->state[k]);
        if (row->remedy != NULL)
            assert_occurs(v.remedy, row->remedy);
        else
            assert_null(v.remedy);
        if (row->no_remedy != NULL)
            assert_null(strstr(v.remedy, row->no_remedy));
        if (row->why != NULL)
            assert_why(&b, row->why);
        if (row->never != NULL)
            assert_null(strstr(v.state, row->never));
        assert_null(strchr(v.state, '\n'));
        verdict_reset(&v);
        rehearsal_reset(&sim, &b);
    }
}

/* Reads well: one line of sentences, and nothing that is for another reader. */
static void assert_for_wizard(const char *remedy)
{
    static const char *const never[] = {"--", "\n", "  ", "()", " .", " ,", "run it", "Run it"};

    assert_non_null(remedy);
    assert_int_equal(remedy[strlen(remedy) - 1], '.');
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        if (strstr(remedy, never[i]) != NULL)
            fail_msg("\"%s\" in: %s", never[i], remedy);
    }
}

static void compare_readers(const struct bench *b)
{
    struct verdict shell, wizard;
    struct err err;

    assert_int_equal(verdict_make(b->plan, sim.loader, READER_SHELL, &shell, &err), 0);
    assert_int_equal(verdict_make(b->plan, sim.loader, READER_WIZARD, &wizard, &err), 0);
    assert_string_equal(shell.state, wizard.state);
    assert_int_equal(shell.exit_status, wizard.exit_status);
    assert_int_equal(shell.recover, wizard.recover);
    assert_int_equal(shell.remedy == NULL, wizard.remedy == NULL);
    if (wizard.remedy != NULL)
        assert_for_wizard(wizard.remedy);
    /* Whoever is told to use a way has it: the wizard's button stands there if recover is true. */
    if (shell.remedy != NULL && strstr(shell.remedy, "--recover") != NULL) {
        assert_true(wizard.recover);
        assert_occurs(wizard.remedy, "\"Recover and retry\"");
    } else if (wizard.remedy != NULL && strstr(wizard.remedy, "\"Retry\"") != NULL) {
        assert_false(wizard.recover);
    }
    verdict_reset(&shell);
    verdict_reset(&wizard);
}

/* --- every failure, at every stage of an exchange, whether or not the emulator can have it ---- */

/* A member for each thing that the remedy looks at. */
static void compare_stages(const struct bench *b, struct exchange_result *r, size_t len)
{
    static const char *const answers[] = {"ERROR", "<5 bytes>"};
    const size_t sent[] = {0, len / 2, len};

    for (int i = 0; i < 3 * 2 * 2 * 2 * 2; i++) {
        r->body_sent = sent[i % 3];
        r->asked = i / 3 % 2;
        r->failure_at = (size_t)(i / 6 % 2);
        r->window = i / 12 % 2 ? 16 : 0;
        r->limited_by = "line speed";
        snprintf(r->answer, sizeof r->answer, "%s", answers[i / 24]);
        for (r->state = STATE_UNTOUCHED; r->state <= STATE_UNKNOWN; r->state++)
            compare_readers(b);
    }
}

static void compare_failures(const struct bench *b)
{
    for (size_t i = 0; i < b->plan->count; i++) {
        /* What a run left is overwritten. */
        struct exchange_result *r = (struct exchange_result *)loader_result(sim.loader, i);
        struct exchange_result was = *r;

        if (was.failure == FAILURE_NONE)
            continue;
        for (r->failure = FAILURE_NO_PROMPT; r->failure <= FAILURE_CANCELLED; r->failure++)
            compare_stages(b, r, b->plan->exchanges[i].body.len);
        *r = was;
    }
}

static void test_wizard_has_no_options(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench b;

        run(&b, &rows[i]);
        compare_readers(&b);
        compare_failures(&b);
        rehearsal_reset(&sim, &b);
    }
}

static json_t *parse(char *text)
{
    json_t *json;

    assert_non_null(text);
    assert_null(strchr(text, '\n'));
    json = json_loads(text, 0, NULL);
    assert_non_null(json);
    free(text);
    return json;
}

static const char *member(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));

    return text != NULL ? text : "(none)";
}

static void test_objects(void **state)
{
    struct findings findings = {0};
    struct bench b;
    struct verdict v;
    struct err err;
    json_t *json, *exchanges;
    char *text;

    (void)state;
    run(&b, &rows[4]);
    assert_int_equal(verdict_make(b.plan, sim.loader, READER_SHELL, &v, &err), 0);
    findings_add(&findings, SEVERITY_WARNING, "a-code", (struct place){"key", "f\xff", 3}, "do",
                 "what \x1b[2J");
    json = parse(json_result(b.plan, sim.loader, &v, &findings, 5, "/dev/x"));
    assert_string_equal(member(json, "type"), "result");
    assert_string_equal(member(json, "outcome"), "refused");
    assert_string_equal(member(json, "state"), v.state);
    exchanges = json_object_get(json, "exchanges");
    assert_int_equal(json_array_size(exchanges), 3);
    assert_string_equal(member(json_array_get(exchanges, 1), "state"), "loaded");
    assert_string_equal(member(json_array_get(exchanges, 2), "state"), "untouched");
    assert_string_equal(member(json_array_get(exchanges, 2), "failure"), "refused");
    assert_int_equal(json_array_size(json_object_get(json, "manual_steps")), b.plan->manual_count);
    assert_int_equal(json_array_size(json_object_get(json, "accepted")), b.plan->accepted_count);
    json_decref(json);

    text = json_finding(&findings.items[0]);
    assert_non_null(text);
    assert_null(strchr(text, '\x1b'));
    json = parse(text);
    assert_string_equal(member(json, "file"), "f\\xFF");
    json_decref(json);

    text = json_plan(b.plan);
    assert_non_null(text);
    assert_no_key(&b, text);
    json_decref(parse(text));
    for (size_t i = 0; i < sim.log_count; i++) {
        text = json_event(b.plan, "/dev/x", 0, &sim.log[i]);
        assert_non_null(text);
        assert_no_key(&b, text);
        json_decref(parse(text));
    }
    json_decref(parse(json_result(NULL, NULL, NULL, NULL, 3, NULL)));
    findings_reset(&findings);
    verdict_reset(&v);
    rehearsal_reset(&sim, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdict_of_each_end),
        cmocka_unit_test(test_wizard_has_no_options),
        cmocka_unit_test(test_objects),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
