/* SPDX-License-Identifier: MIT */
#include "ui/sas_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curses.h>

#include "base/date.h"
#include "base/file.h"
#include "base/str.h"
#include "job/token.h"
#include "ui/broker.h"
#include "ui/complete.h"
#include "ui/dialog.h"
#include "ui/keys.h"
#include "ui/save.h"
#include "ui/worker.h"

struct sas_box {
    struct layer layer;
    struct wizard *w;
    char *host; /* of the hub, in full */
    struct edit key, name;
    int life; /* of lives */
    struct completion *completion;
    struct form form;
    struct making *making;
    struct findings findings;     /* about the key */
    struct err key_err, file_err; /* neither could be read, written */
    char done[DATE_SIZE];         /* until when the token that was made is good; "": none yet */
};

/* One token on its way into its file, by a worker: nothing of key or token outlives the work. */
struct making {
    struct sas_box *box; /* NULL: the box has gone */
    char *key_path, *path, *host, *device;
    long long expiry;
    bool replace;
    struct findings findings;
    struct err key_err, file_err;
    bool good;
};

enum { SAS_CLICK = 1, SAS_CLOSE };
enum { ID_KEY = 1, ID_LIFE, ID_NAME, ID_MAKE, ID_CLOSE };
enum { HOUR = 3600, DAY = 24 * HOUR };

static const char *const lives[] = {"1 hour", "1 day", "90 days", "1 year", NULL};
static const long life_seconds[] = {HOUR, DAY, 90L * DAY, 365L * DAY};
enum { LIFE_AT_FIRST = 2 };

static const struct keyrow sas_keys[] = {
    {KEY_ESC, SAS_CLOSE, "Close", "leave the password as it is"},
    {KEY_CTRL('C'), SAS_CLOSE, NULL, NULL},
    {0},
};

static void sas_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    (void)l;
    tables[0] = sas_keys;
    tables[1] = form_keys;
}

static const char *sas_title(const struct layer *l)
{
    (void)l;
    return "SAS token";
}

static const char *sas_about(const struct layer *l)
{
    (void)l;
    return "IoT Hub takes a token for a password from a device that has a key in place of a "
           "certificate. The key file holds the device's primary or secondary key, as the portal "
           "shows it; only the token goes into the device. Other lifetimes: comcert sas.";
}

/* --- making it -------------------------------------------------------------------------------- */

static void make(void *task)
{
    struct making *m = task;
    struct sas_resource resource = {.host = m->host, .device = m->device};
    struct place where = {.file = m->key_path};
    struct secret text = {0}, key = {0}, token = {0};

    if (sas_key_read_text(m->key_path, &text, &m->findings, &m->key_err) == 0 &&
        sas_key_decode(&text, where, &key, &m->findings) == 0 &&
        sas_token(&resource, &key, m->expiry, &token, &m->file_err) == 0 &&
        file_write(m->path, 0600, m->replace, token.data, token.len, &m->file_err) == 0)
        m->good = true;
    secret_reset(&token);
    secret_reset(&key);
    secret_reset(&text);
}

static void making_free(struct making *m)
{
    findings_reset(&m->findings);
    free(m->key_path);
    free(m->path);
    free(m->host);
    free(m->device);
    free(m);
}

static void start(struct sas_box *b, bool replace);

static void on_replace(void *ctx, int button, const char *text, struct secret *secret)
{
    (void)text;
    (void)secret;
    if (button == 1)
        start(ctx, true);
}

static void ask_replace(struct sas_box *b, const char *path)
{
    static const char *const buttons[] = {"Leave it", "Replace it", NULL};
    struct dialog spec = {
        .title = "There is such a file", .buttons = buttons, .done = on_replace, .ctx = b};
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0, "There already: %s. Its content would be lost.", path);
    (void)dialog_open(b->layer.app, &spec, &text);
}

static void made(void *task)
{
    struct making *m = task;
    struct sas_box *b = m->box;

    if (b != NULL) {
        b->making = NULL;
        findings_take(&b->findings, &m->findings);
        b->key_err = m->key_err;
        if (m->good) {
            date_write(b->done, (time_t)m->expiry);
            form_focus(&b->form, ID_CLOSE);
            broker_file_password(b->w, m->path);
            wizard_changed(b->w);
        } else if (m->file_err.code == ERR_BUSY && !m->replace) {
            ask_replace(b, m->path);
        } else {
            b->file_err = m->file_err;
        }
    }
    making_free(m);
}

