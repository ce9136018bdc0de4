/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_MASKING_H
#define COMCERT_DEVICE_MASKING_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which text of a line could be a key, and is therefore told by its size only (TRANSFER.md
 * section 8). Whoever cannot know what is on its way judges by looks: a body's line is base64.
 */

enum {
    MASKING_LINE_MIN = 16, /* a line that is nothing but base64 is a body's from here on */
    MASKING_RUN_MIN = 24,  /* so is a run of base64 inside other text */
    MASKING_KEY_MAX = 16 * 1024,
    MASKING_SIZE_TEXT = 32 /* room for what masking_put_size writes */
};

/* True for what base64 is made of, and for `*`, which ends a body. */
bool masking_is_body_byte(unsigned char c);

/* True for a line that is nothing but such bytes, is no shorter than MASKING_LINE_MIN, and holds a
 * letter: a long number is no key, and neither is a ruler of asterisks. */
bool masking_is_body(const unsigned char *text, size_t n);

/* The same, or a run of MASKING_RUN_MIN such bytes anywhere in the line that holds capital and
 * small letters: a body's line behind a prompt; a path or a topic is none. */
bool masking_has_body(const unsigned char *text, size_t n);

/* "<n bytes>". Returns its length; out holds MASKING_SIZE_TEXT bytes. Does not allocate. */
size_t masking_put_size(char *out, size_t n);

/*
 * The lines of one direction, one after the other. Zero-initialise it. Hidden are: lines that hold
 * a body by their looks; what follows such a line and could be its short last one; and all that
 * stands between BEGIN and END of a private key (at most MASKING_KEY_MAX bytes, in case END was
 * lost). The BEGIN and END lines themselves are not, unless a part of the key stands beside them.
 */
struct masking {
    bool in_key;
    size_t key_bytes;
    bool in_body; /* the line before was hidden */
};

/* Takes a whole line, without its line end; true if it is to be hidden. */
bool masking_hides(struct masking *m, const unsigned char *text, size_t n);

/* The same for a line that is not complete yet, which is not taken. While it is still coming in
 * (`settled` false) whatever may yet become a body's line is hidden. */
bool masking_hides_unfinished(const struct masking *m, const unsigned char *text, size_t n,
                              bool settled);

#endif
