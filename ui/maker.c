/* SPDX-License-Identifier: MIT */
#include "ui/maker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/str.h"
#include "ui/broker.h"
#include "ui/cards.h"
#include "ui/dialog.h"
#include "ui/keys.h"
#include "ui/worker.h"

/* One attempt, by a worker. All of it is its own: the loop may change the rest meanwhile. */
struct attempt {
    struct wizard *w;
    char *id, *out, *ca_path; /* out, ca_path: NULL for none */
    int days;
    enum new_key key;
    struct secret passphrase;
    bool force, reissue;

    struct issued made;
    struct credential *ca;
    struct findings notes;
    enum order_part at;
    struct err err;
};

bool maker_create(struct wizard *w)
{
    w->maker = calloc(1, sizeof *w->maker);
    if (w->maker == NULL)
        return false;
    w->maker->w = w;
    w->maker->completion = completion_create(w->app);
    return true;
}

void maker_destroy(struct wizard *w)
{
    struct maker *m = w->maker;

    if (m == NULL)
        return;
    edit_reset(&m->id);
    edit_reset(&m->days);
    edit_reset(&m->folder);
    edit_reset(&m->ca);
    secret_reset(&m->passphrase);
    completion_destroy(m->completion);
    issued_reset(&m->made);
    findings_reset(&m->notes);
    credential_destroy(m->issuer);
    free(m);
    w->maker = NULL;
}

const char *maker_known_id(const struct wizard *w)
{
    return w->prepared.job.device_id;
}

static void attempt_free(void *ctx)
{
    struct attempt *a = ctx;

    free(a->id);
    free(a->out);
    free(a->ca_path);
    secret_reset(&a->passphrase);
    issued_reset(&a->made);
    credential_destroy(a->ca);
    findings_reset(&a->notes);
    free(a);
}

/* --- the worker ------------------------------------------------------------------------------- */

static void fill(void *task)
{
    struct attempt *a = task;
    struct order order = {
        .wish = {.id = a->id,
                 .key = a->key,
                 .days = a->days,
                 .now = time(NULL),
                 .out = a->out,
                 .force = a->force,
                 .reissue = a->reissue},
        .ca = a->ca_path,
        .passphrase = &a->passphrase,
    };

    if (order_fill(&order, &a->made, &a->ca, &a->notes, &a->at, &a->err) == 0)
        a->err.code = ERR_NONE;
}

static void filled(void *task);

static void run(struct attempt *a)
{
    a->w->maker->busy = true;
    a->w->maker->err.code = ERR_NONE;
    if (a->ca_path != NULL)
        keys_flush(); /* what was typed behind a passphrase was typed blindly */
    worker_run(fill, filled, a);
    app_changed(a->w->app);
}

/* --- a second word from the user -------------------------------------------------------------- */

static void on_again(void *ctx, int button, const char *text, struct secret *secret)
{
    struct attempt *a = ctx;

    (void)text;
    (void)secret;
    if (button != 1) {
        attempt_free(a);
        return;
    }
    if (a->at == ORDER_FILES)
        a->force = true;
    else
        a->reissue = true;
    findings_reset(&a->notes);
    run(a);
}

static void ask_again(struct attempt *a)
{
    static const char *const replace[] = {"Leave them", "Replace them", NULL};
    static const char *const reissue[] = {"Leave it", "Make another", NULL};
    bool files = a->at == ORDER_FILES;
    struct dialog spec = {
        .title = files ? "There are such files" : "It has a certificate already",
        .buttons = files ? replace : reissue,
        .done = on_again,
        .dropped = attempt_free,
        .ctx = a,
    };
    struct lines text = {0};

    if (files) {
        lines_add(&text, ROLE_TEXT, 0, "T%s.", a->err.text + 1);
        lines_add(&text, ROLE_WARN, 0,
                  "%s A private key that is replaced is gone for good: a device that has it cannot "
                  "be given the same again.",
                  mark(ROLE_WARN));
    } else {
        lines_add(&text, ROLE_TEXT, 0, "By the CA's index, %s.", a->err.text);
        lines_add(&text, ROLE_TEXT, 0,
                  "Use that one; make another if it is lost, or if the device is to have a new "
                  "one. The earlier one stays valid until it ends or is revoked.");
    }
    if (dialog_open(a->w->app, &spec, &text) == NULL)
        attempt_free(a);
}

