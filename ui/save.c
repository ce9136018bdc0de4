/* SPDX-License-Identifier: MIT */
#include "ui/save.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "job/jobfile.h"
#include "ui/broker.h"
#include "ui/cards.h"
#include "ui/dialog.h"
#include "ui/load.h"
#include "ui/rehearsal.h"

/* Files are small and local as a rule; writing them in the loop keeps what was asked for and what
 * was done together. */

/* One question: may this file be replaced? */
struct question {
    struct wizard *w;
    char *path;
    void (*write)(struct wizard *w, const char *path, bool replace);
};

static void question_free(void *ctx)
{
    struct question *q = ctx;

    free(q->path);
    free(q);
}

static void on_replace(void *ctx, int button, const char *text, struct secret *secret)
{
    struct question *q = ctx;

    (void)text;
    (void)secret;
    if (button == 1)
        q->write(q->w, q->path, true);
    question_free(q);
}

void save_ask_replace(struct wizard *w, const char *path, const char *there,
                      void (*write)(struct wizard *w, const char *path, bool replace),
                      const char *loss)
{
    static const char *const buttons[] = {"Leave it", "Replace it", NULL};
    struct question *q = calloc(1, sizeof *q);
    struct dialog spec = {
        .title = "There is such a file",
        .buttons = buttons,
        .done = on_replace,
        .dropped = question_free,
        .ctx = q,
    };
    struct lines text = {0};

    if (q == NULL || (q->path = str_copy(path)) == NULL) {
        free(q);
        return;
    }
    q->w = w;
    q->write = write;
    lines_add(&text, ROLE_TEXT, 0, "There already: %s. %s", there, loss);
    if (dialog_open(w->app, &spec, &text) == NULL)
        question_free(q);
}

void save_tell(struct wizard *w, const struct err *err, const char *what, const char *path)
{
    if (err->code != ERR_NONE)
        app_say(w->app, ROLE_BAD, "Not saved: %s", err->text);
    else
        app_say(w->app, ROLE_GOOD, "%s saved as %s", what, path);
}

/* --- the job -----------------------------------------------------------------------------------
 */

/* "pump-7.cfg" -> "pump-7-device-key.pem": beside the job, so that both can be moved together. */
static char *beside(const char *job, const char *name, const char *ending)
{
    const char *dot = strrchr(job, '.'), *slash = strrchr(job, '/');
    size_t stem = dot != NULL && (slash == NULL || dot > slash) ? (size_t)(dot - job) : strlen(job);
    struct buf path = {0};

    buf_printf(&path, "%.*s-%s%s", (int)stem, job, name, ending);
    return buf_take(&path);
}

/* What a card holds without a file: the text that was pasted, as it was (a locked key stays
 * locked), or else clean PEM. */
static int card_text(const struct wizard *w, enum slot slot, struct secret *out, struct err *err)
{
    const struct card *card = &w->cards->card[slot];
    const struct credential *c = w->prepared.job.credentials[slot].credential;

    if (card->pasted.len > 0)
        return secret_set(out, card->pasted.data, card->pasted.len, err);
    return credential_encode(c, slot, KEY_FORMAT_PKCS8, true, out, err);
}

static int save_card(struct wizard *w, const char *job, enum slot slot, bool replace,
                     struct err *err)
{
    struct secret text = {0};
    char *path;
    int rc;

    if (!w->cards->card[slot].unfiled)
        return 0;
    path = beside(job, slot_name(slot), ".pem");
    rc = path != NULL ? card_text(w, slot, &text, err) : err_set(err, ERR_NOMEM, "out of memory");
    if (rc == 0)
        rc = file_write(path, 0600, replace, text.data, text.len, err);
    secret_reset(&text);
    if (rc == 0)
        cards_file(w, slot, path);
    free(path);
    return rc;
}