static void start(struct sas_box *b, bool replace)
{
    struct making *m = calloc(1, sizeof *m);

    findings_reset(&b->findings);
    b->key_err = b->file_err = (struct err){0};
    if (m == NULL || (m->key_path = file_resolve(NULL, edit_text(&b->key))) == NULL ||
        (m->path = file_resolve(NULL, edit_text(&b->name))) == NULL ||
        (m->host = str_copy(b->host)) == NULL ||
        (m->device = str_copy(b->w->prepared.job.device_id)) == NULL) {
        if (m != NULL)
            making_free(m);
        err_set(&b->file_err, ERR_NOMEM, "out of memory");
        return;
    }
    m->box = b;
    m->expiry = (long long)time(NULL) + life_seconds[b->life];
    m->replace = replace;
    b->making = m;
    worker_run(make, made, m);
}

static void press_make(struct sas_box *b)
{
    if (b->making != NULL)
        return;
    if (b->key.len == 0)
        err_set(&b->key_err, ERR_MISSING, "Name the file that holds the device's key.");
    else if (b->name.len == 0)
        err_set(&b->file_err, ERR_MISSING, "Name the file that is to hold the token.");
    else
        start(b, false);
}

/* --- the form --------------------------------------------------------------------------------- */

static void add_err(struct item *item, const struct err *err)
{
    if (err->code == ERR_NONE)
        return;
    lines_add(&item->lines, ROLE_BAD, 0, "%s %s", mark(ROLE_BAD), err->text);
    if (err->remedy[0] != '\0')
        lines_add(&item->lines, ROLE_DIM, 2, "fix: %s", err->remedy);
}

static void build_fields(struct sas_box *b)
{
    struct item *item;

    lines_add(&form_add(&b->form, ITEM_LINES, 0, NULL)->lines, ROLE_TEXT, 0,
              "For device %s at %s, which takes a token from a device that has a key in place of a "
              "certificate.",
              b->w->prepared.job.device_id, b->host);
    form_gap(&b->form);
    item = form_text(&b->form, ID_KEY, "Key file", &b->key);
    if (b->form.focus == ID_KEY)
        item->ghost = completion_ghost(b->completion, edit_text(&b->key));
    lines_add_findings(&item->lines, 0, &b->findings, NULL, NULL);
    add_err(item, &b->key_err);
    item = form_add(&b->form, ITEM_CHOICE, ID_LIFE, "Good for");
    item->words = lives;
    item->word = b->life;
    item = form_text(&b->form, ID_NAME, "Save as", &b->name);
    add_err(item, &b->file_err);
}

static void build_done(struct sas_box *b)
{
    struct lines *out = &form_add(&b->form, ITEM_LINES, 0, NULL)->lines;

    lines_add(out, ROLE_GOOD, 0, "%s The token is good until %s by the hub's clock.",
              mark(ROLE_GOOD), b->done);
    lines_add(out, ROLE_TEXT, 0,
              "It is in %s, which only you can read; the job takes its password "
              "from there.",
              edit_text(&b->name));
    lines_add_findings(out, 0, &b->findings, NULL, NULL);
}

static void build(struct sas_box *b)
{
    struct item *buttons;

    form_begin(&b->form);
    if (b->done[0] != '\0')
        build_done(b);
    else
        build_fields(b);
    form_gap(&b->form);
    buttons = form_add(&b->form, ITEM_BUTTONS, 0, NULL);
    if (b->done[0] == '\0')
        form_button(buttons, ID_MAKE, "Make the token", b->making != NULL);
    form_button(buttons, ID_CLOSE, b->done[0] == '\0' ? "Leave it" : "Close", false);
    if (b->making != NULL)
        lines_add(&buttons->lines, ROLE_DIM, 0, "Making it ...");
}

static void sas_draw(struct layer *l, const struct canvas *c)
{
    struct sas_box *b = (struct sas_box *)l;
    int w = c->area.w - 4 < 80 ? c->area.w - 4 : 80;
    int h = b->done[0] != '\0' ? 10 : 18;
    struct canvas box = canvas_part(c, (c->area.h - h) / 2, (c->area.w - w) / 2, h, w);
    struct canvas inside = canvas_part(&box, 1, 2, h - 2, w - 4);

    build(b);
    canvas_clear(&box, ROLE_TEXT);
    draw_box(&box, 0, 0, h, w, ROLE_TEXT, sas_title(l));
    form_draw(&b->form, &inside, SAS_CLICK);
}

