/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_JOBFILE_H
#define COMCERT_JOB_JOBFILE_H

#include <stddef.h>

#include "base/attr.h"
#include "base/config.h"
#include "base/finding.h"
#include "job/job.h"

/* The schema of a job file (ended by a row with path NULL). The manual is tested against it. */
const struct config_key *jobfile_schema(void);

/*
 * Reads a job file and applies --set assignments over it. The job must be fresh from job_init. All
 * problems of the file are findings; ERR_VALUE if there was any error, ERR_USAGE if an assignment
 * is wrong (finding config-set), in both cases with the job left as after job_init. Relative paths
 * in the file are taken from the file's folder; paths given by an assignment from the current one.
 * Does not read credentials, does not apply the preset.
 */
int jobfile_read(const char *path, const char *const *assignments, size_t assignment_count,
                 struct job *job, struct findings *findings) ATTR_MUST_USE;

#endif
