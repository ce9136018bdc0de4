/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_REPLY_H
#define COMCERT_DEVICE_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

/*
 * From bytes of the device to its lines, in bounded memory whatever it sends.
 *
 * Colour codes and other control sequences (ECMA-48: CSI, OSC, two-byte escapes) and NUL bytes are
 * dropped before anything else looks at the bytes: none of them is ever sent, so none can be echo.
 */

enum { REPLY_LINE_MAX = 240, CONTROL_SEQUENCE_MAX = 64 };

struct control_filter {
    enum { FILTER_TEXT, FILTER_ESCAPE, FILTER_CSI, FILTER_OSC, FILTER_OSC_ESCAPE } state;
    size_t length; /* of the sequence so far: an endless one is given up */
};

/* True if the byte is text; false if it was part of a control sequence. */
bool control_filter_pass(struct control_filter *f, unsigned char byte);

/* The line that is being received. */
struct reply {
    unsigned char text[REPLY_LINE_MAX];
    size_t len; /* of what is kept */
    size_t raw; /* of the whole line so far, line end not counted */
    usec began; /* arrival of its first byte that is no blank */
};

/* Adds a byte; true if it ended the line (the line end itself is not kept). A line longer than
 * REPLY_LINE_MAX keeps its start. */
bool reply_add(struct reply *r, unsigned char byte, usec now);

/* The line without blanks at both ends. Empty for a line that was too long to be an answer. */
const unsigned char *reply_text(const struct reply *r, size_t *n);

bool reply_is_empty(const struct reply *r);

void reply_clear(struct reply *r);

#endif
