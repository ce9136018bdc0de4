/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_TERMINAL_STATE_H
#define COMCERT_RUN_TERMINAL_STATE_H

/* The inside of the terminal, shared by its files: terminal.c has the loop, terminal_text.c makes
 * lines of bytes, terminal_send.c what goes out. */

#include "device/masking.h"
#include "device/pacing.h"
#include "device/reply.h"
#include "run/scrollback.h"
#include "run/terminal.h"
#include "run/termlog.h"

/* The lines of one direction, as they come. */
struct terminal_side {
    unsigned char raw[TERMINAL_LINE_MAX];
    size_t len;
    usec began;
    bool after_cr; /* an LF now belongs to it */
    bool broken;   /* the line so far was shown in pieces */
    struct masking masking;
};

struct terminal {
    struct port *port; /* NULL: gone */
    char name[sizeof((struct port_info *)0)->name];
    enum eol eol;
    bool listen_only, withhold;
    char **patterns;
    size_t pattern_count;
    struct line_settings line;

    bool flushing;
    usec flush_quiet, flush_until;
    size_t dropped;

    struct scrollback lines;
    struct terminal_side received, sent;
    struct control_filter filter; /* of what is received */
    usec received_at;             /* the last byte */
    bool changed;                 /* `unfinished` is to be made anew */
    bool settled;                 /* nothing has come for a while */
    struct terminal_line unfinished;
    char *unfinished_text; /* NULL: out of memory, or never needed */
    bool news;

    struct secret queue;
    size_t queue_at; /* what stands before was handed to the port */
    struct pacing pacing;
    bool blocked; /* the kernel takes no more for now */

    struct termlog *log;
};

/* --- terminal_text.c --- */

void terminal_note(struct terminal *t, const char *fmt, ...) ATTR_PRINTF(2, 3);
void terminal_take_received(struct terminal *t, const unsigned char *bytes, size_t n, usec now);
void terminal_take_sent(struct terminal *t, const unsigned char *bytes, size_t n, usec now);
/* Nothing more is to be sent for now: what was sent without a line end is a line, too. */
void terminal_end_sent(struct terminal *t, usec now);
/* When terminal_refresh has something to do, if nothing happens; or USEC_NEVER. */
usec terminal_settles_at(const struct terminal *t);
/* Makes `unfinished` anew if anything about it has changed. */
void terminal_refresh(struct terminal *t, usec now);

/* --- terminal_send.c --- */

/* Hands over what may go out now. False when the port has gone. */
bool terminal_write(struct terminal *t);
/* When there is more to hand over; or USEC_NEVER. */
usec terminal_writes_at(const struct terminal *t);
/* Drops what waits. Returns how much it was. */
size_t terminal_clear_queue(struct terminal *t);

#endif
