/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_SAS_H
#define COMCERT_PKI_SAS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/secret.h"

/*
 * Shared access signatures: the password of an Azure device that has a key in place of a
 * certificate (https://learn.microsoft.com/azure/iot-hub/iot-hub-dev-guide-sas).
 *
 *     SharedAccessSignature sr={resource}&sig={signature}&se={expiry}[&skn={policy}]
 *
 * The signature is the HMAC-SHA256 of "{resource}\n{expiry}", with the resource URL-encoded just as
 * it stands in the token. Keys and tokens are secrets: nothing of them gets into a finding or an
 * err, not even the character that is wrong.
 */

/* What a token is for: a device, a module of it (module set), the hub as a whole (device NULL,
 * policy set), or a registration at the provisioning service (scope and registration set, the rest
 * NULL). */
struct sas_resource {
    const char *host;   /* "my-hub.azure-devices.net", as the device will call it */
    const char *device; /* device ID, not encoded */
    const char *module;
    const char *policy;       /* whose key it is: "iothubowner"; NULL: the device's own */
    const char *scope;        /* "0ne00000000" */
    const char *registration; /* registration ID */
};

#define SAS_POLICY_REGISTRATION "registration" /* the policy of every provisioning token */

enum {
    SAS_KEY_MAX_TEXT = 4096, /* more than that in a file is no key */
    SAS_KEY_MIN = 16,        /* bytes of a key: Azure's own limits */
    SAS_KEY_MAX = 64
};

/* The last second of the year 9999. */
#define SAS_EXPIRY_MAX 253402300799LL

/*
 * Decodes a key from its base64 text: strictly, but for white space at the end. `where` is where
 * the user named it. What is wrong is told as one finding, and ERR_VALUE answered with key left
 * empty: sas-key-empty, sas-key-connection-string (says which of its parts is the key),
 * sas-key-token, sas-key-pem, sas-key-json, sas-key-text (a byte order mark, UTF-16, quotes around
 * it, several lines, URL-encoded), sas-key-base64 (says at which character), sas-key-length (under
 * 16 bytes). Only warnings: sas-key-thumbprint (hexadecimal digits, as many as a thumbprint has),
 * sas-key-length (over 64 bytes). ERR_NOMEM.
 */
int sas_key_decode(const struct secret *text, struct place where, struct secret *key,
                   struct findings *findings) ATTR_MUST_USE;

/* Reads the file that holds a key's text. key-readable (warning) if other users can read it too.
 * Codes as file_read's. May block on a slow stick. */
int sas_key_read_text(const char *path, struct secret *text, struct findings *findings,
                      struct err *err) ATTR_MUST_USE;

/* The key of one device from that of its enrolment group at the provisioning service: the
 * HMAC-SHA256 of the registration ID under the group's key. Both as bytes; `device_key` is another
 * secret than `group_key`. ERR_NOMEM or ERR_INTERNAL. */
int sas_derive(const struct secret *group_key, const char *registration, struct secret *device_key,
               struct err *err) ATTR_MUST_USE;

/* Base64 of a key, as portals and files have it. Replaces what text held. */
int sas_key_encode(const struct secret *key, struct secret *text, struct err *err) ATTR_MUST_USE;

/* Adds the resource as a token carries it: URL-encoded like Azure's own command-line program does
 * (letters, digits and _ . - ~ stay, the case is kept). The host is the resource's first part. */
void sas_add_resource(struct buf *out, const struct sas_resource *resource);

/* Makes the token, without a line end, into out (replacing what it held). `expiry` is in seconds
 * since 1970, UTC. ERR_NOMEM or ERR_INTERNAL. Pure but for memory. */
int sas_token(const struct sas_resource *resource, const struct secret *key, long long expiry,
              struct secret *out, struct err *err) ATTR_MUST_USE;

#endif
