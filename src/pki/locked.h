/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_LOCKED_H
#define COMCERT_PKI_LOCKED_H

#include <openssl/provider.h>

#include "pki/intake.h"

/* Things behind a passphrase. */

/* Tries one passphrase: ERR_NONE, ERR_VALUE (wrong), or anything else, which ends the matter and
 * has been said. */
typedef int unlock(struct intake *in, void *ctx, const struct secret *passphrase);

/* Asks for passphrases until one fits. False if none did, which has been said. */
bool locked_open(struct intake *in, unlock *try, void *ctx, const char *what);

/* Adds a key from an encrypted PKCS#8. False if it is broken. */
bool locked_take_pkcs8(struct intake *in, const unsigned char *der, size_t n, const char *what);
/* Adds a key from a traditional encrypted PEM block; dek is the value of DEK-Info. */
bool locked_take_pem(struct intake *in, const unsigned char *bytes, size_t n, const char *dek,
                     const char *what);

/* The provider with the ciphers of the 1990s, in a library context of its own, so that nothing else
 * can come to use them. Zero-initialise it. */
struct legacy {
    OSSL_LIB_CTX *lib;
    OSSL_PROVIDER *modern, *old;
};

/* False if this system does not have it. */
bool legacy_open(struct legacy *legacy);
/* Accepts one that is not open. */
void legacy_close(struct legacy *legacy);

/* Empties OpenSSL's error queue; true if it says that an algorithm is missing, so that another
 * passphrase would not help. */
bool locked_is_unsupported(void);
void locked_say_unsupported(struct intake *in, const char *what);

#endif
