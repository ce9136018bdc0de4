/* SPDX-License-Identifier: MIT */
#include "still.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vt_inside.h"

enum { COLS_MAX = 200 };

/* One row while it is changed: its cells, and of each the character if it is a plain one. */
struct row {
    int cols;
    struct vt_cell cells[COLS_MAX];
    char plain[COLS_MAX + 1]; /* '?' for what is not ASCII, ' ' for nothing */
};

static void see(struct row *r)
{
    for (int i = 0; i < r->cols; i++) {
        const char *text = r->cells[i].text;

        r->plain[i] = text[0] == '\0' ? ' ' : (unsigned char)text[0] < 0x80 ? text[0] : '?';
    }
    r->plain[r->cols] = '\0';
}

static int find(const struct row *r, const char *text)
{
    const char *at = strstr(r->plain, text);

    return at != NULL ? (int)(at - r->plain) : -1;
}

static void set(struct row *r, int col, const struct vt_cell *look, char c)
{
    r->cells[col] = *look;
    snprintf(r->cells[col].text, sizeof r->cells[col].text, "%c", c);
}

/* Where the text in which this column is ends: at two blanks. */
static int end_of_text(const struct row *r, int col)
{
    while (col < r->cols && strncmp(r->plain + col, "  ", 2) != 0)
        col++;
    return col;
}

static int start_of_text(const struct row *r, int col)
{
    while (col > 0 && !(r->plain[col - 1] == ' ' && (col == 1 || r->plain[col - 2] == ' ')))
        col--;
    return col;
}

static void put_text(struct row *r, int col, const struct vt_cell *look, const char *text)
{
    for (; *text != '\0'; text++)
        set(r, col++, look, *text);
    see(r);
}

/* Where the ground before this column begins: after a field, or a text. */
static int start_of_ground(const struct row *r, int col)
{
    int bg = r->cells[col - 1].bg;

    while (col > 1 && r->plain[col - 1] == ' ' && r->cells[col - 1].bg == bg)
        col--;
    return col;
}

/* The text that ends with `to` stands at the right: its beginning moves, and with it the ground
 * before it, at which a field ends. */
static void replace_right(struct row *r, int from, int to, const char *text)
{
    struct row was = *r;
    int more = (int)strlen(text) - (to - from), begin = start_of_ground(r, start_of_text(r, from));

    for (int i = begin; i < begin - more; i++)
        set(r, i, &was.cells[begin - 1], ' ');
    for (int i = begin; i < from; i++)
        r->cells[i - more] = was.cells[i];
    put_text(r, from - more, &was.cells[from], text);
}

/* The rest of the text moves. */
static void replace_left(struct row *r, int from, int to, const char *text)
{
    struct row was = *r;
    int more = (int)strlen(text) - (to - from), end = end_of_text(r, to);

    for (int i = end + more; i < end; i++)
        set(r, i, &was.cells[end < r->cols ? end : r->cols - 1], ' ');
    for (int i = to; i < end; i++)
        r->cells[i + more] = was.cells[i];
    put_text(r, from, &was.cells[from], text);
}

/* Cells from..to become the text, of the first one's looks. */
static void replace(struct row *r, int from, int to, const char *text)
{
    if (start_of_text(r, from) > r->cols / 2)
        replace_right(r, from, to, text);
    else
        replace_left(r, from, to, text);
}

static void blank_from(struct row *r, int col)
{
    for (; col < r->cols; col++)
        set(r, col, &r->cells[r->cols - 1], ' ');
    see(r);
}

/* --- what is replaced ------------------------------------------------------------------------- */

static void still_pty(struct row *r)
{
    int at = find(r, "/dev/pts/"), end;

    if (at < 0)
        return;
    end = at += (int)strlen("/dev/pts/");
    while (isdigit((unsigned char)r->plain[end]))
        end++;
    replace(r, at, end, "7");
}

static void still_days(struct row *r)
{
    int end = find(r, " days left"), at = end;

    while (at > 0 && isdigit((unsigned char)r->plain[at - 1]))
        at--;
    if (at < end)
        replace(r, at, end, "4000");
}

