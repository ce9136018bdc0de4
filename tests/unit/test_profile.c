/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/config.h"
#include "base/str.h"
#include "device/pattern.h"
#include "device/profile.h"

static const struct place where = {"profile", "job.cfg", 3};

static struct profile *load(const char *name)
{
    struct findings f = {0};
    struct profile *p;
    int rc = profile_load(name, NULL, where, &p, &f);

    for (size_t i = 0; i < f.count; i++)
        fprintf(stderr, "# %s:%d %s\n", f.items[i].file, f.items[i].line, f.items[i].what);
    assert_int_equal(rc, 0);
    assert_int_equal(f.count, 0);
    assert_non_null(p);
    findings_reset(&f);
    return p;
}

static void every_built_in_loads(void **state)
{
    const char *const *ids = profile_builtin_ids();
    size_t n = 0;

    (void)state;
    for (; ids[n] != NULL; n++) {
        struct profile *p = load(ids[n]);

        assert_string_equal(p->id, ids[n]);
        assert_null(p->file);
        profile_destroy(p);
    }
    assert_true(n >= 2);
    assert_non_null(profile_builtin_text("infinite"));
    assert_null(profile_builtin_text("infinit"));
}

static void infinite_is_what_the_guide_says(void **state)
{
    struct profile *p = load("infinite");
    const char *source;

    (void)state;
    assert_string_equal(p->slot_command[SLOT_SERVER_CA], "9270,10");
    assert_string_equal(p->slot_command[SLOT_DEVICE_KEY], "9270,12");
    assert_string_equal(p->upload.prompt, "SEND FILE...");
    assert_string_equal(p->upload.terminator, "*");
    assert_string_equal(p->upload.ok[0], "COMMAND PROCESSED OK");
    assert_null(p->upload.ok[1]);
    assert_int_equal(p->upload.end, END_TERMINATOR);
    assert_int_equal(p->upload.body_eol, EOL_LF);
    assert_true(p->upload.body_last_eol);
    assert_int_equal(p->upload.rate_percent, 100);
    assert_int_equal(p->command_eol, EOL_CR);
    assert_int_equal(p->line.baud, 115200);
    assert_string_equal(p->line.frame, "8N1");
    assert_int_equal(p->line.flow, FLOW_NONE);
    assert_int_equal(p->line.dtr, MODEM_LINE_UNSET);
    assert_false(p->emulator_only);
    assert_null(p->sync.command);
    for (int i = 0; i < SETTING_COUNT; i++)
        assert_null(p->setting_command[i]);
    assert_string_equal(p->manual.field[SETTING_BROKER], "Broker IP");
    assert_string_equal(p->abort.send, "*");

    assert_int_equal(profile_provenance(p, "slots.server-ca.command", &source), DOCUMENTED);
    assert_int_equal(profile_provenance(p, "slots.device-cert.command", &source), ASSUMED);
    assert_string_equal(source, "follows 9270,10; the guide's table is a picture");
    assert_int_equal(profile_provenance(p, "abort.send", NULL), ASSUMED);
    assert_int_equal(profile_provenance(p, "upload.settle-ms", &source), ASSUMED);
    assert_string_equal(source, "no source");
    profile_destroy(p);
}

static void bench_can_everything(void **state)
{
    struct profile *p = load("bench");

    (void)state;
    assert_true(p->emulator_only);
    assert_true(p->upload.chain);
    for (int i = 0; i < SETTING_COUNT; i++)
        assert_non_null(strstr(p->setting_command[i], "{value}"));
    assert_string_equal(p->abort.send, "\x18");
    assert_string_equal(p->sync.command, "EMU,0,{nonce}");
    assert_int_equal(profile_provenance(p, "settings.password", NULL), DOCUMENTED);
    profile_destroy(p);
}

static void a_file_ended_by_length(void **state)
{
    struct profile *p = load("fixtures/profiles/simcom-sim7600.cfg");

    (void)state;
    assert_string_equal(p->file, "fixtures/profiles/simcom-sim7600.cfg");
    assert_int_equal(p->upload.end, END_LENGTH);
    assert_null(p->upload.terminator);
    assert_int_equal(p->prepare_count, 2);
    assert_string_equal(p->prepare[0].send, "AT");
    assert_int_equal(p->prepare[0].tries, 5);
    assert_int_equal(p->prepare[0].timeout_ms, 500);
    assert_int_equal(p->prepare[1].tries, 1);
    assert_int_equal(p->prepare[1].timeout_ms, 5000);
    assert_int_equal(p->finish_count, 0);
    assert_string_equal(p->answers.boot[1], "PB DONE");
    assert_int_equal(p->upload.max_bytes, 10240);
    profile_destroy(p);
}

