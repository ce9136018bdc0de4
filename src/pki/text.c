/* SPDX-License-Identifier: MIT */
#include "pki/text.h"

#include <stdint.h>
#include <string.h>

/* The character that stands for a code point beyond ASCII. */
static char stand_in(uint32_t c)
{
    static const struct {
        uint16_t first, last;
        char as;
    } ranges[] = {
        {0x00A0, 0x00A0, TEXT_BLANK}, {0x00AD, 0x00AD, TEXT_BLANK}, {0x2000, 0x200F, TEXT_BLANK},
        {0x2010, 0x2015, TEXT_DASH},  {0x2028, 0x202F, TEXT_BLANK}, {0x205F, 0x206F, TEXT_BLANK},
        {0x2212, 0x2212, TEXT_DASH},  {0x3000, 0x3000, TEXT_BLANK}, {0xFE58, 0xFE58, TEXT_DASH},
        {0xFE63, 0xFE63, TEXT_DASH},  {0xFEFF, 0xFEFF, TEXT_BLANK}, {0xFF0D, 0xFF0D, TEXT_DASH},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (c >= ranges[i].first && c <= ranges[i].last)
            return ranges[i].as;
    }
    return TEXT_OTHER;
}

/* One character of UTF-8, or of Windows-1252 where it is not UTF-8. Returns the bytes it took. */
static size_t wide_char(const unsigned char *p, size_t n, char *out)
{
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    uint32_t c = p[0] & (0x7FU >> len);

    for (size_t i = 1; i < len; i++) {
        if (p[0] < 0xC2 || i >= n || (p[i] & 0xC0) != 0x80) {
            *out = p[0] == 0x96 || p[0] == 0x97 ? TEXT_DASH
                   : p[0] == 0xA0               ? TEXT_BLANK
                                                : TEXT_OTHER;
            return 1;
        }
        c = c << 6 | (p[i] & 0x3FU);
    }
    *out = stand_in(c);
    return len;
}

enum order { ORDER_NONE, ORDER_LITTLE, ORDER_BIG };

/* With a mark, or without one if every other byte is 0. */
static enum order utf16_order(const unsigned char *p, size_t n)
{
    size_t even = 0, odd = 0, pairs = n / 2 < 64 ? n / 2 : 64;

    if (n >= 2 && p[0] == 0xFF && p[1] == 0xFE)
        return ORDER_LITTLE;
    if (n >= 2 && p[0] == 0xFE && p[1] == 0xFF)
        return ORDER_BIG;
    for (size_t i = 0; i < pairs; i++) {
        even += p[2 * i] == 0;
        odd += p[2 * i + 1] == 0;
    }
    if (pairs < 8)
        return ORDER_NONE;
    return odd == pairs && even == 0   ? ORDER_LITTLE
           : even == pairs && odd == 0 ? ORDER_BIG
                                       : ORDER_NONE;
}

static size_t lines_so_far(const struct text *t)
{
    return t->crlf + t->cr + t->lf + 1;
}

/* Adds one ASCII character; line ends become '\n', NUL is dropped. *after_cr carries a CR over. */
static void add_ascii(struct text *t, char c, bool *after_cr)
{
    unsigned char *out = t->chars.data;

    if (*after_cr && c == '\r')
        return; /* CR CR LF, as botched transfers make it, is one line end */
    if (*after_cr && c == '\n') {
        t->cr--;
        t->crlf++;
        *after_cr = false;
        return;
    }
    *after_cr = c == '\r';
    if (c == '\0') {
        if (t->nul++ == 0)
            t->nul_line = lines_so_far(t);
        return;
    }
    t->cr += c == '\r';
    t->lf += c == '\n';
    out[t->chars.len++] = c == '\r' ? '\n' : (unsigned char)c;
}

static void add_wide(struct text *t, char c, bool *after_cr)
{
    *after_cr = false;
    t->chars.data[t->chars.len++] = (unsigned char)c;
}

static void read_utf16(struct text *t, const unsigned char *p, size_t n, enum order order)
{
    bool after_cr = false;

    t->utf16 = true;
    for (size_t i = 0; i + 1 < n; i += 2) {
        uint32_t c = order == ORDER_LITTLE ? (uint32_t)(p[i] | p[i + 1] << 8)
                                           : (uint32_t)(p[i] << 8 | p[i + 1]);

        if (i == 0 && c == 0xFEFF)
            t->bom = true;
        else if (c < 0x80)
            add_ascii(t, (char)c, &after_cr);
        else
            add_wide(t, stand_in(c), &after_cr);
    }
}

