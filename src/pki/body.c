/* SPDX-License-Identifier: MIT */
#include "pki/body.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pki/text.h"

struct reader {
    struct body *body;
    uint32_t bits;
    size_t count;   /* base64 characters so far */
    size_t padding; /* '=' so far */
    bool headers;   /* still among the headers */
    bool had_header;
    size_t last_width; /* of the line before, and where it stood */
    size_t last_line;
    size_t empty_line; /* a blank line that only counts if something follows */
};

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static void first(size_t *line, size_t now)
{
    if (*line == 0)
        *line = now;
}

static void fault(struct body *body, enum body_fault what, size_t line, char c)
{
    if (body->fault != BODY_GOOD)
        return;
    body->fault = what;
    body->fault_line = line;
    body->fault_char = c;
}

/* Adds what a character stands for; true if it was part of the base64. */
static bool take_char(struct reader *r, char c, size_t line)
{
    int value = base64_value(c);

    if (c == '=') {
        r->padding++;
        return true;
    }
    if (value < 0) {
        fault(r->body, BODY_STRANGE_CHAR, line, c);
        return false;
    }
    if (r->padding > 0)
        fault(r->body, BODY_AFTER_END, line, c);
    r->bits = r->bits << 6 | (uint32_t)value;
    if (++r->count % 4 != 1)
        r->body->der.data[r->body->der.len++] =
            (unsigned char)(r->bits >> (6 - 2 * ((r->count - 1) % 4)));
    return true;
}

/* Proc-Type, DEK-Info, or any other header; false if the line is none. */
static bool take_header(struct reader *r, const char *p, size_t n, size_t line)
{
    const char *colon = memchr(p, ':', n);
    static const char dek[] = "DEK-Info:";

    if (!r->headers || colon == NULL)
        return false;
    r->had_header = true;
    if (n > sizeof dek && strncasecmp(p, dek, sizeof dek - 1) == 0) {
        size_t skip = sizeof dek - 1;

        while (skip < n && is_white(p[skip]))
            skip++;
        snprintf(r->body->dek, sizeof r->body->dek, "%.*s", (int)(n - skip < 95 ? n - skip : 95),
                 p + skip);
    } else if (n < 10 || strncasecmp(p, "Proc-Type:", 10) != 0) {
        first(&r->body->header_line, line);
    }
    return true;
}

/* Judges the line before, now that it is known not to be the last. */
static void judge_width(struct reader *r, bool last)
{
    struct body *body = r->body;
    bool odd = last ? r->last_width > 64 : r->last_width != 64;

    if (r->last_width == 0 || !odd)
        return;
    body->odd_widths += !last;
    if (body->width_line == 0) {
        body->width_line = r->last_line;
        body->width = r->last_width;
    }
}

static void take_line(struct reader *r, const char *p, size_t n, size_t line)
{
    size_t width = 0;

    judge_width(r, false);
    if (r->empty_line != 0)
        first(&r->body->blank_line, r->empty_line);
    r->headers = false;
    for (size_t i = 0; i < n; i++) {
        if (is_white(p[i]))
            first(&r->body->white_line, line);
        else if (p[i] == TEXT_BLANK)
            first(&r->body->nbsp_line, line);
        else if (p[i] != TEXT_NOTHING)
            width += take_char(r, p[i], line);
    }
    r->last_width = width;
    r->last_line = line;
}

/* A line without content: expected once after the headers. */
static void take_empty(struct reader *r, const char *p, size_t n, size_t line)
{
    for (size_t i = 0; i < n; i++) {
        if (p[i] == TEXT_BLANK)
            first(&r->body->nbsp_line, line);
    }
    if (r->headers && r->had_header)
        r->headers = false;
    else
        first(&r->empty_line, line);
}

static bool is_empty(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!is_white(p[i]) && p[i] != TEXT_BLANK && p[i] != TEXT_NOTHING)
            return false;
    }
    return true;
}

static void finish(struct reader *r)
{
    struct body *body = r->body;
    size_t rest = r->count % 4;

    judge_width(r, true);
    if (r->empty_line != 0)
        first(&body->blank_line, r->empty_line);
    if (r->count == 0)
        fault(body, BODY_EMPTY, r->last_line, 0);
    if (rest == 1)
        fault(body, BODY_COUNT, r->last_line, 0);
    body->padding_wrong = r->padding != (4 - rest) % 4;
    body->der.data[body->der.len] = '\0';
    mem_wipe(&r->bits, sizeof r->bits);
}

int body_read(struct body *body, const char *chars, size_t n, size_t line, struct err *err)
{
    struct reader r = {.body = body, .headers = true};
    size_t start = 0;
    int rc;

    *body = (struct body){0};
    rc = secret_reserve(&body->der, n / 4 * 3 + 4, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i <= n; i++) {
        const char *p = chars + start;
        size_t len = i - start;
        bool empty;

        if (i < n && chars[i] != '\n' && chars[i] != TEXT_BREAK)
            continue;
        if (len > 0 && i < n && p[len - 1] == '\r')
            len--; /* as a device gets it; files have lost theirs by now */
        empty = is_empty(p, len);
        /* What is left of the armour's own lines is not a blank line; its blanks are white space.
         */
        if (empty && (start == 0 || i == n)) {
            for (size_t k = 0; k < len; k++)
                first(p[k] == TEXT_BLANK ? &body->nbsp_line : &body->white_line,
                      p[k] == TEXT_NOTHING ? 0 : line);
        } else if (empty) {
            take_empty(&r, p, len, line);
        } else if (!take_header(&r, p, len, line)) {
            body->begins_on_armour |= start == 0;
            body->ends_on_armour |= i == n;
            take_line(&r, p, len, line);
        }
        line += i < n && chars[i] == '\n';
        start = i + 1;
    }
    finish(&r);
    return 0;
}

void body_reset(struct body *body)
{
    secret_reset(&body->der);
    *body = (struct body){0};
}
