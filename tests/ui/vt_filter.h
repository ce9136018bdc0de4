/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_VT_FILTER_H
#define COMCERT_TESTS_UI_VT_FILTER_H

#include <stddef.h>

/* What stands between a program and libvterm 0.1.4, which
 * - does not know SGR 2 (dim): it becomes the second alternative font, which nobody uses;
 * - sets only the first of several private modes (ncurses asks for the mouse by 1006;1000): each
 *   gets a sequence of its own;
 * - writes past an array when a sequence has more than 16 parameters: such a one, and one longer
 *   than VT_FILTER_MAX, is swallowed, as a terminal does with what it does not understand. */

enum { VT_FILTER_MAX = 128, VT_FILTER_DIM_FONT = 2 };

struct vt_filter {
    enum { VT_FILTER_TEXT, VT_FILTER_ESCAPE, VT_FILTER_CSI } state; /* zero is the beginning */
    char held[VT_FILTER_MAX];                                       /* from ESC on */
    size_t len;
    int overlong;
};

/* Called with each piece that libvterm may have; a control sequence comes whole and alone. */
typedef void vt_filter_sink(void *user, const char *bytes, size_t n);

void vt_filter(struct vt_filter *f, const char *bytes, size_t n, vt_filter_sink *sink, void *user);

#endif
