/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "job/jobfile.h"
#include "pki/root.h"
#include "run/prepare.h"
#include "support.h"

/* From a job to a plan, over and over as the wizard does it. */

/* 2026-11-22, when the fixtures are valid. */
static const struct prepare_options strict = {.now = 1795305600};
static const struct prepare_options lenient = {.now = 1795305600, .lenient_assumed = true};

static void make(struct prepared *p, const char *const *assignments, size_t n)
{
    const struct passphrase_source none = {NULL, NULL};

    prepared_init(p);
    assert_int_equal(
        jobfile_read("fixtures/jobs/pump-7.cfg", assignments, n, &p->job, &p->findings), 0);
    (void)job_load_credentials(&p->job, &none, &p->findings);
}

static void prepare(struct prepared *p, const struct prepare_options *options)
{
    struct err err = {0};

    assert_int_equal(prepare_plan(p, options, &err), 0);
}

static size_t count(const struct prepared *p, const char *code, enum severity severity)
{
    size_t n = 0;

    for (size_t i = 0; i < p->findings.count; i++)
        n += strcmp(p->findings.items[i].code, code) == 0 &&
             p->findings.items[i].severity == severity;
    return n;
}

static void test_assumed_are_refused_or_listed(void **state)
{
    struct prepared p;

    (void)state;
    make(&p, NULL, 0);
    prepare(&p, &strict);
    assert_false(prepared_is_fit(&p));
    assert_null(p.plan);
    assert_int_equal(p.unaccepted, 0);
    assert_int_equal(count(&p, "assumed-not-accepted", SEVERITY_ERROR), 2);

    prepared_forget(&p);
    prepare(&p, &lenient);
    assert_true(prepared_is_fit(&p));
    assert_int_equal(p.unaccepted, 2);
    assert_int_equal(count(&p, "assumed-not-accepted", SEVERITY_WARNING), 2);
    assert_int_equal(p.plan->accepted_count, 2);
    assert_string_equal(p.plan->accepted[0], "device-cert");
    assert_string_equal(p.plan->accepted[1], "device-key");
    assert_false(p.job.accept_all_assumed);
    prepared_reset(&p);
}

/* What the job accepts stands in the list beside what would have to be accepted. */
static void test_some_are_accepted(void **state)
{
    const char *const accept[] = {"accept-assumed=device-cert"};
    struct prepared p;

    (void)state;
    make(&p, accept, 1);
    prepare(&p, &lenient);
    assert_int_equal(p.unaccepted, 1);
    assert_int_equal(p.plan->accepted_count, 2);
    assert_string_equal(p.plan->accepted[0], "device-cert");
    assert_string_equal(p.plan->accepted[1], "device-key");

    prepared_forget(&p);
    p.job.accept_all_assumed = true;
    prepare(&p, &lenient);
    assert_int_equal(p.unaccepted, 0);
    assert_int_equal(p.plan->accepted_count, 2);
    prepared_reset(&p);
}

/* Other errors are not made lenient. */
static void test_lenient_is_only_for_assumed(void **state)
{
    const struct prepare_options options = {
        .now = strict.now, .only = "device-key,bogus", .lenient_assumed = true};
    struct prepared p;

    (void)state;
    make(&p, NULL, 0);
    prepare(&p, &options);
    assert_false(prepared_is_fit(&p));
    assert_int_equal(count(&p, "only-unknown", SEVERITY_ERROR), 1);
    assert_int_equal(count(&p, "assumed-not-accepted", SEVERITY_ERROR), 1);
    assert_int_equal(p.unaccepted, 0);
    prepared_reset(&p);
}

