/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_JOBFILE_H
#define COMCERT_JOB_JOBFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/err.h"
#include "base/finding.h"
#include "job/job.h"

/* The schema of a job file (ended by a row with path NULL). The manual is tested against it. */
const struct config_key *jobfile_schema(void);

/* Holds a config against the schema, and against what no schema can say. All problems become
 * findings (config.h); ERR_VALUE if any of them is an error. */
int jobfile_check(const struct config *c, struct findings *findings) ATTR_MUST_USE;

/*
 * Reads a job file and applies --set assignments over it. The job must be fresh from job_init. All
 * problems of the file are findings; ERR_VALUE if there was any error, ERR_USAGE if an assignment
 * is wrong (finding config-set), in both cases with the job left as after job_init. Relative paths
 * in the file are taken from the file's folder; paths given by an assignment from the current one.
 * Does not read credentials, does not apply the preset.
 */
int jobfile_read(const char *path, const char *const *assignments, size_t assignment_count,
                 struct job *job, struct findings *findings) ATTR_MUST_USE;

/* A job file kept in memory with assignments over it, to be made into one job for each device of a
 * list. It does not change: processes may share it. */
struct jobfile_base;

/* Reads it and holds it against the schema. Findings, codes and paths as for jobfile_read; on
 * failure *out is NULL. */
int jobfile_base_read(const char *path, const char *const *assignments, size_t assignment_count,
                      struct jobfile_base **out, struct findings *findings) ATTR_MUST_USE;

/* The same as jobfile_read, with further assignments over the base's own. */
int jobfile_base_job(const struct jobfile_base *base, const char *const *assignments,
                     size_t assignment_count, struct job *job,
                     struct findings *findings) ATTR_MUST_USE;

/* Accepts NULL. */
void jobfile_base_free(struct jobfile_base *base);

/*
 * Adds the text of a job file that says what the user gave: nothing that a preset derived, no
 * secret (of a password only its file's name), in the schema's order.
 *
 * `folder` is the one in which the file will lie; it need not be there yet. Paths of files that lie
 * in it or below are written relative to it, others absolute. Relative paths in the job are taken
 * from the current folder; the profile, if it is a path, as profile_load takes it: from the folder
 * of job->file.
 *
 * ERR_VALUE, naming the key, if jobfile_read would refuse a value or read another one back; then
 * out is as it was. Asks the file system where folders are; blocks no longer than that.
 */
int jobfile_print(const struct job *job, const char *folder, struct buf *out,
                  struct err *err) ATTR_MUST_USE;

/* Writes the same to path, mode 0644, whole or not at all. With `replace` false a path that is
 * there is ERR_BUSY and stays as it was. ERR_VALUE as above; other errors as file_write's. */
int jobfile_write(const struct job *job, const char *path, bool replace,
                  struct err *err) ATTR_MUST_USE;

#endif
