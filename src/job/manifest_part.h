/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_MANIFEST_PART_H
#define COMCERT_JOB_MANIFEST_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "job/manifest.h"

/* Inside manifest*.c: what a column is, and rows as they come from the text. */

struct manifest_column {
    const char *name;
    const char *key; /* of the job file; NULL: not for the job */
    bool is_path;
    bool is_bool; /* spreadsheets write TRUE */
};

struct manifest {
    char *name;
    const struct manifest_column **columns; /* those of the file that have a name, in its order */
    size_t column_count;
    struct buf cells; /* of all rows: one text for each column, each ended by a NUL */
    struct manifest_row {
        size_t start; /* in cells */
        int line;
    } * rows;
    size_t row_count, row_capacity;
};

/* All columns that there are, ended by a row with name NULL. */
const struct manifest_column *manifest_columns(void);

/* By name, in any case; NULL if there is none. */
const struct manifest_column *manifest_column_find(const char *name);

/* True if the text is a key, a password or a token, or the name of a column for one. */
bool manifest_is_secret(const char *text);
bool manifest_is_secret_name(const char *name);

/* A row as it stands in the text. */
struct row_record {
    const char **cells; /* each ended by a NUL */
    size_t count;
    int line;
};

enum rows_fault { ROWS_GOOD, ROWS_QUOTE, ROWS_QUOTE_OPEN, ROWS_STOPPED, ROWS_NO_MEMORY };

enum { ROWS_MAX_CELLS = 1000 }; /* in a row; what is beyond is counted only */

/* Calls take for each row that is not blank; if it answers false, reading ends (ROWS_STOPPED).
 * `line` is the number of the first line. On a fault *fault_line is where the row begins. */
enum rows_fault rows_each(const char *text, size_t n, int line, char separator,
                          bool (*take)(void *ctx, const struct row_record *record), void *ctx,
                          int *fault_line);

#endif
