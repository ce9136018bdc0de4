/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_WIZARD_H
#define COMCERT_RUN_WIZARD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/finding.h"
#include "job/job.h"

/*
 * The seam between the command line and the wizard, which do not know each other: main hands the
 * one to the other, and a program that is built without the wizard hands over NULL.
 */
struct wizard_start {
    struct job *job;           /* what is filled in already; taken over, empty afterwards */
    struct findings *findings; /* what was said when it was read; taken over */
    bool rehearse;             /* the emulated device is picked as the port */
    bool no_color;
    const char *version;
};

/* Runs until the user leaves. *status is the exit status of the last load (DESIGN.md section 5): 0
 * if there was none, 130 if a signal ended it. Standard input and output must be a terminal.
 * Blocks. */
typedef int wizard_run(struct wizard_start *start, int *status, struct err *err);

#endif
