/* SPDX-License-Identifier: MIT */
#include "job/sheet.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "job/check_part.h"
#include "job/preset.h"

static bool set(char **field, const char *text)
{
    free(*field);
    *field = str_copy(text);
    return *field != NULL || text == NULL;
}

/* Takes the text. */
static bool set_setting(struct job *job, enum setting setting, struct buf *text)
{
    char *value = buf_take(text);

    if (value == NULL)
        return false;
    free(job->settings[setting].value);
    job->settings[setting] = (struct job_setting){.value = value};
    return true;
}

static const char *azure_domain_of(const char *host)
{
    for (size_t i = 0; azure_domains[i] != NULL; i++) {
        if (host_ends(host, azure_domains[i]))
            return azure_domains[i];
    }
    return NULL;
}

/* "my-hub.device.azure-devices.net": another address of the hub than its classic one. */
static bool is_device_address(const char *host, const char *domain)
{
    static const char device[] = ".device";
    size_t label = strcspn(host, ".");

    return strncasecmp(host + label, device, sizeof device - 1) == 0 &&
           host_equals(host + label + sizeof device - 1, domain);
}

static bool same_label(const char *a, const char *b)
{
    size_t n = strcspn(a, ".");

    return n == strcspn(b, ".") && strncasecmp(a, b, n) == 0;
}

/* What the hub is called in the user name, and what the device calls, if that is another name. */
static int find_hosts(const struct sheet_wish *w, struct buf *hub, const char **broker,
                      struct err *err)
{
    const char *full = w->hostname != NULL                             ? w->hostname
                       : w->hub != NULL && strchr(w->hub, '.') != NULL ? w->hub
                                                                       : NULL;
    const char *domain = full != NULL ? azure_domain_of(full) : NULL;

    *broker = NULL;
    if (domain != NULL && w->hub != NULL && !same_label(full, w->hub))
        return err_set(err, ERR_USAGE, "\"%s\" and \"%s\" are two different hubs",
                       words_of(w->hub).s, words_of(full).s);
    if (full == NULL) {
        buf_add_str(hub, w->hub != NULL ? w->hub : "");
    } else if (domain != NULL && is_device_address(full, domain)) {
        buf_printf(hub, "%.*s%s", (int)strcspn(full, "."), full, domain);
        *broker = full;
    } else if (domain != NULL || w->hostname == NULL) {
        buf_add_str(hub, full);
    } else if (w->hub != NULL) { /* a gateway's name, or a misspelled one */
        buf_add_str(hub, w->hub);
        *broker = full;
    } else {
        err_set(err, ERR_USAGE, "\"%s\" is no address of Azure's, so it does not tell the hub",
                words_of(full).s);
        err_remedy(err, "Name the hub too (--hub).");
        return ERR_USAGE;
    }
    return hub->failed ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

/* A module's names follow from those of its device. */
static bool apply_module(struct job *job, const char *module)
{
    const char *username = job_value(job, SETTING_USERNAME);
    const char *id = job->device_id;
    struct buf text = {0};

    if (module == NULL || username == NULL || id == NULL)
        return true;
    buf_printf(&text, "%.*s/%s/%s/?api-version=" AZURE_API_VERSION, (int)strcspn(username, "/"),
               username, id, module);
    if (!set_setting(job, SETTING_USERNAME, &text))
        return false;
    buf_printf(&text, "%s/%s", id, module);
    if (!set_setting(job, SETTING_CLIENT_ID, &text))
        return false;
    buf_printf(&text, "devices/%s/modules/%s/messages/events/", id, module);
    return set_setting(job, SETTING_TOPIC, &text);
}

static int fill_azure(struct job *job, const struct sheet_wish *w, struct err *err)
{
    struct buf hub = {0};
    const char *broker;
    int rc = find_hosts(w, &hub, &broker, err);

    if (rc == 0 && (!set(&job->hub, hub.data) || !set(&job->device_id, w->device) ||
                    !set(&job->settings[SETTING_BROKER].value, broker)))
        rc = err_set(err, ERR_NOMEM, "out of memory");
    if (rc == 0)
        rc = preset_apply(job, err);
    if (rc == 0 && !apply_module(job, w->module))
        rc = err_set(err, ERR_NOMEM, "out of memory");
    buf_reset(&hub);
    return rc;
}

int sheet_fill(struct job *job, const struct sheet_wish *wish, struct err *err)
{
    job->preset = wish->preset;
    if (wish->preset == PRESET_AZURE)
        return fill_azure(job, wish, err);
    if (!set(&job->settings[SETTING_BROKER].value, wish->endpoint) ||
        !set(&job->device_id, wish->device) ||
        !set(&job->settings[SETTING_TOPIC].value, wish->topic))
        return err_set(err, ERR_NOMEM, "out of memory");
    return preset_apply(job, err);
}
