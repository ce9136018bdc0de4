/* SPDX-License-Identifier: MIT */
#include "job/jobfile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "job/preset.h"

/* The text, since it is parsed anew for each job: libconfig's tree cannot be copied, and what one
 * device's assignments change in it cannot be taken back for the next. */
struct jobfile_base {
    char *name;
    struct secret text;
    char **assignments;
    size_t assignment_count;
};

static bool copy_text(const struct config *c, const char *key, char **out)
{
    const char *text = config_string(c, key);

    *out = str_copy(text);
    return text == NULL || *out != NULL;
}

/* A path in the file is relative to the file; one that came by --set has no line and is relative to
 * where we are. */
static bool copy_path(const struct config *c, const char *key, char **out)
{
    const char *text = config_string(c, key);
    bool in_file = config_place(c, key).line != 0;

    *out = text != NULL ? file_resolve(in_file ? config_name(c) : NULL, text) : NULL;
    return text == NULL || *out != NULL;
}

/* profile_load resolves the name, if it is a path, against the job file: a path that came by --set
 * is made absolute before that. */
static bool copy_profile(const struct config *c, struct job *job)
{
    struct buf path = {0};
    char *cwd;

    job->profile_line = config_place(c, "profile").line;
    if (!copy_text(c, "profile", &job->profile))
        return false;
    if (job->profile_line != 0 || strpbrk(job->profile, "./") == NULL || job->profile[0] == '/' ||
        job->profile[0] == '~')
        return true;
    cwd = getcwd(NULL, 0);
    if (cwd == NULL)
        return true;
    buf_printf(&path, "%s/%s", cwd, job->profile);
    free(cwd);
    free(job->profile);
    job->profile = buf_take(&path);
    return job->profile != NULL;
}

static int modem_line(const struct config *c, const char *key)
{
    const char *name = config_string(c, key);

    return name != NULL ? modem_line_of_name(name) : MODEM_LINE_UNSET;
}

static bool copy_port(const struct config *c, struct job *job)
{
    const char *frame = config_string(c, "port.frame");
    const char *flow = config_string(c, "port.flow");

    job->line.baud = config_int(c, "port.baud", 0);
    if (frame != NULL)
        memcpy(job->line.frame, frame, sizeof job->line.frame);
    job->line.flow = flow != NULL ? (enum flow)flow_of_name(flow) : FLOW_UNSET;
    job->line.dtr = (enum modem_line)modem_line(c, "port.dtr");
    job->line.rts = (enum modem_line)modem_line(c, "port.rts");
    return copy_text(c, "port.device", &job->device);
}

/* Port and TLS are carried as text like the rest. */
static bool copy_setting(const struct config *c, struct job *job, enum setting setting)
{
    struct job_setting *s = &job->settings[setting];
    const char *key = setting_info(setting)->key;
    struct buf text = {0};

    if (!config_has(c, key))
        return true;
    s->line = config_place(c, key).line;
    if (setting == SETTING_PORT)
        buf_printf(&text, "%ld", config_int(c, key, 0));
    else if (setting == SETTING_TLS)
        buf_add_str(&text, config_bool(c, key, false) ? "true" : "false");
    else
        buf_add_str(&text, config_string(c, key));
    s->value = buf_take(&text);
    return s->value != NULL;
}

static bool copy_mqtt(const struct config *c, struct job *job)
{
    const char *preset = config_string(c, "mqtt.preset");
    bool ok = copy_text(c, "mqtt.hub", &job->hub) &&
              copy_text(c, "mqtt.device-id", &job->device_id) &&
              copy_path(c, "mqtt.password-file", &job->password_file);

    job->preset = preset != NULL ? (enum preset)preset_of_name(preset) : PRESET_NONE;
    job->hub_line = config_place(c, "mqtt.hub").line;
    job->device_id_line = config_place(c, "mqtt.device-id").line;
    job->password_line = config_place(c, "mqtt.password-file").line;
    for (int i = 0; i < SETTING_COUNT && ok; i++) {
        if (i != SETTING_PASSWORD)
            ok = copy_setting(c, job, (enum setting)i);
    }
    return ok;
}

static bool copy_certificates(const struct config *c, struct job *job)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        const char *key = slot_key((enum slot)i);

        job->credentials[i].line = config_place(c, key).line;
        if (!copy_path(c, key, &job->credentials[i].path))
            return false;
    }
    return true;
}

static bool copy_transfer(const struct config *c, struct job *job)
{
    job->transfer.retries = (int)config_int(c, "transfer.retries", -1);
    job->transfer.window = config_int(c, "transfer.window", 0);
    job->transfer.result_timeout_ms = config_int(c, "transfer.result-timeout-ms", 0);
    job->transfer.prompt_timeout_ms = config_int(c, "transfer.prompt-timeout-ms", 0);
    return copy_text(c, "transfer.terminator", &job->transfer.terminator);
}

