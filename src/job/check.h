/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_CHECK_H
#define COMCERT_JOB_CHECK_H

#include <stdbool.h>
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

/* The same of the settings alone: names, addresses, IDs, user name and topic, for a job that is not
 * to carry credentials. Nothing is said of logging in. */
void check_settings_alone(const struct job *job, time_t now, struct findings *findings);

/* Two of its judgements, for whoever has to rely on them (plan.h). Each adds its error unless
 * findings holds it already, in the same words as check_job, and answers false. */

/* value-unsafe: the setting's value holds a control character. Whether a command carries the value
 * or a hand that copies it from the summary: it is never a part of it, and a line end would begin a
 * command of its own. A derived value is told at what it was derived from. */
bool check_control(const struct job *job, enum setting setting, struct findings *findings);

/* wrong-slot: the file for this slot certainly belongs elsewhere. True if there is none. Two files
 * that each fit the other's slot are one error, at the first of the two. */
bool check_slot(const struct job *job, enum slot slot, struct findings *findings);

#endif
