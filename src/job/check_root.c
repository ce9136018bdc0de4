/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <string.h>

#include "pki/root.h"

/* Microsoft asks for both: the first is what hubs present today. */
#define AZURE_ROOT_NOW  "CB3CCBB76031E5E0138F8DD39A23F9DE47FFC35E43C1144CEA27D46A5AB1CB5F"
#define AZURE_ROOT_NEXT "C741F70F4B2A8D88BF2E71C14122EF53EF10EBA0CFA5E64CFA20F418853073E0"

static struct place place_of_root(const struct check *c)
{
    return job_credential_place(c->job, SLOT_SERVER_CA);
}

static void add(const struct check *c, enum severity severity, const char *code, const char *remedy,
                const char *what)
{
    findings_add(c->findings, severity, code, place_of_root(c), remedy, "%s", what);
}

static const char *load_instead(const struct check *c)
{
    switch (c->cloud) {
    case CLOUD_AZURE:
        return "Load DigiCert Global Root G2.";
    case CLOUD_AZURE_SOVEREIGN:
        return "Ask the hub's operator which root it presents.";
    case CLOUD_AWS:
        return "Load Amazon Root CA 1.";
    case CLOUD_OTHER:
        break;
    }
    return "Load the root of the CA that issued the broker's certificate.";
}

static const struct known_root *known(const struct check *c, size_t i)
{
    return root_by_sha256(credential_cert(c->root, i)->sha256);
}

static bool has(const struct check *c, const char *sha256)
{
    for (size_t i = 0; i < credential_cert_count(c->root); i++) {
        if (strcmp(credential_cert(c->root, i)->sha256, sha256) == 0)
            return true;
    }
    return false;
}

static bool is_device_cert(const struct check *c, const struct cert_info *cert)
{
    return c->cert != NULL && strcmp(credential_cert(c->cert, c->leaf)->sha256, cert->sha256) == 0;
}

/* False if it can be nobody's root, whoever the broker is. */
static bool check_kind(const struct check *c, size_t i)
{
    const struct cert_info *cert = credential_cert(c->root, i);

    if (is_device_cert(c, cert)) {
        add(c, SEVERITY_ERROR, "root-is-device-cert", load_instead(c),
            "the file for the server CA holds the device's own certificate");
        return false;
    }
    if (cert->self_issued && !cert->self_signed) {
        add(c, SEVERITY_ERROR, "cert-signature",
            "Take the original file, not a copy that went through a document or a mail.",
            "the server CA's own signature does not fit: it is damaged");
        return false;
    }
    /* Roots of version 1 cannot say that they are a CA. */
    if (!cert->is_ca && !(cert->version == 1 && cert->self_issued)) {
        bool own = cert->self_signed && c->cloud == CLOUD_OTHER; /* a broker's self-signed one */

        findings_add(c->findings, own ? SEVERITY_WARNING : SEVERITY_ERROR, "root-not-ca",
                     place_of_root(c), load_instead(c),
                     own ? "the server CA %s is not marked as a CA: many devices refuse it"
                         : "%s is not a CA's certificate, so it cannot vouch for the broker",
                     words_of(cert->subject).s);
        return own;
    }
    if (!cert->self_issued)
        findings_add(c->findings, SEVERITY_WARNING, "root-not-self-issued", place_of_root(c),
                     load_instead(c),
                     "%s is an intermediate certificate, not a root: many devices cannot rely on "
                     "it, and it is replaced without notice",
                     words_of(cert->subject).s);
    return true;
}

static bool is_in_time(const struct check *c, size_t i)
{
    const struct cert_info *cert = credential_cert(c->root, i);

    return cert->not_before <= c->now && cert->not_after >= c->now;
}

bool check_is_root_of_cloud(const struct check *c, const struct known_root *root)
{
    return (c->cloud == CLOUD_AZURE && root->role == ROOT_AZURE) ||
           (c->cloud == CLOUD_AWS && root->role == ROOT_AWS);
}

/* False if it is out of its time. */
static bool check_root_dates(const struct check *c, size_t i, enum severity severity)
{
    const struct cert_info *cert = credential_cert(c->root, i);
    const struct known_root *root = known(c, i);
    struct words day = words_day(cert->not_before > c->now ? cert->not_before : cert->not_after);
    struct words name = words_of(cert->subject);

    if (is_in_time(c, i))
        return true;
    if (cert->not_before > c->now)
        findings_add(c->findings, severity, "root-not-yet-valid", place_of_root(c),
                     "Look whether this computer's clock is right.",
                     "the server CA %s is not valid before %s", name.s, day.s);
    else if (root != NULL && root->role == ROOT_AZURE_OBSOLETE)
        findings_add(c->findings, severity, "root-obsolete", place_of_root(c), load_instead(c),
                     "%s was Azure's root until 2024 and expired on %s", root->name, day.s);
    else
        findings_add(c->findings, severity, "root-expired", place_of_root(c),
                     root != NULL && check_is_root_of_cloud(c, root)
                         ? "Load its successor: the cloud's documentation names it."
                         : load_instead(c),
                     "the server CA %s expired on %s", name.s, day.s);
    return false;
}

