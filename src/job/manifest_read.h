/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_MANIFEST_READ_H
#define COMCERT_JOB_MANIFEST_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "job/manifest.h"

/* Fills a manifest that has a name and nothing else. */
int manifest_take(struct manifest *m, const char *bytes, size_t n, struct findings *findings);

/* Passes over what stands before the header; tells the number of the line that follows and by what
 * cells are separated. False if this is no text in UTF-8, which is a finding. */
bool manifest_open_text(const char *name, const char **text, size_t *n, int *line, char *separator,
                        struct findings *findings);

#endif
