/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct buf *b, size_t extra)
{
    size_t capacity = b->capacity != 0 ? b->capacity : 64;
    char *data;

    if (b->failed)
        return false;
    if (extra < b->capacity - b->len && b->capacity != 0)
        return true;
    while (capacity - b->len <= extra) {
        if (capacity > (size_t)-1 / 4) {
            b->failed = true;
            return false;
        }
        capacity *= 2;
    }
    data = realloc(b->data, capacity);
    if (data == NULL) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (!reserve(b, n))
        return;
    if (n > 0)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_add_str(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    char *text;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0) {
        b->failed = true;
        return;
    }
    buf_add(b, text, (size_t)n);
    free(text);
}

char *buf_take(struct buf *b)
{
    char *text;

    buf_add(b, "", 0);
    text = b->failed ? NULL : b->data;
    if (b->failed)
        free(b->data);
    *b = (struct buf){0};
    return text;
}

void buf_reset(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}
