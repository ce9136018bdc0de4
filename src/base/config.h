/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_CONFIG_H
#define COMCERT_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"

/*
 * Files in libconfig's syntax, held to a schema. The only user of libconfig.
 *
 * Reading keeps clear of libconfig's traps: only regular files of at most 1 MiB, no @include, no
 * NUL and no \x00, no integer of more than nine digits (10 is "integer too large").
 *
 * All problems become findings with file:line. Syntax errors and duplicates come first and alone
 * (the parser stops there); after that config_check reports everything else at once.
 *
 * Codes: config-unreadable, config-syntax, config-duplicate, config-unknown-key, config-type,
 * config-value, config-missing.
 */

#define CONFIG_MAX_BYTES ((size_t)1 << 20)

enum config_type {
    CONFIG_GROUP,
    CONFIG_STRING,
    CONFIG_INT,
    CONFIG_BOOL,
    CONFIG_STRINGS,         /* one string, or a list or array of strings */
    CONFIG_BOOL_OR_STRINGS, /* true, false, or CONFIG_STRINGS */
    CONFIG_GROUPS           /* a list of groups; the keys in it are "path[].key" */
};

/* One row for each key that may occur; a schema ends with a row whose path is NULL. */
struct config_key {
    const char *path; /* "mqtt.client-id"; "proof[].key" inside a list of groups */
    enum config_type type;
    bool required;            /* within its group, if the group is there */
    long min, max;            /* CONFIG_INT: the range unless equal; strings: length if max > 0 */
    const char *const *words; /* CONFIG_STRING(S): the allowed values, ended by NULL; or NULL */
    bool secret;              /* must never be given with --set */
    const char *help;         /* one line for the manual */
};

struct config;

/* Reads and parses a file. On failure (negative code) *out is NULL and `findings` says why. (Not
 * config_read and config_destroy: those symbols are libconfig's own.) */
int config_load(const char *path, struct config **out, struct findings *findings) ATTR_MUST_USE;

/* The same for text in memory; `name` stands for the file in findings. The text need not end with
 * a NUL. */
int config_parse(const char *name, const char *text, size_t n, struct config **out,
                 struct findings *findings) ATTR_MUST_USE;

/* An empty one, to be filled by config_set and printed. ERR_NOMEM only. */
int config_new(const char *name, struct config **out, struct err *err) ATTR_MUST_USE;

/* Adds the whole tree as text from which config_parse reads the same values in the same order;
 * comments and lines are not kept. Control characters and bytes that are not printable UTF-8 are
 * written as escapes. ERR_VALUE, naming the key, if a value would not be read back the same (a
 * fraction, or a number beyond what config_parse takes); then out is as it was. */
int config_print(const struct config *c, struct buf *out, struct err *err) ATTR_MUST_USE;

/* Sets one key from "path=value" (--set), replacing what the file said. The value is taken as the
 * schema's type: text needs no quotes; a list is separated by commas. ERR_USAGE for an unknown path
 * (with a suggestion), a value of the wrong kind, or a key marked secret. */
int config_set(struct config *c, const struct config_key *schema, const char *assignment,
               struct err *err) ATTR_MUST_USE;

/* Holds everything in c against the schema; adds a finding for each unknown key (with "did you
 * mean", looked up among the keys of the same group, then of all), wrong type, value out of range
 * or not among the words, and missing required key. ERR_VALUE if there was any. */
int config_check(const struct config *c, const struct config_key *schema,
                 struct findings *findings) ATTR_MUST_USE;

/* Values by path, after config_check. A list of groups is entered by number: "proof.[2].key" in
 * libconfig's own path syntax. Strings belong to c. */
bool config_has(const struct config *c, const char *path);
const char *config_string(const struct config *c, const char *path); /* NULL if absent */
long config_int(const struct config *c, const char *path, long absent);
bool config_bool(const struct config *c, const char *path, bool absent);
/* Length of a list, or 1 for a single string, or 0 if absent. */
size_t config_count(const struct config *c, const char *path);
/* Element i of CONFIG_STRINGS; NULL past the end. */
const char *config_string_at(const struct config *c, const char *path, size_t i);
/* True if the value is a bool (for CONFIG_BOOL_OR_STRINGS). */
bool config_is_bool(const struct config *c, const char *path);

/* Where the key stands: key, file and line; the line is 0 for a key that is absent or came by
 * config_set. The strings belong to the caller's path and to c. */
struct place config_place(const struct config *c, const char *path);

/* The name given at reading. */
const char *config_name(const struct config *c);

/* Accepts NULL. */
void config_free(struct config *c);

#endif
