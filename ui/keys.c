/* SPDX-License-Identifier: MIT */
#include "ui/keys.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <curses.h>

#include "ui/usertty.h"

/* curses' own codes end at KEY_MAX. */
enum { CODE_PASTE_BEGIN = KEY_MAX + 1, CODE_PASTE_END, ESC_DELAY_MS = 10 };

/* A paste whose end never comes would swallow every key from then on. */
#define PASTE_PATIENCE (2 * USEC_PER_SEC)

/* What is read before others have their turn. */
enum { CHARACTERS_A_CALL = 4096 };

static struct {
    WINDOW *pad; /* reading from it refreshes nothing */
    bool pasting, cut;
    bool discarding; /* the rest of a paste that was given up: never keys, until its end or Esc */
    bool more;       /* there is more to read than was read in one call */
    usec pasted_at;
    struct secret paste;
    char before; /* the last character pasted */
} keys;

/* What nearly every terminal sends, whatever it calls itself: terminfo knows nothing of these for a
 * vt100, and their letters would end up in a field. */
static const struct {
    const char *sequence;
    int code;
} common[] = {
    {"\033[Z", KEY_BTAB},    {"\033[2~", KEY_IC},    {"\033[3~", KEY_DC},    {"\033[5~", KEY_PPAGE},
    {"\033[6~", KEY_NPAGE},  {"\033[H", KEY_HOME},   {"\033OH", KEY_HOME},   {"\033[1~", KEY_HOME},
    {"\033[F", KEY_END},     {"\033OF", KEY_END},    {"\033[4~", KEY_END},   {"\033[15~", KEY_F(5)},
    {"\033[17~", KEY_F(6)},  {"\033[18~", KEY_F(7)}, {"\033[19~", KEY_F(8)}, {"\033[20~", KEY_F(9)},
    {"\033[21~", KEY_F(10)},
};

/* What terminfo says of a sequence goes before. */
static void learn_common_keys(void)
{
    for (size_t i = 0; i < sizeof common / sizeof common[0]; i++) {
        if (key_defined(common[i].sequence) == 0)
            (void)define_key(common[i].sequence, common[i].code);
    }
}

static void ask_for_mouse(void)
{
    (void)mousemask(BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED | BUTTON4_PRESSED |
                        BUTTON5_PRESSED,
                    NULL);
    (void)mouseinterval(0);
}

void keys_start(void)
{
    (void)set_escdelay(ESC_DELAY_MS);
    keys.pad = newpad(1, 1);
    (void)keypad(keys.pad, TRUE);
    (void)nodelay(keys.pad, TRUE);
    /* keypad on the pad is about reading; on the screen, about the sequence that asks for it. */
    (void)keypad(stdscr, TRUE);
    learn_common_keys();
    (void)define_key("\033[200~", CODE_PASTE_BEGIN);
    (void)define_key("\033[201~", CODE_PASTE_END);
    ask_for_mouse();
}

void keys_resume(void)
{
    ask_for_mouse();
}

void keys_stop(void)
{
    (void)delwin(keys.pad);
    keys.pad = NULL;
    secret_reset(&keys.paste);
    keys.pasting = false;
}

/* --- paste ---------------------------------------------------------------------------------- */

static void begin_paste(void)
{
    secret_reset(&keys.paste);
    keys.pasting = true;
    keys.cut = false;
    keys.before = '\0';
    keys.pasted_at = clock_now();
}

