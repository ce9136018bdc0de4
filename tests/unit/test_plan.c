/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "device/pattern.h"
#include "device/plan.h"
#include "pki/pki.h"

static const char ca_path[] = "src/pki/roots/digicert-global-root-g2.pem";
static const char cert_path[] = "fixtures/pem/pump-7.crt";
static const char key_path[] = "fixtures/pem/pump-7.key";
static const struct plan_options on_pty = {.is_pty = true};
static const struct plan_options on_port = {0};

/* --- memory that runs out ----------------------------------------------------------------------
 * Secrets live in mappings of their own; nothing else of the plan does. */

static bool no_mappings;

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
    if (no_mappings) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
}

/* --- a job, a profile ------------------------------------------------------------------------- */

struct world {
    struct job job;
    struct profile *profile;
    struct plan *plan;
    struct findings findings;
};

static void show(const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++)
        fprintf(stderr, "# %s %s: %s\n", severity_name(f->items[i].severity), f->items[i].code,
                f->items[i].what);
}

static void load_profile(struct world *w, const char *name)
{
    profile_destroy(w->profile);
    if (profile_load(name, NULL, (struct place){0}, &w->profile, &w->findings) != 0) {
        show(&w->findings);
        fail_msg("profile %s", name);
    }
}

static void put(char **at, const char *text)
{
    free(*at);
    *at = text != NULL ? strdup(text) : NULL;
}

static void set(struct world *w, enum setting setting, const char *value)
{
    put(&w->job.settings[setting].value, value);
    w->job.settings[setting].line = 10 + (int)setting;
}

/* Three credentials, no settings. */
static void make(struct world *w, const char *profile)
{
    const struct passphrase_source none = {NULL, NULL};

    *w = (struct world){0};
    job_init(&w->job);
    put(&w->job.file, "pump-7.cfg");
    put(&w->job.credentials[SLOT_SERVER_CA].path, ca_path);
    put(&w->job.credentials[SLOT_DEVICE_CERT].path, cert_path);
    put(&w->job.credentials[SLOT_DEVICE_KEY].path, key_path);
    w->job.credentials[SLOT_DEVICE_KEY].line = 7;
    if (job_load_credentials(&w->job, &none, &w->findings) != 0) {
        show(&w->findings);
        fail_msg("credentials");
    }
    findings_reset(&w->findings);
    load_profile(w, profile);
}

static void make_settings(struct world *w, const char *profile)
{
    make(w, profile);
    set(w, SETTING_BROKER, "my-hub.azure-devices.net");
    set(w, SETTING_PORT, "8883");
    set(w, SETTING_TLS, "true");
    set(w, SETTING_CLIENT_ID, "pump-7");
    set(w, SETTING_USERNAME, "my-hub.azure-devices.net/pump-7/?api-version=2021-04-12");
    set(w, SETTING_TOPIC, "devices/pump-7/messages/events/");
    put(&w->job.password_file, "password.txt");
    assert_int_equal(secret_set(&w->job.password, "Sesame-open", 11, NULL), 0);
}

static void reset(struct world *w)
{
    plan_destroy(w->plan);
    profile_destroy(w->profile);
    job_reset(&w->job);
    findings_reset(&w->findings);
}

/* A plan and no error; the findings of an earlier one are forgotten. */
static void good(struct world *w, const struct plan_options *options)
{
    findings_reset(&w->findings);
    if (plan_create(&w->job, w->profile, options, &w->plan, &w->findings) != 0) {
        show(&w->findings);
        fail_msg("no plan");
    }
    assert_int_equal(findings_count(&w->findings, SEVERITY_ERROR), 0);
}

static size_t count(const struct world *w, const char *code)
{
    size_t n = 0;

    for (size_t i = 0; i < w->findings.count; i++)
        n += strcmp(w->findings.items[i].code, code) == 0;
    return n;
}

static bool findings_hold(const struct world *w, const char *text)
{
    for (size_t i = 0; i < w->findings.count; i++) {
        const struct finding *f = &w->findings.items[i];

        if (strstr(f->what, text) != NULL || (f->remedy != NULL && strstr(f->remedy, text) != NULL))
            return true;
    }
    return false;
}

