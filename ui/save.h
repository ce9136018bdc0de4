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

/* What all that is saved has in common. */

/* "pump-7.cfg" for the ending ".cfg", by a device ID that can be a file's name, else "device.cfg".
 */
void save_suggest(const struct wizard *w, const char *ending, char *out, size_t size);

/* Asks whether what is there (one name or more) may be replaced, then has it written. */
void save_ask_replace(struct wizard *w, const char *path, const char *there,
                      void (*write)(struct wizard *w, const char *path, bool replace),
                      const char *loss);

/* Says that `what` is saved as `path`, or why not. */
void save_tell(struct wizard *w, const struct err *err, const char *what, const char *path);

#endif
