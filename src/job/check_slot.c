/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <string.h>

#include "pki/root.h"

/* Which slot of the job's has a file that would fit here; the remedy for two files that were
 * swapped. -1 if none. */
static int swapped_with(const struct check *c, enum slot here)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        const struct credential *other = c->job->credentials[i].credential;

        if (i != (int)here && other != NULL && credential_fits(other) == (int)here)
            return i;
    }
    return -1;
}

static void add_wrong_slot(const struct check *c, enum slot slot, const char *what)
{
    int from = swapped_with(c, slot);
    int fits = credential_fits(c->job->credentials[slot].credential);
    struct words remedy;

    if (from >= 0)
        remedy = words("The file named for %s fits here: swap them.", slot_name((enum slot)from));
    else if (fits >= 0 && fits != (int)slot)
        remedy =
            words("This file belongs to %s; name another one here.", slot_name((enum slot)fits));
    else
        remedy = words("Name the file with the %s.", slot_title(slot));
    findings_add(c->findings, SEVERITY_ERROR, "wrong-slot", job_credential_place(c->job, slot),
                 remedy.s, "%s", what);
}

/* A CA's certificate to which the job's key does not belong is not the device's own. */
static bool is_foreign_ca(const struct check *c, const struct credential *cert)
{
    const struct credential *key = c->job->credentials[SLOT_DEVICE_KEY].credential;

    return credential_cert(cert, c->leaf)->is_ca && key != NULL && credential_key(key) != NULL &&
           !credential_key_matches(key, cert, c->leaf);
}

/* The file for the device certificate must hold one that can be the device's. */
static void check_cert_slot(struct check *c)
{
    const struct credential *cert = c->job->credentials[SLOT_DEVICE_CERT].credential;
    const struct known_root *root;

    if (cert == NULL)
        return;
    if (credential_cert_count(cert) == 0) {
        add_wrong_slot(c, SLOT_DEVICE_CERT,
                       "the file for the device certificate holds a private key, no certificate");
        return;
    }
    c->leaf = credential_leaf(cert);
    root = root_by_sha256(credential_cert(cert, c->leaf)->sha256);
    if (root != NULL) {
        add_wrong_slot(
            c, SLOT_DEVICE_CERT,
            words("the file for the device certificate holds the root certificate %s", root->name)
                .s);
        return;
    }
    if (is_foreign_ca(c, cert)) {
        add_wrong_slot(c, SLOT_DEVICE_CERT,
                       "the file for the device certificate holds a CA's certificate, not the "
                       "device's own");
        return;
    }
    c->cert = cert;
}

static void check_key_slot(struct check *c)
{
    const struct credential *key = c->job->credentials[SLOT_DEVICE_KEY].credential;

    if (key == NULL)
        return;
    if (credential_key(key) == NULL)
        add_wrong_slot(c, SLOT_DEVICE_KEY,
                       "the file for the private key holds a certificate and no key");
    else
        c->key = key;
}

static void check_root_slot(struct check *c)
{
    const struct credential *root = c->job->credentials[SLOT_SERVER_CA].credential;

    if (root == NULL)
        return;
    if (credential_cert_count(root) == 0) {
        add_wrong_slot(c, SLOT_SERVER_CA,
                       "the file for the server CA holds a private key, no certificate");
        return;
    }
    if (credential_key(root) != NULL)
        findings_add(c->findings, SEVERITY_WARNING, "key-in-ca-file",
                     job_credential_place(c->job, SLOT_SERVER_CA),
                     "Only the certificate is sent. A CA's private key has no business near a "
                     "device.",
                     "the file for the server CA holds a private key as well");
    c->root = root;
}

/* Given at all, whether or not it could be read. */
static bool is_given(const struct check *c, enum slot slot)
{
    return c->job->credentials[slot].path != NULL || c->job->credentials[slot].credential != NULL;
}

static void check_given(const struct check *c)
{
    bool cert = is_given(c, SLOT_DEVICE_CERT), key = is_given(c, SLOT_DEVICE_KEY);
    const char *tls = job_value(c->job, SETTING_TLS);

    if (key && !cert)
        findings_add(c->findings, SEVERITY_WARNING, "key-without-cert",
                     job_credential_place(c->job, SLOT_DEVICE_KEY),
                     "Load the certificate with it, unless the device has the right one already.",
                     "there is a private key but no device certificate");
    if (cert && !key)
        findings_add(c->findings, SEVERITY_WARNING, "cert-without-key",
                     job_credential_place(c->job, SLOT_DEVICE_CERT),
                     "Load the key with it, unless the device has the right one already.",
                     "there is a device certificate but no private key");
    if (!is_given(c, SLOT_SERVER_CA) && c->broker != NULL && tls != NULL &&
        strcmp(tls, "true") == 0)
        findings_add(c->findings, SEVERITY_WARNING, "root-missing",
                     job_credential_place(c->job, SLOT_SERVER_CA),
                     "Name the root certificate, unless the device has it already.",
                     "TLS is used but there is no server CA to know the broker by");
}

void check_slots(struct check *c)
{
    check_root_slot(c);
    check_cert_slot(c);
    check_key_slot(c);
    check_given(c);
}

/* Whose key it is, if not the device's. */
static const char *owner_of_key(const struct check *c)
{
    for (size_t i = 0; i < credential_cert_count(c->cert); i++) {
        if (credential_key_matches(c->key, c->cert, i))
            return "it belongs to a CA certificate in the same file";
    }
    for (size_t i = 0; c->root != NULL && i < credential_cert_count(c->root); i++) {
        if (credential_key_matches(c->key, c->root, i))
            return "it is the key of the server CA";
    }
    return NULL;
}

void check_pair(const struct check *c)
{
    const char *owner;

    if (c->cert == NULL || c->key == NULL || credential_key_matches(c->key, c->cert, c->leaf))
        return;
    owner = owner_of_key(c);
    findings_add(c->findings, SEVERITY_ERROR, "key-mismatch",
                 job_credential_place(c->job, SLOT_DEVICE_KEY),
                 "Take key and certificate that were made together.",
                 "the private key does not belong to the device certificate%s%s",
                 owner != NULL ? ": " : "", owner != NULL ? owner : "");
}
