/* SPDX-License-Identifier: MIT */
#include "ui/draw.h"

#include <string.h>
#include <wchar.h>

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "ui/screen.h"

struct canvas canvas_screen(struct hits *hits)
{
    return (struct canvas){.area = {0, 0, LINES, COLS}, .hits = hits};
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

struct canvas canvas_part(const struct canvas *c, int y, int x, int h, int w)
{
    struct canvas part = {.hits = c->hits};

    part.area.y = c->area.y + y;
    part.area.x = c->area.x + x;
    part.area.h = least(h, c->area.h - y);
    part.area.w = least(w, c->area.w - x);
    return part;
}

static void use(enum role role)
{
    (void)attr_set(theme_attr(role), theme_pair(role), NULL);
}

static bool row_is_in(const struct canvas *c, int y)
{
    return y >= c->scroll && y < c->scroll + c->area.h;
}

static void go(const struct canvas *c, int y, int x)
{
    (void)move(c->area.y + y - c->scroll, c->area.x + x);
}

static void blanks(int n)
{
    while (n-- > 0)
        (void)addch(' ');
}

void canvas_clear(const struct canvas *c, enum role role)
{
    use(role);
    for (int y = 0; y < c->area.h; y++) {
        (void)move(c->area.y + y, c->area.x);
        blanks(c->area.w);
    }
}

/* --- text ----------------------------------------------------------------------------------- */

/* The character at p as the terminal will show it: its length in bytes, its columns. */
static size_t next_char(const char *p, size_t n, wchar_t *out, int *columns)
{
    uint32_t code = '?';
    size_t len = str_utf8(p, n, &code);

    if (len == 0)
        len = 1;
    if (code >= 0x80 && !screen_is_unicode())
        code = '?';
    *out = (wchar_t)code;
    *columns = wcwidth(*out);
    if (*columns < 0) { /* unassigned, or unknown to this C library */
        *out = L'?';
        *columns = 1;
    }
    return len;
}

/* How much of the text fits into `width` columns; *used is set. */
static size_t fit(const char *text, size_t n, int width, int *used)
{
    size_t at = 0;

    *used = 0;
    while (at < n) {
        wchar_t c;
        int columns;
        size_t len = next_char(text + at, n - at, &c, &columns);

        if (*used + columns > width)
            break;
        *used += columns;
        at += len;
    }
    return at;
}

static void put(const char *text, size_t n)
{
    for (size_t at = 0; at < n;) {
        wchar_t wide[2] = {0};
        int columns;

        at += next_char(text + at, n - at, &wide[0], &columns);
        (void)addnwstr(wide, 1);
    }
}

const char *glyph(const char *unicode, const char *ascii)
{
    return screen_is_unicode() ? unicode : ascii;
}

/* Safe text, cut. */
static int draw_safe(const struct canvas *c, int y, int x, int width, enum role role,
                     const char *text, size_t n)
{
    int used;
    size_t shown;

    width = least(width, c->area.w - x);
    if (!row_is_in(c, y) || width <= 0 || x < 0)
        return 0;
    use(role);
    go(c, y, x);
    shown = fit(text, n, width, &used);
    if (shown == n) {
        put(text, n);
        return used;
    }
    shown = fit(text, n, width - 1, &used);
    put(text, shown);
    (void)addstr(glyph("\xE2\x80\xA6", "~"));
    return used + 1;
}

int draw_text(const struct canvas *c, int y, int x, int width, enum role role, const char *text)
{
    struct buf safe = {0};
    int used = 0;

    str_safe(&safe, text);
    if (safe.data != NULL)
        used = draw_safe(c, y, x, width, role, safe.data, safe.len);
    buf_reset(&safe);
    return used;
}

void draw_filled(const struct canvas *c, int y, int x, int width, enum role role, const char *text)
{
    int used = draw_text(c, y, x, width, role, text);

    width = least(width, c->area.w - x);
    if (!row_is_in(c, y) || width <= 0)
        return;
    use(role);
    go(c, y, x + used);
    blanks(width - used);
}

/* Bytes of the first line: up to the last blank that fits, or as much as fits of a long word. */
static size_t first_line(const char *text, size_t n, int width)
{
    int used;
    size_t fits = fit(text, n, width, &used);
    size_t at = fits;

    if (fits == n || text[fits] == ' ')
        return fits;
    while (at > 0 && text[at - 1] != ' ')
        at--;
    if (at > 0)
        return at;
    return fits > 0 ? fits : n; /* a character wider than the space */
}

int draw_hanging(const struct canvas *c, int y, int x, int width, int hanging, enum role role,
                 const char *text)
{
    struct buf safe = {0};
    int rows = 0;

    str_safe(&safe, text);
    for (size_t at = 0; at < safe.len; rows++) {
        int indent = rows > 0 ? hanging : 0;
        int room = width - indent > 1 ? width - indent : 1;
        size_t n = first_line(safe.data + at, safe.len - at, room);

        if (c != NULL)
            draw_safe(c, y + rows, x + indent, room, role, safe.data + at, n);
        at += n;
        while (at < safe.len && safe.data[at] == ' ')
            at++;
    }
    buf_reset(&safe);
    return rows > 0 ? rows : 1;
}

int draw_wrapped(const struct canvas *c, int y, int x, int width, enum role role, const char *text)
{
    return draw_hanging(c, y, x, width, 0, role, text);
}

int text_columns(const char *text)
{
    struct buf safe = {0};
    int used = 0;

    str_safe(&safe, text);
    if (safe.data != NULL)
        (void)fit(safe.data, safe.len, 1 << 20, &used);
    buf_reset(&safe);
    return used;
}

const char *mark(enum role role)
{
    switch (role) {
    case ROLE_GOOD:
        return glyph("\xE2\x9C\x93", "+");
    case ROLE_WARN:
        return "!";
    case ROLE_BAD:
        return glyph("\xE2\x9C\x97", "x");
    default:
        return glyph("\xC2\xB7", "-");
    }
}

/* --- lines and bars ------------------------------------------------------------------------- */

static void line(const struct canvas *c, int y, int x, int w, chtype left, chtype right)
{
    if (!row_is_in(c, y))
        return;
    go(c, y, x);
    (void)addch(left);
    for (int i = 2; i < w; i++)
        (void)addch(ACS_HLINE);
    (void)addch(right);
}

void draw_box(const struct canvas *c, int y, int x, int h, int w, enum role role, const char *title)
{
    use(role);
    line(c, y, x, w, ACS_ULCORNER, ACS_URCORNER);
    line(c, y + h - 1, x, w, ACS_LLCORNER, ACS_LRCORNER);
    for (int i = 1; i < h - 1; i++) {
        if (!row_is_in(c, y + i))
            continue;
        go(c, y + i, x);
        (void)addch(ACS_VLINE);
        go(c, y + i, x + w - 1);
        (void)addch(ACS_VLINE);
    }
    if (title != NULL) {
        int used = draw_text(c, y, x + 3, w - 6, ROLE_STRONG, title);

        draw_text(c, y, x + 2, 1, ROLE_TEXT, " ");
        draw_text(c, y, x + 3 + used, 1, ROLE_TEXT, " ");
    }
}

void draw_rule(const struct canvas *c, int y, int x, int w, enum role role, const char *title,
               enum role remark_role, const char *remark)
{
    int right = remark != NULL ? text_columns(remark) : 0;
    int room = w - 6 - (right > 0 ? right + 3 : 0);
    int used;

