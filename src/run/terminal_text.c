/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "run/terminal_state.h"

/* What is without a line end for so long has been said (TRANSFER.md section 4). */
#define SETTLE (200 * USEC_PER_MS)

static void add(struct terminal *t, enum terminal_source source, usec at, char *text)
{
    const struct terminal_line *line;

    if (text == NULL)
        return; /* out of memory: there is nothing better to do than to go on */
    line = scrollback_add(&t->lines, source, at, text);
    if (t->log != NULL)
        termlog_line(t->log, line);
    t->news = true;
}

void terminal_note(struct terminal *t, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        text = NULL;
    va_end(ap);
    add(t, TERMINAL_NOTE, clock_now(), text);
}

/* What people see of a line. The caller frees; NULL when memory runs out. */
static char *show(const struct terminal_side *side, bool hidden)
{
    struct buf b = {0};

    if (hidden)
        buf_printf(&b, "<%zu bytes>", side->len);
    else
        str_escape(&b, side->raw, side->len);
    return buf_take(&b);
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static bool is_known(const struct terminal *t)
{
    const unsigned char *text = t->received.raw;
    size_t n = t->received.len;

    for (; n > 0 && is_blank(text[0]); text++)
        n--;
    while (n > 0 && is_blank(text[n - 1]))
        n--;
    for (size_t i = 0; i < t->pattern_count; i++) {
        if (strlen(t->patterns[i]) == n && memcmp(t->patterns[i], text, n) == 0)
            return true;
    }
    return false;
}

/* A known answer also ends whatever was thought to be going on. */
static bool hides_received(struct terminal *t)
{
    struct terminal_side *side = &t->received;

    if (is_known(t)) {
        side->masking = (struct masking){0};
        return false;
    }
    return masking_hides(&side->masking, side->raw, side->len) || (t->withhold && side->len > 0);
}

static void end_line(struct terminal *t, enum terminal_source source, usec now)
{
    bool received = source == TERMINAL_RECEIVED;
    struct terminal_side *side = received ? &t->received : &t->sent;
    bool hidden =
        received ? hides_received(t) : masking_hides(&side->masking, side->raw, side->len);

    add(t, source, received && side->len > 0 ? side->began : now, show(side, hidden));
    mem_wipe(side->raw, side->len);
    side->len = 0;
}

static void take(struct terminal *t, enum terminal_source source, unsigned char c, usec now)
{
    struct terminal_side *side = source == TERMINAL_RECEIVED ? &t->received : &t->sent;
    bool lf_of_crlf = c == '\n' && side->after_cr;

    side->after_cr = c == '\r';
    if (lf_of_crlf)
        return;
    if (c == '\r' || c == '\n') {
        if (side->len > 0 || !side->broken)
            end_line(t, source, now);
        side->broken = false;
        return;
    }
    if (side->len == 0)
        side->began = now;
    side->raw[side->len++] = c;
    if (side->len == TERMINAL_LINE_MAX) {
        end_line(t, source, now);
        side->broken = true;
    }
}

void terminal_take_received(struct terminal *t, const unsigned char *bytes, size_t n, usec now)
{
    for (size_t i = 0; i < n; i++) {
        if (control_filter_pass(&t->filter, bytes[i]))
            take(t, TERMINAL_RECEIVED, bytes[i], now);
    }
    t->received_at = now;
    t->changed = true;
    t->settled = false;
}

void terminal_take_sent(struct terminal *t, const unsigned char *bytes, size_t n, usec now)
{
    for (size_t i = 0; i < n; i++)
        take(t, TERMINAL_SENT, bytes[i], now);
}

void terminal_end_sent(struct terminal *t, usec now)
{
    if (t->sent.len > 0)
        end_line(t, TERMINAL_SENT, now);
    t->sent.broken = false;
}

usec terminal_settles_at(const struct terminal *t)
{
    return t->settled || t->received.len == 0 ? USEC_NEVER : t->received_at + SETTLE;
}

static bool hides_unfinished(const struct terminal *t)
{
    const struct terminal_side *side = &t->received;

    return !is_known(t) && (t->withhold || masking_hides_unfinished(&side->masking, side->raw,
                                                                    side->len, t->settled));
}

void terminal_refresh(struct terminal *t, usec now)
{
    char *text;

    if (terminal_settles_at(t) <= now)
        t->settled = t->changed = true;
    if (!t->changed)
        return;
    t->changed = false;
    text = t->received.len > 0 ? show(&t->received, hides_unfinished(t)) : NULL;
    if (text != NULL && (t->unfinished_text == NULL || strcmp(text, t->unfinished_text) != 0))
        t->news = true;
    free(t->unfinished_text);
    t->unfinished_text = text;
    t->unfinished = (struct terminal_line){
        .source = TERMINAL_RECEIVED, .at = t->received.began, .text = text != NULL ? text : ""};
}
