/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_SAS_ARGS_H
#define COMCERT_CMD_SAS_ARGS_H

#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "cmd/args.h"
#include "pki/sas.h"

/* What a command line asks `sas` for. Texts are argv's own, but for the host. */
struct sas_asked {
    struct sas_resource resource;
    const char *registration; /* that the key of a group is derived for; NULL: it is no group's */
    long long expiry;
    char *host; /* resource.host, in full */
};

/* ERR_USAGE, ERR_NOMEM. What is wrong with the names, as any hub judges them, is a finding at its
 * option; so is what the token may do that nobody wants. */
int sas_asked_read(const struct args *args, time_t now, struct sas_asked *asked,
                   struct findings *findings, struct err *err) ATTR_MUST_USE;
void sas_asked_reset(struct sas_asked *asked);

#endif
