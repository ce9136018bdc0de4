/* SPDX-License-Identifier: MIT */
#include "ui/app_inside.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/wait.h"
#include "ui/keys.h"
#include "ui/screen.h"
#include "ui/usertty.h"
#include "ui/worker.h"

enum { FIXED_FDS = 4, FDS_MAX = FIXED_FDS + SOURCES_MAX * SOURCE_FDS_MAX };

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
    app->hits.count = 0; /* what was drawn cannot be clicked any more */
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
    app->hits.count = 0;
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

/* --- what has changed ---------------------------------------------------------------------------
 */

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

/* --- the loop ------------------------------------------------------------------------------- */

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
            app_suspend(app);
        } else {
            app->owner.ending(app->owner.ctx, number);
        }
    }
}

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
    if (app->dirty_soon && !usertty_is_behind() && app->drawn_at + APP_FRAME < *deadline)
        *deadline = app->drawn_at + APP_FRAME;
    return n;
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

    (void)wait_until(fds, n, deadline);
    take_signals(app);
    if (fds[2].revents != 0) {
        worker_collect();
        app_changed(app);
    }
    if (has_ended(&fds[0])) {
        app->hung_up = true;
        app->owner.ending(app->owner.ctx, SIGHUP);
    }
    app_take_input(app);
    dispatch_sources(app);
    app_close_popped(app);
    app_draw_if_due(app);
}

int app_catch_signals(int *fd, struct err *err)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP, SIGCONT};

    return signals_start(numbers, sizeof numbers / sizeof numbers[0], fd, err);
}

void app_run(struct app *app, int signal_fd)
{
    app->signal_fd = signal_fd;
    while (!app->quit && app->top != NULL)
        turn(app);
}
