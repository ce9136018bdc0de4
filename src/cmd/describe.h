/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_DESCRIBE_H
#define COMCERT_CMD_DESCRIBE_H

#include <time.h>

#include "cmd/console.h"
#include "device/plan.h"
#include "job/job.h"

/* Plans, jobs and credentials as text for people, on the console's `people`. Secrets appear as
 * sizes. */

/* Each exchange with every byte that would be on the wire. */
void describe_plan(const struct console *c, const struct plan *plan);

/* One line for each exchange. */
void describe_plan_short(const struct console *c, const struct plan *plan);

/* What has to be typed by hand, with the exact values and where; nothing if there is none. */
void describe_manual(const struct console *c, const struct plan *plan);

/* One line for each credential of the job, with thumbprints below, and the settings as they are to
 * be entered or were derived. */
void describe_job(const struct console *c, const struct job *job, time_t now);

/* Everything about one file. */
void describe_credential(const struct console *c, const char *path, const struct credential *cr,
                         time_t now);

#endif