/* Exactly these many errors, all of them `code`; the findings are forgotten. */
static void refused(struct world *w, const struct plan_options *options, const char *code,
                    size_t times)
{
    findings_reset(&w->findings);
    assert_int_equal(plan_create(&w->job, w->profile, options, &w->plan, &w->findings), ERR_VALUE);
    assert_null(w->plan);
    if (count(w, code) != times || findings_count(&w->findings, SEVERITY_ERROR) != times) {
        show(&w->findings);
        fail_msg("%zu times %s", times, code);
    }
    assert_int_equal(findings_get(&w->findings, code)->severity, SEVERITY_ERROR);
}

static const struct exchange *named(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->exchanges[i].name, name) == 0)
            return &plan->exchanges[i];
    }
    fail_msg("no exchange %s", name);
    return NULL;
}

static void command_is(const struct exchange *x, const char *text)
{
    assert_int_equal(x->command.len, strlen(text));
    assert_memory_equal(x->command.data, text, x->command.len);
}

/* --- plans that are made ---------------------------------------------------------------------- */

static void infinite_loads_three_files(void **state)
{
    struct world w;
    const struct exchange *x;

    (void)state;
    make_settings(&w, "infinite");
    put(&w.job.accept_assumed, "device-cert, device-key");
    good(&w, &on_port);
    assert_int_equal(w.plan->count, 3);
    x = &w.plan->exchanges[0];
    assert_int_equal(x->kind, EXCHANGE_UPLOAD);
    assert_string_equal(x->name, "server-ca");
    assert_int_equal(x->slot, SLOT_SERVER_CA);
    assert_int_equal(x->setting, -1);
    command_is(x, "9270,10\r");
    assert_int_equal(x->command_eol_len, 1);
    assert_string_equal(x->prompt, "SEND FILE...");
    assert_string_equal(x->terminator, "*");
    assert_string_equal(x->ok[0], "COMMAND PROCESSED OK");
    assert_string_equal(x->fail[2], "*INVALID*");
    assert_null(x->report);
    assert_false(x->confidential);
    assert_int_equal(x->provenance, DOCUMENTED);
    assert_int_equal(x->prompt_timeout, 10 * USEC_PER_SEC);
    assert_int_equal(x->result_timeout, 30 * USEC_PER_SEC);
    assert_memory_equal(x->body.data, "-----BEGIN CERTIFICATE-----\n", 28);
    assert_memory_equal(x->body.data + x->body.len - 6, "-----\n", 6);
    assert_int_equal(exchange_size(x), x->body.len + 9);

    assert_string_equal(w.plan->exchanges[1].name, "device-cert");
    assert_int_equal(w.plan->exchanges[1].provenance, ASSUMED);
    assert_string_equal(w.plan->exchanges[2].name, "device-key");
    assert_true(w.plan->exchanges[2].confidential);
    command_is(&w.plan->exchanges[2], "9270,12\r");
    assert_int_equal(w.plan->accepted_count, 2);
    assert_string_equal(w.plan->accepted[0], "device-cert");
    assert_false(w.plan->abort.usable);
    assert_int_equal(w.plan->retries, 1);
    assert_int_equal(w.plan->window, 0);
    assert_int_equal(findings_get(&w.findings, "line-assumed")->severity, SEVERITY_WARNING);
    assert_true(findings_hold(&w, "speed 115200"));
    reset(&w);
}

static void what_has_no_command_is_a_manual_step(void **state)
{
    struct world w;

    (void)state;
    make_settings(&w, "infinite");
    w.job.accept_all_assumed = true;
    good(&w, &on_port);
    assert_int_equal(w.plan->manual_count, 7);
    assert_int_equal(w.plan->manual[0].setting, SETTING_BROKER);
    assert_string_equal(w.plan->manual[0].where, "WA Manager, Edit Device window");
    assert_string_equal(w.plan->manual[0].field, "Broker IP");
    assert_string_equal(w.plan->manual[0].value, "my-hub.azure-devices.net");
    assert_int_equal(w.plan->manual[5].setting, SETTING_PASSWORD);
    assert_null(w.plan->manual[5].value);
    assert_false(w.plan->abort.usable); /* assumed, and "everything" is not enough for it */
    assert_int_equal(w.plan->abort.provenance, ASSUMED);
    assert_int_equal(w.plan->accepted_count, 2);
    assert_false(w.plan->sync.usable);
    reset(&w);
}

