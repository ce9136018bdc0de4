/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_TERMLOG_H
#define COMCERT_RUN_TERMLOG_H

#include "base/attr.h"
#include "base/err.h"
#include "job/line.h"
#include "run/terminal.h"

/* The file in which a terminal's lines are kept. It gets them as they are drawn: escaped, and
 * without what could be a key. */
struct termlog;

/* Makes the file (0600), or adds to one that is such a log. Writes a heading: date, port, line
 * settings. ERR_USAGE for any other file. */
int termlog_open(const char *path, const char *port, const struct line_settings *line,
                 struct termlog **out, struct err *err) ATTR_MUST_USE;

/* Adds a line, with seconds since the heading. It reaches the file with termlog_flush. */
void termlog_line(struct termlog *log, const struct terminal_line *line);

/* Writes what was added; may block as long as a write to a file does. The first error is returned
 * once, and reported again by termlog_close. */
int termlog_flush(struct termlog *log, struct err *err) ATTR_MUST_USE;

/* Reports any error of the whole log. Accepts NULL. */
int termlog_close(struct termlog *log, struct err *err);

#endif
