/* SPDX-License-Identifier: MIT */
#include "ui/form_move.h"

#include <stdint.h>
#include <curses.h>

#include "ui/keys.h"

static bool can_focus(const struct item *item)
{
    return item->kind >= ITEM_TEXT && item->kind <= ITEM_ROW && item->id != 0 && !item->off;
}

/* Ids that can have the focus, in order. */
static size_t collect(const struct form *f, int *ids, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < f->count; i++) {
        const struct item *item = &f->items[i];

        if (can_focus(item) && n < max)
            ids[n++] = item->id;
        for (size_t b = 0; b < item->button_count; b++) {
            if (!item->buttons[b].off && n < max)
                ids[n++] = item->buttons[b].id;
        }
    }
    return n;
}

enum { IDS_MAX = ITEMS_MAX + BUTTONS_MAX * 8 };

int form_focused(struct form *f)
{
    int ids[IDS_MAX];
    size_t n = collect(f, ids, IDS_MAX);

    for (size_t i = 0; i < n; i++) {
        if (ids[i] == f->focus)
            return f->focus;
    }
    f->focus = n > 0 ? ids[0] : 0;
    return f->focus;
}

void form_focus(struct form *f, int id)
{
    f->focus = id;
    f->follow = true;
}

struct item *form_item(struct form *f, int id)
{
    for (size_t i = 0; id != 0 && i < f->count; i++) {
        struct item *item = &f->items[i];

        if (item->id == id)
            return item;
        for (size_t b = 0; b < item->button_count; b++) {
            if (item->buttons[b].id == id)
                return item;
        }
    }
    return NULL;
}

static void bound(struct form *f)
{
    int most = f->rows > f->page ? f->rows - f->page : 0;

    if (f->scroll > most)
        f->scroll = most;
    if (f->scroll < 0)
        f->scroll = 0;
}

void form_settle(struct form *f, int top, int rows)
{
    if (f->follow) {
        int ids[IDS_MAX];
        size_t n = collect(f, ids, IDS_MAX);

        if (top + rows > f->scroll + f->page)
            f->scroll = top + rows - f->page;
        if (top < f->scroll)
            f->scroll = top;
        /* What stands above the first and below the last one belongs to them. */
        if (n > 0 && f->focus == ids[0] && top < f->page)
            f->scroll = 0;
        f->follow = false;
    }
    bound(f);
}

static bool step(struct form *f, int by)
{
    int ids[IDS_MAX];
    size_t n = collect(f, ids, IDS_MAX);

    (void)form_focused(f);
    for (size_t i = 0; i < n; i++) {
        size_t to = i + (size_t)by;

        if (ids[i] != f->focus)
            continue;
        if (to >= n) /* also before the first: it wraps */
            return false;
        form_focus(f, ids[to]);
        return true;
    }
    return false;
}

/* Tab goes round. */
static void step_round(struct form *f, int by)
{
    int ids[IDS_MAX];
    size_t n = collect(f, ids, IDS_MAX);

    if (!step(f, by) && n > 0)
        form_focus(f, by > 0 ? ids[0] : ids[n - 1]);
}

/* From a row of buttons to what stands above or below it, not to the next button. */
static void step_vertically(struct form *f, int by)
{
    const struct item *from = form_item(f, form_focused(f));
    int before = f->focus;

    /* On the way to it one sees what lies between. */
    if (f->page > 0 &&
        ((by > 0 && f->focus_row >= f->scroll + f->page) || (by < 0 && f->focus_row < f->scroll))) {
        f->scroll += by;
        bound(f);
        return;
    }

    while (step(f, by) && from != NULL && from->button_count > 0 && form_item(f, f->focus) == from)
        continue;
    if (form_item(f, f->focus) == from && from != NULL && from->button_count > 0)
        f->focus = before;
    if (f->focus == before)
        f->scroll += by;
    bound(f);
}

static enum form_event key_in_text(struct item *item, int key)
{
    bool at_end = item->edit->cursor == item->edit->len;

    if (item->ghost != NULL && item->ghost[0] != '\0' && at_end &&
        (key == KEY_TAB || key == KEY_FN(KEY_RIGHT) || key == KEY_FN(KEY_END)))
        return FORM_COMPLETED;
    if (key == KEY_RETURN)
        return FORM_PRESSED;
    switch (edit_key(item->edit, key)) {
    case EDIT_CHANGED:
        return FORM_CHANGED;
    case EDIT_MOVED:
        return FORM_HANDLED;
    case EDIT_IGNORED:
        break;
    }
    return FORM_NOTHING;
}

static enum form_event key_in_masked(struct item *item, int key)
{
    if (key == KEY_RETURN)
        return FORM_PRESSED;
    switch (masked_key(item->secret, key)) {
    case EDIT_CHANGED:
        return FORM_CHANGED;
    case EDIT_MOVED:
        return FORM_HANDLED;
    case EDIT_IGNORED:
        break;
    }
    return FORM_NOTHING;
}

static enum form_event choose(struct item *item, int by)
{
    int n = 0;

