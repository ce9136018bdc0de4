/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_JOBARGS_H
#define COMCERT_CMD_JOBARGS_H

#include <time.h>

#include "cmd/args.h"
#include "cmd/passphrase.h"
#include "run/prepare.h"

/* The job that a command line names, and what the command line says over it. */

/* Reads the job file, if one is named, and applies the command line over it; job and findings are
 * fresh. What is wrong with the file is a finding, and the job is left empty (0 is answered all the
 * same); what is wrong with the command line is ERR_USAGE. Reads no credentials. */
int jobargs_read_job(const struct args *args, struct job *job, struct findings *findings,
                     struct err *err) ATTR_MUST_USE;

/* The same for a command that must have a job, and reads the credentials too, all into p, which is
 * fresh. passphrase is zero-initialised; the caller resets it. What is wrong with the files is a
 * finding (0 is answered all the same); what is wrong with the command line is ERR_USAGE. May ask
 * for a passphrase: afterwards passphrase->interrupted says whether the user wanted out. */
int jobargs_read(const struct args *args, struct passphrase *passphrase, struct prepared *p,
                 struct err *err) ATTR_MUST_USE;

/* What the command line says over a job (job_overlay): port, line, acceptance. over is fresh from
 * job_init. ERR_USAGE. */
int jobargs_over(const struct args *args, struct job *over, struct err *err) ATTR_MUST_USE;

/* Its --set assignments into out, which has room for all that was given; answers how many. */
size_t jobargs_sets(const struct args *args, const char **out);

/* The exit status of a job that is not fit to send: 2 if it is --set that is wrong, else 3. */
int jobargs_unfit_status(const struct findings *findings);

/* "2026-05-17" as midnight UTC. ERR_USAGE. */
int parse_date(const char *text, time_t *out, struct err *err) ATTR_MUST_USE;

#endif
