/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_TOKEN_H
#define COMCERT_JOB_TOKEN_H

#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "job/job.h"
#include "pki/sas.h"

/* For whom a token of shared access (sas.h) is made. */

/* The hub's host name in full, for its name or address; the caller frees. What is wrong with the
 * names, judged as those of a job, is told in findings at the job's keys. module may be NULL; so
 * may device, for a token for the whole hub. ERR_NOMEM, ERR_USAGE. */
int token_host(const char *hub, const char *device, const char *module, time_t now, char **host,
               struct findings *findings, struct err *err) ATTR_MUST_USE;

/* Why a job's device has no use for a token, or none can be made for it yet, in a sentence; NULL if
 * one can. The job's preset has been applied. A constant. */
const char *token_unfit(const struct job *job);

#endif
