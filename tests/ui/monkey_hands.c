/* SPDX-License-Identifier: MIT */
#include "monkey_hands.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

unsigned hands_pick(struct hands *h, unsigned n)
{
    h->random ^= h->random << 13;
    h->random ^= h->random >> 7;
    h->random ^= h->random << 17;
    return (unsigned)((h->random >> 32) % n);
}

static void say(struct hands *h, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct hands *h, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(h->did, sizeof h->did, format, args);
    va_end(args);
    for (char *c = h->did; *c != '\0'; c++) { /* one line of a log */
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    }
}

static void press(struct hands *h, struct vt *vt, const char *key)
{
    say(h, "key %s", key);
    vt_key(vt, key);
}

static void named_key(struct hands *h, struct vt *vt)
{
    static const char *const keys[] = {
        "Up",   "Down",      "Left", "Right", "Tab",    "BackTab", "Enter",   "Enter", "Esc",
        "Home", "End",       "PgUp", "PgDn",  "Space",  "Delete",  "Insert",  "F1",    "F2",
        "F3",   "F4",        "F5",   "F6",    "F7",     "F8",      "F9",      "F10",   "F11",
        "F12",  "Backspace", "S-F5", "C-Up",  "C-Left", "C-Right", "M-Enter", "Down",  "Tab",
    };

    press(h, vt, keys[hands_pick(h, sizeof keys / sizeof *keys)]);
}

static void printable(struct hands *h, struct vt *vt)
{
    char key[2] = {(char)(' ' + hands_pick(h, 95)), '\0'};

    press(h, vt, key);
}

static void with_control(struct hands *h, struct vt *vt)
{
    char key[4] = {'C', '-', (char)('@' + hands_pick(h, 32)), '\0'};

    press(h, vt, key);
}

static void with_meta(struct hands *h, struct vt *vt)
{
    char key[4] = {'M', '-', (char)('!' + hands_pick(h, 94)), '\0'};

    press(h, vt, key);
}

static void foreign(struct hands *h, struct vt *vt)
{
    static const char *const keys[] = {"é", "ß", "日",       "本",          "ع",
                                       "€", "🔒", "\xcc\x81", "\xe2\x80\x8b"};

    press(h, vt, keys[hands_pick(h, sizeof keys / sizeof *keys)]);
}

static void again(struct hands *h, struct vt *vt)
{
    static const char *const keys[] = {"Up",    "Down", "Tab",       "BackTab", "Left",
                                       "Right", "Esc",  "Backspace", "x",       "PgDn"};
    const char *key = keys[hands_pick(h, sizeof keys / sizeof *keys)];
    unsigned n = 10 + hands_pick(h, 300);

    say(h, "key %s, %u times", key, n);
    for (unsigned i = 0; i < n; i++)
        vt_key(vt, key);
}

static const char *word(struct hands *h)
{
    static const char *const words[] = {
        "pump-7",
        "my-hub",
        "my-hub.azure-devices.net",
        "8883",
        "99999999999999999999",
        "-1",
        "..",
        "~",
        "a.pem",
        "{}%s%n%d",
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\n",
        "y",
    };
    unsigned built_in = sizeof words / sizeof *words, given = 0, n;

    while (h->words[given] != NULL)
        given++;
    n = hands_pick(h, built_in + 3 * given);
    return n < built_in ? words[n] : h->words[(n - built_in) / 3];
}

static void type_word(struct hands *h, struct vt *vt)
{
    const char *text = word(h);

    say(h, "type %s", text);
    vt_type(vt, text);
}

static void paste_word(struct hands *h, struct vt *vt)
{
    const char *text = word(h);

    say(h, "paste %s", text);
    vt_paste(vt, text);
}

