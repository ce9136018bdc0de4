/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_INSPECT_H
#define COMCERT_PKI_INSPECT_H

#include "pki/intake.h"

/* Adds a certificate. False if it is broken. */
bool cert_take(struct intake *in, const unsigned char *der, size_t n);
void cert_reset(struct cert *cert);

/* False when memory runs out. */
bool inspect_cert(X509 *x509, struct cert_info *info);
void inspect_reset(struct cert_info *info);
/* All but the hash. key may be NULL for a public key of an unknown kind, then `algorithm` names it.
 */
void inspect_key(EVP_PKEY *key, const char *algorithm, struct key_info *info);

/* SHA-1 of bytes as upper-case hex. */
void inspect_sha1_hex(const void *bytes, size_t n, char out[41]);

#endif
