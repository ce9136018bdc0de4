/* SPDX-License-Identifier: MIT */
#include "ui/edit.h"

#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "base/buf.h"
#include "ui/keys.h"

/* Somebody may have typed a password where none belongs. */
void edit_reset(struct edit *e)
{
    if (e->text != NULL)
        mem_wipe(e->text, e->capacity);
    free(e->text);
    *e = (struct edit){0};
}

const char *edit_text(const struct edit *e)
{
    return e->text != NULL ? e->text : "";
}

static bool reserve(struct edit *e, size_t len)
{
    char *text;

    if (len > EDIT_MAX)
        return false;
    if (len < e->capacity)
        return true;
    text = realloc(e->text, len + 64);
    if (text == NULL)
        return false;
    e->text = text;
    e->capacity = len + 64;
    return true;
}

void edit_set(struct edit *e, const char *text)
{
    size_t n = text != NULL ? strlen(text) : 0;

    if (strcmp(edit_text(e), text != NULL ? text : "") == 0 || !reserve(e, n))
        return;
    memcpy(e->text, text != NULL ? text : "", n + 1);
    e->len = e->cursor = n;
    e->first = 0;
}

/* --- moving ----------------------------------------------------------------------------------- */

static bool is_middle(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

static size_t before(const struct edit *e, size_t at)
{
    if (at > 0)
        at--;
    while (at > 0 && is_middle(e->text[at]))
        at--;
    return at;
}

static size_t after(const struct edit *e, size_t at)
{
    if (at < e->len)
        at++;
    while (at < e->len && is_middle(e->text[at]))
        at++;
    return at;
}

static size_t word_before(const struct edit *e, size_t at)
{
    while (at > 0 && strchr(" /", e->text[at - 1]) != NULL)
        at--;
    while (at > 0 && strchr(" /", e->text[at - 1]) == NULL)
        at--;
    return at;
}

static enum edit_result move_to(struct edit *e, size_t at)
{
    e->cursor = at;
    return EDIT_MOVED;
}

static enum edit_result remove_range(struct edit *e, size_t from, size_t to)
{
    if (from >= to)
        return EDIT_MOVED;
    memmove(e->text + from, e->text + to, e->len - to + 1);
    e->len -= to - from;
    e->cursor = from;
    return EDIT_CHANGED;
}

static enum edit_result insert(struct edit *e, const char *bytes, size_t n)
{
    if (n == 0 || !reserve(e, e->len + n))
        return EDIT_MOVED;
    memmove(e->text + e->cursor + n, e->text + e->cursor, e->len - e->cursor);
    memcpy(e->text + e->cursor, bytes, n);
    e->len += n;
    e->cursor += n;
    e->text[e->len] = '\0';
    return EDIT_CHANGED;
}

static enum edit_result insert_char(struct edit *e, int key)
{
    char bytes[5];

    return insert(e, bytes, key_utf8(key, bytes));
}

enum edit_result edit_key(struct edit *e, int key)
{
    switch (key) {
    case KEY_FN(KEY_LEFT):
        return move_to(e, before(e, e->cursor));
    case KEY_FN(KEY_RIGHT):
        return move_to(e, after(e, e->cursor));
    case KEY_FN(KEY_HOME):
    case KEY_CTRL('A'):
        return move_to(e, 0);
    case KEY_FN(KEY_END):
    case KEY_CTRL('E'):
        return move_to(e, e->len);
    case KEY_FN(KEY_BACKSPACE):
        return remove_range(e, before(e, e->cursor), e->cursor);
    case KEY_FN(KEY_DC):
        return remove_range(e, e->cursor, after(e, e->cursor));
    case KEY_CTRL('U'):
        return remove_range(e, 0, e->cursor);
    case KEY_CTRL('K'):
        return remove_range(e, e->cursor, e->len);
    case KEY_CTRL('W'):
        return remove_range(e, word_before(e, e->cursor), e->cursor);
    default:
        return key_is_text(key) ? insert_char(e, key) : EDIT_IGNORED;
    }
}

enum edit_result edit_insert(struct edit *e, const char *text, size_t n)
{
    enum edit_result result = EDIT_MOVED;
    char *line;

    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    line = malloc(n + 1);
    if (line == NULL)
        return EDIT_MOVED;
    for (size_t i = 0; i < n; i++)
        line[i] = text[i] == '\n' || text[i] == '\r' ? ' ' : text[i];
    /* A NUL would cut the text unseen. */
    if (memchr(line, '\0', n) == NULL)
        result = insert(e, line, n);
    mem_wipe(line, n);
    free(line);
    return result;
}

/* --- drawing ---------------------------------------------------------------------------------- */

/* Columns from byte `from` to byte `to`. */
static int columns_between(const struct edit *e, size_t from, size_t to)
{
    struct buf part = {0};
    int columns;

    buf_add(&part, e->text + from, to - from);
    columns = part.data != NULL ? text_columns(part.data) : 0;
    buf_reset(&part);
    return columns;
}

/* The cursor stays in sight, with room for one more character behind it. */
static void scroll_to_cursor(struct edit *e, int width)
{
    if (e->first > e->cursor)
        e->first = e->cursor;
    while (e->first < e->cursor && columns_between(e, e->first, e->cursor) > width - 1)
        e->first = after(e, e->first);
    while (e->first > 0 && columns_between(e, before(e, e->first), e->len) < width)
        e->first = before(e, e->first);
}

void edit_draw(struct edit *e, const struct canvas *c, int y, int x, int width, bool focus,
               const char *ghost)
{
    enum role role = focus ? ROLE_FIELD_FOCUS : ROLE_FIELD;
    int end;

    if (focus && e->text != NULL)
        scroll_to_cursor(e, width);
    if (!focus)
        e->first = 0;
    draw_filled(c, y, x, width, role, e->text != NULL ? e->text + e->first : "");
    if (!focus)
        return;
    end = e->text != NULL ? columns_between(e, e->first, e->len) : 0;
    if (ghost != NULL && e->cursor == e->len && end < width)
        draw_text(c, y, x + end, width - end, ROLE_DIM, ghost);
    draw_cursor(c, y, x + (e->text != NULL ? columns_between(e, e->first, e->cursor) : 0));
}

/* --- masked ----------------------------------------------------------------------------------- */

static enum edit_result shorten(struct secret *s)
{
    if (s->len == 0)
        return EDIT_MOVED;
    while (s->len > 1 && is_middle((char)s->data[s->len - 1]))
        s->data[--s->len] = '\0';
    s->data[--s->len] = '\0';
    return EDIT_CHANGED;
}

enum edit_result masked_key(struct secret *s, int key)
{
    char bytes[5];
    size_t n;

    if (key == KEY_FN(KEY_BACKSPACE))
        return shorten(s);
    if (key == KEY_CTRL('U')) {
        secret_reset(s);
        return EDIT_CHANGED;
    }
    if (!key_is_text(key))
        return EDIT_IGNORED;
    n = key_utf8(key, bytes);
    if (s->len + n > MASKED_MAX || secret_append(s, bytes, n, NULL) != 0)
        return EDIT_MOVED;
    mem_wipe(bytes, sizeof bytes);
    return EDIT_CHANGED;
}

enum edit_result masked_insert(struct secret *s, const struct secret *text)
{
    size_t n = text->len;

    while (n > 0 && text->data[n - 1] == '\n')
        n--;
    if (n == 0 || s->len + n > MASKED_MAX || secret_append(s, text->data, n, NULL) != 0)
        return EDIT_MOVED;
    return EDIT_CHANGED;
}

void masked_draw(const struct secret *s, const struct canvas *c, int y, int x, int width,
                 bool focus)
{
    char stars[MASKED_MAX + 1];
    int n = 0;

    for (size_t i = 0; i < s->len; i++) {
        if (!is_middle((char)s->data[i]) && n < width - 1)
            stars[n++] = '*';
    }
    stars[n] = '\0';
    draw_filled(c, y, x, width, focus ? ROLE_FIELD_FOCUS : ROLE_FIELD, stars);
    if (focus)
        draw_cursor(c, y, x + n);
}
