/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_TEMPLATE_H
#define COMCERT_DEVICE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/secret.h"

/*
 * Templates are texts to send, with values at {name}; \{ \} \\ stand for the characters themselves.
 * Patterns (pattern.h) have names too, and escapes of their own that expanding leaves alone.
 */

/* A list of values ends with a row whose name is NULL. */
struct template_value {
    const char *name;
    const char *value;
    size_t len; /* of value */
};

/* Replaces {name} in a template by values; for the plan and the loader's sync query. The result is
 * appended to out. ERR_VALUE for a name without a value, ERR_SYNTAX for a stray brace or an unknown
 * escape. */
int template_expand(const char *text, const struct template_value *values, struct secret *out,
                    struct err *err) ATTR_MUST_USE;

/* The same for a pattern: the values stand for themselves whatever characters they hold; escapes
 * and the captures {size}, {digest} and {code} stay as they are. */
int pattern_expand(const char *pattern, const struct template_value *values, struct secret *out,
                   struct err *err) ATTR_MUST_USE;

/* ERR_SYNTAX or ERR_VALUE with the reason if text is no template, or has a name that is not among
 * names (ended by NULL). */
int template_check(const char *text, const char *const *names, struct err *err) ATTR_MUST_USE;

/* The same for the names of a pattern besides its captures; and pattern_check. */
int template_check_pattern(const char *pattern, const char *const *names,
                           struct err *err) ATTR_MUST_USE;

/* True if {name} occurs. */
bool template_has(const char *text, const char *name);

/* The literal characters just before and just after the first {name}; '\0' where there is none. */
void template_neighbours(const char *text, const char *name, char *before, char *after);

#endif
