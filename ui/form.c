/* SPDX-License-Identifier: MIT */
#include "ui/form.h"

#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "ui/form_move.h"
#include "ui/keys.h"

const struct keyrow form_keys[] = {
    {KEY_FN(KEY_UP), FORM_KEYS, NULL, "move between fields; a Tab completes a path first"},
    {KEY_FN(KEY_DOWN), FORM_KEYS, NULL, NULL},
    {KEY_TAB, FORM_KEYS, NULL, NULL},
    {KEY_FN(KEY_BTAB), FORM_KEYS, NULL, NULL},
    {KEY_FN(KEY_PPAGE), FORM_KEYS + 1, NULL, "scroll"},
    {KEY_FN(KEY_NPAGE), FORM_KEYS + 1, NULL, NULL},
    {0},
};

void form_reset(struct form *f)
{
    form_begin(f);
}

void form_begin(struct form *f)
{
    for (size_t i = 0; i < f->count; i++)
        lines_reset(&f->items[i].lines);
    f->count = 0;
}

struct item *form_add(struct form *f, enum item_kind kind, int id, const char *label)
{
    struct item *item;

    if (f->count == ITEMS_MAX)
        return &f->items[ITEMS_MAX - 1];
    item = &f->items[f->count++];
    *item = (struct item){.kind = kind, .id = id, .label = label, .remark_role = ROLE_DIM};
    return item;
}

struct item *form_text(struct form *f, int id, const char *label, struct edit *edit)
{
    struct item *item = form_add(f, ITEM_TEXT, id, label);

    item->edit = edit;
    return item;
}

struct item *form_masked(struct form *f, int id, const char *label, struct secret *secret)
{
    struct item *item = form_add(f, ITEM_MASKED, id, label);

    item->secret = secret;
    return item;
}

void form_button(struct item *buttons, int id, const char *label, bool off)
{
    if (buttons->button_count == BUTTONS_MAX)
        return;
    buttons->buttons[buttons->button_count].id = id;
    buttons->buttons[buttons->button_count].label = label;
    buttons->buttons[buttons->button_count++].off = off;
}

void form_gap(struct form *f)
{
    lines_add(&form_add(f, ITEM_LINES, 0, NULL)->lines, ROLE_TEXT, 0, " ");
}

/* --- drawing -------------------------------------------------------------------------------- */

enum { FIELD_MIN = 20, BOX = 4 }; /* BOX: columns of "[x] " */

static int field_width(const struct item *item, int width)
{
    int left = width - FORM_LABEL;
    int remark = item->remark != NULL ? text_columns(item->remark) + 2 : 0;

    if (left - remark < FIELD_MIN)
        remark = left > FIELD_MIN ? left - FIELD_MIN : 0;
    return left - remark;
}

static void draw_remark(const struct item *item, const struct canvas *c, int y, int x)
{
    if (item->remark != NULL)
        draw_text(c, y, x, c->area.w - x, item->remark_role, item->remark);
}

static void draw_label(const struct item *item, const struct canvas *c, int y, bool focus)
{
    draw_text(c, y, 0, FORM_LABEL - 1, focus ? ROLE_STRONG : ROLE_TEXT, item->label);
}

static int draw_text_item(struct item *item, const struct canvas *c, int y, bool focus)
{
    int w = field_width(item, c->area.w);

    draw_label(item, c, y, focus);
    edit_draw(item->edit, c, y, FORM_LABEL, w, focus, item->ghost);
    draw_remark(item, c, y, FORM_LABEL + w + 1);
    return 1;
}

static int draw_masked_item(const struct item *item, const struct canvas *c, int y, bool focus)
{
    int w = field_width(item, c->area.w);

    draw_label(item, c, y, focus);
    masked_draw(item->secret, c, y, FORM_LABEL, w, focus);
    draw_remark(item, c, y, FORM_LABEL + w + 1);
    return 1;
}

/* There is room for all words of a choice side by side. */
static bool words_fit(const struct item *item, int width)
{
    int total = 0;

    for (int i = 0; item->words[i] != NULL; i++)
        total += text_columns(item->words[i]) + 6;
    return total <= width - FORM_LABEL;
}

/* All words side by side where there is room, else the one that is chosen. */
static int draw_choice(const struct item *item, const struct canvas *c, int y, bool focus)
{
    bool all = words_fit(item, c->area.w);
    int x = FORM_LABEL;

    draw_label(item, c, y, focus);
    for (int i = 0; item->words[i] != NULL; i++) {
        bool chosen = i == item->word;

        if (!all && !chosen)
            continue;
        x += draw_text(c, y, x, 4, focus && chosen ? ROLE_SELECTED : ROLE_TEXT,
                       chosen ? "(*) " : "( ) ");
        x += draw_text(c, y, x, 40,
                       focus && chosen ? ROLE_SELECTED
                       : chosen        ? ROLE_STRONG
                                       : ROLE_TEXT,
                       item->words[i]);
        x += 2;
    }
    draw_remark(item, c, y, x);
    return 1;
}

/* Each word can be clicked; where only one is shown a click is for the next one. */
static void hit_words(const struct item *item, const struct canvas *c, int y, int action)
{
    bool all = words_fit(item, c->area.w);
    int x = FORM_LABEL, n = 0;

    while (item->words[n] != NULL)
        n++;
    for (int i = 0; i < n; i++) {
        int w = text_columns(item->words[i]) + 4, word = all ? i : (item->word + 1) % n;

        if (!all && i != item->word)
            continue;
        draw_hit(c, y, x, 1, w, action, item->id | (word + 1) << FORM_WORD_SHIFT);
        x += w + 2;
    }
}

