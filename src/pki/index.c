/* SPDX-License-Identifier: MIT */
#include "pki/index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "pki/index_part.h"

static uint64_t hash_of(const char *text)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */

    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return h;
}

static const char *key_of(const struct issue_index *ix, const struct index_table *t, size_t entry)
{
    return t->by_serial ? ix->entries[entry].serial : ix->entries[entry].common_name;
}

/* The place for this text: the slot that holds it, or the empty one where it belongs. */
static size_t *slot_of(const struct issue_index *ix, const struct index_table *t, const char *text)
{
    size_t i = (size_t)hash_of(text) & (t->size - 1);

    while (t->slots[i] != 0 && strcmp(key_of(ix, t, t->slots[i] - 1), text) != 0)
        i = (i + 1) & (t->size - 1);
    return &t->slots[i];
}

static size_t table_get(const struct issue_index *ix, const struct index_table *t, const char *text)
{
    return t->size != 0 ? *slot_of(ix, t, text) : 0;
}

/* Twice as large; what it held finds its new place. */
static bool table_grow(const struct issue_index *ix, struct index_table *t)
{
    struct index_table bigger = {.by_serial = t->by_serial,
                                 .size = t->size != 0 ? 2 * t->size : 64};

    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (bigger.slots == NULL)
        return false;
    for (size_t i = 0; i < t->size; i++) {
        if (t->slots[i] != 0)
            *slot_of(ix, &bigger, key_of(ix, t, t->slots[i] - 1)) = t->slots[i];
    }
    bigger.used = t->used;
    free(t->slots);
    *t = bigger;
    return true;
}

/* What stood there before, or 0. */
static size_t table_put(const struct issue_index *ix, struct index_table *t, size_t entry)
{
    size_t *slot = slot_of(ix, t, key_of(ix, t, entry));
    size_t before = *slot;

    *slot = entry + 1;
    t->used += before == 0;
    return before;
}

int index_add(struct issue_index *ix, const struct index_entry *entry, struct err *err)
{
    if (ix->count == ix->capacity) {
        size_t capacity = ix->capacity != 0 ? 2 * ix->capacity : 64;
        struct index_entry *entries = reallocarray(ix->entries, capacity, sizeof *entries);

        if (entries == NULL)
            return err_set(err, ERR_NOMEM, "out of memory for %s", ix->path);
        ix->entries = entries;
        ix->capacity = capacity;
    }
    if ((2 * ix->names.used >= ix->names.size && !table_grow(ix, &ix->names)) ||
        (2 * ix->serials.used >= ix->serials.size && !table_grow(ix, &ix->serials)))
        return err_set(err, ERR_NOMEM, "out of memory for %s", ix->path);
    ix->entries[ix->count] = *entry;
    (void)table_put(ix, &ix->serials, ix->count);
    ix->entries[ix->count].older = table_put(ix, &ix->names, ix->count);
    ix->count++;
    return 0;
}

struct index_entry *index_of_serial(struct issue_index *ix, const char *serial)
{
    size_t at = table_get(ix, &ix->serials, serial);

    return at != 0 ? &ix->entries[at - 1] : NULL;
}

bool index_has_serial(const struct issue_index *ix, const char *serial)
{
    return table_get(ix, &ix->serials, serial) != 0;
}

const struct index_entry *index_valid(const struct issue_index *ix, const char *common_name,
                                      time_t now)
{
    const struct index_entry *best = NULL;
    struct buf name = {0};

    str_escape(&name, common_name, strlen(common_name));
    for (size_t at = name.data != NULL ? table_get(ix, &ix->names, name.data) : 0; at != 0;) {
        const struct index_entry *e = &ix->entries[at - 1];

        if (!e->void_ && e->not_after >= now && (best == NULL || e->not_after > best->not_after))
            best = e;
        at = e->older;
    }
    buf_reset(&name);
    return best;
}

/* --- the file ------------------------------------------------------------------------------- */

static void forget(struct issue_index *ix)
{
    for (size_t i = 0; i < ix->count; i++)
        free(ix->entries[i].common_name);
    free(ix->entries);
    free(ix->names.slots);
    free(ix->serials.slots);
    ix->entries = NULL;
    ix->names = (struct index_table){0};
    ix->serials = (struct index_table){.by_serial = true};
    ix->count = ix->capacity = ix->line = 0;
    ix->offset = 0;
}

