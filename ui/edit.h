/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_EDIT_H
#define COMCERT_UI_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "ui/draw.h"

/* One line of text that is edited: UTF-8, at most EDIT_MAX bytes. Zero-initialise it. */
enum { EDIT_MAX = 4095 };

struct edit {
    char *text; /* NUL-terminated; NULL while nothing was ever in it */
    size_t len, capacity;
    size_t cursor; /* byte */
    size_t first;  /* byte that is drawn first */
};

void edit_reset(struct edit *e);

/* The text; never NULL. */
const char *edit_text(const struct edit *e);

/* Replaces the text (NULL: empties it); the cursor goes to the end. Nothing happens if it is the
 * same text, so that a value can be set again and again while somebody edits it. */
void edit_set(struct edit *e, const char *text);

enum edit_result { EDIT_IGNORED, EDIT_MOVED, EDIT_CHANGED };

/* Applies a key: characters, Left, Right, Home, End, Backspace, Del, ^A ^E ^U ^K ^W. */
enum edit_result edit_key(struct edit *e, int key);

/* Inserts text at the cursor. Line ends at its end are dropped, others become a blank: a pasted
 * line end must never submit anything. Other control characters stay, so that they can be
 * complained about. */
enum edit_result edit_insert(struct edit *e, const char *text, size_t n);

/* Draws `width` columns; with focus the cursor is put there and the text scrolls to it. ghost (may
 * be NULL) stands dim behind the text: what Right would complete. */
void edit_draw(struct edit *e, const struct canvas *c, int y, int x, int width, bool focus,
               const char *ghost);

/*
 * The same for something that nobody may read: the only copy is a struct secret, and only its
 * length is drawn. No cursor within it: it is typed, taken back from the end, or typed anew (^U).
 */
enum { MASKED_MAX = 1024 };
enum edit_result masked_key(struct secret *s, int key);
enum edit_result masked_insert(struct secret *s, const struct secret *text);
void masked_draw(const struct secret *s, const struct canvas *c, int y, int x, int width,
                 bool focus);

#endif
