/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_JSON_LINE_H
#define COMCERT_RUN_JSON_LINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"

/*
 * An object that becomes one line. jansson's _new functions take what they are given even when they
 * fail, and accept NULL: memory that runs out on the way shows as a missing member, so every object
 * remembers whether anything failed.
 */
struct json_line {
    json_t *json;
    bool failed;
};

/* type NULL: an object inside another. */
struct json_line json_begin(const char *type);

/* Takes the value over, also when it fails. */
void json_put(struct json_line *o, const char *key, json_t *value);
/* Text that need not be UTF-8 (a file name); nothing for NULL. */
void json_put_text(struct json_line *o, const char *key, const char *text);
/* The same; nothing for "" either. */
void json_put_filled(struct json_line *o, const char *key, const char *text);
/* Bytes of the line or for it, escaped. */
void json_put_bytes(struct json_line *o, const char *key, const void *bytes, size_t n);
void json_put_size(struct json_line *o, const char *key, size_t n);
void json_put_ms(struct json_line *o, const char *key, usec t);
/* ok: nothing that was appended failed. */
void json_put_array(struct json_line *o, const char *key, json_t *array, bool ok);

/* The text as a value, escaped where it is not UTF-8. */
json_t *json_text(const char *text);
bool json_append(json_t *array, struct json_line *o);

/* The object, or NULL if anything failed. */
json_t *json_take(struct json_line *o);
/* As text that the caller frees, or NULL; the object is gone. Characters beyond ASCII are escaped,
 * so that no terminal is harmed by them. */
char *json_print(struct json_line *o);

#endif
