/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_PROGRESS_H
#define COMCERT_CMD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "cmd/console.h"

/* One line at the bottom of a terminal that is drawn again and again: bytes, percent, time left.
 * Does nothing where standard error is no terminal. Zero-initialise it but for the console. */
struct progress {
    const struct console *console;
    const char *unit; /* of what is counted; NULL: "bytes" */
    usec drawn_at;
    size_t drawn; /* columns that are on the screen now */
};

/* Draws at most ten times a second. */
void progress_draw(struct progress *p, const char *name, size_t n, size_t total, usec left,
                   usec now);

/* Takes the line off the screen, before anything else is printed. */
void progress_clear(struct progress *p);

#endif
