/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_INDEX_PART_H
#define COMCERT_PKI_INDEX_PART_H

#include <sys/types.h>

#include "base/buf.h"
#include "pki/index.h"

/* Inside the index: what it holds, and its lines. */

/* Open addressing; a slot holds an entry's number plus one. */
struct index_table {
    bool by_serial; /* else by common name */
    size_t size, used;
    size_t *slots;
};

struct issue_index {
    char *path;
    int fd;
    struct index_entry *entries;
    size_t count, capacity;
    struct index_table names, serials;
    off_t offset; /* how far it has been read */
    size_t line;  /* how many lines that were */
};

/* Takes the entry's name over, but for a failure. */
int index_add(struct issue_index *ix, const struct index_entry *entry,
              struct err *err) ATTR_MUST_USE;
struct index_entry *index_of_serial(struct issue_index *ix, const char *serial);

/* Reads the lines that follow those that were read before. */
int index_parse(struct issue_index *ix, const char *text, size_t n, struct err *err) ATTR_MUST_USE;

void index_format_head(struct buf *out);
void index_format(struct buf *out, const struct index_entry *entry);
void index_format_void(struct buf *out, const char *serial);

#endif
