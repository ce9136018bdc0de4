/* SPDX-License-Identifier: MIT */
/* Reading the wizard's screen, and moving about in it. */
#include "wizard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { LABEL = 15, LEFT = 1, TABS_MAX = 80 };

static const char *const cards[] = {"Server CA", "Device certificate", "Private key"};

/* --- text ------------------------------------------------------------------------------------- */

const char *wiz_text(const struct wiz *z, int row, int from, int to)
{
    static char texts[4][2048];
    static unsigned next;
    char *text = texts[next++ % 4];
    size_t n = 0;

    for (int col = from; col < to && n + 20 < sizeof texts[0]; col++) {
        struct vt_cell c = vt_cell(z->vt, row, col);

        if (c.width != 0)
            n += (size_t)snprintf(text + n, sizeof texts[0] - n, "%s",
                                  c.text[0] != '\0' ? c.text : " ");
    }
    while (n > 0 && text[n - 1] == ' ')
        n--;
    text[n] = '\0';
    return text;
}

static bool is_blank(const struct wiz *z, int row, int col)
{
    const char *text = vt_cell(z->vt, row, col).text;

    return text[0] == '\0' || text[0] == ' ';
}

static bool is_heading(const struct wiz *z, int row)
{
    return strncmp(wiz_text(z, row, LEFT, LEFT + 2), "\xE2\x94\x80\xE2\x94\x80", 6) == 0;
}

const char *wiz_label(const struct wiz *z, int row)
{
    while (row > 1 && is_blank(z, row, LEFT))
        row--;
    return wiz_text(z, row, LEFT, LEFT + LABEL);
}

const char *wiz_section(const struct wiz *z, int row)
{
    int rows, cols;

    vt_size(z->vt, &rows, &cols);
    while (row > 1 && !is_heading(z, row))
        row--;
    return row > 1 ? wiz_text(z, row, LEFT + 3, cols) : "";
}

/* --- the focus -------------------------------------------------------------------------------- */

struct area {
    int top, left, bottom, right; /* the last two are outside */
};

static bool cell_is(const struct wiz *z, int row, int col, const char *text)
{
    return strcmp(vt_cell(z->vt, row, col).text, text) == 0;
}

/* Below the header; inside of the lowest box if there is one: it lies on top, and what is below it
 * keeps the colours of its focus. */
static struct area area_on_top(const struct wiz *z)
{
    struct area a = {.top = 1, .left = 0};
    int rows, cols;

    vt_size(z->vt, &rows, &cols);
    a.bottom = rows - 1;
    a.right = cols;
    for (int row = 1; row < rows; row++) {
        for (int col = 0; col < cols; col++) {
            if (cell_is(z, row, col, "\xE2\x94\x8C"))
                a = (struct area){row, col, rows - 1, cols};
            if (cell_is(z, row, col, "\xE2\x94\x90") && row == a.top)
                a.right = col;
        }
    }
    return a;
}

/* The first cell that is coloured as what has the focus. */
static bool find_focus(const struct wiz *z, int *row, int *col, int *bg)
{
    struct area a = area_on_top(z);

    for (*row = a.top; *row < a.bottom; ++*row) {
        for (*col = a.left; *col < a.right; ++*col) {
            *bg = vt_cell(z->vt, *row, *col).bg;
            if (*bg == WIZ_SELECTED_BG || *bg == WIZ_FIELD_BG)
                return true;
        }
    }
    return false;
}

/* Where the run of one background that begins here ends. */
static int run_end(const struct wiz *z, int row, int col, int bg)
{
    int rows, cols;

    vt_size(z->vt, &rows, &cols);
    while (col < cols && vt_cell(z->vt, row, col).bg == bg)
        col++;
    return col;
}

/* "[ Load ]" -> "Load". */
static const char *undecorated(const char *text)
{
    static char name[512];
    size_t n;

    if (strncmp(text, "[ ", 2) == 0 || strncmp(text, "> ", 2) == 0)
        text += 2;
    else if (strncmp(text, "( ) ", 4) == 0 || strncmp(text, "(*) ", 4) == 0 ||
             strncmp(text, "[x] ", 4) == 0)
        text += 4;
    snprintf(name, sizeof name, "%s", text);
    n = strlen(name);
    if (n > 2 && strcmp(name + n - 2, " ]") == 0)
        name[n - 2] = '\0';
    return name;
}

/* The last column that is neither blank nor a box's, before one. */
static const char *label_before(const struct wiz *z, int row, int col)
{
    const char *text = wiz_text(z, row, col > LABEL ? col - LABEL : 0, col);

    return text + strspn(text, " ");
}

const char *wiz_focused(const struct wiz *z)
{
    int row, col, bg;
    const char *text;

    if (!find_focus(z, &row, &col, &bg))
        return "";
    text = wiz_text(z, row, col, run_end(z, row, col, bg));
    if (bg == WIZ_FIELD_BG || (col > LEFT && strncmp(text, "(*) ", 4) == 0))
        return label_before(z, row, col);
    if (strncmp(text, "[ ] ", 4) == 0)
        text += 4;
    return undecorated(text);
}

