/* SPDX-License-Identifier: MIT */
#include "job/preset.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

const char *const preset_names[] = {"none", "azure", "aws", NULL};

const char *preset_name(enum preset preset)
{
    return preset_names[preset];
}

int preset_of_name(const char *name)
{
    for (int i = 0; preset_names[i] != NULL; i++) {
        if (strcmp(preset_names[i], name) == 0)
            return i;
    }
    return -1;
}

/* Takes the text; what the user spelled out stays. */
static bool derive(struct job *job, enum setting setting, struct buf *text)
{
    struct job_setting *s = &job->settings[setting];
    char *value;

    if (s->value != NULL) {
        buf_reset(text);
        return true;
    }
    value = buf_take(text);
    if (value == NULL)
        return false;
    *s = (struct job_setting){.value = value, .derived = true};
    return true;
}

static bool derive_text(struct job *job, enum setting setting, const char *text)
{
    struct buf copy = {0};

    buf_add_str(&copy, text);
    return derive(job, setting, &copy);
}

/* The hub is named by its short name or by its host name. */
static bool add_host(struct buf *out, const struct job *job)
{
    if (job->hub == NULL)
        return false;
    buf_add_str(out, job->hub);
    if (strchr(job->hub, '.') == NULL)
        buf_add_str(out, ".azure-devices.net");
    return true;
}

static bool apply_azure(struct job *job)
{
    struct buf text = {0};
    const char *broker = job_value(job, SETTING_BROKER);
    const char *id = job->device_id != NULL ? job->device_id : job_value(job, SETTING_CLIENT_ID);

    if (add_host(&text, job) && !derive(job, SETTING_BROKER, &text))
        return false;
    if (!derive_text(job, SETTING_PORT, "8883") || !derive_text(job, SETTING_TLS, "true"))
        return false;
    if (id == NULL)
        return true;
    if (!derive_text(job, SETTING_CLIENT_ID, id))
        return false;
    /* A broker of the user's own choice may be another address of the same hub; without a hub it is
     * all that is known. */
    if (job->hub != NULL || broker != NULL) {
        if (!add_host(&text, job))
            buf_add_str(&text, broker);
        buf_printf(&text, "/%s/?api-version=" AZURE_API_VERSION, id);
        if (!derive(job, SETTING_USERNAME, &text))
            return false;
    }
    buf_printf(&text, "devices/%s/messages/events/", id);
    return derive(job, SETTING_TOPIC, &text);
}

static bool apply_aws(struct job *job)
{
    return derive_text(job, SETTING_PORT, "8883") && derive_text(job, SETTING_TLS, "true") &&
           (job->device_id == NULL || derive_text(job, SETTING_CLIENT_ID, job->device_id));
}

static bool has_credentials(const struct job *job)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        if (job->credentials[i].path != NULL || job->credentials[i].credential != NULL)
            return true;
    }
    return false;
}

/* A job without a broker carries credentials only: nothing follows. Else TLS unless the user speaks
 * of the plain port and of no credential. */
static bool apply_none(struct job *job)
{
    const char *port = job_value(job, SETTING_PORT);
    const char *tls;
    bool plain = port != NULL && strcmp(port, "1883") == 0 && !has_credentials(job);

    if (job_value(job, SETTING_BROKER) == NULL)
        return true;
    if (!derive_text(job, SETTING_TLS, plain ? "false" : "true"))
        return false;
    tls = job_value(job, SETTING_TLS);
    return derive_text(job, SETTING_PORT, strcmp(tls, "true") == 0 ? "8883" : "1883");
}

static void forget_derived(struct job *job)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (job->settings[i].derived) {
            free(job->settings[i].value);
            job->settings[i] = (struct job_setting){0};
        }
    }
}

int preset_apply(struct job *job, struct err *err)
{
    static bool (*const apply[])(struct job *) = {
        [PRESET_NONE] = apply_none,
        [PRESET_AZURE] = apply_azure,
        [PRESET_AWS] = apply_aws,
    };

    forget_derived(job);
    return apply[job->preset](job) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}
