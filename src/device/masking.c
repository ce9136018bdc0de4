/* SPDX-License-Identifier: MIT */
#include "device/masking.h"

#include <string.h>

static bool is_small(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_capital(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}

bool masking_is_body_byte(unsigned char c)
{
    return is_small(c) || is_capital(c) || (c >= '0' && c <= '9') || c == '+' || c == '/' ||
           c == '=' || c == '*';
}

/* A stretch of bytes that a body could be made of. */
struct run {
    size_t len;
    bool small, capital;
};

static struct run run_at(const unsigned char *text, size_t n)
{
    struct run r = {0, false, false};

    for (; r.len < n && masking_is_body_byte(text[r.len]); r.len++) {
        r.small = r.small || is_small(text[r.len]);
        r.capital = r.capital || is_capital(text[r.len]);
    }
    return r;
}

bool masking_is_body(const unsigned char *text, size_t n)
{
    struct run r = run_at(text, n);

    return r.len == n && n >= MASKING_LINE_MIN && (r.small || r.capital);
}

bool masking_has_body(const unsigned char *text, size_t n)
{
    struct run r;

    if (masking_is_body(text, n))
        return true;
    for (size_t i = 0; i < n; i += r.len + 1) {
        r = run_at(text + i, n - i);
        if (r.len >= MASKING_RUN_MIN && r.small && r.capital)
            return true;
    }
    return false;
}

size_t masking_put_size(char *out, size_t n)
{
    static const char unit[] = " bytes>";
    char digits[24];
    size_t count = 0, len = 0;

    do {
        digits[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    out[len++] = '<';
    while (count > 0)
        out[len++] = digits[--count];
    memcpy(out + len, unit, sizeof unit);
    return len + sizeof unit - 1;
}

/* Where `what` begins in the text; NULL: nowhere. */
static const unsigned char *find(const unsigned char *text, size_t n, const char *what)
{
    return n == 0 ? NULL : memmem(text, n, what, strlen(what));
}

static bool holds_body_bytes(const unsigned char *from, const unsigned char *to)
{
    while (from < to && !masking_is_body_byte(*from))
        from++;
    return from < to;
}

/* What a line says about a private key: all kinds of it, also when a hyphen or two were lost. */
struct armour {
    bool begins, ends;
    bool beside; /* a part of the key stands on the same line */
};

static struct armour armour_of(const unsigned char *text, size_t n)
{
    static const char kind[] = "PRIVATE KEY";
    const unsigned char *begin = find(text, n, "BEGIN"), *end = find(text, n, "-END ");
    const unsigned char *behind = find(text, n, kind);
    struct armour a = {begin != NULL && behind != NULL, end != NULL, false};

    if (a.begins)
        a.beside = holds_body_bytes(behind + strlen(kind), end != NULL ? end : text + n);
    else if (a.ends)
        a.beside = holds_body_bytes(text, end);
    return a;
}

static bool hides_in_key(struct masking *m, const struct armour *a, const unsigned char *text,
                         size_t n)
{
    if (a->begins || a->ends) {
        m->in_key = !a->ends;
        m->key_bytes = 0;
        return a->beside || masking_has_body(text, n);
    }
    m->key_bytes += n;
    m->in_key = m->key_bytes <= MASKING_KEY_MAX;
    return n > 0;
}

bool masking_hides(struct masking *m, const unsigned char *text, size_t n)
{
    struct armour a = armour_of(text, n);

    if (m->in_key || a.begins)
        m->in_body = hides_in_key(m, &a, text, n);
    else
        m->in_body = masking_has_body(text, n) || (m->in_body && n > 0 && run_at(text, n).len == n);
    return m->in_body;
}

/* The beginning of a key's last line, so far. */
static bool may_be_end(const unsigned char *text, size_t n)
{
    static const char end[] = "-----END ";

    return memcmp(text, end, n < sizeof end - 1 ? n : sizeof end - 1) == 0;
}

bool masking_hides_unfinished(const struct masking *m, const unsigned char *text, size_t n,
                              bool settled)
{
    if (n == 0)
        return false;
    if (m->in_key && !may_be_end(text, n))
        return true;
    if (masking_has_body(text, n) || armour_of(text, n).beside)
        return true;
    return run_at(text, n).len == n && (m->in_body || !settled);
}
