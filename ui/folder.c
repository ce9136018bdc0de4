/* SPDX-License-Identifier: MIT */
#include "ui/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "pki/credential.h"
#include "pki/glance.h"
#include "pki/root.h"
#include "ui/worker.h"

enum { ENTRIES_MAX = 5000, AT_ONCE = 8 };

/* A task has its own copy of everything: the loop may look at the folder meanwhile. */
struct listing {
    struct folder *folder;
    char *path;
    char *error;
    struct entry *entries;
    size_t count;
};

struct judging {
    struct folder *folder;
    char *path;
    size_t index[AT_ONCE];
    struct entry entries[AT_ONCE];
    size_t count;
};

static void entry_reset(struct entry *e)
{
    free(e->name);
    free(e->what);
}

static void folder_free(struct folder *f)
{
    for (size_t i = 0; i < f->count; i++)
        entry_reset(&f->entries[i]);
    free(f->entries);
    free(f->path);
    free(f->error);
    free(f);
}

void folder_close(struct folder *f)
{
    if (f == NULL)
        return;
    f->orphan = true;
    if (!f->busy)
        folder_free(f);
}

/* --- what is there ---------------------------------------------------------------------------- */

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->is_folder != y->is_folder)
        return x->is_folder ? -1 : 1;
    return strcmp(x->name, y->name);
}

static bool add_entry(struct listing *l, const struct dirent *e)
{
    struct buf path = {0};
    struct stat st;
    bool there;

    if (e->d_name[0] == '.')
        return true;
    buf_printf(&path, "%s/%s", l->path, e->d_name);
    there = path.data != NULL && stat(path.data, &st) == 0;
    buf_reset(&path);
    if (!there || (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)))
        return true;
    if (l->count % 64 == 0) {
        struct entry *more = reallocarray(l->entries, l->count + 64, sizeof *more);

        if (more == NULL)
            return false;
        l->entries = more;
    }
    l->entries[l->count] =
        (struct entry){.name = str_copy(e->d_name), .is_folder = S_ISDIR(st.st_mode)};
    return l->entries[l->count].name != NULL && ++l->count < ENTRIES_MAX;
}

static void list(void *task)
{
    struct listing *l = task;
    DIR *dir = opendir(l->path);
    int sys = errno;
    struct dirent *e;

    if (dir == NULL) {
        struct err err;

        err_set_errno(&err, sys, "this folder cannot be read");
        l->error = str_copy(err.text);
        return;
    }
    while ((e = readdir(dir)) != NULL && add_entry(l, e))
        continue;
    closedir(dir);
    if (l->count > 1)
        qsort(l->entries, l->count, sizeof *l->entries, compare);
}

/* --- what it is ------------------------------------------------------------------------------- */

/* A file that only its passphrase can tell may be what one looks for. */
static void judge_unreadable(struct entry *e, const struct findings *said)
{
    bool locked = findings_get(said, "key-encrypted") != NULL;
    struct buf what = {0};

    e->fits[SLOT_DEVICE_KEY] = locked;
    e->fits[SLOT_DEVICE_CERT] = locked && (str_ends(e->name, ".p12") || str_ends(e->name, ".pfx"));
    glance_findings(said, &what);
    e->what = buf_take(&what);
}

static void judge_credential(struct entry *e, const struct credential *c)
{
    struct buf what = {0};
    size_t certs = credential_cert_count(c);

    e->fits[SLOT_DEVICE_KEY] = credential_key(c) != NULL;
    if (certs > 0) {
        const struct cert_info *leaf = credential_cert(c, credential_leaf(c));

        e->fits[SLOT_SERVER_CA] = leaf->is_ca || leaf->self_issued;
        /* `openssl req -x509`, by which guides make device certificates, marks them as a CA's. */
        e->fits[SLOT_DEVICE_CERT] = credential_key(c) != NULL || !leaf->is_ca ||
                                    (leaf->self_issued && root_by_sha256(leaf->sha256) == NULL);
    }
    glance(c, time(NULL), &what);
    e->what = buf_take(&what);
}

static void judge_one(const char *folder, struct entry *e)
{
    struct passphrase_source none = {0};
    struct findings said = {0};
    struct credential *c = NULL;
    struct buf path = {0};

    buf_printf(&path, "%s/%s", folder, e->name);
    if (path.data != NULL && credential_read(path.data, (struct place){0}, &none, &c, &said) == 0)
        judge_credential(e, c);
    else
        judge_unreadable(e, &said);
    e->judged = true;
    credential_destroy(c);
    findings_reset(&said);
    buf_reset(&path);
}

static void judge(void *task)
{
    struct judging *j = task;

    for (size_t i = 0; i < j->count; i++)
        judge_one(j->path, &j->entries[i]);
}

/* --- the loop's side -------------------------------------------------------------------------- */

static void judge_next(struct folder *f);

static void judged(void *task)
{
    struct judging *j = task;
    struct folder *f = j->folder;

    f->busy = false;
    for (size_t i = 0; i < j->count; i++) {
        struct entry *e = &f->entries[j->index[i]];

        free(j->entries[i].name);
        j->entries[i].name = e->name;
        *e = j->entries[i];
    }
    free(j->path);
    free(j);
    if (f->orphan) {
        folder_free(f);
        return;
    }
    judge_next(f);
    f->changed(f->ctx);
}

static void judge_next(struct folder *f)
{
    struct judging *j = calloc(1, sizeof *j);

    if (j == NULL)
        return;
    j->folder = f;
    j->path = str_copy(f->path);
    for (size_t i = 0; i < f->count && j->count < AT_ONCE; i++) {
        if (f->entries[i].is_folder || f->entries[i].judged)
            continue;
        j->index[j->count] = i;
        j->entries[j->count].name = str_copy(f->entries[i].name);
        j->count += j->entries[j->count].name != NULL;
    }
    if (j->count == 0 || j->path == NULL) {
        free(j->path);
        free(j);
        return;
    }
    f->busy = true;
    worker_run(judge, judged, j);
}

static void listed(void *task)
{
    struct listing *l = task;
    struct folder *f = l->folder;

    f->busy = false;
    f->entries = l->entries;
    f->count = l->count;
    f->error = l->error;
    free(l->path);
    free(l);
    if (f->orphan) {
        folder_free(f);
        return;
    }
    judge_next(f);
    f->changed(f->ctx);
}

/* Absolute, and without what leads back: "a/../b" would have to be understood by whoever reads it.
 */
static char *clean_path(const char *path)
{
    char *resolved = file_resolve(NULL, path[0] != '\0' ? path : ".");
    char *real = resolved != NULL ? realpath(resolved, NULL) : NULL;

    if (real == NULL)
        return resolved;
    free(resolved);
    return real;
}

struct folder *folder_open(const char *path, void (*changed)(void *ctx), void *ctx)
{
    struct folder *f = calloc(1, sizeof *f);
    struct listing *l = calloc(1, sizeof *l);

    if (f != NULL)
        f->path = clean_path(path);
    if (l != NULL && f != NULL)
        l->path = str_copy(f->path);
    if (f == NULL || l == NULL || f->path == NULL || l->path == NULL) {
        if (f != NULL)
            folder_free(f);
        free(l);
        return NULL;
    }
    f->changed = changed;
    f->ctx = ctx;
    f->busy = true;
    l->folder = f;
    worker_run(list, listed, l);
    return f;
}
