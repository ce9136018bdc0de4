/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_GOLIVE_H
#define COMCERT_CMD_GOLIVE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "cmd/args.h"
#include "run/emuhost.h"

/*
 * `comcert emulate --go-live`: the emulated device connects to the broker of its settings with what
 * it was loaded with, publishes one message to its topic and disconnects. It does so whenever
 * something has been stored or set, the line is at rest, and nothing that it needs is missing; an
 * attempt that still runs is ended first. It says how that went on its serial line, and here on
 * standard output.
 */
struct golive;

/* For the first device of the host, which must have been made with `keep`; both must outlive what
 * is made here. With `print` false it speaks on the serial line alone. ERR_NOMEM. */
int golive_create(struct emuhost *host, bool print, struct golive **out,
                  struct err *err) ATTR_MUST_USE;

/* To be called from the host's observer with every event. */
void golive_observe(struct golive *g, const struct emulator_event *event);

/* Ends an attempt that runs. Accepts NULL. */
void golive_destroy(struct golive *g);

/* The settings that the user makes in the maker's form, taken from the job file of --settings with
 * what --set says over it, and given to the device. The job's credentials are not read. What is
 * wrong with the job, or missing in it for a device of this profile, is a finding and ERR_VALUE;
 * what is wrong with the command line is ERR_USAGE in err. */
int golive_read_settings(const struct args *args, const struct profile *profile,
                         struct emulator *device, struct findings *findings,
                         struct err *err) ATTR_MUST_USE;

#endif