/* Everything that a plan puts on the line, and what has to be typed. */
static char *image(const struct prepared *p)
{
    struct buf b = {0};

    for (size_t i = 0; i < p->plan->count; i++) {
        const struct exchange *x = &p->plan->exchanges[i];

        buf_printf(&b, "%s %d\n", x->name, (int)x->provenance);
        str_escape(&b, x->command.data, x->command.len);
        str_escape(&b, x->body.data, x->body.len);
        buf_add_str(&b, x->terminator);
    }
    for (size_t i = 0; i < p->plan->manual_count; i++)
        buf_printf(&b, "%s=%s\n", p->plan->manual[i].field,
                   p->plan->manual[i].value != NULL ? p->plan->manual[i].value : "");
    for (size_t i = 0; i < p->plan->accepted_count; i++)
        buf_printf(&b, "accepted %s\n", p->plan->accepted[i]);
    for (size_t i = 0; i < p->findings.count; i++)
        buf_printf(&b, "%s: %s\n", p->findings.items[i].code, p->findings.items[i].what);
    buf_printf(&b, "%ld %s %lld\n", p->plan->line.baud, p->plan->line.frame,
               (long long)p->plan->limit);
    assert_false(b.failed);
    return buf_take(&b);
}

static void test_the_same_plan_each_time(void **state)
{
    struct prepared p;
    char *first;

    (void)state;
    make(&p, NULL, 0);
    prepared_forget(&p); /* what the reading said is not said again */
    prepare(&p, &lenient);
    first = image(&p);
    for (int i = 0; i < 3; i++) {
        char *again;

        prepared_forget(&p);
        assert_null(p.plan);
        assert_null(p.profile);
        assert_int_equal(p.findings.count, 0);
        assert_int_equal(p.unaccepted, 0);
        prepare(&p, &lenient);
        again = image(&p);
        assert_string_equal(again, first);
        free(again);
    }
    free(first);
    prepared_reset(&p);
}

static const char *manual(const struct prepared *p, enum setting setting)
{
    for (size_t i = 0; i < p->plan->manual_count; i++) {
        if (p->plan->manual[i].setting == setting)
            return p->plan->manual[i].value;
    }
    return NULL;
}

static void test_the_job_changes_in_between(void **state)
{
    struct prepared p;

    (void)state;
    make(&p, NULL, 0);
    prepare(&p, &lenient);
    assert_string_equal(manual(&p, SETTING_BROKER), "my-hub.azure-devices.net");

    prepared_forget(&p);
    free(p.job.hub);
    p.job.hub = str_copy("other-hub");
    prepare(&p, &lenient);
    assert_string_equal(manual(&p, SETTING_BROKER), "other-hub.azure-devices.net");

    prepared_forget(&p);
    free(p.job.profile);
    p.job.profile = str_copy("bench");
    prepare(&p, &lenient);
    assert_true(prepared_is_fit(&p));
    assert_int_equal(p.plan->manual_count, 0);

    prepared_forget(&p);
    free(p.job.profile);
    p.job.profile = str_copy("no-such-profile");
    prepare(&p, &lenient);
    assert_null(p.profile);
    assert_false(prepared_is_fit(&p));

    prepared_forget(&p);
    free(p.job.profile);
    p.job.profile = NULL;
    prepare(&p, &lenient);
    assert_false(prepared_is_fit(&p));
    prepared_reset(&p);
}

static void refused_twice(struct prepared *p, const char *code)
{
    prepare(p, &lenient);
    assert_null(p->plan);
    prepared_forget(p);
    prepare(p, &lenient);
    assert_null(p->plan);
    assert_int_equal(count(p, code, SEVERITY_ERROR), 1);
    prepared_reset(p);
}

/* What reading found wrong keeps a job from being sent even when the finding was forgotten. */
static void test_errors_of_reading_stay(void **state)
{
    const char *const missing[] = {"certificates.device-key=/nowhere/x.key"};
    const char *const password[] = {"mqtt.password-file=/dev/null", "profile=bench"};
    struct prepared p;

    (void)state;
    make(&p, missing, 1);
    refused_twice(&p, "value-missing");
    make(&p, password, 2);
    assert_int_equal(findings_worst(&p.findings), SEVERITY_ERROR);
    refused_twice(&p, "password-unreadable");
    make(&p, NULL, 0);
    p.job.credentials[SLOT_SERVER_CA].resembles = root_table();
    refused_twice(&p, "cert-resembles-root");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_assumed_are_refused_or_listed),
        cmocka_unit_test(test_some_are_accepted),
        cmocka_unit_test(test_lenient_is_only_for_assumed),
        cmocka_unit_test(test_the_same_plan_each_time),
        cmocka_unit_test(test_the_job_changes_in_between),
        cmocka_unit_test(test_errors_of_reading_stay),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