static int save_password(struct wizard *w, const char *job, bool replace, struct err *err)
{
    const struct secret *password = &w->prepared.job.password;
    char *path;
    int rc;

    if (!w->broker->password_typed || password->len == 0)
        return 0;
    path = beside(job, "password", ".txt");
    if (path == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    rc = file_write(path, 0600, replace, password->data, password->len, err);
    if (rc == 0)
        broker_file_password(w, path);
    free(path);
    return rc;
}

/* The emulated device's pty is gone tomorrow, and what it was asked to take is no yes for a real
 * one: a saved job has neither. */
static int save_settings(struct wizard *w, const char *path, bool replace, struct err *err)
{
    struct job *job = &w->prepared.job;
    char *device = job->device, *accepted = job->accept_assumed;
    int rc;

    if (rehearsal_is_on(w))
        job->device = job->accept_assumed = NULL;
    rc = jobfile_write(job, path, replace, err);
    job->device = device;
    job->accept_assumed = accepted;
    return rc;
}

/* Names that saving would replace, told one by one; none: NULL. */
static char *find_there(struct wizard *w, const char *job)
{
    struct buf there = {0};
    char *path;

    if (file_is_there(job))
        buf_add_str(&there, job);
    for (int s = 0; s <= SLOT_COUNT; s++) {
        bool password = s == SLOT_COUNT;

        if (password ? !w->broker->password_typed : !w->cards->card[s].unfiled)
            continue;
        path = password ? beside(job, "password", ".txt")
                        : beside(job, slot_name((enum slot)s), ".pem");
        if (path != NULL && file_is_there(path))
            buf_printf(&there, "%s%s", there.len > 0 ? ", " : "", path);
        free(path);
    }
    return there.len > 0 ? buf_take(&there) : NULL;
}

/* Asked before anything is written: what stands beside the job is replaced with it or not at all.
 */
static void write_job(struct wizard *w, const char *path, bool replace)
{
    struct err err = {0};
    char *full = file_resolve(NULL, path);
    struct buf probe = {0};
    char *there = full != NULL && !replace ? find_there(w, full) : NULL;
    int rc = full != NULL ? 0 : err_set(&err, ERR_NOMEM, "out of memory");

    if (there != NULL) {
        save_ask_replace(w, path, there, write_job, "Comments in a job file would be lost.");
        free(there);
        free(full);
        return;
    }
    /* What cannot be written as a job must not leave a key on the disk. */
    if (rc == 0)
        rc = jobfile_print(&w->prepared.job, ".", &probe, &err);
    buf_reset(&probe);
    for (enum slot s = 0; s < SLOT_COUNT && rc == 0; s++)
        rc = save_card(w, full, s, replace, &err);
    if (rc == 0)
        rc = save_password(w, full, replace, &err);
    if (rc == 0)
        rc = save_settings(w, full, replace, &err);
    if (rc == 0) {
        wizard_set(&w->saved_as, full);
        w->unsaved = false;
    }
    free(full);
    save_tell(w, &err, "The job was", path);
}

static void on_job_name(void *ctx, int button, const char *path, struct secret *secret)
{
    (void)secret;
    if (button == 0 && path[0] != '\0')
        write_job(ctx, path, false);
}

void save_suggest(const struct wizard *w, const char *ending, char *out, size_t size)
{
    const struct job *job = &w->prepared.job;
    const char *id = job->device_id != NULL ? job->device_id : job_value(job, SETTING_CLIENT_ID);
    bool fit = id != NULL && id[0] != '.' && strlen(id) < 100 &&
               strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
                   strlen(id);

    snprintf(out, size, "%s%s", fit ? id : "device", ending);
}

static void add_unfiled(const struct wizard *w, struct lines *text)
{
    bool any = w->broker->password_typed && w->prepared.job.password.len > 0;

    for (enum slot s = 0; s < SLOT_COUNT; s++)
        any |= w->cards->card[s].unfiled;
    if (any)
        lines_add(text, ROLE_TEXT, 0,
                  "What was pasted or typed and has no file gets one beside the job, readable by "
                  "you only.");
}

void save_job_ask(struct wizard *w)
{
    static const char *const buttons[] = {"Save", "Leave it", NULL};
    char name[128];
    struct dialog spec = {
        .title = "Save the job",
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_TEXT,
        .label = "File",
        .done = on_job_name,
        .ctx = w,
    };
    struct lines text = {0};

    if (wizard_is_loading(w)) {
        app_say(w->app, ROLE_WARN, "Not now: a load is running.");
        return;
    }
    save_suggest(w, ".cfg", name, sizeof name);
    spec.initial = w->saved_as != NULL ? w->saved_as : name;
    lines_add(&text, ROLE_TEXT, 0, "`comcert load FILE` loads it without the wizard.");
    add_unfiled(w, &text);
    lines_add(&text, ROLE_TEXT, 0, " ");
    (void)dialog_open(w->app, &spec, &text);
}

/* --- the report --------------------------------------------------------------------------------
 */

static void add_transcript(const struct load *l, struct buf *out)
{
    size_t kept = l->line_count < TRANSCRIPT_MAX ? l->line_count : TRANSCRIPT_MAX;

    buf_add_str(out, "\nTranscript (seconds; > sent, < received; keys and passwords are sizes)\n");
    for (size_t i = l->line_count - kept; i < l->line_count; i++) {
        buf_add_str(out, l->lines[i % TRANSCRIPT_MAX]);
        buf_add_char(out, '\n');
    }
}

static void write_report(struct wizard *w, const char *path, bool replace)
{
    struct err err = {0};
    struct buf text = {0};
    char *full = file_resolve(NULL, path);
    int rc;

    if (full != NULL && !replace && file_is_there(full)) {
        save_ask_replace(w, path, full, write_report, "Its content would be lost.");
        free(full);
        return;
    }
    buf_add_str(&text, w->load->report != NULL ? w->load->report : "");
    add_transcript(w->load, &text);
    rc = full == NULL || text.failed ? err_set(&err, ERR_NOMEM, "out of memory")
                                     : file_write(full, 0600, replace, text.data, text.len, &err);
    err.code = (enum err_code)rc;
    buf_reset(&text);
    free(full);
    save_tell(w, &err, "The report was", path);
}

static void on_report_name(void *ctx, int button, const char *path, struct secret *secret)
{
    (void)secret;
    if (button == 0 && path[0] != '\0')
        write_report(ctx, path, false);
}

void save_report_ask(struct wizard *w)
{
    static const char *const buttons[] = {"Save", "Leave it", NULL};
    char name[128];
    struct dialog spec = {
        .title = "Save a report",
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_TEXT,
        .label = "File",
        .initial = name,
        .done = on_report_name,
        .ctx = w,
    };
    struct lines text = {0};

    save_suggest(w, "-report.txt", name, sizeof name);
    lines_add(&text, ROLE_TEXT, 0,
              "The verdict, every exchange, the findings and the transcript, to be mailed. No key "
              "and no password is in it.");
    lines_add(&text, ROLE_TEXT, 0, " ");
    (void)dialog_open(w->app, &spec, &text);
}
