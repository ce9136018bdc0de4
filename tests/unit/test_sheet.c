/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/profile.h"
#include "job/check.h"
#include "job/jobfile.h"
#include "job/preset.h"
#include "job/sheet.h"
#include "support.h"

static const struct sheet_row *row_of(const struct sheet *sheet, enum setting setting)
{
    for (size_t i = 0; i < sheet->count; i++) {
        if (sheet->rows[i].setting == (int)setting)
            return &sheet->rows[i];
    }
    fail_msg("no row for %s", setting_info(setting)->name);
    return NULL;
}

static const struct sheet_row *box_of(const struct sheet *sheet, enum slot slot)
{
    for (size_t i = 0; i < sheet->count; i++) {
        if (sheet->rows[i].slot == (int)slot)
            return &sheet->rows[i];
    }
    fail_msg("no box for %s", slot_name(slot));
    return NULL;
}

static bool notes_say(const struct sheet_row *row, enum sheet_source source, const char *part)
{
    for (size_t i = 0; i < row->note_count; i++) {
        if (row->notes[i].source == source && strstr(row->notes[i].text, part) != NULL)
            return true;
    }
    return false;
}

static void make(const struct sheet_wish *wish, struct job *job, struct sheet *sheet)
{
    job_init(job);
    assert_int_equal(sheet_fill(job, wish, NULL), 0);
    assert_int_equal(sheet_make(job, sheet, NULL), 0);
}

static void drop(struct job *job, struct sheet *sheet)
{
    sheet_reset(sheet);
    job_reset(job);
}

/* --- jobs from what somebody knows ---------------------------------------------------------- */

#define NAME_OF(host, id) host "/" id "/?api-version=2021-04-12"

static const struct wish_row {
    struct sheet_wish wish;
    const char *want[SETTING_COUNT]; /* password: NULL */
} wishes[] = {
    {{.preset = PRESET_AZURE, .hub = "h-1", .device = "d"},
     {"h-1.azure-devices.net", "8883", "true", "d", NAME_OF("h-1.azure-devices.net", "d"), NULL,
      "devices/d/messages/events/"}},
    {{.preset = PRESET_AZURE, .hub = "h-1.azure-devices.us", .device = "d"},
     {"h-1.azure-devices.us", "8883", "true", "d", NAME_OF("h-1.azure-devices.us", "d"), NULL,
      "devices/d/messages/events/"}},
    {{.preset = PRESET_AZURE, .hostname = "h-1.device.azure-devices.net", .device = "d"},
     {"h-1.device.azure-devices.net", "8883", "true", "d", NAME_OF("h-1.azure-devices.net", "d"),
      NULL, "devices/d/messages/events/"}},
    /* the name itself may be "device" */
    {{.preset = PRESET_AZURE, .hostname = "device.azure-devices.net", .device = "d"},
     {"device.azure-devices.net", "8883", "true", "d", NAME_OF("device.azure-devices.net", "d"),
      NULL, "devices/d/messages/events/"}},
    {{.preset = PRESET_AZURE, .hub = "H-1", .hostname = "h-1.azure-devices.cn", .device = "d"},
     {"h-1.azure-devices.cn", "8883", "true", "d", NAME_OF("h-1.azure-devices.cn", "d"), NULL,
      "devices/d/messages/events/"}},
    {{.preset = PRESET_AZURE, .hub = "h-1", .hostname = "gate.example.com", .device = "d"},
     {"gate.example.com", "8883", "true", "d", NAME_OF("h-1.azure-devices.net", "d"), NULL,
      "devices/d/messages/events/"}},
    {{.preset = PRESET_AZURE, .hub = "h-1", .device = "d", .module = "m"},
     {"h-1.azure-devices.net", "8883", "true", "d/m", NAME_OF("h-1.azure-devices.net", "d/m"), NULL,
      "devices/d/modules/m/messages/events/"}},
    {{.preset = PRESET_AWS,
      .endpoint = "a-ats.iot.eu-west-1.amazonaws.com",
      .device = "t",
      .topic = "x/y"},
     {"a-ats.iot.eu-west-1.amazonaws.com", "8883", "true", "t", NULL, NULL, "x/y"}},
};

