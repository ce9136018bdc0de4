/* SPDX-License-Identifier: MIT */
#include "ui/probe_box.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curses.h>

#include "broker/probe_job.h"
#include "job/check.h"
#include "ui/broker.h"
#include "ui/cards.h"
#include "ui/keys.h"
#include "ui/ladder.h"
#include "ui/worker.h"

enum probing_state { PROBING_WAITS, PROBING_GOES, PROBING_OVER };

struct probe_box {
    struct layer layer;
    struct wizard *w;
    char where[160];
    struct probe_options options;
    enum probing_state state;
    struct probe *probe; /* while it goes */
    struct ladder ladder;
    bool stopped;
    struct lines unfit; /* why nothing was tried */
    struct form form;   /* the buttons */
    int scroll;
    bool scrolled;  /* by hand: it no longer follows what comes */
    int rows, page; /* when it was last drawn */
};

enum {
    LADDER_CLICK = 1,
    LADDER_CLOSE,
    LADDER_AGAIN,
    LADDER_UP,
    LADDER_DOWN,
    LADDER_PAGE_UP,
    LADDER_PAGE_DOWN,
    LADDER_HOME,
    LADDER_FOOT
};
enum { ID_STOP = 1, ID_AGAIN, ID_CLOSE };

static const struct keyrow going_keys[] = {
    {KEY_ESC, LADDER_CLOSE, "Stop", "stop at once"},
    {KEY_CTRL('C'), LADDER_CLOSE, NULL, NULL},
    {0},
};

static const struct keyrow over_keys[] = {
    {KEY_ESC, LADDER_CLOSE, "Close", NULL},
    {KEY_CTRL('C'), LADDER_CLOSE, NULL, NULL},
    {KEY_FN(KEY_F(7)), LADDER_AGAIN, "Try again", "the same once more, just as far"},
    {0},
};

static const struct keyrow scroll_keys[] = {
    {KEY_FN(KEY_UP), LADDER_UP, NULL, "scroll"},
    {KEY_FN(KEY_DOWN), LADDER_DOWN, NULL, NULL},
    {KEY_FN(KEY_PPAGE), LADDER_PAGE_UP, NULL, NULL},
    {KEY_FN(KEY_NPAGE), LADDER_PAGE_DOWN, NULL, NULL},
    {KEY_FN(KEY_HOME), LADDER_HOME, NULL, NULL},
    {KEY_FN(KEY_END), LADDER_FOOT, NULL, NULL},
    {0},
};

static void probe_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    tables[0] = ((const struct probe_box *)l)->state == PROBING_OVER ? over_keys : going_keys;
    tables[1] = scroll_keys;
    tables[2] = form_keys;
}

static const char *probe_title(const struct layer *l)
{
    (void)l;
    return "Try at the broker";
}

