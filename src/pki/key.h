/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_KEY_H
#define COMCERT_PKI_KEY_H

#include "pki/intake.h"

/* Adds a plain private key (PKCS#8, PKCS#1, SEC1, DSA). False if it is broken. */
bool key_take(struct intake *in, enum der_kind kind, const unsigned char *der, size_t n,
              const char *what);
/* PKCS#8 DER as a key; NULL if OpenSSL cannot read it. */
EVP_PKEY *key_from_der(enum der_kind kind, const unsigned char *der, size_t n);
/* key as DER of that structure ("PrivateKeyInfo", "type-specific"). */
int key_to_der(EVP_PKEY *key, const char *structure, struct secret *out, struct err *err);
/* Checks that the numbers of the private key belong together. */
bool key_adds_up(EVP_PKEY *key, const struct secret *pkcs8);

#endif
