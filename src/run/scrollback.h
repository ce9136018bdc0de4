/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_SCROLLBACK_H
#define COMCERT_RUN_SCROLLBACK_H

#include <stddef.h>

#include "run/terminal.h"

/* The last TERMINAL_LINES_MAX lines of a terminal. Internal to it. Zero-initialise it. */
struct scrollback {
    struct terminal_line lines[TERMINAL_LINES_MAX]; /* a ring; their texts are owned */
    size_t first, count;
    size_t forgotten; /* older lines that are no longer here */
};

/* Takes the text over. Returns the line, which stays where it is until it is forgotten. */
const struct terminal_line *scrollback_add(struct scrollback *s, enum terminal_source source,
                                           usec at, char *text);

/* Line i, oldest first. */
const struct terminal_line *scrollback_line(const struct scrollback *s, size_t i);

void scrollback_reset(struct scrollback *s);

#endif