static void bench_sends_settings_first(void **state)
{
    static const char *const order[] = {"broker",      "port",      "tls",   "client-id",
                                        "username",    "password",  "topic", "server-ca",
                                        "device-cert", "device-key"};
    struct world w;
    const struct exchange *x;

    (void)state;
    make_settings(&w, "bench");
    good(&w, &on_pty);
    assert_int_equal(w.findings.count, 0);
    assert_int_equal(w.plan->count, 10);
    for (size_t i = 0; i < 10; i++)
        assert_string_equal(w.plan->exchanges[i].name, order[i]);
    command_is(named(w.plan, "tls"), "EMU,3,true\r");
    command_is(named(w.plan, "username"),
               "EMU,5,my-hub.azure-devices.net/pump-7/?api-version=2021-04-12\r");
    x = named(w.plan, "password");
    command_is(x, "EMU,6,Sesame-open\r");
    assert_true(x->confidential);
    assert_int_equal(x->kind, EXCHANGE_SETTING);
    assert_int_equal(x->setting, SETTING_PASSWORD);
    assert_int_equal(x->slot, -1);
    assert_int_equal(x->result_timeout, 5 * USEC_PER_SEC);
    assert_string_equal(x->terminator, "");
    assert_false(named(w.plan, "client-id")->confidential);
    assert_int_equal(w.plan->manual_count, 0);
    assert_true(w.plan->abort.usable);
    assert_true(w.plan->sync.usable);
    assert_int_equal(w.plan->accepted_count, 0);
    reset(&w);
}

static void a_body_ended_by_length(void **state)
{
    struct world w;
    const struct exchange *x;
    char command[80];

    (void)state;
    make(&w, "fixtures/profiles/simcom-sim7600.cfg");
    good(&w, &on_port);
    assert_int_equal(w.plan->count, 5);
    x = &w.plan->exchanges[0];
    assert_int_equal(x->kind, EXCHANGE_STEP);
    assert_string_equal(x->name, "prepare-1");
    command_is(x, "AT\r");
    assert_int_equal(x->tries, 5);
    assert_int_equal(x->result_timeout, USEC_PER_SEC / 2);
    assert_string_equal(x->ok[0], "OK");
    assert_null(x->ok[1]);
    assert_string_equal(x->fail[1], "+CME ERROR: {code}");
    x = named(w.plan, "device-key");
    snprintf(command, sizeof command, "AT+CCERTDOWN=\"key_cert.pem\",%zu\r", x->body.len);
    command_is(x, command);
    assert_string_equal(x->terminator, "");
    assert_int_equal(x->settle, 50 * USEC_PER_MS);
    assert_int_equal(x->digest, DIGEST_NONE);
    assert_string_equal(x->expected_digest, "");
    reset(&w);
}

static unsigned xor16_of(const struct secret *s)
{
    unsigned sum = 0;

    for (size_t i = 0; i < s->len; i += 2)
        sum ^= (unsigned)s->data[i] * 256U + (i + 1 < s->len ? s->data[i + 1] : 0U);
    return sum;
}

