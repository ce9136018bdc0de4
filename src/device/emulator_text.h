/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_EMULATOR_TEXT_H
#define COMCERT_DEVICE_EMULATOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* The profile read from the device's side: patterns become lines, templates take lines apart. */

/* One named piece of a line. */
struct text_value {
    const char *name; /* not NUL-terminated where it was taken from a template: see name_len */
    size_t name_len;
    const char *value;
    size_t len;
};

enum { TEXT_VALUES_MAX = 8 };

/* Adds a line that the pattern matches: literal text as it is, {name} replaced by its value (by
 * nothing if it has none), every `*` by nothing but the last character of the pattern, which is
 * replaced by `tail`. */
void text_of_pattern(struct buf *out, const char *pattern, const struct text_value *values,
                     size_t count, const char *tail);

/* True if the line is an expansion of the template; fills values (TEXT_VALUES_MAX of them) with
 * what stands at its names, pointing into the line. */
bool text_takes_apart(const char *template, const char *line, size_t n, struct text_value *values,
                      size_t *count);

/* The value of that name, or NULL. */
const struct text_value *text_value_get(const struct text_value *values, size_t count,
                                        const char *name);

/* The value as a number of at most nine digits; false if it is none. */
bool text_value_number(const struct text_value *value, size_t *out);

#endif