static const char *probe_about(const struct layer *l)
{
    (void)l;
    return "What the device would do, done from this machine: the first rung of the ladder that "
           "fails ends it and is explained. Nothing is sent to the device, and the job stays as it "
           "is.";
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void state_of(const struct probe_box *b, struct lines *out)
{
    if (b->state == PROBING_WAITS)
        lines_add(out, ROLE_NOTE, 0, "Waiting for a file to be read ...");
    else if (b->state == PROBING_GOES)
        lines_add(out, ROLE_NOTE, 0, "Trying ...");
    else if (b->unfit.count > 0)
        lines_add(out, ROLE_BAD, 0, "%s Not fit to be tried: nothing went over the network.",
                  mark(ROLE_BAD));
    else if (b->stopped)
        lines_add(out, ROLE_WARN, 0, "Stopped.");
    else
        lines_add(out, b->ladder.stands ? ROLE_GOOD : ROLE_BAD, 0, "%s %s %s",
                  mark(b->ladder.stands ? ROLE_GOOD : ROLE_BAD), b->ladder.stands ? "OK" : "NOT OK",
                  probe_verdict(&b->options, b->ladder.stands ? NULL : &b->ladder.failure));
}

/* c NULL: only counts. */
static int draw_content(const struct probe_box *b, const struct canvas *c, int width)
{
    int rows = lines_draw(&b->unfit, c, 0, 0, width);

    return rows + ladder_draw(&b->ladder, c, rows, width);
}

static void build(struct probe_box *b)
{
    struct item *buttons;

    form_begin(&b->form);
    buttons = form_add(&b->form, ITEM_BUTTONS, 0, NULL);
    if (b->state != PROBING_OVER) {
        form_button(buttons, ID_STOP, "Stop", false);
        return;
    }
    form_button(buttons, ID_CLOSE, "Close", false);
    form_button(buttons, ID_AGAIN, "Try again", false);
}

static void scroll_to(struct probe_box *b, int row)
{
    int most = b->rows > b->page ? b->rows - b->page : 0;

    b->scroll = row > most ? most : row;
    if (b->scroll < 0)
        b->scroll = 0;
}

static void probe_draw(struct layer *l, const struct canvas *c)
{
    struct probe_box *b = (struct probe_box *)l;
    int w = c->area.w - 2 < 100 ? c->area.w - 2 : 100, h = c->area.h - 3;
    struct canvas box = canvas_part(c, 1, (c->area.w - w) / 2, h, w);
    struct lines state = {0};
    struct canvas inside, below, buttons;
    int rows;

    state_of(b, &state);
    rows = lines_draw(&state, NULL, 0, 0, w - 4);
    inside = canvas_part(&box, 2, 2, h - 5 - rows, w - 4);
    below = canvas_part(&box, h - 2 - rows, 2, rows, w - 4);
    buttons = canvas_part(&box, h - 2, 2, 1, w - 4);
    b->rows = draw_content(b, NULL, w - 4);
    b->page = inside.area.h;
    scroll_to(b, b->scrolled ? b->scroll : b->rows);
    inside.scroll = b->scroll;
    build(b);
    canvas_clear(&box, ROLE_TEXT);
    draw_box(&box, 0, 0, h, w, ROLE_TEXT, probe_title(l));
    draw_text(&box, 1, 2, w - 4, ROLE_DIM, b->where);
    (void)draw_content(b, &inside, w - 4);
    if (b->scroll > 0)
        draw_text(&box, 0, w - 14, 12, ROLE_DIM, " more above ");
    if (b->scroll + b->page < b->rows)
        draw_text(&box, h - 1, w - 14, 12, ROLE_DIM, " more below ");
    (void)lines_draw(&state, &below, 0, 0, w - 4);
    form_draw(&b->form, &buttons, LADDER_CLICK);
    lines_reset(&state);
}

/* --- the probe -------------------------------------------------------------------------------- */

static void finish(struct probe_box *b)
{
    app_remove_source(b->layer.app, b);
    probe_destroy(b->probe);
    b->probe = NULL;
    b->state = PROBING_OVER;
    form_focus(&b->form, ID_CLOSE); /* whoever wanted to press Stop starts nothing anew */
    app_changed(b->layer.app);
}

/* A copy of an error, as the findings are told. */
static void add_unfit_err(struct probe_box *b, const struct err *err)
{
    lines_add(&b->unfit, ROLE_BAD, 0, "%s %s", mark(ROLE_BAD), err->text);
    if (err->remedy[0] != '\0')
        lines_add(&b->unfit, ROLE_DIM, 2, "fix: %s", err->remedy);
}

/* The same judgement as of `comcert probe`: what concerns the serial side is not looked at. */
static bool is_fit(struct probe_box *b)
{
    struct wizard *w = b->w;
    struct findings all = {0};

    wizard_check(w); /* the preset is applied */
    findings_copy(&all, &w->told);
    broker_add_findings(w, &all);
    cards_add_findings(w, &all);
    check_job(&w->prepared.job, time(NULL), &all);
    for (size_t i = 0; i < all.count; i++) {
        if (all.items[i].severity == SEVERITY_ERROR)
            lines_add_finding(&b->unfit, 0, &all.items[i]);
    }
    if (all.lost)
        lines_add(&b->unfit, ROLE_BAD, 0, "%s out of memory", mark(ROLE_BAD));
    findings_reset(&all);
    return b->unfit.count == 0;
}

/* The child is forked here, in the loop's thread: while no other one runs, none can be inside of
 * OpenSSL or of a name look-up. */
static void start_if_idle(struct probe_box *b)
{
    struct probe_account account;
    struct err err = {0};

    if (!worker_is_idle())
        return;
    if (!is_fit(b)) {
        finish(b);
        return;
    }
    probe_account_of_job(&b->w->prepared.job, &account);
    if (probe_start(&account, &b->options, &b->probe, &err) != 0) {
        add_unfit_err(b, &err);
        finish(b);
        return;
    }
    b->state = PROBING_GOES;
    app_changed(b->layer.app);
}

static size_t pollfds(void *ctx, struct pollfd *fds, size_t max, usec *deadline)
{
    const struct probe_box *b = ctx;

    (void)max;
    *deadline = USEC_NEVER; /* a worker that ends wakes the loop */
    if (b->probe == NULL)
        return 0;
    fds[0] = (struct pollfd){.fd = probe_fd(b->probe), .events = POLLIN};
    return 1;
}

static void dispatch(void *ctx)
{
    struct probe_box *b = ctx;
    struct probe_event event;

    if (b->state == PROBING_WAITS) {
        start_if_idle(b);
        return;
    }
    while (probe_next(b->probe, &event)) {
        ladder_take(&b->ladder, &b->options, &event);
        app_changed_soon(b->layer.app);
    }
    if (probe_has_ended(b->probe))
        finish(b);
}

static void start(struct probe_box *b)
{
    lines_reset(&b->unfit);
    b->ladder = (struct ladder){0};
    b->stopped = b->scrolled = false;
    b->state = PROBING_WAITS;
    form_focus(&b->form, ID_STOP);
    app_add_source(b->layer.app, (struct source){pollfds, dispatch, b});
    start_if_idle(b);
}

static void stop(struct probe_box *b)
{
    b->stopped = true;
    finish(b);
}

static void probe_close(struct layer *l)
{
    struct probe_box *b = (struct probe_box *)l;

    app_remove_source(l->app, b);
    probe_destroy(b->probe);
    lines_reset(&b->unfit);
    form_reset(&b->form);
    free(b);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void handle(struct probe_box *b, enum form_event event)
{
    int id = form_focused(&b->form);

    if (event != FORM_PRESSED)
        return;
    if (id == ID_STOP)
        stop(b);
    else if (id == ID_AGAIN)
        start(b);
    else if (id == ID_CLOSE)
        app_pop(b->layer.app, &b->layer);
}

static void scroll_by_hand(struct probe_box *b, int row)
{
    scroll_to(b, row);
    b->scrolled = b->scroll + b->page < b->rows;
}

static void probe_act(struct layer *l, int action, int arg)
{
    struct probe_box *b = (struct probe_box *)l;

    build(b);
    switch (action) {
    case LADDER_CLOSE:
        if (b->state != PROBING_OVER)
            stop(b);
        else
            app_pop(l->app, l);
        break;
    case LADDER_AGAIN:
        start(b);
        break;
    case LADDER_UP:
        scroll_by_hand(b, b->scroll - 1);
        break;
    case LADDER_DOWN:
        scroll_by_hand(b, b->scroll + 1);
        break;
    case LADDER_PAGE_UP:
        scroll_by_hand(b, b->scroll - b->page);
        break;
    case LADDER_PAGE_DOWN:
        scroll_by_hand(b, b->scroll + b->page);
        break;
    case LADDER_HOME:
        scroll_by_hand(b, 0);
        break;
    case LADDER_FOOT:
        scroll_by_hand(b, b->rows);
        break;
    case LADDER_CLICK:
        handle(b, form_click(&b->form, arg));
        break;
    default:
        handle(b, form_key(&b->form, arg));
        break;
    }
}

static void probe_key(struct layer *l, int key)
{
    struct probe_box *b = (struct probe_box *)l;

    build(b);
    handle(b, form_key(&b->form, key));
}

static void probe_wheel(struct layer *l, int row, int col, int steps)
{
    struct probe_box *b = (struct probe_box *)l;

    (void)row;
    (void)col;
    scroll_by_hand(b, b->scroll + steps);
}

static const struct layer_class probe_class = {
    .keys = probe_tables,
    .title = probe_title,
    .about = probe_about,
    .draw = probe_draw,
    .act = probe_act,
    .key = probe_key,
    .wheel = probe_wheel,
    .close = probe_close,
};

void probe_box_open(struct wizard *w, const struct probe_options *options)
{
    struct probe_account account;
    struct probe_box *b = calloc(1, sizeof *b);

    if (b == NULL)
        return;
    b->layer.class = &probe_class;
    b->w = w;
    b->options = *options;
    probe_account_of_job(&w->prepared.job, &account);
    snprintf(b->where, sizeof b->where, "%s, port %d, %s", account.host != NULL ? account.host : "",
             account.port, account.tls ? "TLS" : "without TLS");
    app_push(w->app, &b->layer);
    start(b);
}
