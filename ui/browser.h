/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_BROWSER_H
#define COMCERT_UI_BROWSER_H

#include <stdbool.h>

#include "ui/app.h"

/*
 * Picks a file or a folder. Each file is opened by a worker and told for what it is; with a slot
 * only files that fit it are shown (those that nobody can tell yet, such as a locked key, too)
 * until one asks for all.
 */
enum browser_pick { PICK_FILE, PICK_FOLDER };

typedef void browser_done(void *ctx, const char *path, enum browser_pick what);

struct browser_spec {
    const char *title; /* must stay */
    int slot;          /* enum slot; -1: any file */
    bool folders;      /* a folder may be picked */
    const char *start; /* folder to begin in; NULL: the current one */
    browser_done *done;
    void *ctx;
};

void browser_open(struct app *app, const struct browser_spec *spec);

#endif
