/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_PREPARE_H
#define COMCERT_CMD_PREPARE_H

#include <time.h>

#include "base/finding.h"
#include "cmd/args.h"
#include "cmd/passphrase.h"
#include "device/plan.h"
#include "device/profile.h"
#include "job/job.h"

/* From a job file and a command line to a plan, with everything that has to be said about it.
 * Opens no port. */
struct prepared {
    struct job job;
    struct passphrase passphrase;
    struct profile *profile; /* NULL if it could not be loaded */
    struct plan *plan;       /* NULL if findings speak against it */
    struct findings findings;
    size_t unaccepted; /* assumed commands that a load would want accepted; see prepare_plan */
};

void prepared_init(struct prepared *p);
void prepared_reset(struct prepared *p);

/* Reads the job file, applies the command line over it, reads the credentials. What is wrong with
 * the files is a finding (0 is answered all the same); what is wrong with the command line is
 * ERR_USAGE. */
int prepare_job(struct prepared *p, const struct args *args, struct err *err) ATTR_MUST_USE;

/* What prepare_plan must know that the job does not say. */
struct prepare_options {
    time_t now;
    const char *only;
    bool recover;
    bool lenient_assumed; /* check: assumed commands that are not accepted are warnings */
};

/* Applies the preset, checks the job, loads the profile and makes the plan. */
int prepare_plan(struct prepared *p, const struct prepare_options *options,
                 struct err *err) ATTR_MUST_USE;

/* True if nothing speaks against sending it. */
bool prepared_is_fit(const struct prepared *p);

/* The exit status of a job that is not: 2 if it is --set that is wrong, else 3. */
int prepared_unfit_status(const struct prepared *p);

/* "2026-05-17" as midnight UTC. ERR_USAGE. */
int parse_date(const char *text, time_t *out, struct err *err) ATTR_MUST_USE;

#endif
