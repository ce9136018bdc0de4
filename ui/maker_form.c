/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "ui/browser.h"
#include "ui/cards.h"
#include "ui/keys.h"
#include "ui/maker.h"

/* What is to be made, on a page of its own. */

struct maker_form {
    struct layer layer;
    struct wizard *w;
    struct form form;
};

enum { ID_HOW = 1, ID_DEVICE, ID_KEY, ID_DAYS, ID_FOLDER, ID_CA, ID_PASSPHRASE, ID_MAKE, ID_LEAVE };
enum { MAKER_CLICK = 1, MAKER_CLOSE, MAKER_BROWSE };

static const struct keyrow maker_keys[] = {
    {KEY_ESC, MAKER_CLOSE, "Close", "back to the cards; what was typed stays, but no passphrase"},
    {KEY_CTRL('C'), MAKER_CLOSE, NULL, NULL},
    {KEY_FN(KEY_F(6)), MAKER_BROWSE, "Browse", "pick the folder, or the CA's certificate"},
    {KEY_CTRL('O'), MAKER_BROWSE, NULL, NULL},
    {0},
};

static void maker_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    (void)l;
    tables[0] = maker_keys;
    tables[1] = form_keys;
}

static const char *maker_title(const struct layer *l)
{
    (void)l;
    return "Make a key and a certificate";
}

static const char *maker_about(const struct layer *l)
{
    (void)l;
    return "Makes a private key and a certificate whose name is the device's ID, writes both as "
           "files, and puts them on the cards. A self-signed certificate is known to the cloud by "
           "its thumbprint; one that is signed by a CA of yours is let in wherever the CA is "
           "known. Nothing that is there already is replaced unasked.";
}

/* --- the form --------------------------------------------------------------------------------- */

/* What went wrong with this entry. */
static void add_error(const struct maker *m, struct item *item, enum order_part part)
{
    struct finding f = {.severity = SEVERITY_ERROR};
    struct buf what = {0};

    if (m->err.code == ERR_NONE || m->at != part || m->busy)
        return;
    buf_printf(&what, "%s.", m->err.text);
    if (what.data != NULL && what.data[0] >= 'a' && what.data[0] <= 'z' && part != ORDER_FOLDER)
        what.data[0] = (char)(what.data[0] - 'a' + 'A');
    f.what = what.data;
    f.remedy = m->err.remedy[0] != '\0' ? (char *)(uintptr_t)m->err.remedy : NULL;
    if (f.what != NULL)
        lines_add_finding(&item->lines, 0, &f);
    buf_reset(&what);
}

static void build_how(const struct maker *m, struct form *f)
{
    static const char *const words[] = {"self-signed", "signed by a CA of mine", NULL};
    struct item *item = form_add(f, ITEM_CHOICE, ID_HOW, "Certificate");

    item->words = words;
    item->word = m->how;
    lines_add(
        &item->lines, ROLE_DIM, 0,
        m->how == MAKER_SELF_SIGNED
            ? "Azure calls it X.509 Self-Signed: the device is known by the thumbprint."
            : "Azure calls it X.509 CA Signed: the hub is shown the CA once for all devices.");
}

static void build_id(struct wizard *w, struct form *f)
{
    struct maker *m = w->maker;
    const char *known = maker_known_id(w);
    struct findings warnings = {0};
    struct item *item;
    struct buf text = {0};

    if (known == NULL) {
        item = form_text(f, ID_DEVICE, "Device ID", &m->id);
    } else {
        item = form_add(f, ITEM_LINES, 0, NULL);
        str_escape(&text, known, strlen(known));
        buf_add_str(&text, "  (from the Broker step)");
        lines_add_labelled(&item->lines, ROLE_TEXT, 0, FORM_LABEL, "Device ID",
                           text.data != NULL ? text.data : "");
        buf_reset(&text);
    }
    add_error(m, item, ORDER_ID);
    issue_id_findings(known != NULL ? known : edit_text(&m->id), &warnings);
    lines_add_findings(&item->lines, 0, &warnings, NULL, NULL);
    findings_reset(&warnings);
}

static void build_key(const struct maker *m, struct form *f)
{
    static const char *words[NEW_KEY_COUNT + 1];
    struct item *item = form_add(f, ITEM_CHOICE, ID_KEY, "Key");

    for (int i = 0; i < NEW_KEY_COUNT; i++)
        words[i] = new_key_name((enum new_key)i);
    item->words = words;
    item->word = m->key;
    item->remark = m->key == NEW_KEY_RSA_2048 ? "for every device; Left, Right change it"
                                              : "Left, Right change it";
}

