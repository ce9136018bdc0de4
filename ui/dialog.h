/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_DIALOG_H
#define COMCERT_UI_DIALOG_H

#include <stdbool.h>

#include "base/secret.h"
#include "ui/app.h"
#include "ui/lines.h"

/*
 * A question in a box: text, perhaps one field, and buttons. What runs behind it goes on.
 */
enum dialog_field { DIALOG_NO_FIELD, DIALOG_TEXT, DIALOG_MASKED };

/* The dialog has gone from the screen when this is called. text: of a DIALOG_TEXT; secret: of a
 * DIALOG_MASKED, wiped afterwards unless it is moved away. Both NULL otherwise. */
typedef void dialog_done(void *ctx, int button, const char *text, struct secret *secret);

struct dialog {
    const char *title;          /* these texts must stay until it is closed */
    const char *const *buttons; /* ended by NULL */
    int focus;                  /* the button that Enter means at first, and in a field */
    int escape;                 /* the button that Esc means */
    enum dialog_field field;
    const char *label;   /* of the field */
    const char *initial; /* DIALOG_TEXT; copied */
    dialog_done *done;
    void (*dropped)(void *ctx); /* it has gone without an answer; NULL: nothing to do */
    void *ctx;
};

/* Opens it; takes the text over. NULL if memory ran out. Around a masked field, what was typed
 * before it appeared and what is typed ahead behind it is dropped. */
struct layer *dialog_open(struct app *app, const struct dialog *spec, struct lines *text);

/* Takes a dialog that may still be there off the screen, without an answer. */
void dialog_dismiss(struct app *app, struct layer *dialog);

#endif
