/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_AGREEMENT_H
#define COMCERT_JOB_AGREEMENT_H

#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "job/job.h"

/* Whether the credentials agree with one another and with the settings, to be shown beside them.
 * Who has to decide whether a job may be sent asks check_job, whose rules these are. */

enum agreement_state {
    AGREES,
    DISAGREES,  /* check_job has an error for it */
    CANNOT_TELL /* a side cannot be used, or it is for somebody else to know; says what is known */
};

struct agreement {
    enum agreement_state state;
    char *text; /* "key matches certificate", "root is Azure's (DigiCert Global Root G2)": a clause
                   without a full stop; foreign text is escaped */
};

struct agreements {
    struct agreement *items;
    size_t count;
};

/*
 * In this order, each only if both sides are there: key and certificate, certificate and device ID,
 * certificate and its issuers, server CA and broker, credentials and TLS. The job is one to which
 * preset_apply and job_load_credentials have been applied; a file that could not be read counts as
 * being there.
 *
 * `now` as for check_job. ERR_NOMEM only, with *out empty. Pure but for memory.
 */
int agreements_make(const struct job *job, time_t now, struct agreements *out,
                    struct err *err) ATTR_MUST_USE;

/* Frees; empty afterwards. */
void agreements_reset(struct agreements *a);

#endif
