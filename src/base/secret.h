/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_SECRET_H
#define COMCERT_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * The only carrier of keys, passwords and passphrases, and of every body that goes to a device.
 *
 * Its bytes live in pages of their own that are left out of core dumps and locked into memory where
 * the system allows it (RLIMIT_MEMLOCK); they are wiped whenever they are freed or moved. A secret
 * is never copied into an err, a finding, an event or a log.
 *
 * Zero-initialise it. data is NUL-terminated beyond len (the NUL is not counted), so that a
 * password can be handed to an interface that wants a string.
 */
struct secret {
    unsigned char *data;
    size_t len;
    size_t capacity; /* of the mapping */
};

/* Makes room for at least `capacity` bytes, keeping the content. ERR_NOMEM leaves it as it was. */
int secret_reserve(struct secret *s, size_t capacity, struct err *err) ATTR_MUST_USE;

/* Adds bytes at the end. On ERR_NOMEM the content is unchanged. */
int secret_append(struct secret *s, const void *bytes, size_t n, struct err *err) ATTR_MUST_USE;

/* Replaces the content. On ERR_NOMEM the content is unchanged. */
int secret_set(struct secret *s, const void *bytes, size_t n, struct err *err) ATTR_MUST_USE;

/* Moves the content of from to s; what s held is wiped. from is empty afterwards. */
void secret_move(struct secret *s, struct secret *from);

/* Wipes and frees. The secret is empty afterwards and can be used again. */
void secret_reset(struct secret *s);

/* A process that was forked calls it first: wiped pages that are kept for the next secret are not
 * locked into memory there. */
void secret_forget_pages(void);

/* False once any secret of this process could not be locked into memory. */
bool secret_all_locked(void);

/* Overwrites memory in a way that no optimiser removes. */
void mem_wipe(void *p, size_t n);

#endif
