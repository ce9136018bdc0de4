/* SPDX-License-Identifier: MIT */
#include "ui/ui.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/signals.h"
#include "ui/screen.h"
#include "ui/wizard_state.h"
#include "ui/worker.h"

/* https://no-color.org: present and not empty, whatever its value. */
static bool no_color_asked(void)
{
    const char *value = getenv("NO_COLOR");

    return value != NULL && value[0] != '\0';
}

/* A worker that hangs on a dead device or file system still uses what it was given: the process
 * ends under it instead of taking that away. */
static void abandon(int status)
{
    fflush(stdout);
    fflush(stderr);
    _exit(status);
}

int ui_run(struct wizard_start *start, int *status, struct err *err)
{
    struct wizard *w = NULL;
    int signal_fd, rc = worker_start(err);

    if (rc == 0)
        rc = app_catch_signals(&signal_fd, err);
    if (rc != 0)
        return rc;
    rc = screen_start(!start->no_color && !no_color_asked(), err);
    if (rc != 0) {
        signals_stop();
        return rc;
    }
    rc = wizard_create(start, &w, err);
    if (rc == 0)
        app_run(w->app, signal_fd);
    screen_stop();
    signals_stop();
    if (w != NULL) {
        wizard_end(w);
        *status = w->status;
    }
    if (w != NULL && w->last_word != NULL)
        puts(w->last_word);
    if (!worker_stop(2000))
        abandon(*status);
    wizard_destroy(w);
    return rc;
}