/* --- what came of it -------------------------------------------------------------------------- */

static void failed(struct attempt *a)
{
    struct maker *m = a->w->maker;

    if ((a->at == ORDER_FILES || a->at == ORDER_ISSUED) && a->err.code == ERR_BUSY &&
        m->form != NULL) {
        ask_again(a);
        return;
    }
    m->at = a->at;
    m->err = a->err;
    if (m->form == NULL)
        app_say(a->w->app, ROLE_BAD, "Nothing was made: %s", a->err.text);
    else
        maker_show_error(a->w);
    attempt_free(a);
}

/* An ID that was typed here is the job's, where the job has a place for one. */
static void take_id(struct wizard *w, const char *id)
{
    struct job *job = &w->prepared.job;

    if (job->device_id != NULL || job->preset == PRESET_NONE)
        return;
    wizard_set(&job->device_id, id);
    job->device_id_line = 0;
    broker_refresh(w);
    wizard_changed(w);
}

static void take(struct wizard *w, const struct issued *made)
{
    take_id(w, made->id);
    cards_look_in(w, made->key_file);
    cards_name(w, SLOT_DEVICE_CERT, issued_present_file(made), false);
    cards_name(w, SLOT_DEVICE_KEY, made->key_file, false);
}

static void succeeded(struct attempt *a)
{
    struct wizard *w = a->w;
    struct maker *m = w->maker;

    issued_reset(&m->made);
    m->made = a->made;
    a->made = (struct issued){0};
    findings_reset(&m->notes);
    findings_take(&m->notes, &a->notes);
    credential_destroy(m->issuer);
    m->issuer = a->ca;
    a->ca = NULL;
    attempt_free(a);
    m->taken = !wizard_is_loading(w); /* what is being sent must not change */
    if (m->taken)
        take(w, &m->made);
    if (m->form != NULL) {
        app_pop(w->app, m->form);
        made_open(w);
    } else if (m->taken) {
        app_say(w->app, ROLE_GOOD, "Key and certificate are made: the cards have %s.",
                issued_present_file(&m->made));
    } else {
        app_say(w->app, ROLE_WARN, "%s is made; the load that runs keeps its own files.",
                issued_present_file(&m->made));
    }
}

static void filled(void *task)
{
    struct attempt *a = task;
    struct wizard *w = a->w;

    w->maker->busy = false;
    if (a->err.code == ERR_NONE)
        succeeded(a);
    else
        failed(a);
    app_changed(w->app);
}

/* --- starting --------------------------------------------------------------------------------- */

static bool copy_path(char **to, const struct edit *from)
{
    *to = from->len > 0 ? file_resolve(NULL, edit_text(from)) : NULL;
    return from->len == 0 || *to != NULL;
}

static int collect(struct wizard *w, struct attempt *a, struct err *err)
{
    struct maker *m = w->maker;
    const char *id = maker_known_id(w);
    int rc = order_read_days(edit_text(&m->days), &a->days, err);

    a->w = w;
    a->at = ORDER_DAYS;
    if (rc != 0)
        return rc;
    a->at = ORDER_WHOLE;
    a->key = (enum new_key)m->key;
    a->id = str_copy(id != NULL ? id : edit_text(&m->id));
    if (a->id == NULL || !copy_path(&a->out, &m->folder))
        return err_set(err, ERR_NOMEM, "out of memory");
    if (m->how == MAKER_SELF_SIGNED)
        return 0;
    if (!copy_path(&a->ca_path, &m->ca) ||
        (a->ca_path == NULL && (a->ca_path = str_copy("")) == NULL))
        return err_set(err, ERR_NOMEM, "out of memory");
    return m->passphrase.len == 0
               ? 0
               : secret_set(&a->passphrase, m->passphrase.data, m->passphrase.len, err);
}

void maker_start(struct wizard *w)
{
    struct maker *m = w->maker;
    struct attempt *a = calloc(1, sizeof *a);

    if (m->busy || a == NULL) {
        free(a);
        return;
    }
    if (collect(w, a, &m->err) == 0) {
        run(a);
        return;
    }
    m->at = a->at;
    attempt_free(a);
    maker_show_error(w);
}
