/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_INTAKE_H
#define COMCERT_PKI_INTAKE_H

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/attr.h"
#include "base/finding.h"
#include "base/secret.h"
#include "pki/credential.h"
#include "pki/der.h"

/* Inside this room: a credential, and one as it is being taken in. */

struct cert {
    X509 *x509;
    struct cert_info info;
};

struct credential {
    char *name;
    struct cert *certs;
    size_t cert_count;
    size_t cert_capacity;
    size_t leaf;
    bool has_key;
    struct key_info key;
    struct secret pkcs8;   /* the private key, as `openssl pkey` writes it, in DER */
    EVP_PKEY *public_half; /* so that comparing needs no private numbers */
};

struct intake {
    const char *file; /* as the user named it */
    char title[96];   /* its last part, fit to be shown */
    char quoted[128]; /* the same as a word for a shell, for remedies */
    struct place where;
    const struct passphrase_source *source;
    struct findings *findings;
    struct credential *credential;
    struct findings bystanders;
    const struct known_root *resembles; /* what something damaged in it once was; NULL: not known */
    bool key_was_encrypted;
    bool failed; /* an error was said that makes the file unusable */
};

/* Adds a finding. Errors mark the file as failed. remedy may be NULL. */
void intake_say(struct intake *in, enum severity severity, const char *code, const char *remedy,
                const char *fmt, ...) ATTR_PRINTF(5, 6);

/* Notes which known root something damaged was; the first counts. root may be NULL. */
void intake_resembles(struct intake *in, const struct known_root *root);

/* Says that memory ran out. */
void intake_no_memory(struct intake *in);

/* Something that stands where a key or a certificate should: an error if the file holds nothing
 * better, otherwise a warning that it is left out. The text is a clause without a full stop. */
void intake_bystander(struct intake *in, const char *code, const char *remedy, const char *fmt, ...)
    ATTR_PRINTF(4, 5);

/* Takes in DER of this kind: certificates and keys join the credential, everything else becomes a
 * finding. `what` names it in sentences ("line 3 of x.pem", "x.der"). False if it is broken: the
 * caller, who knows the text around it, says so. */
bool intake_take_der(struct intake *in, enum der_kind kind, const unsigned char *der, size_t n,
                     const char *what);

/* The certificate that issued none of the others; the first if that cannot be told. */
size_t intake_find_leaf(const struct credential *c);

/* The certificate of c that issued number i, or i itself if there is none. */
size_t intake_issuer(const struct credential *c, size_t i);

#endif
