/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_bool all_locked = true; /* secrets are made by worker threads too */

void mem_wipe(void *p, size_t n)
{
    if (n > 0)
        explicit_bzero(p, n);
}

bool secret_all_locked(void)
{
    return all_locked;
}

int secret_reserve(struct secret *s, size_t capacity, struct err *err)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *data;
    size_t size;

    if (capacity < s->capacity) /* one byte is kept for the NUL */
        return 0;
    if (capacity > SIZE_MAX / 2)
        return err_set(err, ERR_NOMEM, "out of memory for a secret of %zu bytes", capacity);
    size = (capacity / page + 1) * page;
    data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        return err_set(err, ERR_NOMEM, "out of memory for a secret of %zu bytes", capacity);
    if (mlock(data, size) != 0)
        all_locked = false;
    (void)madvise(data, size, MADV_DONTDUMP);
    if (s->len > 0)
        memcpy(data, s->data, s->len);
    size_t len = s->len;
    secret_reset(s);
    *s = (struct secret){.data = data, .len = len, .capacity = size};
    return 0;
}

int secret_append(struct secret *s, const void *bytes, size_t n, struct err *err)
{
    int rc;

    if (n > SIZE_MAX / 2 - s->len)
        return err_set(err, ERR_NOMEM, "out of memory for a secret");
    rc = secret_reserve(s, s->len + n, err);
    if (rc != 0)
        return rc;
    if (n > 0)
        memcpy(s->data + s->len, bytes, n);
    s->len += n;
    s->data[s->len] = '\0';
    return 0;
}

int secret_set(struct secret *s, const void *bytes, size_t n, struct err *err)
{
    struct secret fresh = {0};
    int rc = secret_append(&fresh, bytes, n, err);

    if (rc == 0)
        secret_move(s, &fresh);
    return rc;
}

void secret_move(struct secret *s, struct secret *from)
{
    secret_reset(s);
    *s = *from;
    *from = (struct secret){0};
}

void secret_reset(struct secret *s)
{
    if (s->data != NULL) {
        mem_wipe(s->data, s->capacity);
        munmap(s->data, s->capacity);
    }
    *s = (struct secret){0};
}