static void line_ends_and_digests(void **state)
{
    struct world w, plain;
    const struct exchange *x, *y;
    size_t lines = 0;
    char command[80], digest[65];

    (void)state;
    make(&plain, "infinite");
    plain.job.accept_all_assumed = true;
    good(&plain, &on_port);
    y = named(plain.plan, "server-ca");
    make(&w, "fixtures/profiles/quectel-example.cfg");
    w.job.accept_all_assumed = true;
    put(&w.job.credentials[SLOT_DEVICE_KEY].path, NULL);
    credential_destroy(w.job.credentials[SLOT_DEVICE_KEY].credential);
    w.job.credentials[SLOT_DEVICE_KEY].credential = NULL;
    good(&w, &on_port);
    x = named(w.plan, "server-ca");
    for (size_t i = 0; i < y->body.len; i++)
        lines += y->body.data[i] == '\n';
    /* CRLF, and none after the last line. */
    assert_int_equal(x->body.len, y->body.len + lines - 2);
    assert_memory_equal(x->body.data, "-----BEGIN CERTIFICATE-----\r\nM", 30);
    assert_memory_equal(x->body.data + x->body.len - 5, "-----", 5);
    snprintf(command, sizeof command, "AT+QFUPL=\"server-ca.pem\",%zu,60\r", x->body.len);
    command_is(x, command);
    snprintf(digest, sizeof digest, "%04X", xor16_of(&x->body));
    assert_string_equal(x->expected_digest, digest);
    assert_string_equal(x->report, "+QFUPL: *,{digest}");
    assert_int_equal(w.plan->line.flow, FLOW_RTSCTS);
    assert_string_equal(w.plan->exchanges[w.plan->count - 1].name, "finish-1");
    assert_string_equal(w.plan->accepted[0], "finish-1");
    plan_destroy(w.plan);

    /* Both parities of the length, and the other digests. */
    w.profile->upload.body_eol = EOL_LF;
    for (int i = 0; i < 2; i++) {
        w.profile->upload.body_last_eol = i == 0;
        w.profile->upload.digest = DIGEST_XOR16;
        good(&w, &on_port);
        x = named(w.plan, "server-ca");
        snprintf(digest, sizeof digest, "%04X", xor16_of(&x->body));
        assert_string_equal(x->expected_digest, digest);
        assert_int_equal(x->body.len, y->body.len - (size_t)i);
        plan_destroy(w.plan);
    }
    w.profile->upload.digest = DIGEST_SIZE;
    good(&w, &on_port);
    x = named(w.plan, "server-ca");
    snprintf(digest, sizeof digest, "%zu", x->body.len);
    assert_string_equal(x->expected_digest, digest);
    plan_destroy(w.plan);
    w.profile->upload.digest = DIGEST_SHA256_SENT;
    good(&w, &on_port);
    x = named(w.plan, "server-ca");
    pki_sha256_hex(x->body.data, x->body.len, digest);
    assert_string_equal(x->expected_digest, digest);
    reset(&w);
    reset(&plain);
}

/* Names in patterns are expanded so that they stand for themselves. */
static void patterns_are_expanded(void **state)
{
    struct world w;
    const struct exchange *x;
    char line[64];

    (void)state;
    make(&w, "infinite");
    w.job.accept_all_assumed = true;
    put(&w.profile->upload.ok[0], "STORED {slot} {length} \\*");
    good(&w, &on_port);
    x = named(w.plan, "device-key");
    snprintf(line, sizeof line, "STORED device-key %zu *", x->body.len);
    assert_true(pattern_matches(x->ok[0], line, strlen(line), NULL));
    assert_false(pattern_matches(x->ok[0], "STORED device-key 1 *", 21, NULL));
    reset(&w);
}

static void the_job_overrides(void **state)
{
    struct world w;
    const struct exchange *x;

    (void)state;
    make(&w, "infinite");
    w.job.accept_all_assumed = true;
    w.job.line.baud = 9600;
    w.job.line.flow = FLOW_RTSCTS;
    w.job.transfer.retries = 0;
    w.job.transfer.window = 32;
    w.job.transfer.prompt_timeout_ms = 1234;
    w.job.transfer.result_timeout_ms = 4321;
    put(&w.job.transfer.terminator, "\x7F");
    good(&w, &on_port);
    x = named(w.plan, "server-ca");
    assert_int_equal(w.plan->line.baud, 9600);
    assert_string_equal(w.plan->line.frame, "8N1");
    assert_int_equal(w.plan->line.flow, FLOW_RTSCTS);
    assert_int_equal(w.plan->line.dtr, MODEM_LINE_KEEP);
    assert_int_equal(w.plan->retries, 0);
    assert_int_equal(w.plan->window, 32);
    assert_string_equal(x->terminator, "\x7F");
    assert_int_equal(x->prompt_timeout, 1234 * USEC_PER_MS);
    assert_int_equal(x->result_timeout, 4321 * USEC_PER_MS);
    /* What the job says is not assumed. */
    assert_false(findings_hold(&w, "speed 9600"));
    assert_true(findings_hold(&w, "frame 8N1"));
    reset(&w);
}

