/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_GLANCE_H
#define COMCERT_PKI_GLANCE_H

#include <time.h>

#include "base/buf.h"
#include "base/finding.h"
#include "pki/credential.h"

/*
 * What a file is, in one line for a list of files or a card. Foreign text is escaped and cut; the
 * line has no full stop and no line end. Both add to out.
 */

/* "root DigiCert Global Root G2 (Azure public cloud), RSA 2048, 4083 days left"
 * "CA certificate CN=Test Root, RSA 2048, 6249 days left"
 * "certificate CN=pump-7 and 2 more with its private key, RSA 2048, 340 days left"
 * "private key EC P-256"
 * In place of the days stands why the certificate cannot be relied on, if there is a reason
 * (credential_unfit): "expired 2025-03-01". */
void glance(const struct credential *c, time_t now, struct buf *out);

/* The same for a file that credential_read refused, from the gravest of its findings: "encrypted
 * private key: needs its passphrase", "damaged PEM", "certificate request, not a certificate". */
void glance_findings(const struct findings *findings, struct buf *out);

#endif
