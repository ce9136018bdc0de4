/* SPDX-License-Identifier: MIT */
#include "ui/dialog.h"

#include <stdlib.h>

#include <curses.h>

#include "ui/form.h"
#include "ui/keys.h"

struct dialog_layer {
    struct layer layer;
    struct dialog spec;
    struct lines text;
    struct form form;
    struct edit edit;
    struct secret secret;
};

enum { DIALOG_CLICK = 1, DIALOG_ESCAPE };
enum { ID_FIELD = 1, ID_BUTTON = 10 };

static const struct keyrow dialog_keys[] = {
    {KEY_ESC, DIALOG_ESCAPE, "Close", "leave it as it is"},
    {KEY_CTRL('C'), DIALOG_ESCAPE, NULL, NULL},
    {0},
};

static void dialog_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    (void)l;
    tables[0] = dialog_keys;
    tables[1] = form_keys;
}

static const char *dialog_title(const struct layer *l)
{
    return ((const struct dialog_layer *)l)->spec.title;
}

static const char *dialog_about(const struct layer *l)
{
    (void)l;
    return "A question. Move to the answer and press Enter, or click it.";
}

static void build(struct dialog_layer *d)
{
    struct item *buttons;

    form_begin(&d->form);
    if (d->spec.field == DIALOG_TEXT) {
        form_text(&d->form, ID_FIELD, d->spec.label, &d->edit);
        form_gap(&d->form);
    }
    buttons = form_add(&d->form, ITEM_BUTTONS, 0, NULL);
    for (int i = 0; d->spec.buttons[i] != NULL; i++)
        form_button(buttons, ID_BUTTON + i, d->spec.buttons[i], false);
}

static void dialog_draw(struct layer *l, const struct canvas *c)
{
    struct dialog_layer *d = (struct dialog_layer *)l;
    bool masked = d->spec.field == DIALOG_MASKED;
    int w = c->area.w - 8 < 76 ? c->area.w - 8 : 76;
    int text = lines_draw(&d->text, NULL, 0, 0, w - 4);
    int rest = 1 + (d->spec.field != DIALOG_NO_FIELD ? 2 : 0);
    int h = text + rest + 3;
    int room = c->area.h - 2 < h ? c->area.h - 2 : h;
    struct canvas box = canvas_part(c, (c->area.h - room) / 2, (c->area.w - w) / 2, room, w);
    struct canvas words = canvas_part(&box, 1, 2, room - rest - 3, w - 4);
    struct canvas answers = canvas_part(&box, room - rest - 1, 2, rest, w - 4);

    build(d);
    canvas_clear(&box, ROLE_TEXT);
    draw_box(&box, 0, 0, room, w, ROLE_TEXT, d->spec.title);
    (void)lines_draw(&d->text, &words, 0, 0, w - 4);
    if (masked) {
        draw_text(&answers, 0, 0, FORM_LABEL - 1, ROLE_STRONG, d->spec.label);
        masked_draw(&d->secret, &answers, 0, FORM_LABEL, w - 4 - FORM_LABEL, true);
        answers = canvas_part(&answers, 2, 0, 1, w - 4);
    }
    form_draw(&d->form, &answers, DIALOG_CLICK);
}

static void answer(struct dialog_layer *d, int button)
{
    dialog_done *done = d->spec.done;
    const char *text = d->spec.field == DIALOG_TEXT ? edit_text(&d->edit) : NULL;
    struct secret *secret = d->spec.field == DIALOG_MASKED ? &d->secret : NULL;

    app_pop(d->layer.app, &d->layer);
    if (d->spec.field == DIALOG_MASKED)
        keys_flush();
    d->spec.done = NULL;
    /* The layer itself is freed only after the event in hand. */
    if (done != NULL)
        done(d->spec.ctx, button, text, secret);
}

static void handle(struct dialog_layer *d, enum form_event event)
{
    int id = form_focused(&d->form);

    if (event == FORM_PRESSED)
        answer(d, id >= ID_BUTTON ? id - ID_BUTTON : d->spec.focus);
}

static void dialog_key(struct layer *l, int key)
{
    struct dialog_layer *d = (struct dialog_layer *)l;

    build(d);
    if (d->spec.field == DIALOG_MASKED && key == KEY_RETURN)
        answer(d, form_focused(&d->form) - ID_BUTTON);
    else if (d->spec.field != DIALOG_MASKED || masked_key(&d->secret, key) == EDIT_IGNORED)
        handle(d, form_key(&d->form, key));
}

static void dialog_act(struct layer *l, int action, int arg)
{
    struct dialog_layer *d = (struct dialog_layer *)l;

    build(d);
    if (action == DIALOG_ESCAPE)
        answer(d, d->spec.escape);
    else if (action == DIALOG_CLICK)
        handle(d, form_click(&d->form, arg));
    else
        handle(d, form_key(&d->form, arg));
}

static void dialog_paste(struct layer *l, const struct secret *text)
{
    struct dialog_layer *d = (struct dialog_layer *)l;

    build(d);
    if (d->spec.field == DIALOG_MASKED)
        (void)masked_insert(&d->secret, text);
    else
        (void)form_paste(&d->form, (const char *)text->data, text->len);
}

static void dialog_close(struct layer *l)
{
    struct dialog_layer *d = (struct dialog_layer *)l;

    if (d->spec.done != NULL && d->spec.dropped != NULL)
        d->spec.dropped(d->spec.ctx);
    lines_reset(&d->text);
    form_reset(&d->form);
    edit_reset(&d->edit);
    secret_reset(&d->secret);
    free(d);
}

static const struct layer_class dialog_class = {
    .keys = dialog_tables,
    .title = dialog_title,
    .about = dialog_about,
    .draw = dialog_draw,
    .act = dialog_act,
    .key = dialog_key,
    .paste = dialog_paste,
    .close = dialog_close,
};

struct layer *dialog_open(struct app *app, const struct dialog *spec, struct lines *text)
{
    struct dialog_layer *d = calloc(1, sizeof *d);

    if (d == NULL) {
        lines_reset(text);
        return NULL;
    }
    d->layer.class = &dialog_class;
    d->spec = *spec;
    d->text = *text;
    *text = (struct lines){0};
    edit_set(&d->edit, spec->initial);
    d->form.focus = spec->field == DIALOG_TEXT ? ID_FIELD : ID_BUTTON + spec->focus;
    if (spec->field == DIALOG_MASKED)
        keys_flush();
    app_push(app, &d->layer);
    return &d->layer;
}

void dialog_dismiss(struct app *app, struct layer *dialog)
{
    if (dialog != NULL)
        app_pop(app, dialog);
}
