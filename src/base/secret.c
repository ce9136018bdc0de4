/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_bool all_locked = true; /* secrets are made by worker threads too */

/* Wiped mappings of a few pages, locked and left out of dumps, for the next secret: to check one
 * credential takes some forty secrets, and to map, lock and unmap each costs more than all of
 * OpenSSL. */
enum { KEPT_MAX = 16, KEPT_PAGES = 4 };

static struct {
    unsigned char *data;
    size_t size;
} kept[KEPT_MAX];
static size_t kept_count;
static atomic_flag kept_busy = ATOMIC_FLAG_INIT;

/* Whoever finds it busy does without: nobody waits. */
static bool kept_enter(void)
{
    return !atomic_flag_test_and_set_explicit(&kept_busy, memory_order_acquire);
}

static void kept_leave(void)
{
    atomic_flag_clear_explicit(&kept_busy, memory_order_release);
}

static unsigned char *kept_take(size_t size)
{
    unsigned char *data = NULL;

    if (!kept_enter())
        return NULL;
    for (size_t i = kept_count; i > 0 && data == NULL; i--) {
        if (kept[i - 1].size == size) {
            data = kept[i - 1].data;
            kept[i - 1] = kept[--kept_count];
        }
    }
    kept_leave();
    return data;
}

/* The mapping is wiped. False if it is not taken. */
static bool kept_give(unsigned char *data, size_t size)
{
    bool taken;

    if (size > KEPT_PAGES * (size_t)sysconf(_SC_PAGESIZE) || !kept_enter())
        return false;
    taken = kept_count < KEPT_MAX;
    if (taken) {
        kept[kept_count].data = data;
        kept[kept_count++].size = size;
    }
    kept_leave();
    return taken;
}

void secret_forget_pages(void)
{
    while (kept_count > 0) {
        kept_count--;
        munmap(kept[kept_count].data, kept[kept_count].size);
    }
    /* Another thread may have held it when this process was made, and is not in it. */
    kept_leave();
}

static unsigned char *map(size_t size)
{
    unsigned char *data = kept_take(size);

    if (data != NULL)
        return data;
    data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data == MAP_FAILED)
        return NULL;
    if (mlock(data, size) != 0)
        all_locked = false;
    (void)madvise(data, size, MADV_DONTDUMP);
    return data;
}

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
    data = map(size);
    if (data == NULL)
        return err_set(err, ERR_NOMEM, "out of memory for a secret of %zu bytes", capacity);
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
        if (!kept_give(s->data, s->capacity))
            munmap(s->data, s->capacity);
    }
    *s = (struct secret){0};
}
