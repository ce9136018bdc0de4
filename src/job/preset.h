/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_PRESET_H
#define COMCERT_JOB_PRESET_H

#include "base/attr.h"
#include "job/job.h"

/* The MQTT user name's api-version that Azure's present documentation gives. */
#define AZURE_API_VERSION "2021-04-12"

/* Fills in what the preset derives and the user did not spell out: for azure the broker's host
 * name, port 8883, TLS, client ID, user name and topic from hub and device ID; for aws port 8883,
 * TLS and client ID; for none port 8883 or 1883 by TLS. ERR_NOMEM only. */
int preset_apply(struct job *job, struct err *err) ATTR_MUST_USE;

const char *preset_name(enum preset preset); /* "none", "azure", "aws" */
int preset_of_name(const char *name);        /* -1 if unknown */
extern const char *const preset_names[];     /* ended by NULL */

#endif