static void take_changed(struct sas_box *b, int id)
{
    if (id == ID_LIFE) {
        b->life = form_item(&b->form, ID_LIFE)->word;
    } else if (id == ID_KEY) {
        findings_reset(&b->findings);
        b->key_err = (struct err){0};
    } else {
        b->file_err = (struct err){0};
    }
}

static void handle(struct sas_box *b, enum form_event event)
{
    int id = form_focused(&b->form);

    if (event == FORM_CHANGED) {
        take_changed(b, id);
    } else if (event == FORM_COMPLETED) {
        const char *ghost = completion_ghost(b->completion, edit_text(&b->key));

        (void)edit_insert(&b->key, ghost, strlen(ghost));
        take_changed(b, ID_KEY);
    } else if (event == FORM_PRESSED && id == ID_CLOSE) {
        app_pop(b->layer.app, &b->layer);
    } else if (event == FORM_PRESSED && id == ID_MAKE) {
        press_make(b);
    } else if (event == FORM_PRESSED) {
        (void)form_key(&b->form, KEY_FN(KEY_DOWN));
    }
}

static void sas_key(struct layer *l, int key)
{
    struct sas_box *b = (struct sas_box *)l;

    build(b);
    handle(b, form_key(&b->form, key));
}

static void sas_act(struct layer *l, int action, int arg)
{
    struct sas_box *b = (struct sas_box *)l;

    build(b);
    if (action == SAS_CLOSE)
        app_pop(l->app, l);
    else if (action == SAS_CLICK)
        handle(b, form_click(&b->form, arg));
    else
        handle(b, form_key(&b->form, arg));
}

static void sas_paste(struct layer *l, const struct secret *text)
{
    struct sas_box *b = (struct sas_box *)l;

    build(b);
    handle(b, form_paste(&b->form, (const char *)text->data, text->len));
}

static void sas_wheel(struct layer *l, int row, int col, int steps)
{
    (void)row;
    (void)col;
    form_wheel(&((struct sas_box *)l)->form, steps);
}

static void sas_close(struct layer *l)
{
    struct sas_box *b = (struct sas_box *)l;

    if (b->making != NULL)
        b->making->box = NULL;
    completion_destroy(b->completion);
    edit_reset(&b->key);
    edit_reset(&b->name);
    findings_reset(&b->findings);
    form_reset(&b->form);
    free(b->host);
    free(b);
}

static const struct layer_class sas_class = {
    .keys = sas_tables,
    .title = sas_title,
    .about = sas_about,
    .draw = sas_draw,
    .act = sas_act,
    .key = sas_key,
    .paste = sas_paste,
    .wheel = sas_wheel,
    .close = sas_close,
};

/* --- opening it ------------------------------------------------------------------------------- */

/* Beside the job. */
static void suggest(struct sas_box *b)
{
    const char *job = b->w->saved_as, *slash = job != NULL ? strrchr(job, '/') : NULL;
    char name[128];
    struct buf path = {0};

    save_suggest(b->w, ".sas", name, sizeof name);
    if (slash != NULL)
        buf_add(&path, job, (size_t)(slash - job) + 1);
    buf_add_str(&path, name);
    edit_set(&b->name, path.data);
    buf_reset(&path);
}

/* NULL, having said why. */
static char *find_host(struct wizard *w)
{
    const struct job *job = &w->prepared.job;
    struct findings findings = {0};
    struct err err = {0};
    char *host;
    int rc = token_host(job->hub, job->device_id, NULL, time(NULL), &host, &findings, &err);

    if (rc == 0 && findings_worst(&findings) == SEVERITY_ERROR) {
        findings_sort(&findings);
        rc = err_set(&err, ERR_VALUE, "%s", findings.count > 0 ? findings.items[0].what : "");
    }
    findings_reset(&findings);
    if (rc == 0)
        return host;
    app_say(w->app, ROLE_WARN, "No token yet: %s", err.text);
    free(host);
    return NULL;
}

void sas_box_open(struct wizard *w)
{
    const char *why;
    struct sas_box *b;
    char *host;

    wizard_check(w);
    why = token_unfit(&w->prepared.job);
    if (why != NULL) {
        app_say(w->app, ROLE_WARN, "No token: %s", why);
        return;
    }
    host = find_host(w);
    if (host == NULL)
        return;
    b = calloc(1, sizeof *b);
    if (b == NULL) {
        free(host);
        return;
    }
    b->layer.class = &sas_class;
    b->w = w;
    b->host = host;
    b->life = LIFE_AT_FIRST;
    b->completion = completion_create(w->app);
    suggest(b);
    app_push(w->app, &b->layer);
}
