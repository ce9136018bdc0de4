/* SPDX-License-Identifier: MIT */
#include "ui/paste_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "ui/keys.h"

struct paste_box {
    struct layer layer;
    char title[64];
    struct secret text;
    size_t lines;
    paste_box_done *done;
    void *ctx;
};

enum { PASTE_TAKE = 1, PASTE_LEAVE, PASTE_LINE, PASTE_BACK };

static const struct keyrow paste_keys[] = {
    {KEY_CTRL('D'), PASTE_TAKE, "Take it", "take what was pasted, where it came line by line"},
    {KEY_ESC, PASTE_LEAVE, "Leave", "leave the card as it is"},
    {KEY_CTRL('C'), PASTE_LEAVE, NULL, NULL},
    {KEY_RETURN, PASTE_LINE, NULL, NULL},
    {KEY_FN(KEY_BACKSPACE), PASTE_BACK, NULL, "start anew"},
    {0},
};

static void paste_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    (void)l;
    tables[0] = paste_keys;
}

static const char *paste_title(const struct layer *l)
{
    return ((const struct paste_box *)l)->title;
}

static const char *paste_about(const struct layer *l)
{
    (void)l;
    return "Copy the PEM text, from the BEGIN line to the END line, and paste it here with the "
           "terminal's own key (often Shift-Insert or Ctrl-Shift-V). It may be a private key, so "
           "it "
           "is not shown.";
}

static void paste_draw(struct layer *l, const struct canvas *c)
{
    struct paste_box *p = (struct paste_box *)l;
    int w = c->area.w - 8 < 70 ? c->area.w - 8 : 70;
    struct canvas box = canvas_part(c, (c->area.h - 8) / 2, (c->area.w - w) / 2, 8, w);
    char text[96];

    canvas_clear(&box, ROLE_TEXT);
    draw_box(&box, 0, 0, 8, w, ROLE_TEXT, p->title);
    (void)draw_wrapped(&box, 2, 2, w - 4, ROLE_TEXT,
                       "Paste the PEM text now, from its BEGIN line to its END line.");
    if (p->text.len > 0) {
        snprintf(text, sizeof text, "<%zu bytes, %zu lines>; ^D takes it", p->text.len, p->lines);
        draw_text(&box, 4, 2, w - 4, ROLE_STRONG, text);
    }
    (void)draw_wrapped(&box, 6, 2, w - 4, ROLE_DIM, "It is not shown: it may be a private key.");
}

static void take(struct paste_box *p)
{
    if (p->text.len == 0) {
        app_say(p->layer.app, ROLE_WARN, "Nothing was pasted yet.");
        return;
    }
    app_pop(p->layer.app, &p->layer);
    keys_flush();
    p->done(p->ctx, &p->text);
}

static void add(struct paste_box *p, const char *bytes, size_t n)
{
    if (p->text.len + n > PASTE_MAX || secret_append(&p->text, bytes, n, NULL) != 0)
        app_say(p->layer.app, ROLE_BAD, "That is more than a certificate file ever is.");
    else
        p->lines += n == 1 && bytes[0] == '\n';
}

static void paste_act(struct layer *l, int action, int arg)
{
    struct paste_box *p = (struct paste_box *)l;

    (void)arg;
    switch (action) {
    case PASTE_TAKE:
        take(p);
        break;
    case PASTE_LEAVE:
        app_pop(l->app, l);
        keys_flush();
        break;
    case PASTE_LINE:
        add(p, "\n", 1);
        break;
    default:
        secret_reset(&p->text);
        p->lines = 0;
        break;
    }
}

static void paste_key(struct layer *l, int key)
{
    char bytes[4];

    if (key_is_text(key) || key == KEY_TAB)
        add((struct paste_box *)l, bytes, key_utf8(key, bytes));
    mem_wipe(bytes, sizeof bytes);
}

static void paste_paste(struct layer *l, const struct secret *text)
{
    struct paste_box *p = (struct paste_box *)l;

    if (secret_set(&p->text, text->data, text->len, NULL) != 0) {
        app_say(l->app, ROLE_BAD, "That is more than a certificate file ever is.");
        return;
    }
    take(p);
}

static void paste_close(struct layer *l)
{
    struct paste_box *p = (struct paste_box *)l;

    secret_reset(&p->text);
    free(p);
}

static const struct layer_class paste_class = {
    .keys = paste_tables,
    .title = paste_title,
    .about = paste_about,
    .draw = paste_draw,
    .act = paste_act,
    .key = paste_key,
    .paste = paste_paste,
    .close = paste_close,
};

void paste_box_open(struct app *app, const char *what, paste_box_done *done, void *ctx)
{
    struct paste_box *p = calloc(1, sizeof *p);

    if (p == NULL)
        return;
    p->layer.class = &paste_class;
    snprintf(p->title, sizeof p->title, "Paste the %s", what);
    p->done = done;
    p->ctx = ctx;
    app_push(app, &p->layer);
}