static void the_same_job_gives_the_same_bytes(void **state)
{
    struct world a, b;

    (void)state;
    make_settings(&a, "bench");
    make_settings(&b, "bench");
    good(&a, &on_pty);
    good(&b, &on_pty);
    assert_int_equal(a.plan->count, b.plan->count);
    for (size_t i = 0; i < a.plan->count; i++) {
        const struct exchange *x = &a.plan->exchanges[i], *y = &b.plan->exchanges[i];

        assert_int_equal(x->command.len, y->command.len);
        assert_memory_equal(x->command.data, y->command.data, x->command.len);
        assert_int_equal(x->body.len, y->body.len);
        if (x->body.len > 0)
            assert_memory_equal(x->body.data, y->body.data, x->body.len);
    }
    assert_int_equal(a.plan->limit, b.plan->limit);
    reset(&a);
    reset(&b);
}

static void only_and_recover(void **state)
{
    const struct plan_options only = {.is_pty = true, .only = " device-key,topic "};
    const struct plan_options recover = {.is_pty = true, .only = "server-ca", .recover = true};
    struct world w;

    (void)state;
    make_settings(&w, "bench");
    good(&w, &only);
    assert_int_equal(w.plan->count, 2);
    assert_string_equal(w.plan->exchanges[0].name, "topic");
    assert_string_equal(w.plan->exchanges[1].name, "device-key");
    plan_destroy(w.plan);
    good(&w, &recover);
    assert_int_equal(w.plan->count, 2);
    assert_int_equal(w.plan->exchanges[0].kind, EXCHANGE_RECOVER);
    assert_string_equal(w.plan->exchanges[0].terminator, "*");
    command_is(&w.plan->exchanges[0], "\r");
    reset(&w);
}

static void times_are_bounds(void **state)
{
    struct world w;
    size_t bytes = 0;
    usec least = 0;

    (void)state;
    make_settings(&w, "bench");
    good(&w, &on_pty);
    for (size_t i = 0; i < w.plan->count; i++) {
        const struct exchange *x = &w.plan->exchanges[i];

        bytes += exchange_size(x);
        least += x->prompt_timeout + x->settle + x->result_timeout;
    }
    assert_int_equal(w.plan->line_time, line_time(&w.plan->line, bytes));
    assert_true(w.plan->limit > least + 10 * w.plan->line_time);
    assert_true(w.plan->limit < 3600 * USEC_PER_SEC);
    plan_destroy(w.plan);
    /* A slow line counts. */
    w.job.line.baud = 50;
    good(&w, &on_pty);
    assert_true(w.plan->limit > 10 * w.plan->line_time);
    reset(&w);
}

/* --- what speaks against a plan --------------------------------------------------------------- */

static void values_that_must_not_reach_a_line(void **state)
{
    static const char *const wrong[] = {"x\r9270,12",
                                        "x\n",
                                        "\x1b[2J",
                                        "x\x7F",
                                        "a*b",
                                        "a,b",
                                        "COMMAND PROCESSED OK",
                                        "SEND FILE...",
                                        "xERRORx",
                                        "say EMULATED DEVICE READY"};
    static const char *const right[] = {"pump-7", "broken",      "COMMAND PROCESSED",
                                        "error",  "p\xC3\xB6mp", "a=b&c%20"};
    struct world w;

    (void)state;
    make(&w, "bench");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        set(&w, SETTING_CLIENT_ID, wrong[i]);
        refused(&w, &on_pty, "value-unsafe", i == 0 ? 2 : 1);
        assert_string_equal(w.findings.items[0].key, "mqtt.client-id");
        assert_string_equal(w.findings.items[0].file, "pump-7.cfg");
        assert_int_equal(w.findings.items[0].line, 10 + SETTING_CLIENT_ID);
        assert_false(findings_hold(&w, wrong[i]));
    }
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        set(&w, SETTING_CLIENT_ID, right[i]);
        good(&w, &on_pty);
        plan_destroy(w.plan);
        w.plan = NULL;
    }
    memcpy(w.job.line.frame, "7E1", 4);
    set(&w, SETTING_CLIENT_ID, "p\xC3\xB6mp");
    refused(&w, &on_pty, "value-unsafe", 1);
    reset(&w);
}