/* A root that is known, but not as this cloud's. Before a gateway of one's own any may be right. */
static void check_foreign(const struct check *c, const struct known_root *root)
{
    enum severity severity = c->cloud_host ? SEVERITY_ERROR : SEVERITY_WARNING;

    if (c->cloud == CLOUD_AZURE && root->role == ROOT_LOOKALIKE)
        findings_add(c->findings, severity, "root-lookalike", place_of_root(c), load_instead(c),
                     "%s is not the root of Azure IoT Hub, though it is easily taken for DigiCert "
                     "Global Root G2",
                     root->name);
    else if (c->cloud == CLOUD_AZURE && root->role == ROOT_AWS)
        findings_add(c->findings, severity, "root-wrong-cloud", place_of_root(c), load_instead(c),
                     "%s is a root of AWS: it can never validate an Azure IoT Hub", root->name);
    else
        findings_add(c->findings, severity, "root-wrong-cloud", place_of_root(c), load_instead(c),
                     "%s is not a root of %s", root->name,
                     c->cloud == CLOUD_AWS ? "AWS IoT" : "Azure IoT Hub");
}

/* True if the device's certificates come from the first server CA: the commonest mix-up of all. */
static bool issued_device_cert(const struct check *c)
{
    for (size_t i = 0; c->cert != NULL && i < credential_cert_count(c->cert); i++) {
        if (credential_issued_by(c->cert, i, c->root, 0))
            return true;
    }
    return false;
}

static void check_unknown(const struct check *c)
{
    const char *cloud = c->cloud == CLOUD_AWS ? "AWS IoT" : "Azure IoT Hub";

    if (c->cloud_host && issued_device_cert(c))
        findings_add(c->findings, SEVERITY_ERROR, "root-is-device-ca", place_of_root(c),
                     load_instead(c),
                     "the server CA is the CA that issued the device certificate; it says nothing "
                     "about %s",
                     cloud);
    else if (credential_cert(c->root, 0)->self_issued) /* else root-not-self-issued was told */
        findings_add(c->findings, SEVERITY_WARNING, "root-unknown", place_of_root(c),
                     load_instead(c), "%s is not a root that %s is known to use",
                     words_of(credential_cert(c->root, 0)->subject).s, cloud);
}

/* Azure and AWS present a known chain. One right root makes the others harmless. */
static void check_cloud(const struct check *c)
{
    size_t n = credential_cert_count(c->root), right = n;

    for (size_t i = n; i-- > 0;) {
        const struct known_root *root = known(c, i);

        if (root != NULL && check_is_root_of_cloud(c, root))
            right = i;
    }
    if (right == n) {
        const struct known_root *root = known(c, 0);

        if (root != NULL)
            check_foreign(c, root);
        else
            check_unknown(c);
    } else if (right > 0) {
        add(c, SEVERITY_WARNING, "root-order",
            "Put it first: a device that keeps only one gets the first.",
            "the right root is in the file, but not as the first certificate");
    }
    if (right == n || c->cloud != CLOUD_AZURE)
        return;
    if (!has(c, AZURE_ROOT_NOW))
        add(c, SEVERITY_WARNING, "root-extra-missing",
            "Load DigiCert Global Root G2, alone or before this one.",
            "the hubs of today present DigiCert Global Root G2, which is not in the file");
    else if (!has(c, AZURE_ROOT_NEXT))
        add(c, SEVERITY_NOTE, "root-extra-missing",
            "Where the device has room for two, add Microsoft RSA Root CA 2017 to the file.",
            "Microsoft advises a second root, Microsoft RSA Root CA 2017, for the next change");
}

/* Whoever gets a whole copy of the wrong root has won nothing. */
static void check_damaged(const struct check *c)
{
    const struct known_root *root = c->job->credentials[SLOT_SERVER_CA].resembles;

    if (root == NULL || (c->cloud != CLOUD_AZURE && c->cloud != CLOUD_AWS) ||
        check_is_root_of_cloud(c, root))
        return;
    check_foreign(c, root);
}

void check_root(const struct check *c)
{
    bool possible = true, any_in_time = false;
    size_t n;

    check_damaged(c);
    if (c->root == NULL)
        return;
    n = credential_cert_count(c->root);
    for (size_t i = 0; i < n; i++)
        any_in_time |= is_in_time(c, i);
    /* One that has expired does no harm beside one that has not; one that is no root at all is
     * enough to make it the wrong file. */
    for (size_t i = 0; i < n && possible; i++)
        possible = check_kind(c, i) &&
                   (check_root_dates(c, i, any_in_time ? SEVERITY_WARNING : SEVERITY_ERROR) ||
                    any_in_time);
    if (possible && (c->cloud == CLOUD_AZURE || c->cloud == CLOUD_AWS))
        check_cloud(c);
    else if (possible && c->cloud == CLOUD_AZURE_SOVEREIGN)
        add(c, SEVERITY_NOTE, "root-sovereign", load_instead(c),
            "which root a hub in this cloud presents is not publicly settled");
}
