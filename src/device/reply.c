/* SPDX-License-Identifier: MIT */
#include "device/reply.h"

enum { ESC = 0x1B, BEL = 0x07 };

bool control_filter_pass(struct control_filter *f, unsigned char byte)
{
    if (f->state == FILTER_TEXT) {
        f->length = 0;
        if (byte == ESC)
            f->state = FILTER_ESCAPE;
        return byte != ESC && byte != '\0';
    }
    if (++f->length > CONTROL_SEQUENCE_MAX || byte == '\n') {
        f->state = FILTER_TEXT; /* not a sequence after all; what was dropped stays dropped */
        return byte == '\n';
    }
    switch (f->state) {
    case FILTER_ESCAPE:
        if (byte >= 0x20 && byte <= 0x2F)
            break; /* ESC ( B */
        f->state = byte == '[' ? FILTER_CSI : byte == ']' ? FILTER_OSC : FILTER_TEXT;
        break;
    case FILTER_CSI:
        if (byte >= 0x40 && byte <= 0x7E)
            f->state = FILTER_TEXT;
        break;
    case FILTER_OSC:
        if (byte == BEL)
            f->state = FILTER_TEXT;
        else if (byte == ESC)
            f->state = FILTER_OSC_ESCAPE;
        break;
    case FILTER_OSC_ESCAPE:
    case FILTER_TEXT:
        f->state = FILTER_TEXT;
        break;
    }
    return false;
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

bool reply_add(struct reply *r, unsigned char byte, usec now)
{
    if (byte == '\r' || byte == '\n')
        return true;
    if (r->len == 0 && is_blank(byte))
        return false;
    if (r->raw == 0)
        r->began = now;
    r->raw++;
    if (r->len < REPLY_LINE_MAX)
        r->text[r->len++] = byte;
    return false;
}

const unsigned char *reply_text(const struct reply *r, size_t *n)
{
    *n = r->raw > r->len ? 0 : r->len;
    while (*n > 0 && is_blank(r->text[*n - 1]))
        --*n;
    return r->text;
}

bool reply_is_empty(const struct reply *r)
{
    return r->raw == 0;
}

void reply_clear(struct reply *r)
{
    r->len = r->raw = 0;
}