static int draw_ticked(const struct item *item, const struct canvas *c, int y, bool focus)
{
    bool row = item->kind == ITEM_ROW;
    enum role role = focus ? ROLE_SELECTED : item->off ? ROLE_DIM : ROLE_TEXT;
    int right = item->remark != NULL ? text_columns(item->remark) + 1 : 0;
    int w = c->area.w - BOX - right;

    draw_text(c, y, 0, BOX, role, item->on ? (row ? "(*) " : "[x] ") : (row ? "( ) " : "[ ] "));
    draw_filled(c, y, BOX, w, role, item->label);
    draw_remark(item, c, y, BOX + w + 1);
    return 1;
}

static void draw_button(const struct canvas *c, int y, int x, enum role role, const char *label)
{
    x += draw_text(c, y, x, 2, role, "[ ");
    x += draw_text(c, y, x, 60, role, label);
    draw_text(c, y, x, 2, role, " ]");
}

static int draw_buttons(const struct item *item, const struct canvas *c, int y, int focus,
                        int action)
{
    int x = item->label != NULL ? FORM_LABEL : 0;

    if (item->label != NULL)
        draw_text(c, y, 0, FORM_LABEL - 1, ROLE_TEXT, item->label);
    for (size_t i = 0; i < item->button_count; i++) {
        int id = item->buttons[i].id, w = text_columns(item->buttons[i].label) + 4;
        enum role role = id == focus            ? ROLE_SELECTED
                         : item->buttons[i].off ? ROLE_DIM
                                                : ROLE_STRONG;

        draw_button(c, y, x, role, item->buttons[i].label);
        draw_hit(c, y, x, 1, w, action, id);
        x += w + 1;
    }
    return 1;
}

/* Answers the rows without the lines below. c->area.h 0 only counts. */
static int draw_item(struct form *f, struct item *item, const struct canvas *c, int y, int action)
{
    bool focus = item->id != 0 && item->id == f->focus;
    int rows = 0;

    switch (item->kind) {
    case ITEM_LINES:
        return 0;
    case ITEM_HEADING:
        draw_rule(c, y, 0, c->area.w, ROLE_STRONG, item->label, item->remark_role, item->remark);
        rows = 1;
        break;
    case ITEM_TEXT:
        rows = draw_text_item(item, c, y, focus);
        break;
    case ITEM_MASKED:
        rows = draw_masked_item(item, c, y, focus);
        break;
    case ITEM_CHOICE:
        rows = draw_choice(item, c, y, focus);
        break;
    case ITEM_CHECK:
    case ITEM_ROW:
        rows = draw_ticked(item, c, y, focus);
        break;
    case ITEM_BUTTONS:
        return draw_buttons(item, c, y, f->focus, action);
    }
    if (item->id != 0 && !item->off)
        draw_hit(c, y, 0, 1, c->area.w, action, item->id);
    if (item->kind == ITEM_CHOICE)
        hit_words(item, c, y, action);
    return rows;
}

static int lines_indent(const struct item *item)
{
    if (item->wide)
        return 2;
    switch (item->kind) {
    case ITEM_TEXT:
    case ITEM_MASKED:
    case ITEM_CHOICE:
        return FORM_LABEL;
    case ITEM_CHECK:
    case ITEM_ROW:
        return BOX;
    case ITEM_LINES:
    case ITEM_HEADING:
    case ITEM_BUTTONS:
        break;
    }
    return 0;
}

static int item_rows(const struct item *item, int width)
{
    int indent = lines_indent(item);

    return (item->kind != ITEM_LINES) + lines_draw(&item->lines, NULL, 0, indent, width - indent);
}

/* Where the focused item stands, and how many rows there are in all. */
static void measure(struct form *f, int width, int *top, int *rows)
{
    const struct item *focused = form_item(f, form_focused(f));

    *top = *rows = f->rows = 0;
    for (size_t i = 0; i < f->count; i++) {
        int n = item_rows(&f->items[i], width);

        if (&f->items[i] == focused) {
            bool headed = i > 0 && f->items[i - 1].kind == ITEM_HEADING;

            /* What it belongs to is seen with it. */
            f->focus_row = f->rows;
            *top = f->rows - headed;
            *rows = n + headed;
        }
        f->rows += n;
    }
}

void form_draw(struct form *f, const struct canvas *c, int action)
{
    struct canvas inside = *c;
    int top, rows, y = 0;

    inside.area.w -= 1; /* the bar at the right */
    measure(f, inside.area.w, &top, &rows);
    f->page = c->area.h;
    form_settle(f, top, rows);
    inside.scroll = f->scroll;
    for (size_t i = 0; i < f->count; i++) {
        struct item *item = &f->items[i];
        int indent = lines_indent(item);

        y += draw_item(f, item, &inside, y, action);
        y += lines_draw(&item->lines, &inside, y, indent, inside.area.w - indent);
    }
    if (f->scroll > 0)
        draw_text(c, 0, c->area.w - 1, 1, ROLE_STRONG, glyph("\xE2\x86\x91", "^"));
    if (f->scroll + f->page < f->rows)
        draw_text(c, c->area.h - 1, c->area.w - 1, 1, ROLE_STRONG, glyph("\xE2\x86\x93", "v"));
}
