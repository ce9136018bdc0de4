/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_BUF_H
#define COMCERT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

/*
 * A growing row of bytes for text that is not secret. Zero-initialise it. data is NUL-terminated
 * beyond len once anything has been added, else NULL. When memory runs out, failed is set, what
 * could not be added is dropped, and later additions do nothing: callers check failed once, at the
 * end.
 */
struct buf {
    char *data;
    size_t len;
    size_t capacity;
    bool failed;
};

void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_add_char(struct buf *b, char c);
void buf_add_str(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Hands the text over to the caller, who frees it; never NULL unless memory ran out, in which case
 * everything is freed. The buf is empty afterwards. */
char *buf_take(struct buf *b);

/* Frees; the buf is empty afterwards and can be used again. */
void buf_reset(struct buf *b);

#endif
