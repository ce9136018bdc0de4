/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_TEXT_H
#define COMCERT_PKI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/secret.h"

/*
 * A file's bytes as text that the armour reader can walk, one byte a character, whatever encoding
 * and line ends they came in. What was put right on the way is noted, not hidden. Lines end with
 * '\n'; other characters that matter are one of these:
 */
#define TEXT_DASH    '\x80' /* a dash that is not the ASCII hyphen */
#define TEXT_BLANK   '\x81' /* a blank that is not ASCII: no-break space, zero-width space ... */
#define TEXT_BREAK   '\x82' /* a line end written out as \n, which ends no line of the file */
#define TEXT_NOTHING '\x83' /* what is left of an escape or a quote */
#define TEXT_OTHER   '\x84' /* any other character that is not ASCII */

struct text {
    struct secret chars;
    bool bom;
    bool utf16;
    bool escaped;
    size_t nul, nul_line; /* how many there were, and the line of the first */
    size_t crlf, cr, lf;  /* line ends of each kind */
};

/* Fills *text, which is zero. ERR_NOMEM is the only failure. */
int text_read(struct text *text, const unsigned char *bytes, size_t n, struct err *err);

/* Turns \n, \r, \/ and \u0000 as written out in C, Java, JSON and shell sources into what they
 * mean, and takes quotes away, if the armour in the text shows that it came from such a source. */
void text_unescape(struct text *text);

/* True if the bytes are text in UTF-16 or could be text at all, as opposed to binary. */
bool text_is_likely(const unsigned char *bytes, size_t n);

void text_reset(struct text *text);

#endif
