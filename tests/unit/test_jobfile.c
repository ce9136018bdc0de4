/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "job/jobfile.h"

#define JOBS "fixtures/jobs/"

static const char *value(const struct job *job, enum setting setting)
{
    return job->settings[setting].value;
}

static void test_every_key(void **state)
{
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "full.cfg", NULL, 0, &job, &f), 0);
    assert_int_equal(f.count, 0);
    assert_string_equal(job.file, JOBS "full.cfg");
    assert_string_equal(job.profile, "bench");
    assert_int_equal(job.profile_line, 2);
    assert_string_equal(job.device, "/dev/ttyUSB0");
    assert_int_equal(job.line.baud, 9600);
    assert_string_equal(job.line.frame, "7E1");
    assert_int_equal(job.line.flow, FLOW_RTSCTS);
    assert_int_equal(job.line.dtr, MODEM_LINE_ON);
    assert_int_equal(job.line.rts, MODEM_LINE_OFF);
    assert_int_equal(job.preset, PRESET_AZURE);
    assert_string_equal(job.hub, "my-hub");
    assert_string_equal(job.device_id, "pump-7");
    assert_string_equal(value(&job, SETTING_BROKER), "my-hub.azure-devices.net");
    assert_string_equal(value(&job, SETTING_PORT), "8883");
    assert_string_equal(value(&job, SETTING_TLS), "true");
    assert_string_equal(value(&job, SETTING_CLIENT_ID), "pump-7");
    assert_string_equal(value(&job, SETTING_TOPIC), "devices/pump-7/messages/events/");
    assert_string_equal(job_value(&job, SETTING_USERNAME),
                        "my-hub.azure-devices.net/pump-7/?api-version=2021-04-12");
    assert_null(job_value(&job, SETTING_PASSWORD));
    assert_string_equal(job.password_file, JOBS "secret/password");
    assert_string_equal(job.credentials[SLOT_SERVER_CA].path,
                        JOBS "../pem/digicert-global-root-g2.pem");
    assert_string_equal(job.credentials[SLOT_DEVICE_CERT].path, "/abs/pump-7.crt");
    assert_string_equal(job.credentials[SLOT_DEVICE_KEY].path, JOBS "pump-7.key");
    assert_int_equal(job.transfer.retries, 2);
    assert_int_equal(job.transfer.window, 64);
    assert_string_equal(job.transfer.terminator, "\x7F");
    assert_int_equal(job.transfer.result_timeout_ms, 20000);
    assert_int_equal(job.transfer.prompt_timeout_ms, 3000);
    assert_false(job.accept_all_assumed);
    assert_string_equal(job.accept_assumed, "device-cert,device-key");
    assert_true(job_accepts(&job, "device-key"));
    assert_false(job_accepts(&job, "abort"));
    job_reset(&job);
    assert_null(job.file);
    assert_int_equal(job.transfer.retries, -1);
}

static void test_places(void **state)
{
    struct findings f = {0};
    struct job job;
    struct place place;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "full.cfg", NULL, 0, &job, &f), 0);
    place = job_setting_place(&job, SETTING_USERNAME);
    assert_string_equal(place.key, "mqtt.username");
    assert_string_equal(place.file, JOBS "full.cfg");
    assert_int_equal(place.line, 19);
    assert_int_equal(job_setting_place(&job, SETTING_PASSWORD).line, 20);
    place = job_credential_place(&job, SLOT_DEVICE_KEY);
    assert_string_equal(place.key, "certificates.device-key");
    assert_int_equal(place.line, 26);
    assert_int_equal(job.hub_line, 13);
    assert_int_equal(job.device_id_line, 14);
    job_reset(&job);
}

static void test_defaults(void **state)
{
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "pump-7.cfg", NULL, 0, &job, &f), 0);
    assert_null(job.device);
    assert_int_equal(job.line.baud, 0);
    assert_string_equal(job.line.frame, "");
    assert_int_equal(job.line.flow, FLOW_UNSET);
    assert_int_equal(job.line.dtr, MODEM_LINE_UNSET);
    assert_null(value(&job, SETTING_BROKER));
    assert_null(job.password_file);
    assert_int_equal(job.transfer.retries, -1);
    assert_int_equal(job.transfer.window, 0);
    assert_null(job.transfer.terminator);
    assert_null(job.accept_assumed);
    assert_false(job_accepts(&job, "device-key"));
    job_reset(&job);
}

