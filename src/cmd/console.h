/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_CONSOLE_H
#define COMCERT_CMD_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/finding.h"
#include "cmd/args.h"

/* What is common to everything that is printed: who reads it, and whether colours help. */

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_WARN, STYLE_BAD };

struct console {
    bool json;   /* objects on standard output ... */
    bool text;   /* ... and text for people: on standard error, or instead of objects */
    bool quiet;  /* errors only */
    bool colour; /* of `people` */
    bool live;   /* standard error is a terminal that can redraw a line */
    FILE *people;
};

/* `people` is where the text for people goes: standard output for commands whose result is that
 * text (objects replace it), else standard error. */
struct console console_make(const struct args *args, FILE *people);

/* Control sequence that starts a style, "" where there is no colour; STYLE_PLAIN ends any. */
const char *console_style(const struct console *c, enum style style);

/* Prints text that may hold anything; only what could harm a terminal is escaped. */
void print_safe(FILE *f, const char *text);

/* The same for text of any length, with the line's end: on a terminal it is broken at blanks, and
 * goes on `indent` columns from the left. `column` is where the line stands. Elsewhere it is one
 * line. */
void print_wrapped(FILE *f, size_t column, size_t indent, const char *text);

/* The same for any width; 0: never broken. */
void print_broken(FILE *f, size_t width, size_t column, size_t indent, const char *text);

/* "OK The device is ...", and what to do next below. */
struct verdict;
void console_verdict(const struct console *c, const struct verdict *v);

/* What was printed has arrived so far; the first error is kept. */
void console_flush(FILE *f);
/* errno of the first write that failed; 0: none. */
int console_failed(void);

/* Writes to standard output, which has no buffer; false, and noted as by console_flush, if it could
 * not be written. */
bool console_write(const void *bytes, size_t n);

/* One line each, worst first, with what to do below; with --json as objects too. */
void console_findings(const struct console *c, struct findings *findings);

/* "comcert: what went wrong", the place before it, the remedy below. Answers the exit status of an
 * error that came before any port was opened: 2 for a wrong command line, 3 for a file, else 1. */
int console_error(const struct err *err);

/* Prints one JSON object and frees it; false if memory ran out when it was made. */
bool console_json(char *json);

#endif
