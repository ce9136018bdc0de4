/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_PASTE_BOX_H
#define COMCERT_UI_PASTE_BOX_H

#include "base/secret.h"
#include "ui/app.h"

/*
 * Takes text of several lines that is pasted: a PEM file out of a mail or a portal. It may be a
 * key, so only its size is shown. A terminal that tells pastes from keys delivers it in one piece;
 * with any other the lines arrive as if they were typed, until ^D.
 */
/* text is moved away if it is wanted. */
typedef void paste_box_done(void *ctx, struct secret *text);

/* what: "server CA", in the title. */
void paste_box_open(struct app *app, const char *what, paste_box_done *done, void *ctx);

#endif
