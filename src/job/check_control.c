/* SPDX-License-Identifier: MIT */
#include "job/check.h"

#include <string.h>

#include "job/check_part.h"

/* Offset of the first control character; n if there is none. */
static size_t find_control(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte < 0x20 || byte == 0x7F)
            return i;
    }
    return n;
}

bool has_control(const char *text)
{
    return text != NULL && text[find_control(text, strlen(text))] != '\0';
}

/* The characters are not told, since one of the values is a password. */
static bool judge(const char *text, size_t n, const char *title, struct place place,
                  struct findings *findings)
{
    size_t at = n > 0 ? find_control(text, n) : n;
    struct findings own = {0};

    if (at == n)
        return true;
    findings_add(
        &own, SEVERITY_ERROR, "value-unsafe", place, "Remove it.",
        "%s cannot be used: at character %zu, it holds a control character%s", title, at + 1,
        text[at] == '\r' || text[at] == '\n' ? " (a line end: the rest would be another command)"
                                             : "");
    findings_take_new(findings, &own);
    return false;
}

static bool judge_text(const char *text, const char *title, struct place place,
                       struct findings *findings)
{
    return text == NULL || judge(text, strlen(text), title, place, findings);
}

static bool judge_setting(const struct job *job, enum setting setting, struct findings *findings)
{
    const char *title = setting_info(setting)->title;
    struct place place = job_setting_place(job, setting);

    if (setting == SETTING_PASSWORD)
        return judge((const char *)job->password.data, job->password.len, title, place, findings);
    return job->settings[setting].derived ||
           judge_text(job_value(job, setting), title, place, findings);
}

bool check_sources(const struct job *job, struct findings *findings)
{
    struct place hub = {.key = "mqtt.hub", .file = job->file, .line = job->hub_line};
    struct place id = {.key = "mqtt.device-id", .file = job->file, .line = job->device_id_line};
    bool good = judge_text(job->hub, "The hub", hub, findings);

    good &= judge_text(job->device_id, "The device ID", id, findings);
    good &= judge_setting(job, SETTING_BROKER, findings);
    good &= judge_setting(job, SETTING_CLIENT_ID, findings);
    return good;
}

bool check_control(const struct job *job, enum setting setting, struct findings *findings)
{
    if (!job->settings[setting].derived)
        return judge_setting(job, setting, findings);
    return !has_control(job_value(job, setting)) || check_sources(job, findings);
}
