/* SPDX-License-Identifier: MIT */
#include "ui/find_speed.h"

#include <stdio.h>
#include <stdlib.h>

#include <curses.h>

#include "run/speedfind.h"
#include "ui/dialog.h"
#include "ui/form.h"
#include "ui/keys.h"
#include "ui/opening.h"
#include "ui/ports.h"

struct find_speed {
    struct layer layer;
    struct wizard *w;
    struct opening *opening;
    struct port *port;
    struct speedfind *search;
    struct err err;
    struct speedfind_result results[SPEEDFIND_MAX];
    size_t count;
    struct form form;
    char rows[SPEEDFIND_MAX][96];
};

enum { FIND_CLICK = 1, FIND_CLOSE };
/* A row's id is its speed. */

static const struct keyrow find_keys[] = {
    {KEY_ESC, FIND_CLOSE, "Close", "stop, and leave the speed as it is"},
    {KEY_CTRL('C'), FIND_CLOSE, NULL, NULL},
    {0},
};

static void find_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    (void)l;
    tables[0] = find_keys;
    tables[1] = form_keys;
}

static const char *find_title(const struct layer *l)
{
    (void)l;
    return "Find speed";
}

static const char *find_about(const struct layer *l)
{
    (void)l;
    return "A line end is sent at each usual speed, and nothing else; the speed at which text "
           "comes "
           "back is the right one. A device that says nothing to an empty line cannot be found "
           "this way. Enter on a row takes its speed.";
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void describe(const struct speedfind_result *r, char *out, size_t size)
{
    if (!r->tried)
        snprintf(out, size, "%8ld  still to come", r->baud);
    else if (r->unsupported)
        snprintf(out, size, "%8ld  the port cannot do it", r->baud);
    else if (r->bytes == 0)
        snprintf(out, size, "%8ld  silence", r->baud);
    else
        snprintf(out, size, "%8ld  %3d of 100%s  %s", r->baud, r->score,
                 r->echoed ? ", echoes" : "", r->sample);
}

static const char *state_of(const struct find_speed *f, char *out, size_t size)
{
    if (f->opening != NULL)
        return "Opening the port ...";
    if (f->search == NULL)
        return f->err.text;
    if (speedfind_gone(f->search))
        return "The port has gone away.";
    if (!speedfind_done(f->search)) {
        snprintf(out, size, "Trying %ld ...", speedfind_current(f->search));
        return out;
    }
    if (speedfind_best(f->search) == 0)
        return "No speed stands out: the device says nothing to an empty line, or is not there.";
    snprintf(out, size, "The device speaks text at %ld. Enter takes it.",
             speedfind_best(f->search));
    return out;
}

static void build(struct find_speed *f)
{
    long best = f->search != NULL && speedfind_done(f->search) ? speedfind_best(f->search) : 0;

    form_begin(&f->form);
    for (size_t i = 0; i < f->count; i++) {
        struct item *row;

        describe(&f->results[i], f->rows[i], sizeof f->rows[i]);
        row = form_add(&f->form, ITEM_ROW, (int)f->results[i].baud, f->rows[i]);
        row->on = best != 0 && f->results[i].baud == best;
        row->off = best == 0 || f->results[i].score == 0;
    }
}

static void find_draw(struct layer *l, const struct canvas *c)
{
    struct find_speed *f = (struct find_speed *)l;
    int w = c->area.w - 8 < 76 ? c->area.w - 8 : 76, h = SPEEDFIND_MAX + 6;
    struct canvas box = canvas_part(c, (c->area.h - h) / 2, (c->area.w - w) / 2, h, w);
    struct canvas rows = canvas_part(&box, 4, 2, SPEEDFIND_MAX, w - 4);
    char text[96];

    build(f);
    canvas_clear(&box, ROLE_TEXT);
    draw_box(&box, 0, 0, h, w, ROLE_TEXT, "Find speed");
    (void)draw_wrapped(&box, 1, 2, w - 4, f->err.text[0] != '\0' ? ROLE_BAD : ROLE_STRONG,
                       state_of(f, text, sizeof text));
    form_draw(&f->form, &rows, FIND_CLICK);
}

/* --- the port --------------------------------------------------------------------------------- */

static size_t pollfds(void *ctx, struct pollfd *fds, size_t max, usec *deadline)
{
    const struct find_speed *f = ctx;

    (void)max;
    return speedfind_pollfd(f->search, fds, deadline);
}

static void dispatch(void *ctx)
{
    struct find_speed *f = ctx;

    speedfind_dispatch(f->search);
    f->count = speedfind_results(f->search, f->results, SPEEDFIND_MAX);
    if (speedfind_done(f->search)) {
        app_remove_source(f->layer.app, f);
        if (speedfind_best(f->search) != 0)
            form_focus(&f->form, (int)speedfind_best(f->search));
    }
    app_changed_soon(f->layer.app);
}

static void on_opened(void *ctx, struct port *port, const struct err *err)
{
    struct find_speed *f = ctx;

    f->opening = NULL;
    f->port = port;
    if (port == NULL)
        f->err = *err;
    else if (f->w->prepared.profile == NULL)
        err_set(&f->err, ERR_VALUE, "The profile cannot be read any more.");
    else if (speedfind_create(port, f->w->prepared.profile->command_eol, opening_line(f->w).baud,
                              &f->search, &f->err) == 0)
        app_add_source(f->layer.app, (struct source){pollfds, dispatch, f});
}

static void find_close(struct layer *l)
{
    struct find_speed *f = (struct find_speed *)l;

    app_remove_source(l->app, f);
    opening_cancel(f->opening);
    speedfind_destroy(f->search);
    closing_start_port(f->port);
    form_reset(&f->form);
    free(f);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void take(struct find_speed *f, enum form_event event)
{
    int baud = form_focused(&f->form);

    if (event != FORM_PRESSED || baud == 0)
        return;
    ports_set_baud(f->w, baud);
    app_pop(f->layer.app, &f->layer);
}

static void find_act(struct layer *l, int action, int arg)
{
    struct find_speed *f = (struct find_speed *)l;

    build(f);
    if (action == FIND_CLOSE)
        app_pop(l->app, l);
    else if (action == FIND_CLICK)
        take(f, form_click(&f->form, arg));
    else
        take(f, form_key(&f->form, arg));
}

static void find_key(struct layer *l, int key)
{
    struct find_speed *f = (struct find_speed *)l;

    build(f);
    take(f, form_key(&f->form, key));
}

static const struct layer_class find_class = {
    .keys = find_tables,
    .title = find_title,
    .about = find_about,
    .draw = find_draw,
    .act = find_act,
    .key = find_key,
    .close = find_close,
};

static void on_answer(void *ctx, int button, const char *text, struct secret *secret)
{
    struct wizard *w = ctx;
    struct find_speed *f;

    (void)text;
    (void)secret;
    if (button != 0 || (f = calloc(1, sizeof *f)) == NULL)
        return;
    w->talked = true;
    f->layer.class = &find_class;
    f->w = w;
    app_push(w->app, &f->layer);
    f->opening = opening_start_job(w, on_opened, f);
}

void find_speed_open(struct wizard *w)
{
    static const char *const buttons[] = {"Try them", "Leave it", NULL};
    struct dialog spec = {
        .title = "Find speed",
        .buttons = buttons,
        .escape = 1,
        .done = on_answer,
        .ctx = w,
    };
    struct lines text = {0};

    wizard_check(w);
    lines_add(&text, ROLE_TEXT, 0,
              "The usual speeds are tried one after the other, which takes some seconds. At each a "
              "line end is sent, and nothing else. At a wrong speed the device receives something "
              "else than a line end; while it waits inside an upload that counts as a part of the "
              "file.");
    if (port_is_no_pty(w->prepared.job.device))
        lines_add(&text, ROLE_TEXT, 0, "Opening %s raises DTR and RTS, which resets some devices.",
                  w->prepared.job.device);
    (void)dialog_open(w->app, &spec, &text);
}
