/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_DEMO_H
#define COMCERT_CMD_DEMO_H

#include "base/embed.h"
#include "base/finding.h"
#include "job/job.h"

/* src/cmd/demo/: a certificate, its key, and the key of another. Known to all the world. */
extern const struct embedded embedded_demo[];

/* Fills a fresh job with what is built in, its credentials included; key: "device-key" or
 * "other-key". No port is named. */
int demo_make_job(struct job *job, const char *key, struct findings *findings,
                  struct err *err) ATTR_MUST_USE;

#endif