static void separators_are_the_templates(void **state)
{
    struct world w;

    (void)state;
    make(&w, "bench");
    put(&w.profile->setting_command[SETTING_CLIENT_ID], "SET id=\"{value}\";");
    set(&w, SETTING_CLIENT_ID, "a\"b");
    refused(&w, &on_pty, "value-unsafe", 1);
    set(&w, SETTING_CLIENT_ID, "a,b;c=d");
    good(&w, &on_pty);
    command_is(named(w.plan, "client-id"), "SET id=\"a,b;c=d\";\r");
    reset(&w);
}

static void a_password_is_never_told(void **state)
{
    static const char *const wrong[] = {"Sesame\r", "Ses*ame", "Ses,ame", "SesameERROR"};
    struct world w;

    (void)state;
    make(&w, "bench");
    put(&w.job.password_file, "password.txt");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(secret_set(&w.job.password, wrong[i], strlen(wrong[i]), NULL), 0);
        refused(&w, &on_pty, "value-unsafe", 1);
        assert_false(findings_hold(&w, "Ses"));
        assert_false(findings_hold(&w, "ERROR"));
    }
    assert_int_equal(secret_set(&w.job.password, "a\0b", 3, NULL), 0);
    refused(&w, &on_pty, "value-unsafe", 1);
    secret_reset(&w.job.password);
    refused(&w, &on_pty, "value-missing", 1);
    reset(&w);
}

static void bodies_that_would_end_early(void **state)
{
    struct world w;
    const struct finding *f;

    (void)state;
    make(&w, "infinite");
    w.job.accept_all_assumed = true;
    put(&w.job.transfer.terminator, "A");
    refused(&w, &on_port, "pem-terminator", 3);
    f = &w.findings.items[w.findings.count - 1];
    for (size_t i = 0; i < w.findings.count; i++) {
        if (w.findings.items[i].key != NULL &&
            strcmp(w.findings.items[i].key, "certificates.device-key") == 0)
            f = &w.findings.items[i];
    }
    assert_string_equal(f->code, "pem-terminator");
    assert_int_equal(f->line, 7);
    assert_non_null(strstr(f->what, "in line 1"));
    /* It begins in the body and ends in itself: after "-----\n" it is seen one byte early. */
    put(&w.job.transfer.terminator, "\n\n");
    refused(&w, &on_port, "pem-terminator", 3);
    put(&w.job.transfer.terminator, "\n.\n");
    good(&w, &on_port);
    plan_destroy(w.plan);
    w.plan = NULL;
    put(&w.job.transfer.terminator, NULL);
    put(&w.profile->upload.forbid, "#\n");
    refused(&w, &on_port, "pem-terminator", 3);
    reset(&w);
}

