/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_KEYGEN_H
#define COMCERT_PKI_KEYGEN_H

#include <openssl/evp.h>

#include "base/attr.h"
#include "base/secret.h"
#include "pki/issue.h"

/* Inside this room: private keys that have just been made. The private numbers stand in a secret
 * and nowhere else; OpenSSL gets them back for as long as one signature takes. */
struct fresh_key {
    struct secret pkcs8;   /* DER */
    EVP_PKEY *public_half; /* without the private numbers */
};

/* Zero-initialise *key. */
int keygen(enum new_key kind, struct fresh_key *key, struct err *err) ATTR_MUST_USE;
void keygen_reset(struct fresh_key *key);

/* The public half of a key as an object of its own; NULL when memory runs out. */
EVP_PKEY *keygen_public_half(EVP_PKEY *key);

/* A key from its PKCS#8; the caller frees it at once after use. NULL and *err. */
EVP_PKEY *keygen_open(const struct secret *pkcs8, struct err *err);

/* The key as PEM: plain, or encrypted if there is a passphrase. */
int keygen_encode(const struct fresh_key *key, const struct secret *passphrase, struct secret *pem,
                  struct err *err) ATTR_MUST_USE;

/* What a signature by this key is made over: SHA-384 for P-384, else SHA-256. */
const EVP_MD *keygen_digest(EVP_PKEY *key);

#endif