static void assert_value(const struct job *job, enum setting setting, const char *want)
{
    const char *got = job_value(job, setting);

    if (want == NULL)
        assert_null(got);
    else
        assert_string_equal(got, want);
}

static void assert_read_back(struct job *job, const char *const *want)
{
    char path[] = "/tmp/comcert-sheet-XXXXXX";
    int fd = mkstemp(path);
    struct findings findings = {0};
    struct job again;

    assert_true(fd >= 0);
    close(fd);
    job->profile = strdup("infinite");
    assert_int_equal(jobfile_write(job, path, true, NULL), 0);
    job_init(&again);
    assert_int_equal(jobfile_read(path, NULL, 0, &again, &findings), 0);
    unlink(path);
    assert_int_equal(preset_apply(&again, NULL), 0);
    for (int s = 0; s < SETTING_COUNT; s++)
        assert_value(&again, (enum setting)s, want[s]);
    findings_reset(&findings);
    job_reset(&again);
}

/* The job is right, and is read back as it was from the text of a job file. */
static void jobs_from_wishes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        struct findings findings = {0};
        struct sheet sheet;
        struct job job;

        make(&wishes[i].wish, &job, &sheet);
        for (int s = 0; s < SETTING_COUNT; s++)
            assert_value(&job, (enum setting)s, wishes[i].want[s]);
        check_settings_alone(&job, 0, &findings);
        assert_int_not_equal(findings_worst(&findings), SEVERITY_ERROR);
        assert_read_back(&job, wishes[i].want);
        findings_reset(&findings);
        drop(&job, &sheet);
    }
}