static void bodies_that_are_too_long(void **state)
{
    static const char *const roots[] = {"amazon-root-ca-1", "digicert-global-root-g2",
                                        "isrg-root-x1", "microsoft-rsa-root-ca-2017"};
    struct secret all = {0}, one = {0};
    struct world w;

    (void)state;
    make(&w, "bench");
    w.profile->upload.max_bytes = 1000;
    w.job.credentials[SLOT_DEVICE_CERT].path[0] = 'x';
    refused(&w, &(struct plan_options){.is_pty = true, .only = "server-ca"}, "size-limit", 1);
    w.profile->upload.max_bytes = 0;

    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        char path[100];

        snprintf(path, sizeof path, "src/pki/roots/%s.pem", roots[i]);
        assert_int_equal(file_read(path, 65536, &one, NULL), 0);
        assert_int_equal(secret_append(&all, one.data, one.len, NULL), 0);
    }
    credential_destroy(w.job.credentials[SLOT_SERVER_CA].credential);
    assert_int_equal(credential_decode("roots", all.data, all.len, (struct place){0}, NULL,
                                       &w.job.credentials[SLOT_SERVER_CA].credential, &w.findings),
                     0);
    findings_reset(&w.findings);
    good(&w, &on_pty);
    assert_int_equal(count(&w, "size-large"), 1);
    assert_int_equal(w.findings.items[0].severity, SEVERITY_WARNING);
    plan_destroy(w.plan);
    findings_reset(&w.findings);
    w.profile->upload.max_bytes = 100000; /* a limit that is known needs no warning */
    good(&w, &on_pty);
    assert_int_equal(w.findings.count, 0);
    secret_reset(&all);
    secret_reset(&one);
    reset(&w);
}

static void a_window_that_is_too_short(void **state)
{
    struct world w;

    (void)state;
    make(&w, "bench");
    w.profile->upload.window_ms = 1000;
    good(&w, &on_pty);
    plan_destroy(w.plan);
    w.plan = NULL;
    w.job.line.baud = 9600;
    refused(&w, &on_pty, "window-too-short", 3);
    w.job.line.baud = 0;
    w.profile->upload.rate_percent = 5;
    refused(&w, &on_pty, "window-too-short", 3);
    reset(&w);
}

static void assumed_commands_are_not_sent_unasked(void **state)
{
    struct world w;

    (void)state;
    make(&w, "infinite");
    refused(&w, &on_port, "assumed-not-accepted", 2);
    assert_true(findings_hold(&w, "follows 9270,10; the guide's table is a picture"));
    assert_true(findings_hold(&w, "--accept-assumed=device-cert"));
    put(&w.job.accept_assumed, "device-key");
    refused(&w, &on_port, "assumed-not-accepted", 1);
    assert_string_equal(findings_get(&w.findings, "assumed-not-accepted")->key,
                        "certificates.device-cert");
    good(&w, &(struct plan_options){.only = "server-ca,device-key"});
    assert_int_equal(w.plan->accepted_count, 1);
    plan_destroy(w.plan);
    w.plan = NULL;
    load_profile(&w, "fixtures/profiles/quectel-example.cfg");
    refused(&w, &(struct plan_options){.only = "server-ca"}, "assumed-not-accepted", 1);
    put(&w.job.accept_assumed, "finish");
    good(&w, &(struct plan_options){.only = "server-ca"});
    reset(&w);
}

static void bench_is_for_ptys(void **state)
{
    struct world w;

    (void)state;
    make(&w, "bench");
    refused(&w, &on_port, "emulator-only", 1);
    good(&w, &(struct plan_options){.port_unknown = true});
    plan_destroy(w.plan);
    put(&w.job.accept_assumed, "bench");
    good(&w, &on_port);
    assert_string_equal(w.plan->accepted[0], "bench");
    reset(&w);
}

static void what_is_missing(void **state)
{
    struct world w;

    (void)state;
    make(&w, "bench");
    refused(&w, &(struct plan_options){.is_pty = true, .only = "device-kye,server-ca"},
            "only-unknown", 1);
    assert_true(findings_hold(&w, "Did you mean \"device-key\"?"));
    refused(&w, &(struct plan_options){.is_pty = true, .only = "topic,server-ca"}, "value-missing",
            1);
    set(&w, SETTING_TOPIC, "t");
    free(w.job.settings[SETTING_TOPIC].value);
    w.job.settings[SETTING_TOPIC].value = calloc(1, 4001);
    memset(w.job.settings[SETTING_TOPIC].value, 't', 4000);
    refused(&w, &on_pty, "value-too-long", 1);
    set(&w, SETTING_TOPIC, NULL);
    credential_destroy(w.job.credentials[SLOT_DEVICE_KEY].credential);
    w.job.credentials[SLOT_DEVICE_KEY].credential = NULL;
    refused(&w, &on_pty, "value-missing", 1);
    put(&w.job.credentials[SLOT_DEVICE_KEY].path, NULL);
    put(&w.profile->slot_command[SLOT_DEVICE_CERT], NULL);
    refused(&w, &on_pty, "slot-unsupported", 1);
    reset(&w);

    make(&w, "bench");
    job_reset(&w.job);
    refused(&w, &on_pty, "plan-empty", 1);
    set(&w, SETTING_TOPIC, "t");
    load_profile(&w, "infinite");
    refused(&w, &on_port, "plan-empty", 1);
    reset(&w);
}

