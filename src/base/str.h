/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_STR_H
#define COMCERT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Text that comes from outside (a line, a certificate, a file name) and is to be shown to people.
 */

/* Adds bytes so that no terminal can be harmed by them: printable UTF-8 stays as it is; control
 * characters (C0, DEL, C1), bidirectional overrides and bytes that are not UTF-8 become \r \n \t or
 * \xHH (\u{HHHH} for a code point). A backslash becomes \\. */
void str_escape(struct buf *out, const void *bytes, size_t n);

/* The same into a fixed space of `size` bytes, always NUL-terminated; what does not fit is cut at a
 * character and marked with "...". Returns out. */
char *str_escape_to(char *out, size_t size, const void *bytes, size_t n);

/* As str_escape, for text that this program has made: a backslash in it stays as it is, since what
 * had to be escaped in it was. */
void str_safe(struct buf *out, const char *text);

/* As str_safe, but broken at blanks into lines of at most `width` columns (0: never broken).
 * `column` is where the line stands; further lines begin `indent` columns from the left. No line
 * end is added after the last. A word that is too long for any line is not broken. */
void str_wrap(struct buf *out, size_t width, size_t column, size_t indent, const char *text);

/* One character of UTF-8 at p, which has n > 0 bytes: its length, with its number in *code; 0 if
 * the bytes are not UTF-8 (overlong forms, surrogates and values past U+10FFFF included). */
size_t str_utf8(const char *p, size_t n, uint32_t *code);

/* How many bytes the first character of bytes has, if str_escape leaves it as it is (or doubles it:
 * a backslash); 0 if it does not. n is at least 1. */
size_t str_plain_char(const void *bytes, size_t n);

/* The word among words (ended by NULL) that the user most probably meant: at most two letters
 * inserted, left out, changed or swapped, and at most a third of its length; or NULL. */
const char *str_nearest(const char *word, const char *const *words);

/* True if name stands in a comma-separated list such as "device-cert,device-key"; blanks around the
 * names do not count. */
bool str_in_list(const char *name, const char *list);

bool str_starts(const char *text, const char *prefix);
bool str_ends(const char *text, const char *suffix);

/* strdup that turns NULL into NULL. */
char *str_copy(const char *text);

#endif
