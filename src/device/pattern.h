/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_PATTERN_H
#define COMCERT_DEVICE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"

/*
 * A pattern recognises one whole line of a device, blanks at both ends not counted. It is literal
 * text but for
 *     *          any run of characters, also none
 *     {size}     decimal digits                     captured
 *     {digest}   hexadecimal digits, either case    captured
 *     {code}     any run of characters              captured
 *     {name}     (any other name) must equal the value of that name when the plan is expanded
 *     \* \{ \} \\ \xHH   the character itself
 * No regular expressions: a profile stays readable and cannot hang the matcher. Matching takes at
 * most length(pattern) * length(line) steps.
 */

enum {
    PATTERN_CAPTURE_MAX = 64,
    PATTERN_TOKENS_MAX = 256, /* characters, names and wildcards in a pattern */
    PATTERN_TEXT_MIN = 2      /* a shorter literal run is no text to be kept off the line */
};

struct capture {
    char size[PATTERN_CAPTURE_MAX + 1]; /* "" where the pattern has none */
    char digest[PATTERN_CAPTURE_MAX + 1];
    char code[PATTERN_CAPTURE_MAX + 1];
};

/* True if the line matches; fills `capture` if it is not NULL. Values in braces must have been
 * expanded before (plan.c); an unexpanded name matches nothing. The line may hold any byte. */
bool pattern_matches(const char *pattern, const char *line, size_t n, struct capture *capture);

/* ERR_SYNTAX with the reason if text is not a pattern (unclosed brace, unknown escape). */
int pattern_check(const char *text, struct err *err) ATTR_MUST_USE;

/* False for a pattern that every line matches, such as "*" or "{code}". */
bool pattern_is_definite(const char *pattern);

/* True if `value` contains the longest literal run of the pattern (case counts; a run of one
 * character does not): used to keep values that read like the device's own words off the line. */
bool pattern_text_occurs(const char *pattern, const char *value);

/* If text begins with "name}" (lower case, digits, - and _), the length of the name; else 0. For
 * what follows an opening brace, in patterns and in templates. */
size_t pattern_name_length(const char *text);

/* Adds text to a pattern so that it stands for itself. */
void pattern_escape(struct buf *out, const char *text, size_t n);

#endif
