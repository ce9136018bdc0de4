/* SPDX-License-Identifier: MIT */
#include "job/jobfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "job/preset.h"

/* Values go into a config one by one, in the schema's order; after the first failure nothing more
 * does. */
struct writer {
    const struct job *job;
    const char *folder;
    struct config *config;
    struct err *err;
    int rc;
};

static void no_memory(struct writer *w)
{
    w->rc = err_set(w->err, ERR_NOMEM, "out of memory");
}

/* As --set would; NULL is no value. */
static void put(struct writer *w, const char *key, const char *value)
{
    struct buf assignment = {0};

    if (w->rc != 0 || value == NULL)
        return;
    buf_printf(&assignment, "%s=%s", key, value);
    if (assignment.failed)
        no_memory(w);
    else
        w->rc = config_set(w->config, jobfile_schema(), assignment.data, w->err);
    if (w->rc == ERR_USAGE) /* --set's word for it */
        w->rc = w->err->code = ERR_VALUE;
    buf_reset(&assignment);
}

static void put_number(struct writer *w, const char *key, long n, long absent)
{
    char text[24];

    snprintf(text, sizeof text, "%ld", n);
    put(w, key, n != absent ? text : NULL);
}

static void put_path(struct writer *w, const char *key, const char *path)
{
    char *name = NULL;

    if (w->rc == 0 && path != NULL)
        w->rc = file_name_from(w->folder, path, &name, w->err);
    put(w, key, name);
    free(name);
}

/* A path without slash and dot would be taken for the name of a built-in profile. */
static char *mark_as_path(char *name)
{
    struct buf marked = {0};

    if (name == NULL || strpbrk(name, "/.") != NULL)
        return name;
    buf_printf(&marked, "./%s", name);
    free(name);
    return buf_take(&marked);
}

static void put_profile(struct writer *w)
{
    const char *profile = w->job->profile;
    char *path, *name = NULL;

    if (profile == NULL || strpbrk(profile, "/.") == NULL) {
        put(w, "profile", profile);
        return;
    }
    path = file_resolve(w->job->file, profile);
    if (path == NULL)
        no_memory(w);
    else
        w->rc = file_name_from(w->folder, path, &name, w->err);
    if (w->rc == 0 && (name = mark_as_path(name)) == NULL)
        no_memory(w);
    put(w, "profile", name);
    free(path);
    free(name);
}

static const char *modem_line(enum modem_line policy)
{
    return policy != MODEM_LINE_UNSET ? modem_line_name(policy) : NULL;
}

static void put_port(struct writer *w)
{
    const struct line_settings *line = &w->job->line;

    put(w, "port.device", w->job->device);
    put_number(w, "port.baud", line->baud, 0);
    put(w, "port.frame", line->frame[0] != '\0' ? line->frame : NULL);
    put(w, "port.flow", line->flow != FLOW_UNSET ? flow_name(line->flow) : NULL);
    put(w, "port.dtr", modem_line(line->dtr));
    put(w, "port.rts", modem_line(line->rts));
}

/* The port is text in a job and a number in its file: "08883" would come back as another text. */
static void put_setting(struct writer *w, enum setting setting)
{
    const struct job_setting *s = &w->job->settings[setting];
    const char *key = setting_info(setting)->key;
    char again[24];

    if (s->derived || s->value == NULL)
        return;
    put(w, key, s->value);
    snprintf(again, sizeof again, "%ld", config_int(w->config, key, -1));
    if (w->rc == 0 && setting == SETTING_PORT && strcmp(again, s->value) != 0)
        w->rc = err_set(w->err, ERR_VALUE,
                        "`port` must be a whole number, without blanks and "
                        "zeros before it");
}

static void put_mqtt(struct writer *w)
{
    const struct job *job = w->job;

    put(w, "mqtt.preset", job->preset != PRESET_NONE ? preset_name(job->preset) : NULL);
    put(w, "mqtt.hub", job->hub);
    put(w, "mqtt.device-id", job->device_id);
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (i == SETTING_PASSWORD)
            put_path(w, setting_info(SETTING_PASSWORD)->key, job->password_file);
        else
            put_setting(w, (enum setting)i);
    }
}

static void put_certificates(struct writer *w)
{
    for (int i = 0; i < SLOT_COUNT; i++)
        put_path(w, slot_key((enum slot)i), w->job->credentials[i].path);
}

static void put_transfer(struct writer *w)
{
    const struct job *job = w->job;

    put_number(w, "transfer.retries", job->transfer.retries, -1);
    put_number(w, "transfer.window", job->transfer.window, 0);
    put(w, "transfer.terminator", job->transfer.terminator);
    put_number(w, "transfer.result-timeout-ms", job->transfer.result_timeout_ms, 0);
    put_number(w, "transfer.prompt-timeout-ms", job->transfer.prompt_timeout_ms, 0);
}

/* A file says either "everything" or names. Beside the first, a name is lost without harm unless it
 * is one of those that "everything" does not cover. */
static bool accepts_too_much(const struct job *job)
{
    return job->accept_all_assumed &&
           (job_accepts_by_name(job, "abort") || job_accepts_by_name(job, "sync"));
}

static void put_accepted(struct writer *w)
{
    const struct job *job = w->job;
    struct buf list = {0};

    if (w->rc == 0 && accepts_too_much(job)) {
        w->rc = err_set(w->err, ERR_VALUE,
                        "`accept-assumed` cannot be everything and name abort or sync as well");
        err_remedy(w->err, "Accept all of them by name.");
    } else if (job->accept_all_assumed) {
        put(w, "accept-assumed", "true");
    } else if (job->accept_assumed != NULL) {
        /* The comma makes a list of it even if its only name is "true". */
        buf_printf(&list, "%s,", job->accept_assumed);
        if (list.failed)
            no_memory(w);
        put(w, "accept-assumed", list.data);
    }
    buf_reset(&list);
}

/* What jobfile_read would refuse. */
static void check(struct writer *w)
{
    struct findings findings = {0};

    if (w->rc != 0 || jobfile_check(w->config, &findings) == 0) {
        findings_reset(&findings);
        return;
    }
    findings_sort(&findings);
    if (findings.lost) {
        no_memory(w);
    } else {
        w->rc = err_set(w->err, ERR_VALUE, "%s", findings.items[0].what);
        if (findings.items[0].remedy != NULL)
            err_remedy(w->err, "%s", findings.items[0].remedy);
    }
    findings_reset(&findings);
}

int jobfile_print(const struct job *job, const char *folder, struct buf *out, struct err *err)
{
    struct err own;
    struct writer w = {.job = job, .folder = folder, .err = err != NULL ? err : &own};

    w.rc = config_new("the job file", &w.config, w.err);
    if (w.rc != 0)
        return w.rc;
    put_profile(&w);
    put_port(&w);
    put_mqtt(&w);
    put_certificates(&w);
    put_transfer(&w);
    put_accepted(&w);
    check(&w);
    if (w.rc == 0)
        w.rc = config_print(w.config, out, w.err);
    config_free(w.config);
    return w.rc;
}

/* "/etc" for "/etc/x", "." for "x", "/" for "/x". */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

int jobfile_write(const struct job *job, const char *path, bool replace, struct err *err)
{
    struct buf text = {0};
    char *folder = folder_of(path);
    int rc = folder != NULL ? jobfile_print(job, folder, &text, err)
                            : err_set(err, ERR_NOMEM, "out of memory");

    if (rc == 0)
        rc = file_write(path, 0644, replace, text.data, text.len, err);
    buf_reset(&text);
    free(folder);
    return rc;
}
