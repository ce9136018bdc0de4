/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_PREPARE_H
#define COMCERT_RUN_PREPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "device/plan.h"
#include "device/profile.h"
#include "job/job.h"

/*
 * From a job to a plan, with everything that has to be said about it. Opens no port.
 *
 * The caller fills `job` (from a file, or field by field) and has its credentials read, with
 * `findings` taking what is said meanwhile; prepare_plan adds the rest. The plan refers to the job:
 * to change it and try again, first prepared_forget, then the change, then prepare_plan.
 */
struct prepared {
    struct job job;
    struct profile *profile; /* NULL if it could not be loaded */
    struct plan *plan;       /* NULL if findings speak against it */
    struct findings findings;
    size_t unaccepted; /* assumed commands that a load would want accepted; see prepare_plan */
};

/* An empty job, and nothing else. */
void prepared_init(struct prepared *p);

/* Frees and wipes everything. It can be initialised again. */
void prepared_reset(struct prepared *p);

/* Forgets the plan, the profile and all findings, so that the job can be changed and prepared
 * again. The job stays as it is, its credentials included; what was said when they were read is
 * forgotten with the rest, so whoever does not read them again keeps it and adds it to `findings`
 * (findings_copy) before prepare_plan. */
void prepared_forget(struct prepared *p);

/* What prepare_plan must know that the job does not say. */
struct prepare_options {
    time_t now;           /* the day as of which the job is judged */
    const char *only;     /* comma-separated names of slots and settings; NULL: everything */
    bool recover;         /* as plan_options.recover */
    bool lenient_assumed; /* assumed commands that are not accepted are warnings */
    const struct profile *profile; /* the job's, loaded already; NULL: prepare_plan loads it. The
                                      plan refers to it */
};

/*
 * Applies the preset, checks the job, loads the profile and makes the plan. p is fresh or
 * forgotten; the same job and options give the same plan each time. No plan is made where a finding
 * of p or of the check is in the way of one: a job without a profile, a credential that could not
 * be read; and a plan that exists may still not be fit to send (prepared_is_fit).
 *
 * With lenient_assumed the plan is made as if every assumed command were accepted: each that a load
 * would refuse is a warning `assumed-not-accepted` and counts in p->unaccepted, and
 * p->plan->accepted names it beside those that the job accepts. Such a plan is for showing and
 * asking: before a load, set the job's acceptance and prepare again without it.
 *
 * Reads a profile file, so it may block as long as that takes. What is wrong with job or profile is
 * a finding and 0 is answered; ERR_NOMEM otherwise.
 */
int prepare_plan(struct prepared *p, const struct prepare_options *options,
                 struct err *err) ATTR_MUST_USE;

/* True if there is a plan and no finding is an error. */
bool prepared_is_fit(const struct prepared *p);

#endif
