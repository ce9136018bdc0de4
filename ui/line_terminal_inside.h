/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_LINE_TERMINAL_INSIDE_H
#define COMCERT_UI_LINE_TERMINAL_INSIDE_H

#include "run/terminal.h"
#include "ui/edit.h"
#include "ui/line_terminal.h"

/* The terminal's own files know this; nobody else. */
struct line_terminal {
    struct layer layer;
    struct wizard *w;
    bool listen_only;
    char title[160];
    struct opening *opening; /* the port is being opened */
    struct terminal *terminal;
    struct err err; /* why it could not be opened */
    usec began;
    struct edit line;
    struct secret pasted; /* waits for a yes */
    size_t back;          /* rows scrolled back from the end */
    size_t page;
    bool logging;
};

void line_terminal_draw(struct layer *l, const struct canvas *c);

/* Asks for a name and begins to log what is said, or ends that. */
void line_terminal_log(struct line_terminal *t);

#endif
