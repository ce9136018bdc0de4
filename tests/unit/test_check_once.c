/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/plan.h"
#include "job/check.h"
#include "job/jobfile.h"
#include "job/preset.h"
#include "pki/pki.h"

/* One cause is one error, whoever of check and plan finds it first. */

#define CA    "certificates.server-ca="
#define CERT  "certificates.device-cert="
#define KEY   "certificates.device-key="
#define PEM   "fixtures/pem/check/"
#define ROOTS "src/pki/roots/"
#define G2    ROOTS "digicert-global-root-g2.pem"

/* 2026-11-22 */
static const time_t now = 1795305600;

struct world {
    struct job job;
    struct profile *profile;
    struct findings said; /* by check and plan, as a command or a screen shows them */
    bool planned;
};

static void judge(struct world *w, const char *file, const char *const *set, const char *password)
{
    const struct passphrase_source nobody = {0};
    const struct plan_options options = {.is_pty = true};
    struct findings plan_said = {0};
    struct plan *plan;
    struct err err;
    size_t n = 0;

    while (n < 4 && set[n] != NULL)
        n++;
    *w = (struct world){0};
    job_init(&w->job);
    if (jobfile_read(file, set, n, &w->job, &w->said) != 0)
        fail_msg("%s", w->said.items[0].what);
    assert_int_equal(preset_apply(&w->job, &err), 0);
    assert_int_equal(job_load_credentials(&w->job, &nobody, &w->said), 0);
    if (password != NULL)
        assert_int_equal(secret_set(&w->job.password, password, strlen(password), &err), 0);
    check_job(&w->job, now, &w->said);
    assert_int_equal(profile_load("bench", NULL, (struct place){0}, &w->profile, &w->said), 0);
    w->planned = plan_create(&w->job, w->profile, &options, &plan, &plan_said) == 0;
    assert_int_equal(w->planned, findings_worst(&plan_said) != SEVERITY_ERROR);
    plan_destroy(plan);
    findings_take_new(&w->said, &plan_said);
}

static void reset(struct world *w)
{
    profile_destroy(w->profile);
    job_reset(&w->job);
    findings_reset(&w->said);
}

struct row {
    const char *set[5];
    const char *code, *key;
    const char *words;
    const char *password;
};

static void assert_one(const char *file, const struct row *row)
{
    struct world w;
    const struct finding *f;

    judge(&w, file, row->set, row->password);
    f = findings_get(&w.said, row->code);
    if (findings_count(&w.said, SEVERITY_ERROR) != 1 || f == NULL ||
        f->severity != SEVERITY_ERROR || strcmp(f->key, row->key) != 0 ||
        (strstr(f->what, row->words) == NULL && strstr(f->remedy, row->words) == NULL)) {
        print_error("%s %s\n", file, row->set[0] != NULL ? row->set[0] : "");
        for (size_t i = 0; i < w.said.count; i++)
            print_error("  %s %s [%s] %s | %s\n", severity_name(w.said.items[i].severity),
                        w.said.items[i].code, w.said.items[i].key, w.said.items[i].what,
                        w.said.items[i].remedy);
        fail();
    }
    reset(&w);
}

#define ASSERT_ONE(file, rows)                                                                     \
    for (size_t i = 0; i < sizeof(rows) / sizeof *(rows); i++)                                     \
    assert_one(file, &(rows)[i])

static const char ca_signed[] = "fixtures/jobs/ca-signed.cfg";

static void test_slots(void **state)
{
    static const struct row rows[] = {
        {{CERT PEM "pump-7.key", KEY PEM "chain.crt"},
         "wrong-slot",
         "certificates.device-cert",
         "swap them",
         NULL},
        {{CA PEM "pump-7.key", KEY G2}, "wrong-slot", "certificates.server-ca", "swap them", NULL},
        {{CA PEM "pump-7.crt", CERT G2}, "wrong-slot", "certificates.server-ca", "swap them", NULL},
        {{CA PEM "chain.crt", CERT PEM "inter.crt"},
         "wrong-slot",
         "certificates.server-ca",
         "swap them",
         NULL},
        {{CERT PEM "pump-7.key"}, "wrong-slot", "certificates.device-cert", "device-key", NULL},
        {{KEY PEM "chain.crt"}, "wrong-slot", "certificates.device-key", "device-cert", NULL},
        {{CA PEM "pump-7.key"}, "wrong-slot", "certificates.server-ca", "device-key", NULL},
        {{CERT G2}, "wrong-slot", "certificates.device-cert", "server-ca", NULL},
        {{CA PEM "pump-7.crt"},
         "root-is-device-cert",
         "certificates.server-ca",
         "Load DigiCert",
         NULL},
        {{CA PEM "chain.crt"},
         "root-is-device-cert",
         "certificates.server-ca",
         "Load DigiCert",
         NULL},
        {{CA PEM "pump-8.crt"}, "root-not-ca", "certificates.server-ca", "Load DigiCert", NULL},
        {{CA PEM "chain-broken.crt", CERT PEM "by-ca.crt"},
         "root-not-ca",
         "certificates.server-ca",
         "Load DigiCert",
         NULL},
    };

    (void)state;
    ASSERT_ONE(ca_signed, rows);
}

