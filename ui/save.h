/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_SAVE_H
#define COMCERT_UI_SAVE_H

#include "ui/wizard.h"

/* Asks for a name and writes the job as a file that `comcert load` takes. What was pasted or typed
 * and has no file yet gets one beside it: keys and passwords with mode 0600. */
void save_job_ask(struct wizard *w);

/* Asks for a name and writes the report of the last load. */
void save_report_ask(struct wizard *w);

#endif
