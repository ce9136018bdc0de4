/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_REPORT_TEXT_H
#define COMCERT_RUN_REPORT_TEXT_H

#include <time.h>

#include "base/buf.h"
#include "base/finding.h"
#include "device/loader.h"
#include "device/plan.h"
#include "job/job.h"
#include "run/report.h"

/*
 * A report of one run as plain text, which a technician mails to the office or to the device's
 * maker. Nothing secret is in it: no password, no byte of a private key. All foreign text is
 * escaped. Lines have at most 100 columns, but for values that somebody has to copy and words that
 * cannot be broken.
 */

/* Only the job must be there. What is NULL is not known (yet), and what depends on it is left out:
 * without a loader nothing was sent, without a plan nothing can be. */
struct report_source {
    const char *version;
    time_t when; /* dates are judged as of then */
    const char *port;
    const struct job *job;
    const struct plan *plan;
    const struct loader *loader;
    const struct verdict *verdict;
    const struct findings *findings;
};

/* Appends to out: program version and time, port and line settings, profile, job and device; the
 * verdict; a row for each exchange, with what went wrong and the device's answer; manual steps;
 * what was accepted of the assumed; the certificates and the kind of the key; the findings. When
 * memory runs out, out->failed is set. */
void report_text(struct buf *out, const struct report_source *source);

#endif
