/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_VERDICT_REMEDY_H
#define COMCERT_RUN_VERDICT_REMEDY_H

#include "run/report.h"

/* What the verdict's remedy depends on: a run that is over, and who reads of it. Inside
 * verdict_make only. */
struct ending {
    const struct plan *plan;
    const struct loader *loader;
    enum verdict_reader reader;
    size_t failed; /* index of the failed exchange; plan->count if none */
    bool unknown;  /* of something that was sent nobody knows whether the device has stored it */
};

/* Appends what to do next, nothing if nothing needs doing. True if that may be to end an upload
 * that is still open (struct verdict, recover). */
bool verdict_add_remedy(struct buf *out, const struct ending *e);

#endif
