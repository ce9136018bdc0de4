/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_SHELL_H
#define COMCERT_BASE_SHELL_H

#include "base/buf.h"

/* Words of a POSIX shell's command line (IEEE 1003.1, Shell Command Language, 2.2.2). */

/* Adds text as one word, in single quotes. */
void shell_quote(struct buf *out, const char *text);

/* The same, but as it stands where no shell would see anything in it: for people to read. */
void shell_word(struct buf *out, const char *text);

#endif