/* A path that is completed. */
static struct item *build_path(struct maker *m, struct form *f, int id, const char *label,
                               struct edit *edit, const char *remark)
{
    struct item *item = form_text(f, id, label, edit);

    item->remark = remark;
    if (f->focus == id)
        item->ghost = completion_ghost(m->completion, edit_text(edit));
    return item;
}

static void build_ca(struct maker *m, struct form *f)
{
    struct item *item = build_path(m, f, ID_CA, "CA", &m->ca, "certificate, or its folder; F6");

    add_error(m, item, ORDER_CA);
    item = form_masked(f, ID_PASSPHRASE, "Passphrase", &m->passphrase);
    item->remark = "of the CA's key, if it has one";
    add_error(m, item, ORDER_PASSPHRASE);
}

static void build(struct maker_form *l)
{
    struct maker *m = l->w->maker;
    struct form *f = &l->form;
    struct item *item;

    form_begin(f);
    build_how(m, f);
    build_id(l->w, f);
    if (m->how == MAKER_BY_CA)
        build_ca(m, f);
    build_key(m, f);
    item = form_text(f, ID_DAYS, "Days", &m->days);
    item->remark =
        m->how == MAKER_BY_CA ? "empty: five years, or until the CA ends" : "empty: five years";
    add_error(m, item, ORDER_DAYS);
    item = build_path(m, f, ID_FOLDER, "Folder", &m->folder, "empty: the current one; F6");
    add_error(m, item, ORDER_FOLDER);
    form_gap(f);
    item = form_add(f, ITEM_BUTTONS, 0, NULL);
    form_button(item, ID_MAKE, "Make them", m->busy);
    form_button(item, ID_LEAVE, "Leave it", false);
    add_error(m, item, ORDER_WHOLE);
    add_error(m, item, ORDER_FILES);
    add_error(m, item, ORDER_ISSUED);
}

static void maker_draw(struct layer *layer, const struct canvas *c)
{
    struct maker_form *l = (struct maker_form *)layer;
    struct canvas bar = canvas_part(c, 0, 0, 1, c->area.w);
    struct canvas body = canvas_part(c, 2, 1, c->area.h - 5, c->area.w - 2);

    build(l);
    canvas_clear(c, ROLE_TEXT);
    canvas_clear(&bar, ROLE_BAR);
    draw_text(&bar, 0, 1, c->area.w - 2, ROLE_BAR_KEY, "Make a key and a certificate");
    form_draw(&l->form, &body, MAKER_CLICK);
    if (l->w->maker->busy)
        draw_text(c, c->area.h - 2, 1, c->area.w - 2, ROLE_STRONG,
                  "Making key and certificate ... Esc does not stop it: the cards take them.");
}

/* --- what is done ----------------------------------------------------------------------------- */

static void on_browsed(void *ctx, const char *path, enum browser_pick what)
{
    struct maker_form *l = ctx;
    struct maker *m = l->w->maker;
    bool ca = l->form.focus == ID_CA;
    const char *slash = strrchr(path, '/');
    /* Whoever picks a file for the folder means the folder that it lies in. */
    char *folder = !ca && what == PICK_FILE && slash != NULL && slash > path
                       ? strndup(path, (size_t)(slash - path))
                       : NULL;

    edit_set(ca ? &m->ca : &m->folder, folder != NULL ? folder : path);
    free(folder);
}

static void browse(struct maker_form *l)
{
    bool ca = l->form.focus == ID_CA;
    struct browser_spec spec = {
        .title = ca ? "The CA's certificate; F6 takes the folder"
                    : "The folder for key and certificate: F6 takes it",
        .slot = -1,
        .folders = true,
        .start = l->w->cards->folder,
        .done = on_browsed,
        .ctx = l,
    };

    if (!ca)
        form_focus(&l->form, ID_FOLDER);
    browser_open(l->layer.app, &spec);
}

static void complete(struct maker_form *l, int id)
{
    struct maker *m = l->w->maker;
    struct edit *edit = id == ID_CA ? &m->ca : &m->folder;
    const char *ghost = completion_ghost(m->completion, edit_text(edit));

    (void)!edit_insert(edit, ghost, strlen(ghost));
}

