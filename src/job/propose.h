/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_PROPOSE_H
#define COMCERT_JOB_PROPOSE_H

#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "job/job.h"
#include "pki/slot.h"

/* Which file of a folder (a USB stick) is for which slot. Zero-initialise it. */
struct proposal {
    char *path[SLOT_COUNT]; /* folder and name; NULL: none fits */
    char *why[SLOT_COUNT];  /* one sentence each, without a full stop and with names escaped: also
                               why none fits, and which others would do as well */
    size_t examined;        /* files that were read */
    size_t skipped;         /* files that were not: past the 500th, over 1 MiB, not readable */
};

/*
 * Reads the regular files that lie directly in `folder`, the first 500 by name, and judges them
 * together and with the job: the cloud (preset, broker) and the device ID. What the job names for
 * its slots already does not matter. preset_apply must have been done.
 *
 * Judged by check_job's own rules. The device certificate is the one made out to the device ID, or
 * the only one there, whose key is in the folder; the private key is that key. A combined file
 * serves both. Nothing is asked for: an encrypted key is proposed for its name alone, if it lies
 * beside the certificate (pump-7.crt, pump-7.key). The server CA is a root of the cloud, else a
 * private one; the CA of the device certificate only if there is no other. What is out of its time
 * is proposed only if nothing else fits.
 *
 * Blocks for as long as the files take: for a worker thread. Changes no state of the process; the
 * job must not change meanwhile. The error is that of opening the folder, or ERR_NOMEM; then *out
 * is empty.
 */
int propose_folder(const char *folder, const struct job *job, time_t now, struct proposal *out,
                   struct err *err) ATTR_MUST_USE;

/* Frees; the proposal is empty afterwards. */
void proposal_reset(struct proposal *p);

#endif