static void wishes_refused(void **state)
{
    static const struct sheet_wish rows[] = {
        {.preset = PRESET_AZURE, .hub = "a-1", .hostname = "b-1.azure-devices.net", .device = "d"},
        {.preset = PRESET_AZURE, .hostname = "gate.example.com", .device = "d"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err err = {0};
        struct job job;

        job_init(&job);
        assert_int_equal(sheet_fill(&job, &rows[i], &err), ERR_USAGE);
        assert_true(err.text[0] != '\0');
        job_reset(&job);
    }
}

/* --- the sheet ------------------------------------------------------------------------------ */

static void rows_of_azure(void **state)
{
    struct sheet_wish wish = {.preset = PRESET_AZURE, .hub = "h-1", .device = "d"};
    struct sheet sheet;
    struct job job;

    (void)state;
    make(&wish, &job, &sheet);
    assert_int_equal(sheet.count, SHEET_ROWS_MAX);
    assert_string_equal(row_of(&sheet, SETTING_TLS)->value, "ticked");
    assert_string_equal(row_of(&sheet, SETTING_BROKER)->value, "h-1.azure-devices.net");
    assert_null(row_of(&sheet, SETTING_PASSWORD)->value);
    assert_occurs(row_of(&sheet, SETTING_PASSWORD)->what, "token");
    assert_occurs(box_of(&sheet, SLOT_SERVER_CA)->what, "DigiCert Global Root G2");
    assert_true(notes_say(row_of(&sheet, SETTING_USERNAME), SHEET_GUIDE, "2018-06-30"));
    assert_true(notes_say(row_of(&sheet, SETTING_USERNAME), SHEET_ARTICLE, "leaves out"));
    assert_true(notes_say(box_of(&sheet, SLOT_SERVER_CA), SHEET_GUIDE, "Baltimore"));
    assert_true(notes_say(box_of(&sheet, SLOT_SERVER_CA), SHEET_GUIDE, "Amazon Root CA 1"));
    assert_true(notes_say(box_of(&sheet, SLOT_DEVICE_CERT), SHEET_GUIDE, "thumbprint"));
    drop(&job, &sheet);
}

/* What does not concern a value is not said of it. */
static void notes_by_cloud(void **state)
{
    struct sheet_wish aws = {
        .preset = PRESET_AWS, .endpoint = "a-ats.iot.x.amazonaws.com", .device = "t"};
    struct sheet_wish gov = {.preset = PRESET_AZURE, .hub = "h-1.azure-devices.us", .device = "d"};
    struct sheet sheet;
    struct job job;

    (void)state;
    make(&aws, &job, &sheet);
    assert_false(notes_say(row_of(&sheet, SETTING_USERNAME), SHEET_GUIDE, ""));
    assert_true(notes_say(box_of(&sheet, SLOT_SERVER_CA), SHEET_GUIDE, "this root"));
    assert_null(row_of(&sheet, SETTING_USERNAME)->value);
    drop(&job, &sheet);
    make(&gov, &job, &sheet);
    assert_false(notes_say(box_of(&sheet, SLOT_SERVER_CA), SHEET_GUIDE, "Baltimore"));
    assert_true(notes_say(box_of(&sheet, SLOT_SERVER_CA), SHEET_TODAY, "sovereign"));
    drop(&job, &sheet);
    job_init(&job);
    job.settings[SETTING_BROKER].value = strdup("mq.example.com");
    assert_int_equal(sheet_make(&job, &sheet, NULL), 0);
    assert_int_equal(box_of(&sheet, SLOT_DEVICE_CERT)->note_count, 0);
    assert_int_equal(row_of(&sheet, SETTING_BROKER)->note_count, 1);
    drop(&job, &sheet);
}

/* With a certificate nothing is said of tokens; files are named. */
static void with_files(void **state)
{
    struct sheet_wish wish = {.preset = PRESET_AZURE, .hub = "h-1", .device = "d"};
    struct sheet sheet;
    struct job job;

    (void)state;
    job_init(&job);
    assert_int_equal(sheet_fill(&job, &wish, NULL), 0);
    job.credentials[SLOT_DEVICE_CERT].path = strdup("d.crt");
    assert_int_equal(sheet_make(&job, &sheet, NULL), 0);
    assert_string_equal(box_of(&sheet, SLOT_DEVICE_CERT)->value, "d.crt");
    assert_int_equal(row_of(&sheet, SETTING_PASSWORD)->note_count, 0);
    assert_occurs(row_of(&sheet, SETTING_PASSWORD)->what, "empty");
    drop(&job, &sheet);
}

/* One window, one name for each of its fields. */
static void labels_as_in_profile(void **state)
{
    struct findings findings = {0};
    struct profile *profile = NULL;
    struct sheet_wish wish = {.preset = PRESET_AZURE, .hub = "h-1", .device = "d"};
    struct sheet sheet;
    struct job job;

    (void)state;
    assert_int_equal(profile_load("infinite", NULL, (struct place){0}, &profile, &findings), 0);
    make(&wish, &job, &sheet);
    for (int s = 0; s < SETTING_COUNT; s++)
        assert_string_equal(row_of(&sheet, (enum setting)s)->label, profile->manual.field[s]);
    assert_string_equal(sheet_window, profile->manual.where);
    drop(&job, &sheet);
    profile_destroy(profile);
    findings_reset(&findings);
}

/* Each says something that the program itself holds to be so, in one sentence. */
static void notes_are_sentences(void **state)
{
    struct sheet_wish wish = {.preset = PRESET_AZURE, .hub = "h-1", .device = "d"};
    struct sheet sheet;
    struct job job;

    (void)state;
    make(&wish, &job, &sheet);
    for (size_t i = 0; i < sheet.count; i++) {
        for (size_t k = 0; k < sheet.rows[i].note_count; k++) {
            const char *text = sheet.rows[i].notes[k].text;

            assert_int_equal(text[strlen(text) - 1], '.');
            assert_null(strstr(text, ". "));
        }
    }
    drop(&job, &sheet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_from_wishes),    cmocka_unit_test(wishes_refused),
        cmocka_unit_test(rows_of_azure),       cmocka_unit_test(notes_by_cloud),
        cmocka_unit_test(with_files),          cmocka_unit_test(labels_as_in_profile),
        cmocka_unit_test(notes_are_sentences),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