static bool copy_accepted(const struct config *c, struct job *job)
{
    struct buf list = {0};
    size_t n = config_count(c, "accept-assumed");

    if (config_is_bool(c, "accept-assumed")) {
        job->accept_all_assumed = config_bool(c, "accept-assumed", false);
        return true;
    }
    for (size_t i = 0; i < n; i++)
        buf_printf(&list, "%s%s", i > 0 ? "," : "", config_string_at(c, "accept-assumed", i));
    job->accept_assumed = n > 0 ? buf_take(&list) : NULL;
    return n == 0 || job->accept_assumed != NULL;
}

static int assign(struct config *c, const char *const *assignments, size_t n,
                  struct findings *findings)
{
    int worst = 0;

    for (size_t i = 0; i < n; i++) {
        struct err err = {0};
        int rc = config_set(c, jobfile_schema(), assignments[i], &err);

        if (rc == 0)
            continue;
        findings_add(findings, SEVERITY_ERROR, "config-set", (struct place){.file = "--set"},
                     err.remedy[0] != '\0' ? err.remedy : NULL, "%s", err.text);
        worst = rc;
    }
    return worst;
}

static int fill(const struct config *c, struct job *job)
{
    bool ok;

    job->file = str_copy(config_name(c));
    ok = job->file != NULL && copy_profile(c, job) && copy_port(c, job) && copy_mqtt(c, job) &&
         copy_certificates(c, job) && copy_transfer(c, job) && copy_accepted(c, job);
    return ok ? 0 : ERR_NOMEM;
}

static int make(struct config *c, const struct jobfile_base *base, const char *const *over,
                size_t over_count, struct job *job, struct findings *findings)
{
    int rc = assign(c, (const char *const *)base->assignments, base->assignment_count, findings);
    int over_rc = assign(c, over, over_count, findings);
    int check_rc = jobfile_check(c, findings);

    if (rc == 0)
        rc = over_rc;
    if (rc == 0)
        rc = check_rc;
    return rc == 0 ? fill(c, job) : rc;
}

int jobfile_base_job(const struct jobfile_base *base, const char *const *assignments,
                     size_t assignment_count, struct job *job, struct findings *findings)
{
    struct config *c;
    int rc;

    if (config_parse(base->name, (const char *)base->text.data, base->text.len, &c, findings) != 0)
        return ERR_VALUE;
    rc = make(c, base, assignments, assignment_count, job, findings);
    config_free(c);
    if (rc == ERR_NOMEM)
        findings->lost = true;
    if (rc != 0)
        job_reset(job);
    return rc == 0 || rc == ERR_USAGE ? rc : ERR_VALUE;
}

static int keep_assignments(struct jobfile_base *base, const char *const *assignments, size_t n)
{
    base->assignments = calloc(n + 1, sizeof *base->assignments);
    if (base->assignments == NULL)
        return ERR_NOMEM;
    for (; base->assignment_count < n; base->assignment_count++) {
        char *copy = str_copy(assignments[base->assignment_count]);

        if (copy == NULL)
            return ERR_NOMEM;
        base->assignments[base->assignment_count] = copy;
    }
    return 0;
}

static int keep(struct jobfile_base *base, const char *path, const char *const *assignments,
                size_t n, struct findings *findings)
{
    struct err err;
    int rc;

    base->name = str_copy(path);
    if (base->name == NULL || keep_assignments(base, assignments, n) != 0) {
        findings->lost = true;
        return ERR_NOMEM;
    }
    rc = file_read(path, CONFIG_MAX_BYTES, &base->text, &err);
    if (rc != 0)
        findings_add(findings, SEVERITY_ERROR, "config-unreadable", (struct place){.file = path},
                     NULL, "%s", err.text);
    return rc;
}

int jobfile_base_read(const char *path, const char *const *assignments, size_t assignment_count,
                      struct jobfile_base **out, struct findings *findings)
{
    struct jobfile_base *base = calloc(1, sizeof *base);
    struct job job;
    int rc = ERR_VALUE;

    *out = NULL;
    job_init(&job);
    if (base == NULL)
        findings->lost = true;
    else if (keep(base, path, assignments, assignment_count, findings) == 0)
        rc = jobfile_base_job(base, NULL, 0, &job, findings);
    job_reset(&job);
    if (rc == 0)
        *out = base;
    else
        jobfile_base_free(base);
    return rc;
}

static void release(struct jobfile_base *base)
{
    for (size_t i = 0; i < base->assignment_count; i++)
        free(base->assignments[i]);
    free(base->assignments);
    secret_reset(&base->text);
    free(base->name);
}

void jobfile_base_free(struct jobfile_base *base)
{
    if (base != NULL)
        release(base);
    free(base);
}

int jobfile_read(const char *path, const char *const *assignments, size_t assignment_count,
                 struct job *job, struct findings *findings)
{
    struct jobfile_base base = {0};
    int rc = ERR_VALUE;

    if (keep(&base, path, assignments, assignment_count, findings) == 0)
        rc = jobfile_base_job(&base, NULL, 0, job, findings);
    release(&base);
    return rc;
}
