/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_SAVE_TEXT_H
#define COMCERT_UI_SAVE_TEXT_H

#include "ui/wizard.h"

/* A text without secrets that may become a file. */
struct save_text {
    const char *title;  /* these three must stay while it is asked for */
    const char *about;  /* what it is, in sentences */
    const char *what;   /* "The commands were": begins "... saved as FILE" */
    const char *ending; /* of the name that is suggested, behind the device's ID: "-azure.sh" */
    const char *text;   /* copied */
};

/* Asks for a name and writes the file (mode 0644). Nothing is replaced unasked. */
void save_text_ask(struct wizard *w, const struct save_text *save);

#endif
