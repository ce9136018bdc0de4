/* SPDX-License-Identifier: MIT */
#include "device/emulator_text.h"

#include <string.h>

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* The length of "{name}" at p, braces included, or 0 if there is none. */
static size_t name_at(const char *p)
{
    size_t n = 1;

    if (p[0] != '{')
        return 0;
    while (is_name_char(p[n]))
        n++;
    return n > 1 && p[n] == '}' ? n + 1 : 0;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);

    return at == NULL ? -1 : (int)(at - digits);
}

/* Adds the character that an escape stands for; returns the length of the escape. */
static size_t add_escaped(struct buf *out, const char *p)
{
    if (p[1] == 'x' && hex_digit(p[2]) >= 0 && hex_digit(p[3]) >= 0) {
        buf_add_char(out, (char)(hex_digit(p[2]) * 16 + hex_digit(p[3])));
        return 4;
    }
    if (p[1] == '\0')
        return 1;
    buf_add_char(out, p[1]);
    return 2;
}

const struct text_value *text_value_get(const struct text_value *values, size_t count,
                                        const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].name_len == strlen(name) &&
            memcmp(values[i].name, name, values[i].name_len) == 0)
            return &values[i];
    }
    return NULL;
}

static void add_named(struct buf *out, const struct text_value *values, size_t count,
                      const char *name, size_t n)
{
    for (size_t i = 0; i < count; i++) {
        if (values[i].name_len == n && memcmp(values[i].name, name, n) == 0)
            buf_add(out, values[i].value, values[i].len);
    }
}

void text_of_pattern(struct buf *out, const char *pattern, const struct text_value *values,
                     size_t count, const char *tail)
{
    const char *p = pattern;

    while (*p != '\0') {
        size_t name = name_at(p);

        if (name > 0) {
            add_named(out, values, count, p + 1, name - 2);
            p += name;
        } else if (*p == '*') {
            if (p[1] == '\0')
                buf_add_str(out, tail);
            p++;
        } else if (*p == '\\') {
            p += add_escaped(out, p);
        } else {
            buf_add_char(out, *p++);
        }
    }
}

/* Adds the literal text at p, up to a name or the end, with escapes resolved; returns how long it
 * is in the template. */
static size_t add_literal(struct buf *out, const char *p)
{
    size_t n = 0;

    buf_add(out, "", 0);
    while (p[n] != '\0' && name_at(p + n) == 0) {
        if (p[n] == '\\' && p[n + 1] != '\0')
            n++;
        buf_add_char(out, p[n++]);
    }
    return n;
}

/* Where the value at the start of the line ends, given the literal text that follows it: at the
 * end of the line if that is the template's last, else at its first place. -1 if nowhere. */
static ptrdiff_t value_end(const struct buf *literal, bool last, const char *line, size_t n)
{
    const char *at;

    if (literal->len > n)
        return -1;
    if (last)
        return memcmp(line + n - literal->len, literal->data, literal->len) == 0
                   ? (ptrdiff_t)(n - literal->len)
                   : -1;
    at = memmem(line, n, literal->data, literal->len);
    return at == NULL ? -1 : at - line;
}

bool text_takes_apart(const char *template, const char *line, size_t n, struct text_value *values,
                      size_t *count)
{
    struct buf literal = {0};
    bool fits;

    *count = 0;
    template += add_literal(&literal, template);
    fits = !literal.failed && literal.len <= n && memcmp(line, literal.data, literal.len) == 0;
    if (fits) {
        line += literal.len;
        n -= literal.len;
    }
    while (fits && *template != '\0') {
        size_t name = name_at(template);
        const char *name_text = template + 1;
        ptrdiff_t end = -1;

        buf_reset(&literal);
        template += name;
        template += add_literal(&literal, template);
        if (!literal.failed && *count < TEXT_VALUES_MAX)
            end = value_end(&literal, *template == '\0', line, n);
        fits = end >= 0;
        if (fits) {
            values[(*count)++] = (struct text_value){name_text, name - 2, line, (size_t)end};
            line += (size_t)end + literal.len;
            n -= (size_t)end + literal.len;
        }
    }
    buf_reset(&literal);
    return fits && n == 0;
}

bool text_value_number(const struct text_value *value, size_t *out)
{
    *out = 0;
    if (value->len == 0 || value->len > 9)
        return false;
    for (size_t i = 0; i < value->len; i++) {
        if (value->value[i] < '0' || value->value[i] > '9')
            return false;
        *out = *out * 10 + (size_t)(value->value[i] - '0');
    }
    return true;
}
