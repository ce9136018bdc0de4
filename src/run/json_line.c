/* SPDX-License-Identifier: MIT */
#include "run/json_line.h"

#include <string.h>

#include "base/str.h"

void json_put(struct json_line *o, const char *key, json_t *value)
{
    if (o->json == NULL || json_object_set_new(o->json, key, value) != 0)
        o->failed = true;
}

struct json_line json_begin(const char *type)
{
    struct json_line o = {.json = json_object()};

    if (type != NULL)
        json_put(&o, "type", json_string(type));
    return o;
}

json_t *json_text(const char *text)
{
    json_t *value = json_string(text);
    struct buf b = {0};

    if (value != NULL)
        return value;
    str_escape(&b, text, strlen(text));
    value = b.data != NULL ? json_string(b.data) : NULL;
    buf_reset(&b);
    return value;
}

void json_put_text(struct json_line *o, const char *key, const char *text)
{
    if (text != NULL)
        json_put(o, key, json_text(text));
}

void json_put_filled(struct json_line *o, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_put(o, key, json_text(text));
}

void json_put_bytes(struct json_line *o, const char *key, const void *bytes, size_t n)
{
    struct buf b = {0};

    str_escape(&b, bytes, n);
    json_put(o, key, json_string(b.data != NULL ? b.data : ""));
    o->failed |= b.failed;
    buf_reset(&b);
}

void json_put_size(struct json_line *o, const char *key, size_t n)
{
    json_put(o, key, json_integer((json_int_t)n));
}

void json_put_ms(struct json_line *o, const char *key, usec t)
{
    json_put(o, key, json_real((double)t / (double)USEC_PER_MS));
}

json_t *json_take(struct json_line *o)
{
    if (o->failed) {
        json_decref(o->json);
        o->json = NULL;
    }
    return o->json;
}

char *json_print(struct json_line *o)
{
    json_t *json = json_take(o);
    char *text = NULL;

    if (json != NULL)
        text = json_dumps(json, JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(6));
    json_decref(json);
    return text;
}

void json_put_array(struct json_line *o, const char *key, json_t *array, bool ok)
{
    json_put(o, key, array);
    o->failed |= !ok;
}

bool json_append(json_t *array, struct json_line *o)
{
    return json_array_append_new(array, json_take(o)) == 0;
}
