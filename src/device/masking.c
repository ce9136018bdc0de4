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

static bool holds(const unsigned char *text, size_t n, const char *what)
{
    return n > 0 && memmem(text, n, what, strlen(what)) != NULL;
}

static bool ends_key(const unsigned char *text, size_t n)
{
    return holds(text, n, "-END ");
}

/* Any kind of private key, and a line that has lost a hyphen or two; not one that holds it whole.
 */
static bool begins_key(const unsigned char *text, size_t n)
{
    return holds(text, n, "BEGIN") && holds(text, n, "PRIVATE KEY") && !ends_key(text, n);
}

static bool hides_in_key(struct masking *m, const unsigned char *text, size_t n)
{
    if (ends_key(text, n) || begins_key(text, n)) {
        m->in_key = begins_key(text, n);
        return masking_has_body(text, n);
    }
    m->key_bytes += n;
    m->in_key = m->key_bytes <= MASKING_KEY_MAX;
    return n > 0;
}

bool masking_hides(struct masking *m, const unsigned char *text, size_t n)
{
    bool hide;

    if (m->in_key) {
        hide = hides_in_key(m, text, n);
    } else {
        m->in_key = begins_key(text, n);
        m->key_bytes = 0;
        hide = masking_has_body(text, n) || (m->in_body && n > 0 && run_at(text, n).len == n);
    }
    m->in_body = hide;
    return hide;
}

bool masking_hides_unfinished(const struct masking *m, const unsigned char *text, size_t n,
                              bool settled)
{
    if (n == 0)
        return false;
    if (m->in_key && text[0] != '-')
        return true; /* what begins with a hyphen is its END */
    if (masking_has_body(text, n))
        return true;
    return run_at(text, n).len == n && (m->in_body || !settled);
}
