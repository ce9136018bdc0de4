/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "job/preset.h"

/* What the user gives, and what must follow; NULL is "nothing". */
struct row {
    enum preset preset;
    const char *hub, *device_id, *server_ca;
    const char *given[SETTING_COUNT];
    const char *want[SETTING_COUNT];
};

static char *copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

static void fill(struct job *job, const struct row *row)
{
    job_init(job);
    job->preset = row->preset;
    job->hub = copy(row->hub);
    job->device_id = copy(row->device_id);
    job->credentials[SLOT_SERVER_CA].path = copy(row->server_ca);
    for (int i = 0; i < SETTING_COUNT; i++)
        job->settings[i].value = copy(row->given[i]);
}

static void assert_row(const struct job *job, const struct row *row, size_t number)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *got = job->settings[i].value;

        if ((got == NULL) != (row->want[i] == NULL) ||
            (got != NULL && strcmp(got, row->want[i]) != 0))
            fail_msg("row %zu, %s: got %s, want %s", number, setting_info((enum setting)i)->name,
                     got != NULL ? got : "nothing",
                     row->want[i] != NULL ? row->want[i] : "nothing");
        assert_int_equal(job->settings[i].derived, got != NULL && row->given[i] == NULL);
    }
}

#define HOST "my-hub.azure-devices.net"

static const struct row rows[] = {
    /* azure: everything follows from hub and device ID */
    {PRESET_AZURE,
     "my-hub",
     "pump-7",
     NULL,
     {NULL},
     {HOST, "8883", "true", "pump-7", HOST "/pump-7/?api-version=2021-04-12", NULL,
      "devices/pump-7/messages/events/"}},
    /* the hub by its host name */
    {PRESET_AZURE,
     "my-hub.azure-devices.cn",
     "p",
     NULL,
     {NULL},
     {"my-hub.azure-devices.cn", "8883", "true", "p",
      "my-hub.azure-devices.cn/p/?api-version=2021-04-12", NULL, "devices/p/messages/events/"}},
    /* no hub, but its address */
    {PRESET_AZURE,
     NULL,
     "p",
     NULL,
     {HOST},
     {HOST, "8883", "true", "p", HOST "/p/?api-version=2021-04-12", NULL,
      "devices/p/messages/events/"}},
    /* hub and a gateway before it: the user name is the hub's */
    {PRESET_AZURE,
     "my-hub",
     "p",
     NULL,
     {"gateway.example"},
     {"gateway.example", "8883", "true", "p", HOST "/p/?api-version=2021-04-12", NULL,
      "devices/p/messages/events/"}},
    /* no device ID, but the client ID, which is the same */
    {PRESET_AZURE,
     "my-hub",
     NULL,
     NULL,
     {NULL, NULL, NULL, "p"},
     {HOST, "8883", "true", "p", HOST "/p/?api-version=2021-04-12", NULL,
      "devices/p/messages/events/"}},
    /* what is spelled out wins */
    {PRESET_AZURE,
     "my-hub",
     "p",
     NULL,
     {NULL, "443", "false", "q", "u", NULL, "t"},
     {HOST, "443", "false", "q", "u", NULL, "t"}},
    /* half of it */
    {PRESET_AZURE, "my-hub", NULL, NULL, {NULL}, {HOST, "8883", "true"}},
    {PRESET_AZURE,
     NULL,
     "p",
     NULL,
     {NULL},
     {NULL, "8883", "true", "p", NULL, NULL, "devices/p/messages/events/"}},
    {PRESET_AWS, NULL, "thing", NULL, {"a.example"}, {"a.example", "8883", "true", "thing"}},
    {PRESET_AWS, NULL, NULL, NULL, {NULL}, {NULL, "8883", "true"}},
    /* none: port and TLS follow from each other; without a broker nothing does */
    {PRESET_NONE, NULL, NULL, "ca.pem", {NULL}, {NULL}},
    {PRESET_NONE, NULL, NULL, NULL, {"b"}, {"b", "8883", "true"}},
    {PRESET_NONE, NULL, NULL, NULL, {"b", NULL, "false"}, {"b", "1883", "false"}},
    {PRESET_NONE, NULL, NULL, NULL, {"b", "1883"}, {"b", "1883", "false"}},
    {PRESET_NONE, NULL, NULL, "ca.pem", {"b", "1883"}, {"b", "1883", "true"}},
    {PRESET_NONE, NULL, NULL, NULL, {"b", "1234"}, {"b", "1234", "true"}},
    {PRESET_NONE, NULL, "p", NULL, {"b"}, {"b", "8883", "true"}},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct job job;
        struct err err;

        fill(&job, &rows[i]);
        assert_int_equal(preset_apply(&job, &err), 0);
        assert_row(&job, &rows[i], i);
        assert_int_equal(preset_apply(&job, &err), 0); /* the wizard does it at every key */
        assert_row(&job, &rows[i], i);
        job_reset(&job);
    }
}

/* Derived values follow when what they came from changes. */
static void test_again(void **state)
{
    struct job job;
    struct err err;

    (void)state;
    fill(&job, &rows[0]);
    assert_int_equal(preset_apply(&job, &err), 0);
    free(job.device_id);
    job.device_id = copy("pump-8");
    assert_int_equal(preset_apply(&job, &err), 0);
    assert_string_equal(job_value(&job, SETTING_CLIENT_ID), "pump-8");
    assert_string_equal(job_value(&job, SETTING_TOPIC), "devices/pump-8/messages/events/");
    job.preset = PRESET_NONE;
    assert_int_equal(preset_apply(&job, &err), 0);
    for (int i = 0; i < SETTING_COUNT; i++)
        assert_null(job.settings[i].value);
    job_reset(&job);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; preset_names[i] != NULL; i++) {
        assert_int_equal(preset_of_name(preset_names[i]), i);
        assert_string_equal(preset_name((enum preset)i), preset_names[i]);
    }
    assert_int_equal(preset_of_name("azure"), PRESET_AZURE);
    assert_int_equal(preset_of_name("Azure"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
