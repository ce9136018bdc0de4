/* SPDX-License-Identifier: MIT */
#include "job/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

enum { MAX_PASSWORD = 4096 };

void job_init(struct job *job)
{
    *job = (struct job){.transfer.retries = -1};
}

void job_reset(struct job *job)
{
    free(job->file);
    free(job->profile);
    free(job->device);
    free(job->hub);
    free(job->device_id);
    for (int i = 0; i < SETTING_COUNT; i++)
        free(job->settings[i].value);
    free(job->password_file);
    secret_reset(&job->password);
    for (int i = 0; i < SLOT_COUNT; i++) {
        free(job->credentials[i].path);
        credential_destroy(job->credentials[i].credential);
    }
    free(job->transfer.terminator);
    free(job->accept_assumed);
    job_init(job);
}

/* What editors leave around a password: a line end, and Notepad a byte order mark. Neither is part
 * of it. */
static int trim_password(struct secret *password, struct place place, struct findings *findings)
{
    const unsigned char *p = password->data;
    size_t n = password->len;
    struct secret trimmed = {0};
    int rc;

    if (n > 0 && p[n - 1] == '\n')
        n--;
    if (n > 0 && p[n - 1] == '\r')
        n--;
    if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
        p += 3;
        n -= 3;
        findings_add(findings, SEVERITY_NOTE, "password-bom", place, NULL,
                     "the password file begins with a byte order mark, which is left out");
    }
    if (n == password->len)
        return 0;
    rc = secret_set(&trimmed, p, n, NULL);
    if (rc == 0)
        secret_move(password, &trimmed);
    return rc;
}

int job_read_password(const char *path, struct place place, struct secret *out,
                      struct findings *findings)
{
    struct err err = {0};
    int rc = file_read(path, MAX_PASSWORD, out, &err);

    if (rc != 0) {
        findings_add(findings, SEVERITY_ERROR, "password-unreadable", place,
                     "Name a file that holds the password and nothing else.",
                     "the password cannot be read: %s", err.text);
        return rc;
    }
    if (file_is_readable_by_others(path))
        findings_add(findings, SEVERITY_WARNING, "password-readable", place, "chmod 600 FILE",
                     "other users of this computer can read the password file");
    rc = trim_password(out, place, findings);
    if (rc != 0)
        findings->lost = true;
    else if (out->len == 0) {
        findings_add(findings, SEVERITY_ERROR, "password-unreadable", place,
                     "Write the password into the file, or leave the file out (password-file).",
                     "the password file is empty");
        rc = ERR_VALUE;
    }
    return rc;
}

static bool replace_text(char **text, const char *by)
{
    char *copy = str_copy(by);

    if (copy == NULL)
        return false;
    free(*text);
    *text = copy;
    return true;
}

static bool accept_more(struct job *job, const char *list)
{
    struct buf both = {0};

    buf_printf(&both, "%s%s%s", job->accept_assumed != NULL ? job->accept_assumed : "",
               job->accept_assumed != NULL ? "," : "", list);
    free(job->accept_assumed);
    job->accept_assumed = buf_take(&both);
    return job->accept_assumed != NULL;
}

int job_overlay(struct job *job, const struct job *over, struct err *err)
{
    job->line = line_merge(job->line, over->line);
    job->accept_all_assumed |= over->accept_all_assumed;
    if ((over->accept_assumed != NULL && !accept_more(job, over->accept_assumed)) ||
        (over->device != NULL && !replace_text(&job->device, over->device)))
        return err_set(err, ERR_NOMEM, "out of memory");
    return 0;
}

int job_load_credential(struct job *job, enum slot slot, const struct passphrase_source *source,
                        struct findings *findings)
{
    struct job_credential *c = &job->credentials[slot];
    struct findings own = {0};
    int rc;

    if (c->path == NULL)
        return 0;
    credential_destroy(c->credential);
    c->credential = NULL;
    rc = credential_read_resembling(c->path, job_credential_place(job, slot), source,
                                    &c->credential, &c->resembles, &own);
    /* One file may be named for two slots. */
    findings_take_new(findings, &own);
    return rc != 0 ? ERR_VALUE : 0;
}

int job_load_password(struct job *job, struct findings *findings)
{
    if (job->password_file == NULL)
        return 0;
    return job_read_password(job->password_file, job_setting_place(job, SETTING_PASSWORD),
                             &job->password, findings);
}

int job_load_credentials(struct job *job, const struct passphrase_source *source,
                         struct findings *findings)
{
    bool failed = false;

    for (int i = 0; i < SLOT_COUNT; i++)
        failed |= job_load_credential(job, (enum slot)i, source, findings) != 0;
    failed |= job_load_password(job, findings) != 0;
    return failed ? ERR_VALUE : 0;
}

bool job_accepts(const struct job *job, const char *name)
{
    return job->accept_all_assumed || job_accepts_by_name(job, name);
}

bool job_accepts_by_name(const struct job *job, const char *name)
{
    return job->accept_assumed != NULL && str_in_list(name, job->accept_assumed);
}

const char *job_value(const struct job *job, enum setting setting)
{
    return setting == SETTING_PASSWORD ? NULL : job->settings[setting].value;
}

struct place job_setting_place(const struct job *job, enum setting setting)
{
    return (struct place){
        .key = setting_info(setting)->key,
        .file = job->file,
        .line = setting == SETTING_PASSWORD ? job->password_line : job->settings[setting].line,
    };
}

struct place job_credential_place(const struct job *job, enum slot slot)
{
    return (struct place){
        .key = slot_key(slot),
        .file = job->file,
        .line = job->credentials[slot].line,
    };
}
