/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_THEME_H
#define COMCERT_UI_THEME_H

#include <stdbool.h>

#include <curses.h>

/* What a piece of text is, not how it looks. Every role can be told from its neighbours without
 * colour too: by bold, reverse and underline, and by words and marks in the text itself. */
enum role {
    ROLE_TEXT,
    ROLE_DIM,    /* remarks, what can be skipped */
    ROLE_STRONG, /* names, headings */
    ROLE_GOOD,
    ROLE_NOTE,
    ROLE_WARN,
    ROLE_BAD,
    ROLE_BAR,         /* first and last line of the screen */
    ROLE_BAR_HERE,    /* in it: where one is */
    ROLE_BAR_KEY,     /* in it: a key */
    ROLE_FIELD,       /* an entry field */
    ROLE_FIELD_FOCUS, /* the one that is typed into */
    ROLE_SELECTED,    /* a row or button that Enter would take */
    ROLE_DONE,        /* progress: what is done */
    ROLE_LEFT,        /* progress: what is not */
    ROLE_COUNT
};

/* After curses has been started. colour false: NO_COLOR, --no-color. */
void theme_start(bool colour);

attr_t theme_attr(enum role role);
short theme_pair(enum role role);

#endif
