/* SPDX-License-Identifier: MIT */
#include "device/speedscore.h"

#include "base/str.h"
#include "device/masking.h"

/* Weights in tenths of a bit: -log2(95/256) and -log2(3/256). ENOUGH makes chance one in four
 * million for all speeds together. */
enum { PRINTABLE_WEIGHT = 14, LINE_END_WEIGHT = 64, ENOUGH = 220 };

/* Below this share of text in per cent it is garbage; a few bytes of garbage may come first, when
 * listening began in the middle of a byte. */
enum { SHARE_MIN = 75, GARBAGE_VALUE_MAX = 10 };

void speedscore_sent(struct speedscore *s)
{
    s->sent++;
    s->awaiting = true;
}

static void judge(struct speedscore *s, unsigned char c)
{
    if (c >= 0x20 && c <= 0x7E)
        s->printable++;
    else if (c == '\r' || c == '\n' || c == '\t')
        s->line_ends++;
    else
        s->bad++;
    if (s->awaiting && (c == '\r' || c == '\n'))
        s->echoed++;
    s->awaiting = false;
}

void speedscore_take(struct speedscore *s, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    s->bytes += n;
    for (size_t i = 0; i < n; i++) {
        if (s->head_len < SPEEDSCORE_HEAD)
            s->head[s->head_len++] = p[i];
        if (control_filter_pass(&s->filter, p[i]) || p[i] == '\0')
            judge(s, p[i]); /* NUL is what a line that is low looks like */
    }
}

void speedscore_damaged(struct speedscore *s, size_t n)
{
    s->bad += n;
}

bool speedscore_is_echoed(const struct speedscore *s)
{
    return s->sent > 0 && s->echoed == s->sent;
}

int speedscore_value(const struct speedscore *s)
{
    size_t text = s->printable + s->line_ends;
    size_t weight = s->printable * PRINTABLE_WEIGHT + s->line_ends * LINE_END_WEIGHT;
    size_t share;

    if (text == 0)
        return 0;
    share = text * 100 / (text + s->bad);
    if (share < SHARE_MIN)
        return (int)(share * GARBAGE_VALUE_MAX / 100);
    if (weight > ENOUGH)
        weight = ENOUGH;
    return (int)((share - SHARE_MIN) * SPEEDSCORE_MAX / (100 - SHARE_MIN) * weight / ENOUGH);
}

/* Line by line, because a line end in front of it is no reason to show a body's line. */
static bool could_be_key(const unsigned char *text, size_t n)
{
    struct masking m = {0};
    bool hide = false;

    for (size_t i = 0, len; i < n && !hide; i += len + 1) {
        for (len = 0; i + len < n && text[i + len] != '\r' && text[i + len] != '\n'; len++)
            continue;
        hide = masking_hides(&m, text + i, len);
    }
    return hide;
}

void speedscore_sample(const struct speedscore *s, char *out)
{
    if (could_be_key(s->head, s->head_len))
        masking_put_size(out, s->bytes);
    else
        str_escape_to(out, SPEEDSCORE_SAMPLE, s->head, s->head_len);
}

size_t speedscore_pick(const int *values, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++) {
        if (values[i] > values[best])
            best = i;
    }
    if (n == 0 || values[best] < SPEEDSCORE_SPEAKS)
        return n;
    for (size_t i = 0; i < n; i++) {
        if (i != best && values[best] - values[i] < SPEEDSCORE_LEAD)
            return n;
    }
    return best;
}
