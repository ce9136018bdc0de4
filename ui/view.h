/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_VIEW_H
#define COMCERT_UI_VIEW_H

#include "ui/app.h"
#include "ui/lines.h"

/* Shows text in a box until Esc; scrolls. Takes the lines over. Opening does nothing if memory runs
 * out. */
void view_open(struct app *app, const char *title, struct lines *lines);

/* The same with keys of its own; their actions are VIEW_OWN and more. */
enum { VIEW_OWN = 100 };
struct view_more {
    const struct keyrow *keys; /* must stay */
    void (*act)(void *ctx, int action);
    void (*closed)(void *ctx); /* it has gone, or could not be opened */
    void *ctx;
};
void view_open_more(struct app *app, const char *title, struct lines *lines,
                    const struct view_more *more);

#endif