static void test_assignments(void **state)
{
    static const char *const set[] = {
        "profile=./mine.cfg",
        "port.device=/dev/ttyS1",
        "mqtt.port=443",
        "certificates.device-key=keys/a.key",
        "mqtt.username=a=b,c",
        "accept-assumed=true",
        "transfer.terminator=*",
        "mqtt.password-file=pw",
        "certificates.server-ca=/r.c",
    };
    struct findings f = {0};
    struct job job;
    char cwd[4096], profile[4200];

    (void)state;
    assert_non_null(getcwd(cwd, sizeof cwd));
    snprintf(profile, sizeof profile, "%s/./mine.cfg", cwd);
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "full.cfg", set, sizeof set / sizeof *set, &job, &f), 0);
    assert_string_equal(job.profile, profile);
    assert_int_equal(job.profile_line, 0);
    assert_string_equal(job.device, "/dev/ttyS1");
    assert_string_equal(value(&job, SETTING_PORT), "443");
    assert_string_equal(job.credentials[SLOT_DEVICE_KEY].path, "keys/a.key");
    assert_int_equal(job.credentials[SLOT_DEVICE_KEY].line, 0);
    assert_string_equal(job.credentials[SLOT_SERVER_CA].path, "/r.c");
    assert_string_equal(value(&job, SETTING_USERNAME), "a=b,c");
    assert_true(job.accept_all_assumed);
    assert_true(job_accepts(&job, "anything"));
    assert_string_equal(job.transfer.terminator, "*");
    assert_string_equal(job.password_file, "pw");
    job_reset(&job);
}

/* A profile's name is not a path; a group that the file lacks is made. */
static void test_assigned_names(void **state)
{
    static const char *const set[] = {"profile=bench", "port.baud=19200"};
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "pump-7.cfg", set, 2, &job, &f), 0);
    assert_string_equal(job.profile, "bench");
    assert_int_equal(job.line.baud, 19200);
    job_reset(&job);
}

static void assert_finding(const struct findings *f, size_t i, const char *code, const char *key,
                           int line, const char *remedy)
{
    assert_true(i < f->count);
    assert_string_equal(f->items[i].code, code);
    if (key != NULL)
        assert_string_equal(f->items[i].key, key);
    assert_int_equal(f->items[i].line, line);
    if (remedy != NULL)
        assert_non_null(strstr(f->items[i].remedy, remedy));
    assert_null(strstr(f->items[i].what, "hunter2"));
}

static void assert_fresh(const struct job *job)
{
    struct job fresh;

    job_init(&fresh);
    assert_memory_equal(job, &fresh, sizeof fresh);
}

static void test_unknown_keys(void **state)
{
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "unknown-key.cfg", NULL, 0, &job, &f), ERR_VALUE);
    assert_fresh(&job);
    assert_int_equal(f.count, 4);
    assert_finding(&f, 0, "config-unknown-key", "device-cert", 2, "belongs into `certificates`");
    assert_finding(&f, 1, "config-unknown-key", "mqtt.device_id", 6, "mean `device-id`?");
    assert_finding(&f, 2, "config-unknown-key", "mqtt.password", 7, "mean `password-file`?");
    assert_finding(&f, 3, "config-unknown-key", "certificates.device-crt", 10,
                   "mean `device-cert`?");
    findings_reset(&f);
}

static void test_types(void **state)
{
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "types.cfg", NULL, 0, &job, &f), ERR_VALUE);
    assert_fresh(&job);
    assert_int_equal(f.count, 7);
    assert_finding(&f, 0, "config-type", "port.baud", 2, "Remove the quotes");
    assert_finding(&f, 1, "config-value", "mqtt.preset", 4, "mean \"azure\"?");
    assert_finding(&f, 2, "config-value", "mqtt.port", 5, "65535");
    assert_finding(&f, 3, "config-type", "mqtt.tls", 6, "Remove the quotes");
    assert_finding(&f, 4, "config-type", "mqtt.device-id", 7, "double quotes");
    assert_finding(&f, 5, "config-value", "mqtt.client-id", 8, NULL);
    assert_finding(&f, 6, "config-type", "accept-assumed", 10, NULL);
    findings_reset(&f);
}

