/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_VIEW_H
#define COMCERT_UI_VIEW_H

#include "ui/app.h"
#include "ui/lines.h"

/* Shows text in a box until Esc; scrolls. Takes the lines over. Opening does nothing if memory runs
 * out. */
void view_open(struct app *app, const char *title, struct lines *lines);

/* The same for text that can be saved: F4 calls save. */
void view_open_to_save(struct app *app, const char *title, struct lines *lines,
                       void (*save)(void *ctx), void *ctx);

#endif
