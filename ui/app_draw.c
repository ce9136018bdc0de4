/* SPDX-License-Identifier: MIT */
#include "ui/app_inside.h"

#include <stdio.h>

#include <curses.h>

#include "ui/keys.h"
#include "ui/screen.h"
#include "ui/usertty.h"

/* Frames: all layers from the bottom up, and the footer of the topmost. */

enum { ROWS_MIN = 24, COLS_MIN = 80 };

bool app_is_too_small(void)
{
    return LINES < ROWS_MIN || COLS < COLS_MIN;
}

static void draw_too_small(struct app *app, const struct canvas *c)
{
    const char *busy = app->owner.busy(app->owner.ctx);
    char text[160];

    snprintf(text, sizeof text, "comcert needs %d x %d, this is %d x %d.%s%s%s", COLS_MIN, ROWS_MIN,
             COLS, LINES, busy != NULL ? " " : "", busy != NULL ? busy : "",
             busy != NULL ? "." : " Make the window larger, or leave with ^C.");
    (void)draw_wrapped(c, 0, 0, COLS, ROLE_TEXT, text);
}

enum { FOOTER_MAX = 24 };

/* Adds the rows that have a label, in the order of their keys. */
static void collect_labels(const struct keyrow *rows, const struct keyrow *out[FOOTER_MAX],
                           size_t *n)
{
    for (; rows->key != 0 && *n < FOOTER_MAX; rows++) {
        size_t at = *n;

        if (rows->label == NULL)
            continue;
        for (; at > 0 && out[at - 1]->key > rows->key; at--)
            out[at] = out[at - 1];
        out[at] = rows;
        (*n)++;
    }
}

/* " F1 Help  F3 Next ...": each a place to click. */
static void draw_keys(const struct canvas *c, const struct keyrow *const *rows, size_t n)
{
    int x = 0;

    for (size_t i = 0; i < n; i++) {
        char name[16];
        int from = x;

        x += 1 + draw_text(c, 0, x + 1, 12, ROLE_BAR_KEY, key_title(rows[i]->key, name));
        x += 1 + draw_text(c, 0, x + 1, 20, ROLE_BAR, rows[i]->label);
        draw_hit(c, 0, from, 1, x - from + 1, rows[i]->action, 0);
        x++;
    }
}

static void draw_footer(struct app *app, const struct canvas *screen)
{
    struct canvas bar = canvas_part(screen, LINES - 1, 0, 1, COLS);
    const struct keyrow *tables[LAYER_TABLES] = {NULL};
    const struct keyrow *labels[FOOTER_MAX];
    size_t n = 0;

    app->top->class->keys(app->top, tables);
    canvas_clear(&bar, ROLE_BAR);
    collect_labels(app_keys, labels, &n);
    for (size_t i = 0; i < LAYER_TABLES && tables[i] != NULL; i++)
        collect_labels(tables[i], labels, &n);
    draw_keys(&bar, labels, n);
    if (app->said[0] != '\0')
        draw_filled(screen, LINES - 2, 1, COLS - 2, app->said_role, app->said);
}

/* From the bottom up; what a layer covers cannot be clicked. */
static void draw_layers(struct app *app, struct layer *l, const struct canvas *c)
{
    if (l == NULL)
        return;
    draw_layers(app, l->below, c);
    app->hits.count = 0;
    screen_cursor(-1, -1);
    l->class->draw(l, c);
}

static void draw_frame(struct app *app)
{
    struct canvas c = canvas_screen(&app->hits);

    app->hits.count = 0;
    screen_cursor(-1, -1);
    canvas_clear(&c, ROLE_TEXT);
    if (app_is_too_small()) {
        draw_too_small(app, &c);
    } else {
        draw_layers(app, app->top, &c);
        draw_footer(app, &c);
    }
    screen_flush();
    app->dirty = app->dirty_soon = false;
    app->drawn_at = clock_now();
}

/* A terminal that has not taken the last frame gets no other one on top of it. */
void app_draw_if_due(struct app *app)
{
    bool due = app->dirty || (app->dirty_soon && clock_now() - app->drawn_at >= APP_FRAME);

    if (usertty_is_behind() && !usertty_pump())
        return;
    if (due && !app->quit)
        draw_frame(app);
}