/* The parser stops there, so nothing else of the file is reported. */
static void test_alone(void **state)
{
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "duplicate.cfg", NULL, 0, &job, &f), ERR_VALUE);
    assert_int_equal(f.count, 1);
    assert_finding(&f, 0, "config-duplicate", NULL, 5, NULL);
    assert_non_null(strstr(f.items[0].what, "`hub`"));
    findings_reset(&f);
    assert_int_equal(jobfile_read(JOBS "unquoted.cfg", NULL, 0, &job, &f), ERR_VALUE);
    assert_int_equal(f.count, 1);
    assert_finding(&f, 0, "config-syntax", NULL, 3, "double quotes");
    findings_reset(&f);
    assert_int_equal(jobfile_read(JOBS "nonesuch.cfg", NULL, 0, &job, &f), ERR_VALUE);
    assert_finding(&f, 0, "config-unreadable", NULL, 0, NULL);
    findings_reset(&f);
    assert_fresh(&job);
}

static void test_bad_assignments(void **state)
{
    static const char *const set[] = {"mqtt.prt=1", "mqtt.password=hunter2", "mqtt.port=1"};
    static const char *const frame[] = {"port.frame=9N1"};
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "pump-7.cfg", set, 3, &job, &f), ERR_USAGE);
    assert_fresh(&job);
    assert_int_equal(f.count, 2);
    assert_finding(&f, 0, "config-set", NULL, 0, "mean `port`?");
    assert_string_equal(f.items[0].file, "--set");
    assert_finding(&f, 1, "config-set", NULL, 0, "password-file");
    findings_reset(&f);
    assert_int_equal(jobfile_read(JOBS "pump-7.cfg", frame, 1, &job, &f), ERR_VALUE);
    assert_int_equal(f.count, 1);
    assert_finding(&f, 0, "config-value", "port.frame", 0, "8N1");
    findings_reset(&f);
}

/* What no schema can say is told together with what it can. */
static void test_all_at_once(void **state)
{
    static const char text[] = "profile = \"infinite\"\n"
                               "port = { frame = \"9X3\" }\n"
                               "mqtt = { prt = 1 }\n"
                               "transfer = { terminator = \"123456789\" }\n"
                               "accept-assumed = [ \"device-crt\", \"Bad_Name\", \"prepare-2\" ]\n";
    char path[] = "/tmp/comcert-jobfile-XXXXXX";
    int fd = mkstemp(path);
    struct findings f = {0};
    struct job job;

    (void)state;
    assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
    close(fd);
    job_init(&job);
    assert_int_equal(jobfile_read(path, NULL, 0, &job, &f), ERR_VALUE);
    unlink(path);
    assert_fresh(&job);
    assert_int_equal(f.count, 5);
    assert_finding(&f, 0, "config-unknown-key", "mqtt.prt", 3, "mean `port`?");
    assert_finding(&f, 1, "config-value", "transfer.terminator", 4, NULL);
    assert_finding(&f, 2, "config-value", "port.frame", 2, "8N1");
    assert_finding(&f, 3, "config-value", "accept-assumed", 5, "mean \"device-cert\"?");
    assert_int_equal(f.items[3].severity, SEVERITY_WARNING);
    assert_finding(&f, 4, "config-value", "accept-assumed", 5, "Name a slot");
    assert_int_equal(f.items[4].severity, SEVERITY_ERROR);
    findings_reset(&f);
}

static void test_accepted_names(void **state)
{
    static const char *const good[] = {
        "accept-assumed=device-cert, device-key,abort,sync,prepare,prepare-12,finish-1,client-id,"
        "bench,simcom-sim7600,server-ca,tls"};
    static const char *const near[] = {"accept-assumed=devicekey"};
    struct findings f = {0};
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(jobfile_read(JOBS "pump-7.cfg", good, 1, &job, &f), 0);
    assert_int_equal(f.count, 0);
    job_reset(&job);
    assert_int_equal(jobfile_read(JOBS "pump-7.cfg", near, 1, &job, &f), 0);
    assert_int_equal(f.count, 1);
    assert_finding(&f, 0, "config-value", "accept-assumed", 0, "mean \"device-key\"?");
    assert_int_equal(f.items[0].severity, SEVERITY_WARNING);
    findings_reset(&f);
    job_reset(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_key),       cmocka_unit_test(test_places),
        cmocka_unit_test(test_defaults),        cmocka_unit_test(test_assignments),
        cmocka_unit_test(test_assigned_names),  cmocka_unit_test(test_unknown_keys),
        cmocka_unit_test(test_types),           cmocka_unit_test(test_alone),
        cmocka_unit_test(test_bad_assignments), cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_accepted_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
