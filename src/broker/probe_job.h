/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BROKER_PROBE_JOB_H
#define COMCERT_BROKER_PROBE_JOB_H

#include "broker/probe.h"
#include "job/job.h"

/* What a device with this job would connect with. The job's preset has been applied and its
 * credentials read; the account borrows from it. Whether it makes sense, probe_start says. */
void probe_account_of_job(const struct job *job, struct probe_account *account);

#endif