/* Three files that each belong to the next one's place are three corrections. */
static void test_round(void **state)
{
    static const char *const set[] = {CA PEM "pump-7.key", CERT G2, KEY PEM "chain.crt", NULL};
    struct world w;

    (void)state;
    judge(&w, ca_signed, set, NULL);
    assert_int_equal(findings_count(&w.said, SEVERITY_ERROR), 3);
    for (size_t i = 0; i < w.said.count; i++) {
        if (w.said.items[i].severity == SEVERITY_ERROR) {
            assert_string_equal(w.said.items[i].code, "wrong-slot");
            assert_non_null(strstr(w.said.items[i].remedy, "fits here"));
            assert_null(strstr(w.said.items[i].remedy, "swap"));
        }
    }
    reset(&w);
}

static void test_control(void **state)
{
    static const struct row azure[] = {
        {{"mqtt.hub=my\thub"}, "value-unsafe", "mqtt.hub", "control character", NULL},
        {{"mqtt.device-id=pump\r7"}, "value-unsafe", "mqtt.device-id", "another command", NULL},
        {{"mqtt.broker=my-hub.azure\x7F-devices.net"},
         "value-unsafe",
         "mqtt.broker",
         "character 13,",
         NULL},
        {{"mqtt.username=\x1B"}, "value-unsafe", "mqtt.username", "character 1,", NULL},
        {{"mqtt.client-id=pump-7\n"}, "value-unsafe", "mqtt.client-id", "character 7,", NULL},
        {{"mqtt.topic=devices/pump-7\x01"}, "value-unsafe", "mqtt.topic", "control", NULL},
    };
    static const struct row other[] = {
        {{"mqtt.broker=b\x01.example"}, "value-unsafe", "mqtt.broker", "control", NULL},
        {{"mqtt.client-id=a\r\nb"}, "value-unsafe", "mqtt.client-id", "another command", NULL},
        {{"mqtt.topic=\x7F"}, "value-unsafe", "mqtt.topic", "control", NULL},
        {{"mqtt.username=u", "mqtt.password-file=fixtures/jobs/pump-7.cfg"},
         "value-unsafe",
         "mqtt.password-file",
         "control",
         "pass\tword"},
    };
    static const struct row aws[] = {
        {{"mqtt.broker=abc\t-ats.iot.eu-west-1.amazonaws.com"},
         "value-unsafe",
         "mqtt.broker",
         "control",
         NULL},
        {{"mqtt.device-id=pump\t7"}, "value-unsafe", "mqtt.device-id", "control", NULL},
    };

    (void)state;
    ASSERT_ONE(ca_signed, azure);
    ASSERT_ONE("fixtures/jobs/other.cfg", other);
    ASSERT_ONE("fixtures/jobs/aws.cfg", aws);
}

/* What was told before is no reason to make a plan. */
static void test_one_list(void **state)
{
    static const char *const sets[][3] = {
        {"mqtt.username=a\tb", NULL},
        {CERT PEM "pump-7.key", NULL},
        {"mqtt.device-id=a\tb", NULL},
    };
    const struct plan_options options = {.is_pty = true};

    (void)state;
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        struct world w;
        struct plan *plan;
        size_t before;

        judge(&w, ca_signed, sets[i], NULL);
        assert_false(w.planned);
        before = findings_count(&w.said, SEVERITY_ERROR);
        assert_int_equal(plan_create(&w.job, w.profile, &options, &plan, &w.said), ERR_VALUE);
        assert_null(plan);
        assert_int_equal(findings_count(&w.said, SEVERITY_ERROR), before);
        reset(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_control),
        cmocka_unit_test(test_one_list),
    };
    struct err err;

    if (pki_start(&err) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