    use(ROLE_DIM);
    line(c, y, x, w, ACS_HLINE, ACS_HLINE);
    draw_text(c, y, x + 2, 1, ROLE_TEXT, " ");
    used = draw_text(c, y, x + 3, room, role, title);
    draw_text(c, y, x + 3 + used, 1, ROLE_TEXT, " ");
    if (right > 0) {
        draw_text(c, y, x + w - right - 4, 1, ROLE_TEXT, " ");
        draw_text(c, y, x + w - right - 3, right, remark_role, remark);
        draw_text(c, y, x + w - 3, 1, ROLE_TEXT, " ");
    }
}

void draw_bar(const struct canvas *c, int y, int x, int w, size_t done, size_t total)
{
    int full = total > 0 ? (int)((double)w * (double)done / (double)total) : 0;

    if (!row_is_in(c, y) || w <= 0)
        return;
    full = least(full, w);
    use(ROLE_DONE);
    go(c, y, x);
    for (int i = 0; i < full; i++)
        (void)addch('=');
    use(ROLE_LEFT);
    for (int i = full; i < w; i++)
        (void)addch('.');
}

/* --- the mouse and the cursor --------------------------------------------------------------- */

void draw_hit(const struct canvas *c, int y, int x, int h, int w, int action, int arg)
{
    int top = y > c->scroll ? y : c->scroll;
    int end = least(y + h, c->scroll + c->area.h);

    if (c->hits == NULL || c->hits->count == HITS_MAX || top >= end)
        return;
    c->hits->items[c->hits->count++] = (struct hit){
        .at = {c->area.y + top - c->scroll, c->area.x + x, end - top, least(w, c->area.w - x)},
        .action = action,
        .arg = arg,
    };
}

const struct hit *hits_find(const struct hits *hits, int row, int col)
{
    for (size_t i = hits->count; i > 0; i--) {
        const struct hit *h = &hits->items[i - 1];

        if (row >= h->at.y && row < h->at.y + h->at.h && col >= h->at.x && col < h->at.x + h->at.w)
            return h;
    }
    return NULL;
}

void draw_cursor(const struct canvas *c, int y, int x)
{
    if (row_is_in(c, y) && x >= 0 && x < c->area.w)
        screen_cursor(c->area.y + y - c->scroll, c->area.x + x);
}
