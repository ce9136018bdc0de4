/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_PROFILECHECK_H
#define COMCERT_DEVICE_PROFILECHECK_H

#include "base/attr.h"
#include "base/config.h"
#include "base/finding.h"
#include "device/profile.h"

/* What the schema cannot say about a profile: texts that must be patterns or templates, keys that
 * need each other, what would make two answers the same. Adds a finding with file:line for each
 * (config-value, config-missing); ERR_VALUE if there was any. p may lack what the schema has
 * already complained about. */
int profile_check(const struct config *c, const struct profile *p,
                  struct findings *findings) ATTR_MUST_USE;

#endif
