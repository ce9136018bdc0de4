/* SPDX-License-Identifier: MIT */
#include "ui/app.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <curses.h>

#include "base/signals.h"
#include "ui/help.h"
#include "ui/keys.h"
#include "ui/screen.h"
#include "ui/usertty.h"
#include "ui/worker.h"

#define FRAME (33 * USEC_PER_MS)

enum { ROWS_MIN = 24, COLS_MIN = 80, INPUTS_A_TURN = 64 };
enum { FIXED_FDS = 4, FDS_MAX = FIXED_FDS + SOURCES_MAX * SOURCE_FDS_MAX };

struct app {
    struct app_owner owner;
    struct layer *top;
    struct layer *leaving; /* popped, to be closed */
    struct source sources[SOURCES_MAX];
    size_t source_count;
    struct hits hits;
    bool quit;
    bool hung_up;    /* the keyboard has gone */
    bool more_input; /* some was left, so that a flood of keys holds up nothing else */
    bool dirty, dirty_soon;
    usec drawn_at;
    int signal_fd;
    enum role said_role;
    char said[256];
};

/* What every layer understands. */
enum { APP_HELP = -1, APP_REDRAW = -2, APP_SUSPEND = -3 };

static const struct keyrow app_keys[] = {
    {KEY_FN(KEY_F(1)), APP_HELP, "Help", "this help"},
    {KEY_ALT('h'), APP_HELP, NULL, NULL},
    {KEY_CTRL('L'), APP_REDRAW, NULL, "draw the screen anew"},
    {KEY_CTRL('Z'), APP_SUSPEND, NULL, "back to the shell for a while (fg returns)"},
    {0},
};

struct app *app_create(const struct app_owner *owner, struct err *err)
{
    struct app *app = calloc(1, sizeof *app);

    if (app == NULL) {
        err_set(err, ERR_NOMEM, "out of memory");
        return NULL;
    }
    app->owner = *owner;
    app->dirty = true;
    return app;
}

/* --- layers --------------------------------------------------------------------------------- */

void app_push(struct app *app, struct layer *layer)
{
    layer->app = app;
    layer->below = app->top;
    app->top = layer;
    app_changed(app);
}

void app_pop(struct app *app, struct layer *layer)
{
    struct layer **at = &app->top;

    while (*at != NULL && *at != layer)
        at = &(*at)->below;
    if (*at == NULL)
        return;
    *at = layer->below;
    layer->below = app->leaving;
    app->leaving = layer;
    app_changed(app);
}

void app_close_popped(struct app *app)
{
    while (app->leaving != NULL) {
        struct layer *l = app->leaving;

        app->leaving = l->below;
        l->class->close(l);
    }
}

struct layer *app_top(const struct app *app)
{
    return app->top;
}

void app_destroy(struct app *app)
{
    if (app == NULL)
        return;
    while (app->top != NULL)
        app_pop(app, app->top);
    app_close_popped(app);
    free(app);
}

void app_quit(struct app *app)
{
    app->quit = true;
}

/* --- sources -------------------------------------------------------------------------------- */

void app_add_source(struct app *app, struct source source)
{
    if (app->source_count < SOURCES_MAX)
        app->sources[app->source_count++] = source;
}

void app_remove_source(struct app *app, const void *ctx)
{
    for (size_t i = 0; i < app->source_count; i++) {
        if (app->sources[i].ctx == ctx) {
            app->source_count--;
            memmove(&app->sources[i], &app->sources[i + 1],
                    (app->source_count - i) * sizeof app->sources[0]);
            return;
        }
    }
}

/* A source may remove itself or another: none is called twice, none that is gone. */
static void dispatch_sources(struct app *app)
{
    struct source now[SOURCES_MAX];
    size_t n = app->source_count;

    memcpy(now, app->sources, sizeof now);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < app->source_count; j++) {
            if (app->sources[j].ctx == now[i].ctx) {
                now[i].dispatch(now[i].ctx);
                break;
            }
        }
    }
}

/* --- frames --------------------------------------------------------------------------------- */

void app_changed(struct app *app)
{
    app->dirty = true;
}

void app_changed_soon(struct app *app)
{
    app->dirty_soon = true;
}

void app_say(struct app *app, enum role role, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(app->said, sizeof app->said, fmt, args);
    va_end(args);
    app->said_role = role;
    app_changed(app);
}

