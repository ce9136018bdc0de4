/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_INDEX_H
#define COMCERT_PKI_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * What a CA has issued: a text file beside its certificate that only ever grows. After a line that
 * says what it is, one line for each certificate, written and synced before the certificate is:
 *
 *     SERIAL NOT-AFTER SHA-256 COMMON-NAME
 *
 * (hexadecimal upper case; "2031-11-23T14:33:10Z"; the name to the end of the line, escaped as it
 * is shown to people.) "SERIAL void" takes one back: the certificate never got as far as a file.
 * Two programs that issue at the same time wait for each other (flock) and see each other's lines.
 */
struct issue_index;

struct index_entry {
    char serial[48];
    time_t not_after;
    char sha256[65];
    char *common_name; /* escaped */
    bool void_;
    size_t older; /* inside: another one of this name, plus one */
};

/* Creates the file if there is none, reads all of it. ERR_SYNTAX names the damaged line; a file
 * that is no index is ERR_SYNTAX too. */
int index_open(const char *path, struct issue_index **out, struct err *err) ATTR_MUST_USE;
/* Accepts NULL. */
void index_close(struct issue_index *index);

const char *index_path(const struct issue_index *index);

/* Waits until nobody else writes, then reads what others have added. May block. */
int index_lock(struct issue_index *index, struct err *err) ATTR_MUST_USE;
void index_unlock(struct issue_index *index);

/* The certificate for this common name (not escaped) that is valid the longest, if it is still
 * valid `now`; NULL. Good until the next index_lock or index_append. */
const struct index_entry *index_valid(const struct issue_index *index, const char *common_name,
                                      time_t now);
bool index_has_serial(const struct issue_index *index, const char *serial);

/* Adds entries, whose names are not escaped here; they are on the disk when this returns 0, and
 * none of them is otherwise. Under the lock. */
int index_append(struct issue_index *index, const struct index_entry *entries, size_t count,
                 struct err *err) ATTR_MUST_USE;

/* Takes entries back. Under the lock. */
int index_void(struct issue_index *index, const char *const *serials, size_t count,
               struct err *err) ATTR_MUST_USE;

#endif
