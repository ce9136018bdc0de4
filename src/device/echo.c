/* SPDX-License-Identifier: MIT */
#include "device/echo.h"

#include <string.h>

void echo_init(struct echo *e, const unsigned char *sent, size_t body_len, enum eol sent_eol)
{
    *e = (struct echo){.sent = sent, .body_len = body_len, .sent_eol = sent_eol, .boundary = true};
}

/* Length of the sent line end at pos, if one was handed over there; else 0. */
static size_t eol_at(const struct echo *e)
{
    const char *eol = eol_bytes(e->sent_eol);
    size_t len = strlen(eol);

    if (len == 0 || e->pos + len > e->handed || e->pos + len > e->body_len ||
        memcmp(e->sent + e->pos, eol, len) != 0)
        return 0;
    return len;
}

static void next_line(struct echo *e, size_t eol_len)
{
    e->pos += eol_len;
    e->boundary = e->fresh = true;
    e->suspect = false;
    e->got_cr = e->got_lf = false;
}

void echo_lose(struct echo *e)
{
    e->base = e->pos;
    e->seen = false;
    e->boundary = true;
    e->in_foreign = e->got_cr = e->got_lf = false;
}

bool echo_complete(const struct echo *e, size_t end)
{
    size_t optional = !e->learned || e->echo_eol == EOL_NONE ? eol_at(e) : 0;

    return e->pos + optional >= end;
}

/* The first line end: takes what may belong to it. False when it is over. */
static bool learn_eol(struct echo *e, unsigned char byte)
{
    if (byte == '\r' && !e->got_cr && !e->got_lf) {
        e->got_cr = true;
        return true;
    }
    if (byte == '\n' && !e->got_lf) {
        e->got_lf = true;
        return true;
    }
    e->learned = true;
    e->echo_eol = e->got_lf ? (e->got_cr ? EOL_CRLF : EOL_LF) : (e->got_cr ? EOL_CR : EOL_NONE);
    return false;
}

/* A later line end, which must come back as the first did. */
static enum echo_verdict check_eol(struct echo *e, unsigned char byte, size_t eol_len)
{
    const char *form = eol_bytes(e->echo_eol);
    size_t at = (size_t)e->got_cr + (size_t)e->got_lf;

    if (byte != (unsigned char)form[at])
        return ECHO_DIFFERS;
    if (byte == '\r')
        e->got_cr = true;
    else
        e->got_lf = true;
    if (form[at + 1] == '\0')
        next_line(e, eol_len);
    return ECHO_MATCHED;
}

static enum echo_verdict foreign(struct echo *e, unsigned char byte)
{
    if (!e->in_foreign && (byte == ' ' || byte == '\t'))
        return ECHO_FOREIGN; /* behind a prompt: the echo may follow it */
    e->in_foreign = byte != '\r' && byte != '\n';
    if (e->in_foreign)
        e->fresh = e->suspect = false;
    else if (e->fresh && e->learned && e->echo_eol == EOL_NONE)
        e->suspect = true;
    return ECHO_FOREIGN;
}

/* A byte that is not a line end of the echo. */
static enum echo_verdict match(struct echo *e, unsigned char byte)
{
    if (e->pos < e->handed && byte == e->sent[e->pos]) {
        if (e->suspect) /* line ends are echoed after all: the one that taught otherwise was lost */
            return ECHO_DIFFERS;
        e->fresh = false;
        e->pos++;
        e->boundary = false;
        if (e->pos - e->base >= ECHO_SURE_AFTER)
            e->seen = true;
        return ECHO_MATCHED;
    }
    if (e->boundary || e->pos >= e->body_len)
        return foreign(e, byte);
    if (!e->seen) {
        e->withdrawn = e->pos - e->base;
        e->pos = e->base;
        e->boundary = true;
        foreign(e, byte);
        return ECHO_WITHDRAWN;
    }
    return ECHO_DIFFERS;
}

enum echo_verdict echo_feed(struct echo *e, unsigned char byte)
{
    size_t eol_len;

    if (e->in_foreign)
        return foreign(e, byte);
    eol_len = eol_at(e);
    if (eol_len > 0) {
        if (!e->learned) {
            if (learn_eol(e, byte))
                return ECHO_MATCHED;
            next_line(e, eol_len);
        } else if (e->echo_eol == EOL_NONE) {
            next_line(e, eol_len);
        } else {
            return check_eol(e, byte, eol_len);
        }
    }
    return match(e, byte);
}

void echo_end_foreign(struct echo *e)
{
    e->in_foreign = false;
}

bool text_resembles(const unsigned char *text, size_t n, const unsigned char *expected, size_t m)
{
    size_t longer = n > m ? n : m;
    size_t shorter = n < m ? n : m;
    size_t head = 0, tail = 0;

    if (shorter < 4)
        return false;
    while (head < shorter && text[head] == expected[head])
        head++;
    while (tail < shorter - head && text[n - 1 - tail] == expected[m - 1 - tail])
        tail++;
    return (head + tail) * 4 >= longer * 3;
}

/* Length of the longest run that a and b have in common, up to `enough`. */
static size_t common_run(const unsigned char *a, size_t n, const unsigned char *b, size_t m,
                         size_t enough)
{
    size_t best = 0;

    for (size_t i = 0; i < n && best < enough; i++) {
        for (size_t j = 0; j < m && best < enough; j++) {
            size_t run = 0;

            while (i + run < n && j + run < m && a[i + run] == b[j + run] && run < enough)
                run++;
            if (run > best)
                best = run;
        }
    }
    return best;
}

bool echo_resembles(const struct echo *e, const unsigned char *line, size_t n)
{
    enum { ENOUGH = 6 }; /* by chance in one of 64^6 / 240 lines of base64 */
    size_t end = e->handed < e->body_len ? e->handed : e->body_len;
    size_t line_end = e->pos;

    if (end <= e->pos)
        return false;
    if (!e->seen && e->base == 0) { /* no echo yet: is this its first line, damaged? */
        while (line_end < end && e->sent[line_end] != '\r' && e->sent[line_end] != '\n')
            line_end++;
        return text_resembles(line, n, e->sent + e->pos, line_end - e->pos) ||
               common_run(line, n, e->sent, end, 32) >= 32; /* its first bytes were lost */
    }
    if (n < ENOUGH)
        return false;
    return common_run(line, n, e->sent + e->pos, end - e->pos, ENOUGH) >= ENOUGH;
}
