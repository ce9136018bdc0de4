/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_FORM_H
#define COMCERT_UI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/draw.h"
#include "ui/edit.h"
#include "ui/layer.h"
#include "ui/lines.h"

/*
 * A column of items, some of which can be focused: entry fields, choices, tick boxes, rows,
 * buttons.
 *
 * Its owner builds it anew from its own values before it is drawn and before a key is handled
 * (form_begin, then one call for each item), so that items come and go as they should. What stays
 * is the focus, by the item's id, and how far it is scrolled.
 */
enum item_kind {
    ITEM_LINES,   /* text; cannot be focused */
    ITEM_HEADING, /* a rule with a title and a remark */
    ITEM_TEXT,    /* an entry field */
    ITEM_MASKED,  /* one that nobody may read */
    ITEM_CHOICE,  /* one of some words: Left and Right */
    ITEM_CHECK,   /* a tick box */
    ITEM_ROW,     /* a row of a list, which Enter takes */
    ITEM_BUTTONS  /* one or more side by side; each has an id of its own */
};

enum { BUTTONS_MAX = 5, ITEMS_MAX = 96, FORM_LABEL = 15 };

struct item {
    enum item_kind kind;
    int id;
    const char *label;  /* not copied, as all texts below */
    const char *remark; /* behind the field, dim */
    enum role remark_role;
    struct edit *edit;        /* TEXT */
    struct secret *secret;    /* MASKED */
    const char *ghost;        /* TEXT: what Right or Tab would complete; NULL */
    const char *const *words; /* CHOICE: ended by NULL */
    int word;
    bool on;  /* CHECK, ROW: picked */
    bool off; /* cannot be focused or pressed */
    struct {
        int id;
        const char *label;
        bool off;
    } buttons[BUTTONS_MAX];
    size_t button_count;
    struct lines lines; /* below the item, or all of it; the form's own */
    bool wide;          /* they begin near the left edge, not under the field */
};

struct form {
    struct item items[ITEMS_MAX];
    size_t count;
    int focus; /* id of an item or button; 0: the first that can have it */
    int scroll;
    int rows, page; /* of the content and of the canvas, when last drawn */
    int focus_row;  /* of the content: where the focused item stood then */
    bool follow;    /* scroll to the focus when it is drawn next */
};

void form_reset(struct form *f);

/* Starts building: all items go. */
void form_begin(struct form *f);

/* Adds an item of a kind; ids are positive and unique. The item is the form's and stays where it is
 * until form_begin; never NULL (what is too much goes into the last one). */
struct item *form_add(struct form *f, enum item_kind kind, int id, const char *label);
struct item *form_text(struct form *f, int id, const char *label, struct edit *edit);
struct item *form_masked(struct form *f, int id, const char *label, struct secret *secret);
void form_button(struct item *buttons, int id, const char *label, bool off);
/* Blank row. */
void form_gap(struct form *f);

void form_focus(struct form *f, int id);

/* The id that has the focus; 0: nothing can have it. */
int form_focused(struct form *f);

/* The item with this id (or the buttons in which it is), or NULL. */
struct item *form_item(struct form *f, int id);

/* Draws with scrolling. Clicks come as `action` with what form_click wants to know: the item's id,
 * and in a choice the word. */
enum { FORM_WORD_SHIFT = 16 };
void form_draw(struct form *f, const struct canvas *c, int action);

enum form_event {
    FORM_NOTHING,  /* the key means nothing here */
    FORM_HANDLED,  /* focus or cursor moved */
    FORM_CHANGED,  /* the focused field's text, or a choice (item->word) */
    FORM_PRESSED,  /* Enter or Space on a row, tick box or button; Enter in a field */
    FORM_COMPLETED /* the ghost was asked for: Right or Tab at the end of a field that has one */
};

/* Handles a key by the focused item. */
enum form_event form_key(struct form *f, int key);

/* A click on an item or button, as form_draw noted it: focuses it. PRESSED for rows, tick boxes and
 * buttons, CHANGED for another word of a choice. */
enum form_event form_click(struct form *f, int arg);

/* Inserts pasted text into the focused field; NOTHING if that is none. */
enum form_event form_paste(struct form *f, const char *text, size_t n);

void form_wheel(struct form *f, int steps);

/* The keys that form_key knows, for the tables of layers that hold a form; they all come as
 * FORM_KEYS with the key as argument. */
enum { FORM_KEYS = 9000 };
extern const struct keyrow form_keys[];

#endif
