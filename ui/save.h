/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_SAVE_H
#define COMCERT_UI_SAVE_H

#include <stddef.h>

#include "ui/wizard.h"

/* Asks for a name and writes the job as a file that `comcert load` takes. What was pasted or typed
 * and has no file yet gets one beside it: keys and passwords with mode 0600. */
void save_job_ask(struct wizard *w);

/* Asks for a name and writes the report of the last load. */
void save_report_ask(struct wizard *w);

/* "pump-7.cfg" for a device ID that can be a file's name. */
void save_suggest(const struct wizard *w, const char *ending, char *out, size_t size);

#endif
