/* SPDX-License-Identifier: MIT */
/* The terminal's model: libvterm's screen, and what its callbacks and answers tell about modes. */
#include "vt_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int on_property(VTermProp property, VTermValue *value, void *user)
{
    struct vt *vt = user;

    if (property == VTERM_PROP_ALTSCREEN)
        vt->alternate = value->boolean != 0;
    else if (property == VTERM_PROP_MOUSE)
        vt->mouse = value->number;
    return 1;
}

/* Keys, and answers to what the program asks the terminal. */
static void on_output(const char *bytes, size_t n, void *user)
{
    vt_queue(user, bytes, n);
}

void vt_terminal_make(struct vt *vt)
{
    static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

    vt->term = vterm_new(vt->rows, vt->cols);
    if (vt->term == NULL)
        vt_fail("no memory for a terminal");
    vterm_set_utf8(vt->term, 1);
    vterm_output_set_callback(vt->term, on_output, vt);
    vt->state = vterm_obtain_state(vt->term);
    vt->screen = vterm_obtain_screen(vt->term);
    vterm_screen_enable_altscreen(vt->screen, 1);
    vterm_screen_set_callbacks(vt->screen, &callbacks, vt);
    vterm_screen_reset(vt->screen, 1);
    vt->cursor_shown = true;
}

void vt_terminal_free(struct vt *vt)
{
    if (vt->term != NULL)
        vterm_free(vt->term);
}

/* libvterm 0.1.4 can leave the cursor outside of the screen: when rows are taken away above it, and
 * when a position is brought back that was saved before the screen shrank. */
static void mend_cursor(struct vt *vt)
{
    char move[32];
    VTermPos at;
    int n;

    vterm_state_get_cursorpos(vt->state, &at);
    if (at.row >= 0 && at.row < vt->rows && at.col >= 0 && at.col < vt->cols)
        return;
    at.row = at.row < 0 ? 0 : at.row < vt->rows ? at.row : vt->rows - 1;
    at.col = at.col < 0 ? 0 : at.col < vt->cols ? at.col : vt->cols - 1;
    n = snprintf(move, sizeof move, "\033[%d;%dH", at.row + 1, at.col + 1);
    vterm_input_write(vt->term, move, (size_t)n);
}

static bool is_piece(const char *bytes, size_t n, const char *piece)
{
    return n == strlen(piece) && memcmp(bytes, piece, n) == 0;
}

/* Each of these comes alone from the filter. libvterm's own word on it is not used: with a saved
 * position it brings back whether the cursor was shown then, which no terminal does. */
static void watch_cursor(struct vt *vt, const char *bytes, size_t n)
{
    if (is_piece(bytes, n, "\033[?25h"))
        vt->cursor_shown = true;
    else if (is_piece(bytes, n, "\033[?25l"))
        vt->cursor_shown = false;
}

static bool pen_is_plain(const struct vt *vt)
{
    static const VTermAttr attributes[] = {VTERM_ATTR_BOLD,  VTERM_ATTR_UNDERLINE,
                                           VTERM_ATTR_BLINK, VTERM_ATTR_REVERSE,
                                           VTERM_ATTR_FONT,  VTERM_ATTR_ITALIC};
    VTermValue v;

    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++) {
        memset(&v, 0, sizeof v);
        vterm_state_get_penattr(vt->state, attributes[i], &v);
        if (vterm_get_attr_type(attributes[i]) == VTERM_VALUETYPE_BOOL ? v.boolean : v.number)
            return false;
    }
    vterm_state_get_penattr(vt->state, VTERM_ATTR_FOREGROUND, &v);
    if (!VTERM_COLOR_IS_DEFAULT_FG(&v.color))
        return false;
    vterm_state_get_penattr(vt->state, VTERM_ATTR_BACKGROUND, &v);
    return VTERM_COLOR_IS_DEFAULT_BG(&v.color);
}

/* libvterm has one place for a saved position where xterm has one for each screen, so that what
 * ncurses saves on the alternate screen, to scroll, would come back on the main one. Of the pen
 * only the plain one is remembered, which is what programs enter with. */
static void enter_alternate(struct vt *vt)
{
    vterm_state_get_cursorpos(vt->state, &vt->main_at);
    vt->main_plain = pen_is_plain(vt);
}

static void leave_alternate(struct vt *vt)
{
    char back[32];
    int n = snprintf(back, sizeof back, "\033[%d;%dH%s", vt->main_at.row + 1, vt->main_at.col + 1,
                     vt->main_plain ? "\033[m" : "");

    vterm_input_write(vt->term, back, (size_t)n);
}

static void take(void *user, const char *bytes, size_t n)
{
    struct vt *vt = user;
    bool was_alternate = vt->alternate;

    watch_cursor(vt, bytes, n);
    if (!was_alternate && is_piece(bytes, n, "\033[?1049h"))
        enter_alternate(vt);
    vterm_input_write(vt->term, bytes, n);
    if (was_alternate && is_piece(bytes, n, "\033[?1049l"))
        leave_alternate(vt);
    mend_cursor(vt);
}

void vt_terminal_feed(struct vt *vt, const char *bytes, size_t n)
{
    vt_filter(&vt->filter, bytes, n, take, vt);
}

void vt_terminal_resize(struct vt *vt)
{
    vterm_set_size(vt->term, vt->rows, vt->cols);
    mend_cursor(vt);
}

/* --- sanity ----------------------------------------------------------------------------------- */

struct probe {
    char bytes[32];
    size_t len;
};

static void on_probe(const char *bytes, size_t n, void *user)
{
    struct probe *p = user;

    for (size_t i = 0; i < n && p->len + 1 < sizeof p->bytes; i++)
        p->bytes[p->len++] = bytes[i];
}

/* What libvterm doesn't tell can be seen from the bytes that it makes. */
static bool makes(struct vt *vt, void (*press)(struct vt *vt), const char *bytes)
{
    struct probe p = {.len = 0};

    vterm_output_set_callback(vt->term, on_probe, &p);
    press(vt);
    vterm_output_set_callback(vt->term, on_output, vt);
    return strcmp(p.bytes, bytes) == 0;
}

static void press_up(struct vt *vt)
{
    vterm_keyboard_key(vt->term, VTERM_KEY_UP, VTERM_MOD_NONE);
}

static void press_keypad(struct vt *vt)
{
    vterm_keyboard_key(vt->term, VTERM_KEY_KP_0, VTERM_MOD_NONE);
}

static void begin_paste(struct vt *vt)
{
    vterm_keyboard_start_paste(vt->term);
}

static void gain_focus(struct vt *vt)
{
    vterm_state_focus_in(vt->state);
}

bool vt_terminal_is_sane(struct vt *vt)
{
    const struct {
        bool insane;
        const char *what;
    } rows[] = {
        {vt->alternate, "the alternate screen is on"},
        {!vt->cursor_shown, "the cursor is hidden"},
        {vt->mouse != VTERM_PROP_MOUSE_NONE, "the mouse is reported"},
        {!makes(vt, begin_paste, ""), "pastes are bracketed"},
        {!makes(vt, gain_focus, ""), "focus is reported"},
        {!makes(vt, press_up, "\033[A"), "cursor keys are in application mode"},
        {!makes(vt, press_keypad, "0"), "the keypad is in application mode"},
        {!pen_is_plain(vt), "a colour or an attribute is left on"},
    };
    bool sane = true;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!rows[i].insane)
            continue;
        fprintf(stderr, "# insane terminal: %s\n", rows[i].what);
        sane = false;
    }
    return sane;
}