size_t key_utf8(int key, char out[4])
{
    unsigned c = (unsigned)key;

    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | (c >> 6));
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | (c >> 12));
        out[1] = (char)(0x80 | ((c >> 6) & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | (c >> 18));
    out[1] = (char)(0x80 | ((c >> 12) & 0x3F));
    out[2] = (char)(0x80 | ((c >> 6) & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

/* Terminals send CR for a line end; some pass CR LF on. */
static void add_to_paste(wint_t c)
{
    char bytes[4];
    size_t n;

    keys.pasted_at = clock_now();
    if (c == '\n' && keys.before == '\r') {
        keys.before = '\n';
        return;
    }
    keys.before = (char)(c < 0x80 ? c : 0);
    n = key_utf8(c == '\r' ? '\n' : (int)c, bytes);
    if (keys.paste.len + n > PASTE_MAX)
        keys.cut = true;
    else if (secret_append(&keys.paste, bytes, n, NULL) != 0)
        keys.cut = true;
    mem_wipe(bytes, sizeof bytes);
}

static bool end_paste(struct input *out)
{
    keys.pasting = false;
    *out = (struct input){.type = INPUT_PASTE, .paste = &keys.paste, .cut = keys.cut};
    return keys.paste.len > 0;
}

/* A paste that comes to a halt is incomplete, and what may follow must never be taken for keys. */
static bool give_up_paste(struct input *out)
{
    keys.cut = keys.discarding = true;
    return end_paste(out);
}

usec keys_deadline(void)
{
    if (keys.more)
        return clock_now();
    return keys.pasting ? keys.pasted_at + PASTE_PATIENCE : USEC_NEVER;
}

/* --- keys and mouse ------------------------------------------------------------------------- */

static bool take_mouse(struct input *out)
{
    MEVENT e;

    if (getmouse(&e) != OK)
        return false;
    *out = (struct input){.row = e.y, .col = e.x};
    if ((e.bstate & (BUTTON1_PRESSED | BUTTON1_CLICKED | BUTTON1_DOUBLE_CLICKED)) != 0) {
        out->type = INPUT_CLICK;
    } else if ((e.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) != 0) {
        out->type = INPUT_WHEEL;
        out->steps = (e.bstate & BUTTON4_PRESSED) != 0 ? -3 : 3;
    } else {
        return false;
    }
    return true;
}

static int with_alt(void)
{
    wint_t c;
    int rc = wget_wch(keys.pad, &c);

    if (rc == ERR)
        return KEY_ESC;
    if (rc == OK && c > ' ' && c != 127)
        return KEY_ALT((int)c);
    /* Esc, then something else at once: the something else counts later. */
    if (rc == KEY_CODE_YES)
        (void)ungetch((int)c);
    else
        (void)unget_wch((wchar_t)c);
    return KEY_ESC;
}

static bool take_key(wint_t c, bool code, struct input *out)
{
    *out = (struct input){.type = INPUT_KEY};
    if (!code && c == KEY_ESC)
        out->key = with_alt();
    else if (!code && c == 127)
        out->key = KEY_FN(KEY_BACKSPACE);
    else if (!code && c == KEY_CTRL('H'))
        out->key = KEY_FN(KEY_BACKSPACE);
    else if (!code && c == '\n')
        out->key = KEY_RETURN;
    else if (code && c == KEY_ENTER)
        out->key = KEY_RETURN;
    else
        out->key = code ? KEY_FN((int)c) : (int)c;
    return true;
}

bool keys_next(struct input *out)
{
    int rc, n = 0;
    wint_t c;

    keys.more = false;
    while ((rc = wget_wch(keys.pad, &c)) != ERR) {
        bool code = rc == KEY_CODE_YES;

        keys.more = ++n >= CHARACTERS_A_CALL;
        if (keys.discarding) {
            keys.discarding = !(code && c == CODE_PASTE_END) && (code || (c != KEY_ESC && c != 3));
            if (keys.more)
                return false;
            continue;
        }
        if (keys.pasting) {
            if (code && c == CODE_PASTE_END && end_paste(out))
                return true;
            if (!code)
                add_to_paste(c);
            if (keys.more)
                return false;
            continue;
        }
        if (code && c == CODE_PASTE_BEGIN)
            begin_paste();
        else if (code && c == KEY_MOUSE && take_mouse(out))
            return true;
        else if (code && (c == KEY_MOUSE || c == CODE_PASTE_END || c == KEY_RESIZE))
            continue;
        else
            return take_key(c, code, out);
    }
    return keys.pasting && clock_now() >= keys_deadline() && give_up_paste(out);
}

void keys_flush(void)
{
    usertty_flush_input();
    (void)flushinp();
    keys.pasting = false;
    secret_reset(&keys.paste);
}

bool key_is_text(int key)
{
    return key >= ' ' && key < KEY_FN(0) && key != 127 && !(key >= 0x80 && key < 0xA0);
}

static const struct {
    int key;
    const char *name;
} names[] = {
    {KEY_RETURN, "Enter"},
    {KEY_TAB, "Tab"},
    {KEY_ESC, "Esc"},
    {KEY_BLANK, "Space"},
    {KEY_FN(KEY_UP), "Up"},
    {KEY_FN(KEY_DOWN), "Down"},
    {KEY_FN(KEY_LEFT), "Left"},
    {KEY_FN(KEY_RIGHT), "Right"},
    {KEY_FN(KEY_PPAGE), "PgUp"},
    {KEY_FN(KEY_NPAGE), "PgDn"},
    {KEY_FN(KEY_HOME), "Home"},
    {KEY_FN(KEY_END), "End"},
    {KEY_FN(KEY_BTAB), "Shift-Tab"},
    {KEY_FN(KEY_BACKSPACE), "Backspace"},
    {KEY_FN(KEY_DC), "Del"},
};

const char *key_title(int key, char out[16])
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].key == key)
            return names[i].name;
    }
    if (key >= KEY_ALT(0))
        snprintf(out, 16, "Alt-%c", key - KEY_ALT(0));
    else if (key >= KEY_FN(KEY_F0) && key <= KEY_FN(KEY_F(24)))
        snprintf(out, 16, "F%d", key - KEY_FN(KEY_F0));
    else if (key < ' ')
        snprintf(out, 16, "^%c", key + '@');
    else
        snprintf(out, 16, "%c", key < 127 ? key : '?');
    return out;
}
