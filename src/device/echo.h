/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_ECHO_H
#define COMCERT_DEVICE_ECHO_H

#include <stdbool.h>
#include <stddef.h>

#include "device/profile.h"

/*
 * Holds what comes back against what was sent, byte by byte (TRANSFER.md section 3).
 *
 * A sent line end may come back as nothing, CR, LF or CRLF. Which of them is learned at the first
 * line end and must then stay the same: a line end that is missing later was lost, and a body that
 * lost one may still be stored.
 *
 * A line that is no echo is accepted only where an echoed line has just ended.
 */

enum echo_verdict {
    ECHO_MATCHED,   /* this byte was echo */
    ECHO_FOREIGN,   /* it was not: part of a line of the device's own */
    ECHO_WITHDRAWN, /* neither was what had been taken for echo so far: `withdrawn` sent bytes from
                       pos on, and this one, are the device's own */
    ECHO_DIFFERS    /* a lost or changed byte, at `pos` */
};

/* How sure it is that the device echoes this body. */
enum { ECHO_SURE_AFTER = 8 };

struct echo {
    const unsigned char *sent; /* body and terminator; not owned */
    size_t body_len;
    size_t handed; /* bytes of it that were handed to the port */
    size_t pos;    /* echoed so far */
    size_t base;   /* where the echo began to count: 0, or where it was lost */
    bool seen;     /* the device echoes: ECHO_SURE_AFTER bytes or more matched */
    enum eol sent_eol;

    bool boundary;   /* pos is the start of a line */
    bool in_foreign; /* inside a line of the device's own */
    bool learned;    /* echo_eol is known */
    enum eol echo_eol;
    bool got_cr, got_lf; /* of the line end at pos */
    bool fresh;          /* at a boundary, and nothing of the device's own since */
    bool suspect;        /* a line end came there, from a device that seemed to echo none */
    size_t withdrawn;
};

void echo_init(struct echo *e, const unsigned char *sent, size_t body_len, enum eol sent_eol);

/* The echo has stopped: what comes now may be an echo that goes on, or a line of the device's own.
 */
void echo_lose(struct echo *e);

/* True if the sent bytes before `end` have all come back; a last line end that this device does not
 * echo, or may not, counts as echoed. */
bool echo_complete(const struct echo *e, size_t end);

enum echo_verdict echo_feed(struct echo *e, unsigned char byte);

/* The line of the device's own has ended by quiet. */
void echo_end_foreign(struct echo *e);

/* True if a line that is no echo has a run in common with what is sent and not yet echoed: then it
 * is that text with bytes lost or changed, not a line of the device's own. Before any echo was seen
 * it must be nearly the whole line that is due. */
bool echo_resembles(const struct echo *e, const unsigned char *line, size_t n);

/* True if text and expected are alike: three quarters of the longer are a common start and end. */
bool text_resembles(const unsigned char *text, size_t n, const unsigned char *expected, size_t m);

#endif