static void read_bytes(struct text *t, const unsigned char *p, size_t n)
{
    bool after_cr = false;
    size_t i = 0;

    if (n >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0) {
        t->bom = true;
        i = 3;
    }
    while (i < n) {
        char c;

        if (p[i] < 0x80) {
            add_ascii(t, (char)p[i++], &after_cr);
            continue;
        }
        i += wide_char(p + i, n - i, &c);
        add_wide(t, c, &after_cr);
    }
}

int text_read(struct text *text, const unsigned char *bytes, size_t n, struct err *err)
{
    enum order order = utf16_order(bytes, n);
    int rc = secret_reserve(&text->chars, n + 1, err);

    if (rc != 0)
        return rc;
    if (order != ORDER_NONE)
        read_utf16(text, bytes, n, order);
    else
        read_bytes(text, bytes, n);
    text->chars.data[text->chars.len] = '\0';
    return 0;
}

static bool is_quote(char c)
{
    return c == '"' || c == '\'' || c == '`';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Replaces the escape at p (a backslash) in place; returns how many characters that were. */
static size_t unescape_one(char *p, size_t n)
{
    size_t len = 1, digits;
    int value = 0;

    while (len < n && p[len] == '\\')
        len++; /* escaped twice, or more */
    memset(p, TEXT_NOTHING, len);
    if (len == n)
        return len;
    switch (p[len]) {
    case 'n':
        p[len] = TEXT_BREAK;
        return len + 1;
    case 'r':
    case 't':
        p[len] = TEXT_NOTHING;
        return len + 1;
    case 'u':
    case 'x':
        digits = p[len] == 'u' ? 4 : 2;
        for (size_t i = 1; i <= digits; i++) {
            if (len + i >= n || hex_digit(p[len + i]) < 0)
                return len + 1;
            value = value * 16 + hex_digit(p[len + i]);
        }
        memset(p + len, TEXT_NOTHING, digits + 1);
        p[len] = value > ' ' && value < 0x7F ? (char)value
                 : value == '\n'             ? TEXT_BREAK
                                             : TEXT_NOTHING;
        return len + digits + 1;
    default:
        return len; /* an escaped quote or slash, or a line continued */
    }
}

/* Walks on from an opening quote: escapes become what they mean, what stands between a closing and
 * the next opening quote becomes nothing (Java's plus signs are base64, too). */
static void unquote(char *p, size_t n, char quote)
{
    bool inside = true;

    for (size_t i = 0; i < n;) {
        if (p[i] == '\\') {
            i += unescape_one(p + i, n - i);
            continue;
        }
        if (quote != '\0' && p[i] == quote) {
            inside = !inside;
            p[i] = TEXT_NOTHING;
        } else if (!inside && p[i] != '\n') {
            p[i] = TEXT_NOTHING;
        }
        i++;
    }
}

/* True if the armour line that begins at p shows that it stands in source code: its hyphens are
 * followed by \n or \r written out, or by the closing quote. */
static bool shows_source(const char *p, size_t n, char quote)
{
    size_t i = 0;

    while (i < n && p[i] == '-')
        i++;
    while (i < n && p[i] != '-' && p[i] != '\n')
        i++;
    while (i < n && p[i] == '-')
        i++;
    if (i >= n)
        return false;
    if (p[i] == '\\')
        return i + 1 < n && strchr("nru\\x", p[i + 1]) != NULL;
    return quote != '\0' && p[i] == quote;
}

void text_unescape(struct text *text)
{
    char *chars = (char *)text->chars.data;
    size_t n = text->chars.len;
    static const char begin[] = "-----BEGIN ";

    for (size_t i = 0; i + sizeof begin < n; i++) {
        char *found = memmem(chars + i, n - i, begin, sizeof begin - 1);
        size_t at;
        char quote;

        if (found == NULL)
            return;
        at = (size_t)(found - chars);
        quote = at > 0 && is_quote(chars[at - 1]) ? chars[at - 1] : '\0';
        if (shows_source(found, n - at, quote)) {
            text->escaped = true;
            if (quote != '\0')
                chars[at - 1] = TEXT_NOTHING;
            unquote(found, n - at, quote);
            return;
        }
        i = at;
    }
}

bool text_is_likely(const unsigned char *bytes, size_t n)
{
    size_t odd = 0, looked = n < 4096 ? n : 4096;

    if (utf16_order(bytes, n) != ORDER_NONE)
        return true;
    for (size_t i = 0; i < looked; i++)
        odd += bytes[i] < 0x20 && memchr("\t\n\v\f\r\x1A\x04\x1B", bytes[i], 8) == NULL;
    return odd * 10 <= looked;
}

void text_reset(struct text *text)
{
    secret_reset(&text->chars);
    *text = (struct text){0};
}