static void what_a_length_makes_pointless(void **state)
{
    struct world w;

    (void)state;
    make(&w, "fixtures/profiles/simcom-sim7600.cfg");
    put(&w.job.transfer.terminator, "A");
    good(&w, &on_port);
    assert_int_equal(findings_get(&w.findings, "terminator-unused")->severity, SEVERITY_WARNING);
    plan_destroy(w.plan);
    w.plan = NULL;
    refused(&w, &(struct plan_options){.recover = true}, "recover-unsupported", 1);
    reset(&w);
}

static void all_causes_at_once(void **state)
{
    static const char *const codes[] = {"value-unsafe",         "pem-terminator",  "emulator-only",
                                        "window-too-short",     "size-limit",      "only-unknown",
                                        "assumed-not-accepted", "slot-unsupported"};
    struct world w;

    (void)state;
    make(&w, "bench");
    set(&w, SETTING_CLIENT_ID, "x\r9270,12");
    put(&w.job.transfer.terminator, "A");
    w.profile->upload.window_ms = 1;
    w.profile->upload.max_bytes = 10;
    put(&w.profile->slot_command[SLOT_DEVICE_CERT], NULL);
    w.profile->proof_count = 0;
    assert_int_equal(
        plan_create(
            &w.job, w.profile,
            &(struct plan_options){.only = "client-id,server-ca,device-cert,device-key,devcie-key"},
            &w.plan, &w.findings),
        ERR_VALUE);
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (count(&w, codes[i]) == 0) {
            show(&w.findings);
            fail_msg("%s is not said", codes[i]);
        }
    }
    w.profile->proof_count = 1;
    reset(&w);
}

static void memory_for_keys_runs_out(void **state)
{
    struct world w;
    int rc;

    (void)state;
    make_settings(&w, "bench");
    no_mappings = true;
    rc = plan_create(&w.job, w.profile, &on_pty, &w.plan, &w.findings);
    no_mappings = false;
    assert_int_equal(rc, ERR_NOMEM);
    assert_null(w.plan);
    assert_int_equal(count(&w, "secret-memory"), 1);
    reset(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(infinite_loads_three_files),
        cmocka_unit_test(what_has_no_command_is_a_manual_step),
        cmocka_unit_test(bench_sends_settings_first),
        cmocka_unit_test(a_body_ended_by_length),
        cmocka_unit_test(line_ends_and_digests),
        cmocka_unit_test(patterns_are_expanded),
        cmocka_unit_test(the_job_overrides),
        cmocka_unit_test(the_same_job_gives_the_same_bytes),
        cmocka_unit_test(only_and_recover),
        cmocka_unit_test(times_are_bounds),
        cmocka_unit_test(values_that_must_not_reach_a_line),
        cmocka_unit_test(separators_are_the_templates),
        cmocka_unit_test(a_password_is_never_told),
        cmocka_unit_test(bodies_that_would_end_early),
        cmocka_unit_test(bodies_that_are_too_long),
        cmocka_unit_test(a_window_that_is_too_short),
        cmocka_unit_test(assumed_commands_are_not_sent_unasked),
        cmocka_unit_test(bench_is_for_ptys),
        cmocka_unit_test(what_is_missing),
        cmocka_unit_test(what_a_length_makes_pointless),
        cmocka_unit_test(all_causes_at_once),
        cmocka_unit_test(memory_for_keys_runs_out),
    };
    struct err err;

    if (pki_start(&err) != 0) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
