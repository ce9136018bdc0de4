/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_FOLDER_H
#define COMCERT_UI_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/* What is in a folder, and what each file in it is: read by workers, a few files at a time, so that
 * a slow stick fills the list while one looks at it. */
struct entry {
    char *name;
    bool is_folder;
    bool judged;  /* the rest is known */
    bool fits[3]; /* by enum slot */
    char *what;   /* in one line; NULL: not judged */
};

struct folder {
    char *path;            /* absolute, without '/' at the end but for the root */
    char *error;           /* why it could not be read; NULL */
    struct entry *entries; /* folders first, each kind by name */
    size_t count;
    bool busy;   /* a worker is at it */
    bool orphan; /* closed while one was */
    void (*changed)(void *ctx);
    void *ctx;
};

/* Begins to read; `changed` is called from the loop whenever there is more to see. NULL if memory
 * ran out. */
struct folder *folder_open(const char *path, void (*changed)(void *ctx), void *ctx);

/* Accepts NULL. Nothing is called any more. */
void folder_close(struct folder *f);

#endif
