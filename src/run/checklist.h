/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_CHECKLIST_H
#define COMCERT_RUN_CHECKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "job/job.h"
#include "job/jobfile.h"
#include "job/manifest.h"
#include "run/prepare.h"

/*
 * Every device of a manifest checked as `check` checks one job, the plan included, and then against
 * each other. The rows are shared out to one process for each processor; what comes back is
 * findings, thumbprints and hashes of public keys, never a key. The time is linear in the rows.
 *
 * Finding codes of the list: list-device-id-twice E, list-device-id-case W (apart by upper and
 * lower case only), list-client-id-twice E (at the same broker), list-file-twice E (one certificate
 * or key file named by two rows), list-key-shared E and list-cert-twice E (the same in different
 * files), list-cert-early W (see below), list-sha256-differs E and list-sha1-differs E (the
 * manifest's column is another certificate's).
 *
 * list-cert-early: the certificate has less than half as long to live as the middle one of the list
 * (the median), and ends at least 30 days before it. Told of lists with three certificates or more.
 */

/* A finding, in words that several rows may share. */
struct checklist_text {
    enum severity severity;
    char *code, *key, *what, *remedy; /* all but code may be NULL */
};

struct checklist_row {
    bool fit;          /* a plan was made, and no finding is an error */
    size_t unaccepted; /* as in struct prepared */
    char *device;      /* device ID or, where none is given, client ID; NULL */
    bool has_cert;
    unsigned char sha256[32]; /* thumbprint of the device certificate */
    time_t not_after;         /* of the same */
    struct checklist_said {
        uint32_t text; /* among checklist.texts */
        int line;      /* of the job file, if it is positive; 0: of none */
        bool in_row;   /* it is about a value of the row: the place is the row's line */
    } * said;
    size_t said_count;
};

struct checklist {
    struct checklist_row *rows;
    size_t row_count;
    struct checklist_text *texts;
    size_t text_count;
    size_t fit; /* rows */
    bool interrupted;
};

struct checklist_options {
    struct prepare_options prepare;              /* its profile is loaded by checklist_run */
    const struct job *over;                      /* as for job_overlay; NULL: nothing */
    const struct passphrase_source *passphrases; /* must not prompt */
    size_t processes;                            /* 0: one for each processor */
    int wake_fd;                                 /* readable: the user wants out; -1: none */
    bool every_text; /* keep what is said of each row in full. Else, of what many rows are told in
                        different words, only the first few texts are kept: memory stays at about
                        200 bytes a row */
    /* Called a few times a second; may be NULL. */
    void (*progress)(void *ctx, size_t done, size_t total);
    void *ctx;
};

/*
 * Forks, and waits for every row. ERR_INTERNAL, naming the rows, if a process was ended by somebody
 * else (the kernel, out of memory); whoever wanted out finds out->interrupted set and 0. No process
 * is left behind in any case. Findings that concern no row (the profile) go to `findings`, with
 * ERR_VALUE if one is an error. The caller resets out.
 */
int checklist_run(const struct manifest *m, const struct jobfile_base *base,
                  const struct checklist_options *options, struct checklist *out,
                  struct findings *findings, struct err *err) ATTR_MUST_USE;

/* Frees; empty afterwards. */
void checklist_reset(struct checklist *c);

#endif
