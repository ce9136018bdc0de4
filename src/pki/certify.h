/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_CERTIFY_H
#define COMCERT_PKI_CERTIFY_H

#include <openssl/x509.h>

#include "base/attr.h"
#include "base/secret.h"
#include "pki/issue.h"

/* Inside this room: one certificate, from what it is to say to the signed object. */

enum certify_kind { CERTIFY_DEVICE, CERTIFY_CA, CERTIFY_INTERMEDIATE };

enum { SERIAL_BYTES = 16, SERIAL_TEXT = 2 * SERIAL_BYTES + 1 };

struct certificate {
    enum certify_kind kind;
    const char *common_name;
    EVP_PKEY *key; /* the subject's; its public half is enough */
    X509 *issuer;  /* NULL: it signs itself */
    unsigned char serial[SERIAL_BYTES];
    time_t not_before, not_after;
};

/* A positive number of SERIAL_BYTES bytes, all but two bits of them random. */
int certify_serial(unsigned char serial[SERIAL_BYTES], struct err *err) ATTR_MUST_USE;
void certify_serial_text(const unsigned char serial[SERIAL_BYTES], char text[SERIAL_TEXT]);

/* The signed certificate, which the caller frees; NULL and *err. `signer` is the issuer's key. */
X509 *certify(const struct certificate *what, EVP_PKEY *signer, struct err *err);

/* A request for a device's certificate, signed with its own key. */
X509_REQ *certify_request(const char *common_name, EVP_PKEY *key, struct err *err);

#endif
