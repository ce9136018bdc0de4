/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_KEY_PLAIN_H
#define COMCERT_PKI_KEY_PLAIN_H

#include "pki/intake.h"

/*
 * EC keys on P-256 and P-384 that stand exactly as OpenSSL writes them, with their public half:
 * nearly every EC key that there is. They have a fixed form, in which nothing has to be decoded or
 * encoded anew; that costs five times as much as the arithmetic.
 */

/* Takes the key over into c (which has none): PKCS#8, public half, description. False, with nothing
 * changed, if it is not of that form, if its numbers do not belong together or if memory runs out:
 * then it has to go the long way, which can say why. */
bool key_plain_take(struct credential *c, enum der_kind kind, const unsigned char *der, size_t n);

#endif
