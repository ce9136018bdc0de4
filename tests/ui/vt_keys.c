/* SPDX-License-Identifier: MIT */
/* The user's hands: what they do becomes bytes as an xterm would send them. */
#include "vt_inside.h"

#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    VTermKey key;
} names[] = {
    {"Up", VTERM_KEY_UP},       {"Down", VTERM_KEY_DOWN},
    {"Left", VTERM_KEY_LEFT},   {"Right", VTERM_KEY_RIGHT},
    {"Home", VTERM_KEY_HOME},   {"End", VTERM_KEY_END},
    {"PgUp", VTERM_KEY_PAGEUP}, {"PgDn", VTERM_KEY_PAGEDOWN},
    {"Insert", VTERM_KEY_INS},  {"Delete", VTERM_KEY_DEL},
    {"Tab", VTERM_KEY_TAB},     {"Enter", VTERM_KEY_ENTER},
    {"Esc", VTERM_KEY_ESCAPE},  {"Backspace", VTERM_KEY_BACKSPACE},
};

static VTermKey key_of_name(const char *name)
{
    char *end;
    long n;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i].name, name) == 0)
            return names[i].key;
    }
    if (name[0] != 'F' || name[1] == '\0')
        return VTERM_KEY_NONE;
    n = strtol(name + 1, &end, 10);
    return *end == '\0' && n >= 1 && n <= 12 ? (VTermKey)VTERM_KEY_FUNCTION(n) : VTERM_KEY_NONE;
}

static bool is_one_character(const char *text)
{
    unsigned char c = (unsigned char)text[0];
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

    return c != 0 && strlen(text) == len;
}

/* Not by libvterm, which sends Ctrl-I, Ctrl-M and others as CSI u: no terminal does so unasked. */
static void type_character(struct vt *vt, const char *name, VTermModifier modifiers)
{
    char c = name[0];

    if (modifiers & VTERM_MOD_ALT)
        vt_queue(vt, "\033", 1);
    if ((modifiers & VTERM_MOD_CTRL) == 0) {
        vt_queue(vt, name, strlen(name));
        return;
    }
    if (c == '?')
        c = 0x7f;
    else if (c == ' ' || (c >= '@' && c < 0x7f))
        c &= 0x1f;
    else
        vt_fail("no control character is made from \"%s\"", name);
    vt_queue(vt, &c, 1);
}

static const char *modifiers_of_name(const char *name, VTermModifier *modifiers)
{
    int found = VTERM_MOD_NONE;

    while (name[0] != '\0' && name[1] == '-' && name[2] != '\0') {
        if (name[0] == 'C')
            found |= VTERM_MOD_CTRL;
        else if (name[0] == 'M')
            found |= VTERM_MOD_ALT;
        else if (name[0] == 'S')
            found |= VTERM_MOD_SHIFT;
        else
            break;
        name += 2;
    }
    *modifiers = (VTermModifier)found;
    return name;
}

void vt_key(struct vt *vt, const char *name)
{
    VTermModifier modifiers;
    const char *rest = modifiers_of_name(name, &modifiers);
    VTermKey key = key_of_name(rest);

    if (key != VTERM_KEY_NONE)
        vterm_keyboard_key(vt->term, key, modifiers);
    else if (strcmp(rest, "BackTab") == 0)
        vterm_keyboard_key(vt->term, VTERM_KEY_TAB, modifiers | VTERM_MOD_SHIFT);
    else if (strcmp(rest, "Space") == 0)
        type_character(vt, " ", modifiers);
    else if (is_one_character(rest))
        type_character(vt, rest, modifiers);
    else
        vt_fail("no key has the name \"%s\"", name);
}

void vt_type(struct vt *vt, const char *text)
{
    vt_queue(vt, text, strlen(text));
}

void vt_paste(struct vt *vt, const char *text)
{
    char *copy = strdup(text);
    size_t len = 0;

    if (copy == NULL)
        vt_fail("no memory for a paste");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c != '\r' || c[1] != '\n')
            copy[len++] = *c == '\n' ? '\r' : *c;
    }
    vterm_keyboard_start_paste(vt->term);
    vt_queue(vt, copy, len);
    vterm_keyboard_end_paste(vt->term);
    free(copy);
}

/* libvterm 0.1.4 reports buttons even to a program that has not asked. */
static bool point(struct vt *vt, int row, int col)
{
    if (vt->mouse == VTERM_PROP_MOUSE_NONE)
        return false;
    vterm_mouse_move(vt->term, row, col, VTERM_MOD_NONE);
    return true;
}

void vt_click(struct vt *vt, int row, int col)
{
    if (!point(vt, row, col))
        return;
    vterm_mouse_button(vt->term, 1, true, VTERM_MOD_NONE);
    vterm_mouse_button(vt->term, 1, false, VTERM_MOD_NONE);
}

void vt_wheel(struct vt *vt, int row, int col, int steps)
{
    if (!point(vt, row, col))
        return;
    for (int i = abs(steps); i > 0; i--)
        vterm_mouse_button(vt->term, steps > 0 ? 5 : 4, true, VTERM_MOD_NONE);
}