static void paste_much(struct hands *h, struct vt *vt)
{
    char text[20001];
    size_t n = hands_pick(h, sizeof text), line = 1 + hands_pick(h, 2000);

    for (size_t i = 0; i < n; i++)
        text[i] = i % line == line - 1 ? '\n' : (char)('0' + i % 64);
    text[n] = '\0';
    say(h, "paste %zu bytes in lines of %zu", n, line);
    vt_paste(vt, text);
}

/* Bytes of a line that is broken, or of a terminal of another kind. */
static void garbage(struct hands *h, struct vt *vt)
{
    static const char *const sequences[] = {
        "\033[",    "\033[<0;1;", "\033O",          "\033[200~",    "\033[201~", "\033[99;99;99~",
        "\xff\xfe", "\xc3",       "\033[M\xff\xff", "\033]0;x\007", "\033[?1;2c"};
    char text[48];
    size_t n = 1 + hands_pick(h, sizeof text - 1);

    if (hands_pick(h, 2) == 0) {
        const char *sequence = sequences[hands_pick(h, sizeof sequences / sizeof *sequences)];

        say(h, "sequence %s", sequence);
        vt_type(vt, sequence);
        return;
    }
    for (size_t i = 0; i < n; i++)
        text[i] = (char)(1 + hands_pick(h, 255));
    text[n] = '\0';
    say(h, "%zu bytes of garbage", n);
    vt_type(vt, text);
}

static void anywhere(struct hands *h, const struct vt *vt, int *row, int *col)
{
    int rows, cols;

    vt_size(vt, &rows, &cols);
    *row = (int)hands_pick(h, (unsigned)rows);
    *col = (int)hands_pick(h, (unsigned)cols);
}

static void click(struct hands *h, struct vt *vt)
{
    int row, col, times = 1 + (int)hands_pick(h, 3) / 2;

    anywhere(h, vt, &row, &col);
    say(h, "click %d, %d, %d times", row, col, times);
    for (; times > 0; times--)
        vt_click(vt, row, col);
}

static void wheel(struct hands *h, struct vt *vt)
{
    int row, col, steps = (int)hands_pick(h, 41) - 20;

    anywhere(h, vt, &row, &col);
    say(h, "wheel %d, %d, %d steps", row, col, steps);
    vt_wheel(vt, row, col, steps);
}

static void squeeze(struct hands *h, struct vt *vt)
{
    int rows = 1 + (int)hands_pick(h, 40), cols = 2 + (int)hands_pick(h, 130);

    say(h, "resize to %d x %d", rows, cols);
    vt_resize(vt, rows, cols);
}

void hands_resize(struct hands *h, struct vt *vt)
{
    int rows, cols, new_rows, new_cols;

    vt_size(vt, &rows, &cols);
    do {
        new_rows = 24 + (int)hands_pick(h, 40);
        new_cols = 80 + (int)hands_pick(h, 100);
    } while (new_rows == rows || new_cols == cols);
    say(h, "resize to %d x %d", new_rows, new_cols);
    vt_resize(vt, new_rows, new_cols);
}

/* Lets it come to rest, so that not everything is typed ahead. */
static void rest(struct hands *h, struct vt *vt)
{
    say(h, "rest");
    vt_settle(vt);
}

void hands_act(struct hands *h, struct vt *vt)
{
    static const struct {
        unsigned weight;
        void (*act)(struct hands *h, struct vt *vt);
    } acts[] = {
        {400, named_key}, {150, printable}, {40, with_control}, {15, with_meta}, {20, foreign},
        {10, again},      {40, type_word},  {30, paste_word},   {8, paste_much}, {15, garbage},
        {80, click},      {30, wheel},      {25, squeeze},      {60, rest},
    };
    unsigned sum = 0, n, i;

    for (i = 0; i < sizeof acts / sizeof *acts; i++)
        sum += acts[i].weight;
    n = hands_pick(h, sum);
    for (i = 0; n >= acts[i].weight; i++)
        n -= acts[i].weight;
    acts[i].act(h, vt);
}