static void the_longest_proof_decides(void **state)
{
    struct proof proofs[] = {
        {(char *)"", SEEN, (char *)"all"},
        {(char *)"upload", DOCUMENTED, (char *)"upload"},
        {(char *)"upload.ok", ASSUMED, NULL},
        {(char *)"slots.device-key", DOCUMENTED, (char *)"key"},
    };
    struct profile p = {.proofs = proofs, .proof_count = 4};
    const char *source;

    (void)state;
    assert_int_equal(profile_provenance(&p, "line.baud", &source), SEEN);
    assert_string_equal(source, "all");
    assert_int_equal(profile_provenance(&p, "upload.prompt", &source), DOCUMENTED);
    assert_int_equal(profile_provenance(&p, "upload", &source), DOCUMENTED);
    assert_int_equal(profile_provenance(&p, "uploads", &source), SEEN);
    assert_int_equal(profile_provenance(&p, "upload.ok", &source), ASSUMED);
    assert_string_equal(source, "no source");
    assert_int_equal(profile_provenance(&p, "upload.okay", &source), DOCUMENTED);
    assert_int_equal(profile_provenance(&p, "slots.device-key.command", &source), DOCUMENTED);
    assert_int_equal(profile_provenance(&p, "slots.device-cert.command", NULL), SEEN);
    p.proof_count = 0;
    assert_int_equal(profile_provenance(&p, "upload", &source), ASSUMED);
    assert_string_equal(source, "no source");
}

/* --- what is wrong ---------------------------------------------------------------------------- */

static void fails(const char *name, int code, struct findings *f)
{
    struct profile *p = (struct profile *)f;

    assert_int_equal(profile_load(name, NULL, where, &p, f), code);
    assert_null(p);
    assert_int_equal(findings_worst(f), SEVERITY_ERROR);
}

static bool is_said(const struct findings *f, const char *code, int line, const char *key)
{
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *x = &f->items[i];

        if (strcmp(x->code, code) == 0 && x->line == line && x->key != NULL &&
            strcmp(x->key, key) == 0 && strcmp(x->file, "fixtures/profiles/bad-many.cfg") == 0)
            return true;
    }
    return false;
}

static void everything_wrong_is_said_at_once(void **state)
{
    static const struct {
        const char *code;
        int line;
        const char *key;
    } expected[] = {
        {"config-value", 2, "schema"},
        {"config-value", 3, "id"},
        {"config-value", 4, "title"},
        {"config-unknown-key", 5, "colour"},
        {"config-value", 7, "line.frame"},
        {"config-value", 7, "line.flow"},
        {"config-value", 10, "answers.fail"},
        {"config-value", 11, "answers.timeout-ms"},
        {"config-value", 15, "prepare.[0].tries"},
        {"config-missing", 16, "prepare.[1].send"},
        {"config-missing", 19, "upload.prompt"},
        {"config-value", 22, "upload.terminator"},
        {"config-value", 23, "upload.ok"},
        {"config-value", 24, "upload.fail"},
        {"config-value", 26, "upload.report"},
        {"config-value", 27, "upload.retries"},
        {"config-value", 31, "slots.server-ca.command"},
        {"config-value", 32, "slots.device-key.command"},
        {"config-value", 35, "settings.broker"},
        {"config-missing", 9, "answers.ok"},
        {"config-missing", 37, "abort.answers"},
        {"config-value", 39, "sync.command"},
        {"config-value", 39, "sync.fail"},
        {"config-value", 42, "proof.[0].key"},
        {"config-value", 43, "proof.[1].mark"},
        {"config-value", 41, "proof"},
    };
    struct findings f = {0};
    int missing = 0;

    (void)state;
    fails("fixtures/profiles/bad-many.cfg", ERR_VALUE, &f);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        if (!is_said(&f, expected[i].code, expected[i].line, expected[i].key)) {
            fprintf(stderr, "# not said: %s line %d %s\n", expected[i].code, expected[i].line,
                    expected[i].key);
            missing++;
        }
    }
    for (size_t i = 0; i < f.count && missing > 0; i++)
        fprintf(stderr, "# said: %s line %d %s: %s\n", f.items[i].code, f.items[i].line,
                f.items[i].key, f.items[i].what);
    assert_int_equal(missing, 0);
    findings_reset(&f);
}

