/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_TRANSCRIPT_H
#define COMCERT_RUN_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/clock.h"
#include "device/loader.h"
#include "device/plan.h"

/*
 * Turns the events of one run into lines of text that can be shown and mailed: timed, escaped,
 * secret-free. It sees events only, so what the loader masks cannot get into it.
 *
 * A line for each event, with seconds since `began`; pieces of a body within 100 ms are one line,
 * and so is their echo, which is why a line may come a few events late. Progress is left out: it is
 * computed, not seen.
 */

/* Takes one line: n bytes without line end, NUL-terminated beyond n; valid during the call. */
typedef void transcript_sink(void *ctx, const char *line, size_t n);

struct transcript {
    const struct plan *plan;
    usec began;
    transcript_sink *sink;
    void *ctx;
    bool lost; /* memory ran out: a line is missing or cut short */
    struct transcript_stretch {
        size_t exchange, sent, echoed;
        usec from, to;
    } stretch; /* pieces of a body and their echo that are no line yet */
};

/* The plan must outlive the transcript; nothing has to be freed. */
void transcript_init(struct transcript *t, const struct plan *plan, usec began,
                     transcript_sink *sink, void *ctx);

/* Some lines that begin with '#': program version and time of day, profile, port, line settings,
 * the plan. */
void transcript_heading(struct transcript *t, const char *version, time_t when, const char *port);

/* No line, one, or up to three. */
void transcript_event(struct transcript *t, const struct event *event);

/* The line of what is still gathered, if there is any. More events may follow. */
void transcript_end(struct transcript *t);

#endif