static bool focus_is(const struct wiz *z, const char *name)
{
    return strncmp(wiz_focused(z), name, strlen(name)) == 0;
}

void wiz_focus(struct wiz *z, const char *name)
{
    for (int i = 0; i < TABS_MAX && !focus_is(z, name); i++)
        wiz_key(z, "BackTab");
    if (!focus_is(z, name)) {
        vt_print(z->vt);
        fail_msg("nothing named \"%s\" gets the focus", name);
    }
}

static bool is_in_card(const struct wiz *z, int slot)
{
    int row, col, bg;

    return find_focus(z, &row, &col, &bg) &&
           strncmp(wiz_section(z, row), cards[slot], strlen(cards[slot])) == 0;
}

void wiz_card(struct wiz *z, int slot)
{
    bool found = false;

    for (int i = 0; i < TABS_MAX && !found; i++) {
        found = focus_is(z, "File") && is_in_card(z, slot);
        if (!found)
            wiz_key(z, "BackTab");
    }
    if (!found) {
        vt_print(z->vt);
        fail_msg("%s does not get the focus", cards[slot]);
    }
}

/* A card's buttons are there while the card has the focus. */
void wiz_card_button(struct wiz *z, int slot, const char *name)
{
    wiz_card(z, slot);
    for (int i = 0; i < TABS_MAX && focus_is(z, "File"); i++)
        wiz_key(z, "Down");
    for (int i = 0; i < 5 && !focus_is(z, name); i++)
        wiz_key(z, "Right");
    if (!focus_is(z, name) || !is_in_card(z, slot)) {
        vt_print(z->vt);
        fail_msg("%s of %s does not get the focus", name, cards[slot]);
    }
}

/* --- keys ------------------------------------------------------------------------------------- */

void wiz_key(struct wiz *z, const char *key)
{
    vt_key(z->vt, key);
    vt_settle(z->vt);
}

void wiz_keys(struct wiz *z, const char *key, int times)
{
    while (times-- > 0)
        wiz_key(z, key);
}

static void retype(struct wiz *z, const char *text)
{
    vt_key(z->vt, "C-e");
    vt_key(z->vt, "C-u");
    vt_type(z->vt, text);
    vt_settle(z->vt);
}

void wiz_fill(struct wiz *z, const char *name, const char *text)
{
    wiz_focus(z, name);
    retype(z, text);
}

void wiz_fill_card(struct wiz *z, int slot, const char *path)
{
    wiz_card(z, slot);
    retype(z, path);
}

void wiz_is_at(struct wiz *z, int step)
{
    char mark[] = ">1 ";

    mark[1] = (char)('0' + step);
    if (!vt_wait(z->vt, mark))
        fail_msg("not at step %d", step);
}

void wiz_step(struct wiz *z, int step)
{
    char key[] = "M-1";

    key[2] = (char)('0' + step);
    wiz_key(z, key);
    wiz_is_at(z, step);
}

void wiz_press(struct wiz *z, const char *name)
{
    wiz_focus(z, name);
    wiz_key(z, "Enter");
}

void wiz_rehearse(struct wiz *z)
{
    wiz_press(z, "an emulated device");
}

void wiz_click(struct wiz *z, const char *text)
{
    int row, col;

    if (!vt_find(z->vt, text, &row, &col)) {
        vt_print(z->vt);
        fail_msg("\"%s\" is not there to be clicked", text);
    }
    vt_click(z->vt, row, col + (int)strlen(text) / 2);
    vt_settle(z->vt);
}

/* --- asserting -------------------------------------------------------------------------------- */

const char *wiz_value(struct wiz *z, const char *label)
{
    int rows, cols, row;

    vt_size(z->vt, &rows, &cols);
    for (row = 1; row < rows - 1; row++) {
        if (strncmp(wiz_text(z, row, LEFT, LEFT + LABEL), label, strlen(label)) == 0)
            return wiz_text(z, row, LEFT + LABEL, cols);
    }
    vt_print(z->vt);
    fail_msg("there is no field %s", label);
    return "";
}

int wiz_sees(struct wiz *z, const char *text, int colour)
{
    int row = -1, col = 0;

    if (!vt_find(z->vt, text, &row, &col)) {
        vt_print(z->vt);
        fail_msg("\"%s\" is not on the screen", text);
    }
    if (colour >= 0 && vt_cell(z->vt, row, col).fg != colour) {
        vt_print(z->vt);
        fail_msg("\"%s\" has the colour %d", text, vt_cell(z->vt, row, col).fg);
    }
    return row;
}

void wiz_sees_not(struct wiz *z, const char *text)
{
    if (vt_find(z->vt, text, NULL, NULL)) {
        vt_print(z->vt);
        fail_msg("\"%s\" is on the screen", text);
    }
}

void wiz_wait(struct wiz *z, const char *text)
{
    if (!vt_wait(z->vt, text))
        fail_msg("\"%s\" does not come", text);
}

bool wiz_wrote(const struct wiz *z, const char *bytes)
{
    const char *all;
    size_t n = vt_bytes(z->vt, &all);

    return memmem(all, n, bytes, strlen(bytes)) != NULL;
}
