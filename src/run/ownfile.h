/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_OWNFILE_H
#define COMCERT_RUN_OWNFILE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * Opens the file that a person named for this program to write into, for reading and writing, and
 * changes nothing in it yet. A new one has mode 0600. One that exists must be a plain file that is
 * empty or one of ours: whoever mistypes a name must not lose a key.
 *
 * `what` is what such a file is called ("trace"); is_ours is asked about its first 255 bytes, ended
 * by NUL. Returns the descriptor, or a negative code: ERR_USAGE for somebody else's file. *created
 * tells whether it was made.
 */
int ownfile_open(const char *path, const char *what, bool (*is_ours)(const char *head),
                 bool *created, struct err *err) ATTR_MUST_USE;

#endif