static void other_bad_files(void **state)
{
    struct findings f = {0};

    (void)state;
    fails("fixtures/profiles/bad-syntax.cfg", ERR_SYNTAX, &f);
    assert_int_equal(f.count, 1);
    assert_string_equal(f.items[0].code, "config-syntax");
    findings_reset(&f);
    fails("fixtures/profiles/bad-empty.cfg", ERR_VALUE, &f);
    assert_non_null(findings_get(&f, "config-missing"));
    findings_reset(&f);
    fails("fixtures/profiles/there-is-none.cfg", ERR_MISSING, &f);
    assert_string_equal(f.items[0].code, "config-unreadable");
    findings_reset(&f);
}

static void unknown_names_get_a_suggestion(void **state)
{
    struct findings f = {0};

    (void)state;
    fails("infinit", ERR_MISSING, &f);
    assert_string_equal(f.items[0].code, "profile-unknown");
    assert_string_equal(f.items[0].key, "profile");
    assert_string_equal(f.items[0].file, "job.cfg");
    assert_int_equal(f.items[0].line, 3);
    assert_non_null(strstr(f.items[0].remedy, "\"infinite\""));
    findings_reset(&f);
    fails("%s%n", ERR_MISSING, &f);
    assert_non_null(strstr(f.items[0].what, "%s%n"));
    findings_reset(&f);
}

static void a_path_is_seen_from_the_job(void **state)
{
    struct findings f = {0};
    struct profile *p;

    (void)state;
    assert_int_equal(
        profile_load("../profiles/simcom-sim7600.cfg", "fixtures/jobs/x.cfg", where, &p, &f), 0);
    assert_string_equal(p->id, "simcom-sim7600");
    profile_destroy(p);
    findings_reset(&f);
}

/* No profile, whatever it says, can make the program wait or send without end. */
static void every_number_has_a_limit(void **state)
{
    (void)state;
    for (const struct config_key *row = profile_schema(); row->path != NULL; row++) {
        assert_non_null(row->help);
        assert_false(row->secret);
        if (row->type == CONFIG_INT)
            assert_true(row->max >= row->min && row->max > 0);
        if (str_ends(row->path, "-ms"))
            assert_true(row->max <= 600000);
        if (str_ends(row->path, "tries"))
            assert_true(row->max <= 20);
        if ((row->type == CONFIG_STRING || row->type == CONFIG_STRINGS) && row->words == NULL)
            assert_true(row->max > 0 && row->max <= 200);
    }
}

/* Any byte of a good file changed, or lost, gives a profile or findings. */
static void damaged_files_do_no_harm(void **state)
{
    const char *text = profile_builtin_text("bench");
    size_t n = strlen(text);
    uint32_t seed = 7;

    (void)state;
    for (int round = 0; round < 400; round++) {
        char path[] = "/tmp/comcert-test-profile-XXXXXX.cfg";
        int fd = mkstemps(path, 4);
        FILE *file = fdopen(fd, "w");
        struct findings f = {0};
        struct profile *p;
        size_t at, len;

        assert_non_null(file);
        seed = seed * 1664525U + 1013904223U;
        at = (seed >> 8) % n;
        len = (seed >> 4) % 3;
        fwrite(text, 1, at, file);
        fputc((int)(seed >> 24), file);
        fwrite(text + at + (at + len <= n ? len : 0), 1, n - at - (at + len <= n ? len : 0), file);
        fclose(file);
        if (profile_load(path, NULL, where, &p, &f) == 0)
            profile_destroy(p);
        else
            assert_true(f.count > 0);
        findings_reset(&f);
        remove(path);
    }
}

static void line_ends(void **state)
{
    (void)state;
    assert_string_equal(eol_bytes(EOL_NONE), "");
    assert_string_equal(eol_bytes(EOL_CR), "\r");
    assert_string_equal(eol_bytes(EOL_LF), "\n");
    assert_string_equal(eol_bytes(EOL_CRLF), "\r\n");
    assert_string_equal(provenance_name(SEEN), "seen");
    profile_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_built_in_loads),
        cmocka_unit_test(infinite_is_what_the_guide_says),
        cmocka_unit_test(bench_can_everything),
        cmocka_unit_test(a_file_ended_by_length),
        cmocka_unit_test(the_longest_proof_decides),
        cmocka_unit_test(everything_wrong_is_said_at_once),
        cmocka_unit_test(other_bad_files),
        cmocka_unit_test(unknown_names_get_a_suggestion),
        cmocka_unit_test(a_path_is_seen_from_the_job),
        cmocka_unit_test(every_number_has_a_limit),
        cmocka_unit_test(damaged_files_do_no_harm),
        cmocka_unit_test(line_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
