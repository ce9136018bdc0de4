/* SPDX-License-Identifier: MIT */
#include "ui/complete.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "ui/worker.h"

enum { NAMES_MAX = 5000 };

/* One folder's names; a folder's own names end with '/'. */
struct listing {
    struct completion *owner;
    char *folder; /* as typed: "" is the current one */
    char *names[NAMES_MAX];
    size_t count;
};

struct completion {
    struct app *app;
    struct listing *known;
    bool reading, orphan; /* orphan: destroyed while a worker still reads */
    size_t matches;
    char ghost[256];
};

struct completion *completion_create(struct app *app)
{
    struct completion *c = calloc(1, sizeof *c);

    if (c != NULL)
        c->app = app;
    return c;
}

static void listing_free(struct listing *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < l->count; i++)
        free(l->names[i]);
    free(l->folder);
    free(l);
}

void completion_destroy(struct completion *c)
{
    if (c == NULL)
        return;
    listing_free(c->known);
    c->known = NULL;
    if (c->reading)
        c->orphan = true;
    else
        free(c);
}

static bool is_folder(const char *folder, const struct dirent *e)
{
    struct buf path = {0};
    struct stat st;
    bool is = e->d_type == DT_DIR;

    if (e->d_type != DT_UNKNOWN && e->d_type != DT_LNK)
        return is;
    buf_printf(&path, "%s/%s", folder, e->d_name);
    is = path.data != NULL && stat(path.data, &st) == 0 && S_ISDIR(st.st_mode);
    buf_reset(&path);
    return is;
}

static void read_folder(void *task)
{
    struct listing *l = task;
    char *folder = file_resolve(NULL, l->folder[0] != '\0' ? l->folder : ".");
    DIR *dir = folder != NULL ? opendir(folder) : NULL;
    struct dirent *e;

    while (dir != NULL && (e = readdir(dir)) != NULL && l->count < NAMES_MAX) {
        struct buf name = {0};

        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        buf_printf(&name, "%s%s", e->d_name, is_folder(folder, e) ? "/" : "");
        if ((l->names[l->count] = buf_take(&name)) != NULL)
            l->count++;
    }
    if (dir != NULL)
        closedir(dir);
    free(folder);
}

static void folder_read(void *task)
{
    struct listing *l = task;
    struct completion *c = l->owner;

    c->reading = false;
    if (c->orphan) {
        listing_free(l);
        free(c);
        return;
    }
    listing_free(c->known);
    c->known = l;
    app_changed(c->app);
}

static void start_reading(struct completion *c, const char *folder, size_t n)
{
    struct listing *l = calloc(1, sizeof *l);

    if (l == NULL || (l->folder = strndup(folder, n)) == NULL) {
        free(l);
        return;
    }
    l->owner = c;
    c->reading = true;
    worker_run(read_folder, folder_read, l);
}

static size_t common(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] != '\0' && a[n] == b[n])
        n++;
    return n;
}

/* Hidden names only for those who type the dot. */
static void match(struct completion *c, const char *stem)
{
    size_t typed = strlen(stem), n = 0;
    const char *first = NULL;

    c->matches = 0;
    for (size_t i = 0; i < c->known->count; i++) {
        const char *name = c->known->names[i];

        if (strncmp(name, stem, typed) != 0 || (name[0] == '.' && stem[0] != '.'))
            continue;
        n = first == NULL ? strlen(name) : common(first, name) < n ? common(first, name) : n;
        first = first == NULL ? name : first;
        c->matches++;
    }
    /* Not in the middle of a character. */
    while (first != NULL && n > typed && ((unsigned char)first[n] & 0xC0) == 0x80)
        n--;
    if (first != NULL && n > typed && n - typed < sizeof c->ghost) {
        memcpy(c->ghost, first + typed, n - typed);
        c->ghost[n - typed] = '\0';
    }
}

const char *completion_ghost(struct completion *c, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash != NULL ? (size_t)(slash - path) + 1 : 0;

    if (c == NULL)
        return "";
    c->ghost[0] = '\0';
    c->matches = 0;
    if (path[0] == '\0')
        return "";
    if (c->known == NULL || strlen(c->known->folder) != n ||
        strncmp(c->known->folder, path, n) != 0) {
        if (!c->reading)
            start_reading(c, path, n);
        return "";
    }
    match(c, path + n);
    return c->ghost;
}

size_t completion_matches(const struct completion *c)
{
    return c != NULL ? c->matches : 0;
}
