/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/shell.h"
#include "job/azcli.h"
#include "job/preset.h"
#include "support.h"

static char *copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

/* A job without credentials. */
static void make(struct job *job, enum preset preset, const char *hub, const char *broker,
                 const char *device)
{
    job_init(job);
    job->preset = preset;
    job->hub = copy(hub);
    job->device_id = copy(device);
    job->settings[SETTING_BROKER].value = copy(broker);
    assert_int_equal(preset_apply(job, NULL), 0);
}

static const struct azcli_options none;

/* The script has this line. */
static void assert_line(const char *script, const char *line)
{
    struct buf want = {0};

    buf_printf(&want, "\n%s\n", line);
    assert_occurs(script, want.data);
    buf_reset(&want);
}

static void quoting(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "''"},
        {"pump-7", "'pump-7'"},
        {"it's", "'it'\\''s'"},
        {"$(rm -rf /)`x`\"!*", "'$(rm -rf /)`x`\"!*'"},
        {"''", "''\\'''\\'''"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf out = {0};

        shell_quote(&out, rows[i].text);
        assert_string_equal(out.data, rows[i].want);
        buf_reset(&out);
    }
}

/* From whatever the job says, the hub's name and its classic host name. */
static void hub_names(void **state)
{
    static const struct {
        enum preset preset;
        const char *hub, *broker;
        const char *name, *host;
    } rows[] = {
        {PRESET_AZURE, "h-1", NULL, "HUB='h-1'", "HUB_HOST='h-1.azure-devices.net'"},
        {PRESET_AZURE, "h-1.azure-devices.us", NULL, "HUB='h-1'",
         "HUB_HOST='h-1.azure-devices.us'"},
        {PRESET_AZURE, "h-1", "gate.example.com", "HUB='h-1'", "HUB_HOST='h-1.azure-devices.net'"},
        {PRESET_AZURE, "h-1", "h-1.device.azure-devices.net", "HUB='h-1'",
         "HUB_HOST='h-1.azure-devices.net'"},
        {PRESET_AZURE, "h-1", "h-1.azure-devices.cn", "HUB='h-1'",
         "HUB_HOST='h-1.azure-devices.cn'"},
        {PRESET_NONE, NULL, "h-1.device.azure-devices.net", "HUB='h-1'",
         "HUB_HOST='h-1.azure-devices.net'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf script = {0};
        struct job job;

        make(&job, rows[i].preset, rows[i].hub, rows[i].broker, "d");
        assert_int_equal(azcli_check(&job, &none, NULL), 0);
        azcli_print(&job, &none, &script);
        assert_false(script.failed);
        assert_line(script.data, rows[i].name);
        assert_line(script.data, rows[i].host);
        buf_reset(&script);
        job_reset(&job);
    }
}

/* A module's device; a device without certificate has a key. */
static void device_of_module(void **state)
{
    struct buf script = {0};
    struct job job;

    (void)state;
    make(&job, PRESET_NONE, NULL, "h-1.azure-devices.net", NULL);
    job.settings[SETTING_CLIENT_ID].value = strdup("d.7/m");
    assert_int_equal(azcli_auth(&job), AZCLI_SHARED_KEY);
    azcli_print(&job, &none, &script);
    assert_line(script.data, "DEVICE='d.7'");
    assert_line(script.data, "KEY_FILE='d.7.sas-key'");
    buf_reset(&script);
    job_reset(&job);
}

static void refused(void **state)
{
    static const struct {
        enum preset preset;
        const char *hub, *broker, *device;
        const char *part;
    } rows[] = {
        {PRESET_AWS, NULL, "a-ats.iot.x.amazonaws.com", "d", "AWS IoT"},
        {PRESET_NONE, NULL, "mq.example.com", "d", "not for Azure"},
        {PRESET_NONE, NULL, NULL, "d", "not for Azure"},
        {PRESET_AZURE, NULL, "gate.example.com", "d", "which hub"},
        {PRESET_AZURE, "h-1", NULL, NULL, "which device"},
    };
    struct azcli_options control = {.location = "west\neurope"};
    struct err err = {0};
    struct job job;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make(&job, rows[i].preset, rows[i].hub, rows[i].broker, rows[i].device);
        assert_int_equal(azcli_check(&job, &none, &err), ERR_VALUE);
        assert_occurs(err.text, rows[i].part);
        assert_true(err.remedy[0] != '\0');
        job_reset(&job);
    }
    make(&job, PRESET_AZURE, "h-1", NULL, "d");
    assert_int_equal(azcli_check(&job, &control, &err), ERR_VALUE);
    job_reset(&job);
}

/* Of a comment, foreign text can make no command. */
static void comments_stay_comments(void **state)
{
    struct buf script = {0};
    struct job job;

    (void)state;
    make(&job, PRESET_AZURE, "h-1", NULL, "d");
    job.file = strdup("a\nrm -rf x");
    azcli_print(&job, &none, &script);
    assert_null(strstr(script.data, "\nrm"));
    assert_occurs(script.data, "a\\nrm -rf x");
    buf_reset(&script);
    job_reset(&job);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quoting),
        cmocka_unit_test(hub_names),
        cmocka_unit_test(device_of_module),
        cmocka_unit_test(refused),
        cmocka_unit_test(comments_stay_comments),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
