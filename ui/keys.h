/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_KEYS_H
#define COMCERT_UI_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/secret.h"

/*
 * What comes from the keyboard and the mouse. A key is one int: a Unicode character, a control
 * character as KEY_CTRL('N'), a function key as KEY_FN(KEY_F(1)) with curses' own code, or a
 * character with Alt as KEY_ALT('n').
 */
#define KEY_CTRL(letter) ((letter)&0x1F)
#define KEY_FN(code)     (0x200000 + (code))
#define KEY_ALT(c)       (0x400000 + (c))
#define KEY_RETURN       KEY_CTRL('M')
#define KEY_TAB          KEY_CTRL('I')
#define KEY_ESC          27
#define KEY_BLANK        ' '

enum input_type {
    INPUT_KEY,
    INPUT_PASTE, /* bracketed: whatever it holds, it is text and never a key */
    INPUT_CLICK, /* the first button was pressed */
    INPUT_WHEEL
};

struct input {
    enum input_type type;
    int key;
    int row, col; /* CLICK, WHEEL */
    int steps;    /* WHEEL: lines down; negative: up */
    const struct secret
        *paste; /* UTF-8, line ends as LF; valid until the next call. It may be a key */
    bool cut;   /* PASTE: it is incomplete: too long, or it stopped half-way */
};

enum { PASTE_MAX = 256 * 1024 };

/* Called by screen. */
void keys_start(void);
void keys_resume(void);
void keys_stop(void);

/* The next of what has arrived; false if there is nothing. Does not block (a lone Esc: 10 ms, which
 * tell it from the start of a sequence). */
bool keys_next(struct input *out);

/* When keys_next may answer more although nothing arrives: the end of a paste that was never
 * closed. USEC_NEVER: never. */
usec keys_deadline(void);

/* Drops what was typed ahead. */
void keys_flush(void);

/* "F1", "^N", "Esc", "Alt-1", "Enter" ... in `out`; returns it. */
const char *key_title(int key, char out[16]);

/* True for a character that can stand in a text. */
bool key_is_text(int key);

/* A character as UTF-8; answers how many bytes. */
size_t key_utf8(int key, char out[4]);

#endif
