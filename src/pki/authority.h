/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_AUTHORITY_H
#define COMCERT_PKI_AUTHORITY_H

#include <openssl/x509.h>

#include "pki/index.h"
#include "pki/intake.h"
#include "pki/issue.h"

/* Inside this room: a CA whose key has been opened. */

struct authority {
    char *cert_file;
    struct credential *cert;
    size_t at;           /* which of its certificates is the CA's */
    X509 *x509;          /* that one */
    struct secret pkcs8; /* its key */
    struct secret chain; /* PEM of what stands between a device and the root; empty: nothing */
    struct issue_index *index; /* NULL: not used */
};

/* The certificate file of the one CA in a folder; the caller frees. */
int authority_find(const char *folder, char **cert_file, struct err *err) ATTR_MUST_USE;

/* path without its ".crt", ".pem", ".cer" or ".der", and with `ending` instead; NULL when memory
 * runs out. */
char *authority_beside(const char *path, const char *ending);

/* Turns the gravest of the findings into *err; warnings go to notes (may be NULL). */
int authority_say(struct findings *findings, struct findings *notes, struct err *err);

/* True if certificate i of c is a CA's. */
bool authority_is_ca(const struct credential *c, size_t i);

#endif
