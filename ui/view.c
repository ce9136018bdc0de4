/* SPDX-License-Identifier: MIT */
#include "ui/view.h"

#include <stdlib.h>

#include <curses.h>

#include "base/str.h"
#include "ui/keys.h"

struct view {
    struct layer layer;
    char *title;
    struct lines lines;
    struct view_more more;
    int scroll;
    int rows, page; /* of the content and of the box, when it was last drawn */
};

enum { VIEW_CLOSE, VIEW_UP, VIEW_DOWN, VIEW_PAGE_UP, VIEW_PAGE_DOWN, VIEW_HOME, VIEW_END };

static const struct keyrow view_keys[] = {
    {KEY_ESC, VIEW_CLOSE, "Close", NULL},
    {KEY_RETURN, VIEW_CLOSE, NULL, NULL},
    {'q', VIEW_CLOSE, NULL, NULL},
    {KEY_CTRL('C'), VIEW_CLOSE, NULL, NULL},
    {KEY_FN(KEY_UP), VIEW_UP, NULL, NULL},
    {KEY_FN(KEY_DOWN), VIEW_DOWN, NULL, NULL},
    {KEY_FN(KEY_PPAGE), VIEW_PAGE_UP, NULL, NULL},
    {KEY_FN(KEY_NPAGE), VIEW_PAGE_DOWN, NULL, NULL},
    {KEY_BLANK, VIEW_PAGE_DOWN, NULL, NULL},
    {KEY_FN(KEY_HOME), VIEW_HOME, NULL, NULL},
    {KEY_FN(KEY_END), VIEW_END, NULL, NULL},
    {0},
};

static void view_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    const struct view *v = (const struct view *)l;

    tables[0] = view_keys;
    tables[1] = v->more.keys;
}

static const char *view_title(const struct layer *l)
{
    return ((const struct view *)l)->title;
}

static void scroll_to(struct view *v, int row)
{
    int most = v->rows > v->page ? v->rows - v->page : 0;

    v->scroll = row > most ? most : row;
    if (v->scroll < 0)
        v->scroll = 0;
}

static void view_draw(struct layer *l, const struct canvas *c)
{
    struct view *v = (struct view *)l;
    int w = c->area.w - 8 < 100 ? c->area.w - 8 : 100;
    int rows = lines_draw(&v->lines, NULL, 0, 0, w - 4);
    int h = rows + 2 < c->area.h - 4 ? rows + 2 : c->area.h - 4;
    int y = (c->area.h - h) / 2, x = (c->area.w - w) / 2;
    struct canvas box = canvas_part(c, y, x, h, w);
    struct canvas inside = canvas_part(c, y + 1, x + 2, h - 2, w - 4);

    v->rows = rows;
    v->page = h - 2;
    scroll_to(v, v->scroll);
    inside.scroll = v->scroll;
    canvas_clear(&box, ROLE_TEXT);
    draw_box(&box, 0, 0, h, w, ROLE_TEXT, v->title);
    (void)lines_draw(&v->lines, &inside, 0, 0, w - 4);
    if (v->scroll + v->page < v->rows)
        draw_text(&box, h - 1, w - 14, 12, ROLE_DIM, " more below ");
}

static void view_act(struct layer *l, int action, int arg)
{
    struct view *v = (struct view *)l;

    (void)arg;
    switch (action) {
    case VIEW_CLOSE:
        app_pop(l->app, l);
        break;
    case VIEW_UP:
        scroll_to(v, v->scroll - 1);
        break;
    case VIEW_DOWN:
        scroll_to(v, v->scroll + 1);
        break;
    case VIEW_PAGE_UP:
        scroll_to(v, v->scroll - v->page);
        break;
    case VIEW_PAGE_DOWN:
        scroll_to(v, v->scroll + v->page);
        break;
    case VIEW_HOME:
        scroll_to(v, 0);
        break;
    case VIEW_END:
        scroll_to(v, v->rows);
        break;
    default:
        if (action >= VIEW_OWN && v->more.act != NULL)
            v->more.act(v->more.ctx, action);
        break;
    }
}

static void view_wheel(struct layer *l, int row, int col, int steps)
{
    struct view *v = (struct view *)l;

    (void)row;
    (void)col;
    scroll_to(v, v->scroll + steps);
}

static void view_close(struct layer *l)
{
    struct view *v = (struct view *)l;

    if (v->more.closed != NULL)
        v->more.closed(v->more.ctx);
    free(v->title);
    lines_reset(&v->lines);
    free(v);
}

static const struct layer_class view_class = {
    .keys = view_tables,
    .title = view_title,
    .draw = view_draw,
    .act = view_act,
    .wheel = view_wheel,
    .close = view_close,
};

void view_open(struct app *app, const char *title, struct lines *lines)
{
    view_open_more(app, title, lines, &(struct view_more){0});
}

void view_open_more(struct app *app, const char *title, struct lines *lines,
                    const struct view_more *more)
{
    struct view *v = calloc(1, sizeof *v);

    if (v == NULL) {
        lines_reset(lines);
        if (more->closed != NULL)
            more->closed(more->ctx);
        return;
    }
    v->more = *more;
    v->layer.class = &view_class;
    v->title = str_copy(title);
    v->lines = *lines;
    *lines = (struct lines){0};
    app_push(app, &v->layer);
}
