/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_PACING_H
#define COMCERT_DEVICE_PACING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "job/line.h"

/*
 * How much may be handed to the kernel now (TRANSFER.md sections 2 and 3).
 *
 * The kernel takes more than the line can carry (a pty takes 12 kB and shows nothing), so the time
 * at which handed bytes have left is computed from the line's speed: the line clock. Never more
 * than max(48 bytes, 20 ms of line time) are beyond it. On top of that either the echo holds the
 * sender back (a window of unechoed bytes), or a slower pace does, one line of text at a time.
 */

enum {
    PACING_AHEAD_MIN = 48, /* bytes beyond the clock that are always allowed */
    PACING_AHEAD_MS = 20,
    PACING_PERCENT_MIN = 10,
    PACING_WINDOW_START = 16,
    PACING_WINDOW_MAX = 48 /* a 64-byte FIFO loses nothing at 64 and 512 bytes at 65 */
};

struct pacing {
    int64_t byte_ns;  /* one byte on the wire */
    int64_t free_ns;  /* when everything handed over has left */
    size_t ahead_max; /* bytes */

    bool windowed; /* the echo paces */
    size_t window; /* unechoed bytes allowed now */
    size_t window_max;

    int slow_percent;     /* 100: line speed; less: a line at a time at that share of it */
    bool retrying;        /* the slower pace holds beside the window too */
    int64_t slow_free_ns; /* when the next line may start */

    bool begun;      /* a byte of this body was handed over */
    int64_t idle_ns; /* how long the line then had nothing to carry */
};

/* window 0: learned, at most PACING_WINDOW_MAX. */
void pacing_init(struct pacing *p, const struct line_settings *line, size_t window);

/* Starts a body: the window is back at its start. Each attempt after the first is slower. */
void pacing_start(struct pacing *p, int attempt, size_t window, int percent);

/* Bytes handed over that have not left by now, by the clock. */
size_t pacing_outstanding(const struct pacing *p, usec now);

/* When the last handed byte has left. */
usec pacing_left_at(const struct pacing *p);

/* How many bytes may be handed over now by the clock alone. */
size_t pacing_clock_room(const struct pacing *p, usec now);

/* How many may be handed over now with `in_flight` unechoed bytes; to_line_end is how far the next
 * line end is, itself included. 0: wait for pacing_wait or for an echo. */
size_t pacing_room(const struct pacing *p, usec now, size_t in_flight, size_t to_line_end);

/* When pacing_room may become more than 0 without an echo; USEC_NEVER if only an echo helps. Waits
 * until half of the allowance is free, so that the sender wakes rarely and the line never idles. */
usec pacing_wait(const struct pacing *p, usec now, size_t in_flight);

/* n bytes were handed over. */
void pacing_sent(struct pacing *p, size_t n, usec now);

/* The driver still holds n bytes: the line is slower than the clock says. */
void pacing_queued(struct pacing *p, size_t n, usec now);

/* n bytes of echo came back: the window may grow. */
void pacing_echoed(struct pacing *p, size_t n);

/* Time that n bytes take on the line. */
usec pacing_time(const struct pacing *p, size_t n);

/* The kernel's queue was dropped. */
void pacing_flushed(struct pacing *p, usec now);

#endif
