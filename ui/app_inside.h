/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_APP_INSIDE_H
#define COMCERT_UI_APP_INSIDE_H

#include "ui/app.h"

/* Frames are drawn at least so far apart, but for those after a key. */
#define APP_FRAME (33 * USEC_PER_MS)

/* Inside of the app: what loop, frames and input share. */

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

/* What every layer understands; the actions are negative. */
enum { APP_HELP = -1, APP_REDRAW = -2, APP_SUSPEND = -3 };
extern const struct keyrow app_keys[];

/* The window is too small for the wizard: a message stands there instead. */
bool app_is_too_small(void);

/* Draws a frame if something has changed and it is time, and the terminal has taken the last one.
 */
void app_draw_if_due(struct app *app);

/* Deals with what has been typed and clicked. */
void app_take_input(struct app *app);

/* Gives the shell its terminal until it wakes us, unless something is going on. */
void app_suspend(struct app *app);

#endif