static bool is_too_small(void)
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
    if (is_too_small()) {
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
static void draw_if_due(struct app *app)
{
    bool due = app->dirty || (app->dirty_soon && clock_now() - app->drawn_at >= FRAME);

    if (usertty_is_behind() && !usertty_pump())
        return;
    if (due && !app->quit)
        draw_frame(app);
}

/* --- input ---------------------------------------------------------------------------------- */

static const struct keyrow *find_row(const struct keyrow *rows, int key)
{
    for (; rows->key != 0; rows++) {
        if (rows->key == key)
            return rows;
    }
    return NULL;
}

static void suspend(struct app *app)
{
    const char *busy = app->owner.busy(app->owner.ctx);
    struct sigaction stop = {.sa_handler = SIG_DFL}, before;

    if (busy != NULL) {
        app_say(app, ROLE_WARN, "Not now: %s", busy);
        return;
    }
    screen_suspend();
    /* As the terminal would for Ctrl-Z: everybody in the foreground. A group that no shell would
     * ever wake is not stopped by the kernel. */
    (void)sigaction(SIGTSTP, &stop, &before);
    (void)kill(0, SIGTSTP);
    (void)sigaction(SIGTSTP, &before, NULL);
    screen_resume();
    app_changed(app);
}

static void act(struct app *app, int action, int arg)
{
    switch (action) {
    case APP_HELP:
        help_open(app, app_keys);
        break;
    case APP_REDRAW:
        screen_resize();
        app_changed(app);
        break;
    case APP_SUSPEND:
        suspend(app);
        break;
    default:
        app->top->class->act(app->top, action, arg);
        break;
    }
}

static void take_key(struct app *app, int key)
{
    const struct keyrow *tables[LAYER_TABLES] = {NULL};
    const struct keyrow *row = find_row(app_keys, key);

    app->said[0] = '\0';
    app->top->class->keys(app->top, tables);
    for (size_t i = 0; i < LAYER_TABLES && row == NULL && tables[i] != NULL; i++)
        row = find_row(tables[i], key);
    /* What cannot be seen can be neither edited nor asked. */
    if (is_too_small() && key == KEY_CTRL('C'))
        app->owner.ending(app->owner.ctx, SIGINT);
    else if (is_too_small() && key != KEY_CTRL('Z') && key != KEY_CTRL('L'))
        return;
    else if (row != NULL)
        act(app, row->action, key);
    else if (app->top->class->key != NULL)
        app->top->class->key(app->top, key);
}

static void take_click(struct app *app, const struct input *in)
{
    const struct hit *hit = hits_find(&app->hits, in->row, in->col);

    app->said[0] = '\0';
    if (hit != NULL && !is_too_small())
        act(app, hit->action, hit->arg);
}

static void take_one(struct app *app, const struct input *in)
{
    const struct layer_class *class = app->top->class;

    if (in->type == INPUT_KEY)
        take_key(app, in->key);
    else if (in->type == INPUT_CLICK)
        take_click(app, in);
    else if (in->type == INPUT_PASTE && class->paste != NULL && !is_too_small())
        class->paste(app->top, in->paste, in->cut);
    else if (in->type == INPUT_WHEEL && class->wheel != NULL && !is_too_small())
        class->wheel(app->top, in->row, in->col, in->steps);
}

static void take_input(struct app *app)
{
    struct input in;
    int taken = 0;

    while (app->top != NULL && !app->quit && taken < INPUTS_A_TURN && keys_next(&in)) {
        /* A click means what is on the screen by now. */
        if (in.type == INPUT_CLICK)
            draw_if_due(app);
        take_one(app, &in);
        app_close_popped(app);
        app_changed(app);
        taken++;
    }
    app->more_input = taken == INPUTS_A_TURN;
}

static void take_signals(struct app *app)
{
    char number;

    while (read(app->signal_fd, &number, 1) == 1) {
        if (number == SIGWINCH || number == SIGCONT) {
            if (number == SIGCONT)
                screen_resume();
            else
                screen_resize();
            app_changed(app);
        } else if (number == SIGTSTP) {
            suspend(app);
        } else {
            app->owner.ending(app->owner.ctx, number);
        }
    }
}

/* --- the loop ------------------------------------------------------------------------------- */

static size_t collect_fds(struct app *app, struct pollfd *fds, usec *deadline)
{
    size_t n = FIXED_FDS;

    fds[0] = (struct pollfd){.fd = app->hung_up ? -1 : usertty_fd(), .events = POLLIN};
    fds[1] = (struct pollfd){.fd = app->signal_fd, .events = POLLIN};
    fds[2] = (struct pollfd){.fd = worker_fd(), .events = POLLIN};
    fds[3] = (struct pollfd){.fd = usertty_is_behind() ? usertty_fd() : -1, .events = POLLOUT};
    *deadline = app->more_input ? clock_now() : keys_deadline();
    for (size_t i = 0; i < app->source_count; i++) {
        const struct source *s = &app->sources[i];
        usec at;

        n += s->pollfds(s->ctx, fds + n, SOURCE_FDS_MAX, &at);
        *deadline = at < *deadline ? at : *deadline;
    }
    if (app->dirty_soon && !usertty_is_behind() && app->drawn_at + FRAME < *deadline)
        *deadline = app->drawn_at + FRAME;
    return n;
}

static void wait_for(struct pollfd *fds, size_t n, usec deadline)
{
    struct timespec ts, *timeout = NULL;
    usec left;

    if (deadline != USEC_NEVER) {
        left = deadline - clock_now();
        left = left > 0 ? left : 0;
        ts.tv_sec = (time_t)(left / USEC_PER_SEC);
        ts.tv_nsec = (long)(left % USEC_PER_SEC) * 1000;
        timeout = &ts;
    }
    if (ppoll(fds, (nfds_t)n, timeout, NULL) < 0) {
        for (size_t i = 0; i < n; i++)
            fds[i].revents = 0;
    }
}

/* The other side of the terminal was closed. */
static bool has_ended(const struct pollfd *in)
{
    int n = 1;

    if ((in->revents & (POLLERR | POLLNVAL)) != 0)
        return true;
    return (in->revents & POLLHUP) != 0 && ioctl(in->fd, FIONREAD, &n) == 0 && n == 0;
}

static void turn(struct app *app)
{
    struct pollfd fds[FDS_MAX];
    usec deadline;
    size_t n = collect_fds(app, fds, &deadline);

    wait_for(fds, n, deadline);
    take_signals(app);
    if (fds[2].revents != 0) {
        worker_collect();
        app_changed(app);
    }
    if (has_ended(&fds[0])) {
        app->hung_up = true;
        app->owner.ending(app->owner.ctx, SIGHUP);
    }
    take_input(app);
    dispatch_sources(app);
    app_close_popped(app);
    draw_if_due(app);
}

int app_catch_signals(int *fd, struct err *err)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};

    return signals_start(numbers, sizeof numbers / sizeof numbers[0], fd, err);
}

void app_run(struct app *app, int signal_fd)
{
    app->signal_fd = signal_fd;
    while (!app->quit && app->top != NULL)
        turn(app);
}
