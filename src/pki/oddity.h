/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ODDITY_H
#define COMCERT_PKI_ODDITY_H

#include "pki/intake.h"
#include "pki/text.h"

/* What is odd about a PEM file, gathered while it is read and said once a kind: a file of two
 * hundred lines with a blank at the end of each is one warning. */
enum oddity {
    ODD_EXTRA_TEXT,
    ODD_WIDTH,
    ODD_WHITE,
    ODD_BLANK_LINE,
    ODD_LABEL,
    ODD_GLUED,
    ODD_ARMOUR,
    ODD_NBSP,
    ODD_MISMATCH,
    ODDITIES
};

struct oddities {
    struct {
        size_t line, count;
        char detail[160];
    } kind[ODDITIES];
    bool stars, dels, subs, eots; /* what extra text holds: bytes that end uploads */
};

/* Notes one; only the first one's line and detail (may be NULL) are kept. line 0 is ignored. */
void oddity_add(struct oddities *odd, enum oddity kind, size_t line, const char *detail);

/* Notes a character of extra text. */
void oddity_char(struct oddities *odd, char c);

/* Turns everything into findings, what is odd about the text as a whole included. */
void oddity_say(const struct oddities *odd, struct intake *in, const struct text *text);

#endif
