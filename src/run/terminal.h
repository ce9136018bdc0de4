/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_TERMINAL_H
#define COMCERT_RUN_TERMINAL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "device/profile.h"
#include "job/line.h"
#include "port/port.h"

/*
 * The engine of a line terminal: bytes of an open port become lines that are safe to draw, and
 * lines go out at the speed of the line. Driven by the caller's poll, like the runner; bounded in
 * memory whatever the line says; nothing here blocks but terminal_destroy and the writing of the
 * log.
 *
 * It starts with a flush: what the port still delivers before it has been quiet for 100 ms (at most
 * 1 s) is dropped, and told by a note. What is sent meanwhile waits.
 *
 * Text that could be a key is neither shown nor logged (device/masking.h), whether it was received
 * or sent: such lines are told as "<n bytes>". Control sequences of the device are dropped, all
 * else is escaped. The echo of what was sent is received text like any other.
 */
struct terminal;

enum terminal_source { TERMINAL_SENT, TERMINAL_RECEIVED, TERMINAL_NOTE };

struct terminal_line {
    enum terminal_source source;
    usec at;          /* of its first byte; a sent one: of its last */
    const char *text; /* escaped, safe to draw */
};

enum {
    TERMINAL_LINES_MAX = 2000, /* that are kept */
    TERMINAL_LINE_MAX = 512,   /* a longer line is shown in pieces of so many bytes */
    TERMINAL_PENDING_MAX = 1 << 20
};

struct terminal_options {
    enum eol eol;     /* what ends a line that is sent */
    bool listen_only; /* nothing is ever sent */
    /* What a device is known to say, such as "COMMAND PROCESSED OK": a line that equals one of them
     * (without blanks at both ends) is always shown. Wildcards equal nothing. Copied. */
    const char *const *patterns;
    size_t pattern_count;
    bool withhold; /* of what is received nothing else is shown: a key's exchange was left open */
    struct line_settings line; /* what the port was opened with; sets the pace */
};

/* Takes the port over, also on failure, when it is closed. */
int terminal_create(struct port *port, const struct terminal_options *options,
                    struct terminal **out, struct err *err) ATTR_MUST_USE;

/* Closes the port, which may block, and drops what was not sent. Ends the log. Accepts NULL. */
void terminal_destroy(struct terminal *t);

/* What to wait for (one descriptor; none once the port has gone), and when to dispatch at the
 * latest. */
size_t terminal_pollfd(const struct terminal *t, struct pollfd *fd, usec *deadline);

/* Does what can be done now. True if there is something new to show since the last call. */
bool terminal_dispatch(struct terminal *t);

/* The port has gone away. It was closed at once: an adapter that is plugged in again gets its old
 * name only then. The lines can still be read, and the log goes on until it is stopped. */
bool terminal_gone(const struct terminal *t);

/* Sends one line of n bytes and the line end. ERR_VALUE: it holds a line end itself.
 * ERR_UNSUPPORTED under listen_only, ERR_GONE, ERR_BUSY when too much waits already, ERR_NOMEM;
 * nothing of it is sent then. */
int terminal_send_line(struct terminal *t, const char *text, size_t n,
                       struct err *err) ATTR_MUST_USE;

/* Sends text of several lines, as it was pasted: each CR, LF or CRLF in it is sent as the line end,
 * and nothing is added at its end. Errors as for terminal_send_line. The text is copied. */
int terminal_send_text(struct terminal *t, const struct secret *text,
                       struct err *err) ATTR_MUST_USE;

/* Bytes that were not handed to the port yet. */
size_t terminal_pending(const struct terminal *t);

/* Drops them, and what the driver has not sent yet. */
void terminal_drop_pending(struct terminal *t);

/* The lines, oldest first. A received line that is not complete yet is the last. A line and its
 * text are valid until the next call that takes a terminal that is not const. */
size_t terminal_count(const struct terminal *t);
const struct terminal_line *terminal_line(const struct terminal *t, size_t i);

/* How many lines were forgotten for newer ones: line i is number forgotten + i of all. */
size_t terminal_forgotten(const struct terminal *t);

/* From now on every complete line is written to a file, too: made (0600), or appended to if it is
 * such a log; any other file is refused (ERR_USAGE). ERR_BUSY if there is a log already. */
int terminal_log_start(struct terminal *t, const char *path, struct err *err) ATTR_MUST_USE;

/* Ends the log, with the incomplete line. Reports any error in writing the whole of it; the first
 * one was also told by a note. Nothing to do is no error. */
int terminal_log_stop(struct terminal *t, struct err *err);

#endif
