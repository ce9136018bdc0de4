/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_CHECKLIST_PRINT_H
#define COMCERT_CMD_CHECKLIST_PRINT_H

#include "cmd/console.h"
#include "run/checklist.h"

/* What was found in a list, for people: what is alike in many rows is said once, with the rows;
 * worst first; the count of rows at the end. */
void checklist_print(const struct console *c, const struct manifest *m,
                     const struct checklist *list, const char *job_file);

#endif
