/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_APP_H
#define COMCERT_UI_APP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "ui/layer.h"

/*
 * The one loop: keyboard, signals, the worker's pipe, the terminal's queue, and whatever sources of
 * events there are at the moment (a transfer, an emulated device, a line terminal). Nothing in it
 * blocks. A frame is drawn at once after a key, and at most thirty times a second for anything
 * else.
 */
struct app;

/* Something that is polled and dispatched; both are called with ctx. pollfds fills at most max
 * entries and says when to dispatch at the latest (as runner_pollfds does). */
struct source {
    size_t (*pollfds)(void *ctx, struct pollfd *fds, size_t max, usec *deadline);
    void (*dispatch)(void *ctx);
    void *ctx;
};

enum { SOURCES_MAX = 8, SOURCE_FDS_MAX = 4 };

/* What the bottom layer decides for all. */
struct app_owner {
    /* NULL, or why the program cannot be stopped now (Ctrl-Z). */
    const char *(*busy)(void *ctx);
    /* SIGINT, SIGTERM, SIGHUP came: ends what is going on, then calls app_quit. */
    void (*ending)(void *ctx, int signal);
    void *ctx;
};

struct app *app_create(const struct app_owner *owner, struct err *err) ATTR_MUST_USE;

/* From now on signals wait in *fd for app_run. To be called before the screen is started: curses
 * installs handlers of its own for those that have none, and these end the process with the
 * terminal as it is. signals_stop ends it. */
int app_catch_signals(int *fd, struct err *err) ATTR_MUST_USE;

/* Runs until app_quit. The screen must have been started. */
void app_run(struct app *app, int signal_fd);

/* Closes all layers. Accepts NULL. */
void app_destroy(struct app *app);

void app_quit(struct app *app);

/* Puts a layer on top; it is closed when it is popped. */
void app_push(struct app *app, struct layer *layer);
/* Takes a layer away, wherever it lies; it is closed once the event in hand has been dealt with. */
void app_pop(struct app *app, struct layer *layer);
/* Closes now what was popped; the loop does so after each event. */
void app_close_popped(struct app *app);
struct layer *app_top(const struct app *app);

/* At most SOURCES_MAX; ctx identifies it. */
void app_add_source(struct app *app, struct source source);
void app_remove_source(struct app *app, const void *ctx);

/* Something has changed: draw a frame, at once or when the next one is due. */
void app_changed(struct app *app);
void app_changed_soon(struct app *app);

/* One line above the footer, until the next key. */
void app_say(struct app *app, enum role role, const char *fmt, ...) ATTR_PRINTF(3, 4);

#endif