/* What stands behind `offset`, as text. */
static int read_rest(const struct issue_index *ix, off_t end, struct buf *out, struct err *err)
{
    char piece[65536];

    for (off_t at = ix->offset; at < end;) {
        size_t want = end - at < (off_t)sizeof piece ? (size_t)(end - at) : sizeof piece;
        ssize_t n = pread(ix->fd, piece, want, at);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "cannot read %s", ix->path);
        if (n == 0)
            break;
        buf_add(out, piece, (size_t)n);
        at += n;
    }
    return out->failed ? err_set(err, ERR_NOMEM, "out of memory for %s", ix->path) : 0;
}

static int catch_up(struct issue_index *ix, struct err *err)
{
    struct buf text = {0};
    struct stat st;
    int rc;

    if (fstat(ix->fd, &st) != 0)
        return err_set_errno(err, errno, "cannot read %s", ix->path);
    if (st.st_size < ix->offset) /* somebody has mended it in an editor */
        forget(ix);
    if (st.st_size == ix->offset)
        return 0;
    rc = read_rest(ix, st.st_size, &text, err);
    if (rc == 0)
        rc = index_parse(ix, text.data, text.len, err);
    if (rc == 0)
        ix->offset += (off_t)text.len;
    else
        forget(ix);
    buf_reset(&text);
    return rc;
}

int index_open(const char *path, struct issue_index **out, struct err *err)
{
    struct issue_index *ix = calloc(1, sizeof *ix);
    int rc;

    *out = NULL;
    if (ix == NULL || (ix->path = str_copy(path)) == NULL) {
        free(ix);
        return err_set(err, ERR_NOMEM, "out of memory for %s", path);
    }
    ix->serials.by_serial = true;
    ix->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    if (ix->fd < 0) {
        rc = err_set_errno(err, errno, "cannot write the index of what this CA issued, %s", path);
        err_remedy(err, "copy the CA to a folder that you can write, or do without the index: "
                        "--no-index");
    } else {
        rc = index_lock(ix, err);
        index_unlock(ix);
    }
    if (rc == 0)
        *out = ix;
    else
        index_close(ix);
    return rc;
}

void index_close(struct issue_index *ix)
{
    if (ix == NULL)
        return;
    forget(ix);
    if (ix->fd >= 0)
        close(ix->fd);
    free(ix->path);
    free(ix);
}

const char *index_path(const struct issue_index *ix)
{
    return ix->path;
}

int index_lock(struct issue_index *ix, struct err *err)
{
    while (flock(ix->fd, LOCK_EX) != 0) {
        if (errno != EINTR)
            return err_set_errno(err, errno, "cannot lock %s", ix->path);
    }
    return catch_up(ix, err);
}

void index_unlock(struct issue_index *ix)
{
    (void)flock(ix->fd, LOCK_UN);
}

/* --- adding --------------------------------------------------------------------------------- */

/* All of it or nothing: what a full disk let through is cut off again. */
static int write_lines(struct issue_index *ix, const struct buf *text, struct err *err)
{
    size_t done = 0;
    int sys = 0;

    if (text->failed)
        return err_set(err, ERR_NOMEM, "out of memory for %s", ix->path);
    while (sys == 0 && done < text->len) {
        ssize_t n = write(ix->fd, text->data + done, text->len - done);

        if (n >= 0)
            done += (size_t)n;
        else if (errno != EINTR)
            sys = errno;
    }
    if (sys == 0 && fsync(ix->fd) == 0)
        return 0;
    if (sys == 0)
        sys = errno;
    if (ftruncate(ix->fd, ix->offset) != 0)
        return err_set_errno(err, sys, "cannot write %s, whose last line is now damaged", ix->path);
    return err_set_errno(err, sys, "cannot write %s", ix->path);
}

int index_append(struct issue_index *ix, const struct index_entry *entries, size_t count,
                 struct err *err)
{
    struct buf text = {0};
    int rc;

    if (ix->line == 0)
        index_format_head(&text);
    for (size_t i = 0; i < count; i++)
        index_format(&text, &entries[i]);
    rc = write_lines(ix, &text, err);
    buf_reset(&text);
    return rc != 0 ? rc : catch_up(ix, err);
}

int index_void(struct issue_index *ix, const char *const *serials, size_t count, struct err *err)
{
    struct buf text = {0};
    int rc;

    for (size_t i = 0; i < count; i++)
        index_format_void(&text, serials[i]);
    rc = write_lines(ix, &text, err);
    buf_reset(&text);
    return rc != 0 ? rc : catch_up(ix, err);
}
