/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ROOT_H
#define COMCERT_PKI_ROOT_H

#include <stdbool.h>
#include <stddef.h>

/* The root certificates that matter to the supported clouds, known by SHA-256 and never by name:
 * "DigiCert Global Root CA" and "DigiCert Global Root G2" differ by one word. Their certificates
 * are embedded at build time from src/pki/roots. */

enum root_role {
    ROOT_AZURE,          /* Azure public cloud, now or next */
    ROOT_AZURE_OBSOLETE, /* was Azure's once; can no longer validate a hub */
    ROOT_LOOKALIKE,      /* easily taken for an Azure root; sovereign clouds at best */
    ROOT_AWS,
    ROOT_OTHER
};

struct known_root {
    const char *name;   /* "DigiCert Global Root G2" */
    const char *sha256; /* upper-case hex */
    enum root_role role;
    const char *note; /* what it is good for, one clause */
    const char *pem;
};

/* The root with this SHA-256 (upper-case hex), or NULL. */
const struct known_root *root_by_sha256(const char *sha256);

/*
 * The known root that damaged base64 text (armour and white space do not count) most probably was:
 * runs of characters are compared at any offset, so that changed, lost and added characters do not
 * matter much. Any root with five characters changed and one lost is found; an unrelated
 * certificate of the same issuer style is not. NULL if none resembles it.
 */
const struct known_root *root_resembling(const char *text, size_t n);

/* All of them, for tests and listings; ends with a row whose name is NULL. */
const struct known_root *root_table(void);

#endif
