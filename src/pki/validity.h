/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_VALIDITY_H
#define COMCERT_PKI_VALIDITY_H

#include <stddef.h>
#include <time.h>

#include "pki/credential.h"

/* The days of a certificate in words. Each fills `out` (size bytes, always NUL-terminated; 48 are
 * enough) and answers it. */

/* "2026-11-22 10:00 UTC"; "(no date)" for a time that no calendar has. */
const char *validity_date(time_t t, char *out, size_t size);

/* "340 days left", "1 day left", "less than a day left", "expired 3 days ago", "not yet valid". */
const char *validity_left(const struct cert_info *info, time_t now, char *out, size_t size);

#endif