    while (item->words[n] != NULL)
        n++;
    if (n == 0)
        return FORM_NOTHING;
    item->word = (item->word + by + n) % n;
    return FORM_CHANGED;
}

static enum form_event key_in_choice(struct item *item, int key)
{
    if (key == KEY_FN(KEY_LEFT))
        return choose(item, -1);
    if (key == KEY_FN(KEY_RIGHT) || key == KEY_BLANK)
        return choose(item, 1);
    return key == KEY_RETURN ? FORM_PRESSED : FORM_NOTHING;
}

static enum form_event key_in_button(struct form *f, struct item *item, int key)
{
    int before = f->focus;

    if (key == KEY_RETURN || key == KEY_BLANK)
        return FORM_PRESSED;
    if (key != KEY_FN(KEY_LEFT) && key != KEY_FN(KEY_RIGHT))
        return FORM_NOTHING;
    if (step(f, key == KEY_FN(KEY_LEFT) ? -1 : 1) && form_item(f, f->focus) != item)
        f->focus = before;
    return FORM_HANDLED;
}

static enum form_event key_in_item(struct form *f, int key)
{
    struct item *item = form_item(f, form_focused(f));

    if (item == NULL)
        return FORM_NOTHING;
    switch (item->kind) {
    case ITEM_TEXT:
        return key_in_text(item, key);
    case ITEM_MASKED:
        return key_in_masked(item, key);
    case ITEM_CHOICE:
        return key_in_choice(item, key);
    case ITEM_CHECK:
    case ITEM_ROW:
        return key == KEY_RETURN || key == KEY_BLANK ? FORM_PRESSED : FORM_NOTHING;
    case ITEM_BUTTONS:
        return key_in_button(f, item, key);
    case ITEM_LINES:
    case ITEM_HEADING:
        break;
    }
    return FORM_NOTHING;
}

/* What cannot be seen must not be pressed: the first Enter brings it into sight. */
static bool is_out_of_sight(const struct form *f)
{
    return f->page > 0 && (f->focus_row < f->scroll || f->focus_row >= f->scroll + f->page);
}

enum form_event form_key(struct form *f, int key)
{
    enum form_event event;

    if (is_out_of_sight(f) && (key == KEY_RETURN || key == KEY_BLANK)) {
        f->follow = true;
        return FORM_HANDLED;
    }
    event = key_in_item(f, key);

    if (event != FORM_NOTHING) {
        f->follow = true;
        return event;
    }
    switch (key) {
    case KEY_TAB:
        step_round(f, 1);
        break;
    case KEY_FN(KEY_BTAB):
        step_round(f, -1);
        break;
    case KEY_FN(KEY_DOWN):
        step_vertically(f, 1);
        break;
    case KEY_FN(KEY_UP):
        step_vertically(f, -1);
        break;
    case KEY_FN(KEY_NPAGE):
        f->scroll += f->page - 1;
        bound(f);
        break;
    case KEY_FN(KEY_PPAGE):
        f->scroll -= f->page - 1;
        bound(f);
        break;
    case KEY_FN(KEY_HOME):
        f->scroll = 0;
        break;
    case KEY_FN(KEY_END):
        f->scroll = f->rows;
        bound(f);
        break;
    default:
        return FORM_NOTHING;
    }
    return FORM_HANDLED;
}

/* word: counts from 1; 0 is beside all words. */
static enum form_event click_word(struct item *item, int word)
{
    if (word == 0 || item->word == word - 1)
        return FORM_HANDLED;
    item->word = word - 1;
    return FORM_CHANGED;
}

enum form_event form_click(struct form *f, int arg)
{
    int id = arg & ((1 << FORM_WORD_SHIFT) - 1);
    struct item *item = form_item(f, id);

    if (item == NULL || item->off)
        return FORM_NOTHING;
    for (size_t b = 0; b < item->button_count; b++) {
        if (item->buttons[b].id == id && item->buttons[b].off)
            return FORM_NOTHING;
    }
    form_focus(f, id);
    if (item->kind == ITEM_TEXT || item->kind == ITEM_MASKED)
        return FORM_HANDLED;
    return item->kind == ITEM_CHOICE ? click_word(item, arg >> FORM_WORD_SHIFT) : FORM_PRESSED;
}

enum form_event form_paste(struct form *f, const char *text, size_t n)
{
    struct item *item = form_item(f, form_focused(f));

    if (item != NULL && item->kind == ITEM_MASKED) {
        const struct secret pasted = {.data = (unsigned char *)(uintptr_t)text, .len = n};

        return masked_insert(item->secret, &pasted) == EDIT_CHANGED ? FORM_CHANGED : FORM_HANDLED;
    }
    if (item == NULL || item->kind != ITEM_TEXT)
        return FORM_NOTHING;
    return edit_insert(item->edit, text, n) == EDIT_CHANGED ? FORM_CHANGED : FORM_HANDLED;
}

void form_wheel(struct form *f, int steps)
{
    f->scroll += steps;
    bound(f);
}
