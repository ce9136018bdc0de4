/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

size_t str_utf8(const char *text, size_t n, uint32_t *code)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = p[0] < 0x80 ? 1 : p[0] < 0xC2 ? 0 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
    uint32_t c = p[0];

    if (len == 0 || len > n || p[0] > 0xF4)
        return 0;
    if (len > 1)
        c &= 0x7FU >> len;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        c = (c << 6) | (p[i] & 0x3FU);
    }
    if ((len == 3 && c < 0x800) || (len == 4 && (c < 0x10000 || c > 0x10FFFF)) ||
        (c >= 0xD800 && c <= 0xDFFF))
        return 0;
    *code = c;
    return len;
}

/* Characters that move the cursor or turn the reading direction: what is shown would not be what is
 * there. */
static bool harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200B || c == 0x200E || c == 0x200F ||
           c == 0x061C || (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) ||
           c == 0xFEFF;
}

static void escape_code(struct buf *out, uint32_t c)
{
    switch (c) {
    case '\r':
        buf_add_str(out, "\\r");
        break;
    case '\n':
        buf_add_str(out, "\\n");
        break;
    case '\t':
        buf_add_str(out, "\\t");
        break;
    default:
        buf_printf(out, c < 0x80 ? "\\x%02X" : "\\u{%04X}", (unsigned)c);
        break;
    }
}

/* Escapes the character at p; returns how many bytes it took. */
static size_t escape_one(struct buf *out, const unsigned char *p, size_t n)
{
    uint32_t code;
    size_t len = str_utf8((const char *)p, n, &code);

    if (len == 0) {
        buf_printf(out, "\\x%02X", (unsigned)p[0]);
        return 1;
    }
    if (harmful(code))
        escape_code(out, code);
    else if (code == '\\')
        buf_add_str(out, "\\\\");
    else
        buf_add(out, p, len);
    return len;
}

size_t str_plain_char(const void *bytes, size_t n)
{
    uint32_t code;
    size_t len = str_utf8(bytes, n, &code);

    return len > 0 && !harmful(code) ? len : 0;
}

void str_escape(struct buf *out, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n;)
        i += escape_one(out, p + i, n - i);
}

void str_safe(struct buf *out, const char *text)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\\");

        str_escape(out, text, n);
        text += n;
        if (*text == '\\') {
            buf_add_char(out, '\\');
            text++;
        }
    }
}

char *str_escape_to(char *out, size_t size, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    size_t used = 0, safe = 0;
    struct buf piece = {0};

    for (size_t i = 0; i < n;) {
        piece.len = 0;
        i += escape_one(&piece, p + i, n - i);
        if (piece.failed || used + piece.len + 1 > size) {
            /* Go back to where the mark still fits. */
            if (size > 3)
                memcpy(out + safe, "...", 3);
            used = size > 3 ? safe + 3 : 0;
            break;
        }
        memcpy(out + used, piece.data, piece.len);
        used += piece.len;
        if (used + 4 <= size)
            safe = used;
    }
    buf_reset(&piece);
    if (size > 0)
        out[used] = '\0';
    return out;
}

/* Optimal string alignment distance, given up past `limit`. Words longer than the rows are never
 * near anything. */
static size_t distance(const char *a, const char *b, size_t limit)
{
    enum { MAX = 64 };
    size_t rows[3][MAX + 1];
    size_t *before = rows[0], *last = rows[1], *now = rows[2];
    size_t la = strlen(a), lb = strlen(b);

    if (la > MAX || lb > MAX || (la > lb ? la - lb : lb - la) > limit)
        return limit + 1;
    for (size_t j = 0; j <= lb; j++)
        last[j] = j;
    for (size_t i = 1; i <= la; i++) {
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);

            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (now[j - 1] + 1 < best)
                best = now[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
        size_t *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[lb];
}

const char *str_nearest(const char *word, const char *const *words)
{
    const char *best = NULL;
    size_t best_distance = 3;

    for (; *words != NULL; words++) {
        size_t longest = strlen(word) > strlen(*words) ? strlen(word) : strlen(*words);
        size_t d = distance(word, *words, 2);

        if (d < best_distance && d * 3 <= longest) {
            best = *words;
            best_distance = d;
        }
    }
    return best;
}

bool str_in_list(const char *name, const char *list)
{
    size_t want = strlen(name);

    while (*list != '\0') {
        size_t len;

        list += strspn(list, ", ");
        len = strcspn(list, ", ");
        if (len == want && len > 0 && memcmp(list, name, len) == 0)
            return true;
        list += len;
    }
    return false;
}

bool str_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *text, const char *suffix)
{
    size_t lt = strlen(text), ls = strlen(suffix);

    return lt >= ls && strcmp(text + lt - ls, suffix) == 0;
}

char *str_copy(const char *text)
{
    return text != NULL ? strdup(text) : NULL;
}

/* Characters of UTF-8, near enough to columns. */
static size_t columns_of(const char *text, size_t n)
{
    size_t columns = 0;

    for (size_t i = 0; i < n; i++)
        columns += ((unsigned char)text[i] & 0xC0) != 0x80;
    return columns;
}

void str_wrap(struct buf *out, size_t width, size_t column, size_t indent, const char *text)
{
    struct buf b = {0};
    bool first = true;

    str_safe(&b, text);
    for (const char *p = b.data != NULL ? b.data : ""; *p != '\0'; first = false) {
        size_t n = strcspn(p, " ");
        size_t columns = columns_of(p, n);

        if (!first && width > 0 && column + 1 + columns > width && column > indent) {
            buf_printf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            buf_add_char(out, ' ');
            column++;
        }
        buf_add(out, p, n);
        column += columns;
        p += n;
        p += *p == ' ';
    }
    out->failed |= b.failed;
    buf_reset(&b);
}