static void press(struct maker_form *l, int id)
{
    switch (id) {
    case ID_MAKE:
    case ID_PASSPHRASE:
        maker_start(l->w);
        break;
    case ID_LEAVE:
        app_pop(l->layer.app, &l->layer);
        break;
    default:
        (void)form_key(&l->form, KEY_FN(KEY_DOWN));
        break;
    }
}

static void change(struct maker_form *l, int id)
{
    struct maker *m = l->w->maker;
    const struct item *item = form_item(&l->form, id);

    if (id == ID_HOW)
        m->how = item->word;
    else if (id == ID_KEY)
        m->key = item->word;
}

static void handle(struct maker_form *l, enum form_event event)
{
    int id = form_focused(&l->form);

    if (event == FORM_PRESSED)
        press(l, id);
    else if (event == FORM_COMPLETED)
        complete(l, id);
    else if (event == FORM_CHANGED)
        change(l, id);
}

/* While a worker is at it nothing is changed: what is shown is what is being made. */
static bool is_at_it(struct maker_form *l)
{
    build(l);
    return l->w->maker->busy;
}

static void maker_act(struct layer *layer, int action, int arg)
{
    struct maker_form *l = (struct maker_form *)layer;

    if (action == MAKER_CLOSE)
        app_pop(layer->app, layer);
    else if (is_at_it(l))
        return;
    else if (action == MAKER_BROWSE)
        browse(l);
    else if (action == MAKER_CLICK)
        handle(l, form_click(&l->form, arg));
    else
        handle(l, form_key(&l->form, arg));
}

static void maker_key(struct layer *layer, int key)
{
    struct maker_form *l = (struct maker_form *)layer;

    if (!is_at_it(l))
        handle(l, form_key(&l->form, key));
}

static void maker_paste(struct layer *layer, const struct secret *text)
{
    struct maker_form *l = (struct maker_form *)layer;

    if (!is_at_it(l))
        handle(l, form_paste(&l->form, (const char *)text->data, text->len));
}

static void maker_wheel(struct layer *layer, int row, int col, int steps)
{
    (void)row;
    (void)col;
    form_wheel(&((struct maker_form *)layer)->form, steps);
}

static void maker_close(struct layer *layer)
{
    struct maker_form *l = (struct maker_form *)layer;
    struct maker *m = l->w->maker;

    if (m->form == layer)
        m->form = NULL;
    secret_reset(&m->passphrase);
    form_reset(&l->form);
    free(l);
}

static const struct layer_class maker_class = {
    .keys = maker_tables,
    .title = maker_title,
    .about = maker_about,
    .draw = maker_draw,
    .act = maker_act,
    .key = maker_key,
    .paste = maker_paste,
    .wheel = maker_wheel,
    .close = maker_close,
};

void maker_show_error(struct wizard *w)
{
    static const int ids[] = {
        [ORDER_WHOLE] = ID_MAKE,    [ORDER_ID] = ID_DEVICE,   [ORDER_DAYS] = ID_DAYS,
        [ORDER_FOLDER] = ID_FOLDER, [ORDER_CA] = ID_CA,       [ORDER_PASSPHRASE] = ID_PASSPHRASE,
        [ORDER_FILES] = ID_MAKE,    [ORDER_ISSUED] = ID_MAKE,
    };
    struct maker *m = w->maker;

    if (m->form == NULL)
        return;
    if (m->at == ORDER_PASSPHRASE)
        secret_reset(&m->passphrase); /* to be typed anew */
    form_focus(&((struct maker_form *)m->form)->form, ids[m->at]);
}

void maker_open(struct wizard *w)
{
    const struct job *job = &w->prepared.job;
    const char *client = job_value(job, SETTING_CLIENT_ID);
    struct maker *m = w->maker;
    struct maker_form *l;

    if (m->form != NULL)
        return;
    if (m->busy) {
        app_say(w->app, ROLE_WARN, "A key and a certificate are being made: a moment.");
        return;
    }
    l = calloc(1, sizeof *l);
    if (l == NULL)
        return;
    if (m->id.len == 0)
        edit_set(&m->id, client);
    l->layer.class = &maker_class;
    l->w = w;
    m->form = &l->layer;
    app_push(w->app, &l->layer);
}
