/* SPDX-License-Identifier: MIT */
#include "job/check.h"

#include <string.h>

#include "job/check_part.h"
#include "pki/root.h"

/* A CA's certificate to which the job's key does not belong is not the device's own. */
static bool is_foreign_ca(const struct job *job, const struct credential *cert)
{
    const struct credential *key = job->credentials[SLOT_DEVICE_KEY].credential;
    size_t leaf = credential_leaf(cert);

    return credential_cert(cert, leaf)->is_ca && key != NULL && credential_key(key) != NULL &&
           !credential_key_matches(key, cert, leaf);
}

/* What the file for the device certificate holds, if it cannot be the device's; "" if it can. */
static struct words cert_misfit(const struct job *job, const struct credential *cert)
{
    const struct known_root *root;

    if (credential_cert_count(cert) == 0)
        return words("a private key, no certificate");
    root = root_by_sha256(credential_cert(cert, credential_leaf(cert))->sha256);
    if (root != NULL)
        return words("the root certificate %s", root->name);
    if (is_foreign_ca(job, cert))
        return words("a CA's certificate, not the device's own");
    return (struct words){""};
}

/* What the file for a slot holds, if that cannot be what the slot needs; "" if it can, or if there
 * is no file. */
static struct words misfit(const struct job *job, enum slot slot)
{
    const struct credential *c = job->credentials[slot].credential;

    if (c != NULL && slot == SLOT_DEVICE_CERT)
        return cert_misfit(job, c);
    if (c != NULL && slot == SLOT_DEVICE_KEY && credential_key(c) == NULL)
        return words("a certificate and no key");
    if (c != NULL && slot == SLOT_SERVER_CA && credential_cert_count(c) == 0)
        return words("a private key, no certificate");
    return (struct words){""};
}

static bool fits(const struct job *job, enum slot file_of, enum slot slot)
{
    const struct credential *c = job->credentials[file_of].credential;

    return c != NULL && credential_fits(c) == (int)slot;
}

/* The slot whose file fits here while the file for this one fits there; -1 if none. */
static int swapped_with(const struct job *job, enum slot slot)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        enum slot other = (enum slot)i;

        if (other != slot && fits(job, slot, other) && fits(job, other, slot) &&
            (misfit(job, slot).s[0] != '\0' || misfit(job, other).s[0] != '\0'))
            return i;
    }
    return -1;
}

static void add_swapped(const struct job *job, enum slot a, enum slot b, struct findings *findings)
{
    enum slot first = a < b ? a : b, second = a < b ? b : a;

    findings_add(findings, SEVERITY_ERROR, "wrong-slot", job_credential_place(job, first),
                 "Each fits where the other is named: swap them.",
                 "the files for the %s and the %s have changed places", slot_title(first),
                 slot_title(second));
}

static void add_wrong(const struct job *job, enum slot slot, const char *holds,
                      struct findings *findings)
{
    int belongs = credential_fits(job->credentials[slot].credential), from = -1;
    struct words remedy = words("Name the file with the %s.", slot_title(slot));

    for (int i = 0; i < SLOT_COUNT && from < 0; i++) {
        if (i != (int)slot && fits(job, (enum slot)i, slot))
            from = i;
    }
    if (from >= 0)
        remedy = words("The file named for %s fits here.", slot_name((enum slot)from));
    else if (belongs >= 0 && belongs != (int)slot)
        remedy =
            words("This file belongs to %s; name another one here.", slot_name((enum slot)belongs));
    findings_add(findings, SEVERITY_ERROR, "wrong-slot", job_credential_place(job, slot), remedy.s,
                 "the file for the %s holds %s", slot_title(slot), holds);
}

bool check_slot(const struct job *job, enum slot slot, struct findings *findings)
{
    struct words holds = misfit(job, slot);
    int other = swapped_with(job, slot);
    struct findings own = {0};

    if (other >= 0)
        add_swapped(job, slot, (enum slot)other, &own);
    else if (holds.s[0] != '\0')
        add_wrong(job, slot, holds.s, &own);
    else
        return true;
    findings_take_new(findings, &own);
    return false;
}

static const struct credential *take(const struct check *c, enum slot slot)
{
    const struct credential *credential = c->job->credentials[slot].credential;

    return check_slot(c->job, slot, c->findings) ? credential : NULL;
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
    c->root = take(c, SLOT_SERVER_CA);
    c->cert = take(c, SLOT_DEVICE_CERT);
    c->key = take(c, SLOT_DEVICE_KEY);
    if (c->cert != NULL)
        c->leaf = credential_leaf(c->cert);
    if (c->root != NULL && credential_key(c->root) != NULL)
        findings_add(c->findings, SEVERITY_WARNING, "key-in-ca-file",
                     job_credential_place(c->job, SLOT_SERVER_CA),
                     "Only the certificate is sent. A CA's private key has no business near a "
                     "device.",
                     "the file for the server CA holds a private key as well");
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
