/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_CHECK_H
#define COMCERT_JOB_CHECK_H

#include <time.h>

#include "base/finding.h"
#include "job/job.h"

/*
 * Everything that can be known about a job before a byte is sent, without network, port or profile:
 * each credential for itself and for its slot, the credentials against each other, the settings for
 * themselves and against the preset, and the settings against the credentials. What a file's text
 * looked like was said when it was read (credential.h); what a profile refuses is said when the
 * plan is made (plan.h).
 *
 * `now` is the day as of which dates are judged. Pure but for memory.
 */
void check_job(const struct job *job, time_t now, struct findings *findings);

#endif