/* "   12.345678 name ...", in the columns that "%11.6f" fills. */
static bool still_seconds(struct row *r, int nth)
{
    int dot = find(r, "."), at = dot;
    char text[16];

    while (at > 0 && isdigit((unsigned char)r->plain[at - 1]))
        at--;
    if (at < 1 || at == dot || strspn(r->plain, " ") != (size_t)at ||
        strspn(r->plain + dot + 1, "0123456789") != 6)
        return false;
    snprintf(text, sizeof text, "%*.6f", dot + 7 - at, nth * 0.004321);
    replace(r, at, dot + 7, text);
    return true;
}

static void still_rate(struct row *r)
{
    int end = find(r, " % of line"), at = end;
    static const char rate[] = "99 % of line rate";

    while (at > 0 && isdigit((unsigned char)r->plain[at - 1]))
        at--;
    if (at == end || at + (int)sizeof rate > r->cols)
        return;
    put_text(r, at, &r->cells[at], rate);
    blank_from(r, at + (int)sizeof rate - 1);
}

/* So many tenths of a bar, and of the bytes beside it. */
static void still_bar(struct row *r, int at, int of, int tenths)
{
    int width = (int)strspn(r->plain + at, "=."), full = width * tenths / 10;
    struct vt_cell done = r->cells[at], left = r->cells[at + width - 1];
    long bytes = strtol(r->plain + of + 4, NULL, 10) * tenths / 10;
    char text[32];

    for (int i = 0; i < width; i++)
        set(r, at + i, i < full ? &done : &left, i < full ? '=' : '.');
    snprintf(text, sizeof text, "%*ld", of - at - width, bytes);
    put_text(r, at + width, &r->cells[of - 1], text);
}

/* "=====.....   123 of 456   7.8 s left". */
static void still_running(struct row *r)
{
    int second = find(r, " s left"), of = find(r, " of "), at = find(r, "="), from = second;
    bool all = find(r, " s left on the line") >= 0;

    if (second < 1 || of < 0 || at < 0)
        return;
    still_bar(r, at, of, all ? 5 : 6);
    while (from > 0 && r->plain[from - 1] != ' ')
        from--;
    replace(r, from, second, all ? "2.2" : "0.5");
}

/* --- the screen ------------------------------------------------------------------------------- */

static int add_colour(char *out, size_t size, int base, int colour)
{
    if (colour < 0)
        return 0;
    if (colour & 0x1000000)
        return snprintf(out, size, ";%d;2;%d;%d;%d", base, colour >> 16 & 0xff, colour >> 8 & 0xff,
                        colour & 0xff);
    return snprintf(out, size, ";%d;5;%d", base, colour);
}

static void put_cell(struct vt *vt, const struct vt_cell *c)
{
    char out[128];
    int n = snprintf(out, sizeof out, "\033[0%s%s%s%s%s%s%s", c->bold ? ";1" : "",
                     c->dim ? ";2" : "", c->italic ? ";3" : "", c->underline ? ";4" : "",
                     c->blink ? ";5" : "", c->reverse ? ";7" : "", c->strike ? ";9" : "");

    n += add_colour(out + n, sizeof out - (size_t)n, 38, c->fg);
    n += add_colour(out + n, sizeof out - (size_t)n, 48, c->bg);
    n += snprintf(out + n, sizeof out - (size_t)n, "m%s", c->text[0] != '\0' ? c->text : " ");
    vt_terminal_feed(vt, out, (size_t)n);
}

static void put_row(struct vt *vt, int row, const struct row *r)
{
    char out[32];

    vt_terminal_feed(vt, out, (size_t)snprintf(out, sizeof out, "\0337\033[%d;1H", row + 1));
    for (int i = 0; i < r->cols; i++) {
        if (r->cells[i].width > 0)
            put_cell(vt, &r->cells[i]);
    }
    vt_terminal_feed(vt, "\0338", 2);
}

void still_make(struct vt *vt)
{
    struct row r, was;
    int rows, nth = 0;

    vt_size(vt, &rows, &r.cols);
    for (int row = 0; row < rows && r.cols <= COLS_MAX; row++) {
        for (int i = 0; i < r.cols; i++)
            r.cells[i] = vt_cell(vt, row, i);
        see(&r);
        was = r;
        still_pty(&r);
        still_days(&r);
        nth += still_seconds(&r, nth);
        still_rate(&r);
        still_running(&r);
        if (strcmp(was.plain, r.plain) != 0)
            put_row(vt, row, &r);
    }
}
