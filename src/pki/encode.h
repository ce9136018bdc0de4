/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ENCODE_H
#define COMCERT_PKI_ENCODE_H

#include <openssl/x509.h>

#include "base/attr.h"
#include "base/secret.h"

/* Inside this room: clean PEM (RFC 7468, 64 columns), added to a body. */

int encode_block(struct secret *body, const char *label, const unsigned char *der, size_t n,
                 struct err *err) ATTR_MUST_USE;

int encode_cert(struct secret *body, X509 *x509, struct err *err) ATTR_MUST_USE;

#endif
