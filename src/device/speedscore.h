/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_SPEEDSCORE_H
#define COMCERT_DEVICE_SPEEDSCORE_H

#include <stdbool.h>
#include <stddef.h>

#include "device/reply.h"

/*
 * How much that which came in at one speed looks like the right speed. Pure: bytes in, a number
 * out.
 *
 * At a wrong speed a receiver makes bytes of what are not its bytes; about four in ten of them are
 * text by chance, and one in a hundred is a line end. So each byte of text is weighed by how
 * unlikely it is, and bytes that are no text weigh against all of it. Nothing at all is no sign of
 * anything.
 */

enum {
    SPEEDSCORE_MAX = 100,
    SPEEDSCORE_SPEAKS = 50, /* from here on it is text */
    SPEEDSCORE_LEAD = 20,   /* the best speed must be ahead by so much: or all are equally good, as
                               with a cable that leads back to itself */
    SPEEDSCORE_HEAD = 48,
    SPEEDSCORE_SAMPLE = 64
};

/* Zero-initialise it. */
struct speedscore {
    struct control_filter filter;
    size_t bytes;     /* all that came */
    size_t printable; /* characters that can be seen, and blanks */
    size_t line_ends; /* CR, LF and TAB */
    size_t bad;       /* neither; colour codes and other control sequences count as nothing */
    unsigned sent;    /* line ends */
    unsigned echoed;  /* of them */
    bool awaiting;    /* the next byte is the first after a line end was sent */
    unsigned char head[SPEEDSCORE_HEAD];
    size_t head_len;
};

/* A line end was sent: what comes next is its echo, if it is a line end. */
void speedscore_sent(struct speedscore *s);

void speedscore_take(struct speedscore *s, const void *bytes, size_t n);

/* The driver counted n damaged bytes. */
void speedscore_damaged(struct speedscore *s, size_t n);

/* True if something was sent and a line end came back first each time. */
bool speedscore_is_echoed(const struct speedscore *s);

/* 0 to SPEEDSCORE_MAX. */
int speedscore_value(const struct speedscore *s);

/* The beginning of what came, escaped, cut and harmless; "<n bytes>" if it could be a key. Writes
 * SPEEDSCORE_SAMPLE bytes at most. */
void speedscore_sample(const struct speedscore *s, char *out);

/* Which of n values is the right speed's: the one that speaks text and is ahead of all others by
 * SPEEDSCORE_LEAD. n: none is. */
size_t speedscore_pick(const int *values, size_t n);

#endif
