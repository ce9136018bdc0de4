/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_LADDER_H
#define COMCERT_UI_LADDER_H

#include <stdbool.h>
#include <stddef.h>

#include "broker/probe.h"
#include "ui/draw.h"

/* What a probe has told so far, a rung after the other. */

/* More than a ladder says. */
enum { LADDER_MAX = 4 * PROBE_RUNG_COUNT };

struct ladder {
    struct probe_event events[LADDER_MAX];
    size_t count;
    bool stands;                /* once it has ended */
    struct probe_event failure; /* once a rung has failed */
};

/* Takes the next event: what a rung came to replaces its beginning, and what these options do not
 * ask for is left out. */
void ladder_take(struct ladder *l, const struct probe_options *options,
                 const struct probe_event *e);

/* Draws it from row y; answers how many rows it takes. c NULL: only counts. */
int ladder_draw(const struct ladder *l, const struct canvas *c, int y, int width);

#endif
