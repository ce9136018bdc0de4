/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_MANIFEST_H
#define COMCERT_JOB_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/finding.h"
#include "job/job.h"
#include "job/jobfile.h"

/*
 * A list of devices: a CSV file whose first row names the columns, and one row for each device. Its
 * values go over those of a job file, which is the same for all. The only libcsv user.
 *
 * Columns: device-id, server-ca, device-cert, device-key, port, equipment, every mqtt.* key of a
 * job file, and what is only to be read by people or compared: sha1, sha256, not-after. Upper and
 * lower case are one in their names. An empty cell leaves what the job file says.
 *
 * Taken as spreadsheets write it: separated by commas, semicolons or tabs (told from the first row,
 * or by "sep=;" before it), UTF-8 with or without a byte order mark, lines ended by LF, CR LF or
 * CR, quotes around what holds a separator, a quote (doubled) or a line end. Rows without content
 * are passed over, and so are empty cells and columns at the right edge.
 *
 * Row 1 is the first row below the header that has content. A row's line is the line of the file
 * in which it begins.
 *
 * Finding codes: manifest-unreadable, manifest-size, manifest-encoding, manifest-syntax,
 * manifest-column, manifest-fields, manifest-empty, manifest-secret (a password, key or token in
 * the file; its text is never shown), all errors; manifest-separator (note: not commas).
 *
 * A manifest does not change once it is read: processes may share it.
 */
struct manifest;

enum { MANIFEST_MAX_ROWS = 1000000 };
#define MANIFEST_MAX_BYTES ((size_t)64 << 20)

/* Reads a regular file. All that is wrong with it is told at once, but for what follows from an
 * earlier mistake; ERR_VALUE (ERR_NOMEM) then, with *out NULL. May block on a slow stick. */
int manifest_read(const char *path, struct manifest **out, struct findings *findings) ATTR_MUST_USE;

/* The same for text in memory; `name` stands for the file, and relative paths are as in it. */
int manifest_parse(const char *name, const void *bytes, size_t n, struct manifest **out,
                   struct findings *findings) ATTR_MUST_USE;

/* Accepts NULL. */
void manifest_free(struct manifest *m);

const char *manifest_name(const struct manifest *m);
/* At least 1. Rows are counted from 0 here and below; people are told row + 1. */
size_t manifest_count(const struct manifest *m);
int manifest_line(const struct manifest *m, size_t row);

/* What the row says of a column ("device-cert", "port", "mqtt.hub"), as it stands in the file; NULL
 * if the cell is empty or there is no such column. */
const char *manifest_value(const struct manifest *m, size_t row, const char *column);

/* The same for a column that names a file, seen from where we are: relative to the manifest. The
 * caller frees; NULL also when memory runs out. */
char *manifest_path(const struct manifest *m, size_t row, const char *column);

/*
 * The row's job: the job file with the row's values over it, as --set would. The job is fresh from
 * job_init. Findings that a value of the row causes name the manifest and the row's line, others
 * the job file; ERR_VALUE if any is an error, with the job left as after job_init. As with
 * jobfile_read, credentials are not read and the preset is not applied.
 */
int manifest_job(const struct manifest *m, size_t row, const struct jobfile_base *base,
                 struct job *out, struct findings *findings) ATTR_MUST_USE;

/* What is found later about a value of the row gets its place: whatever speaks of a key that the
 * row gives, and has no line yet. */
void manifest_place_findings(const struct manifest *m, size_t row, struct findings *findings);

#endif
