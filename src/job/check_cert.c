/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <string.h>

enum { DAY = 24 * 60 * 60 };

static struct place place_of_cert(const struct check *c)
{
    return job_credential_place(c->job, SLOT_DEVICE_CERT);
}

static void add(const struct check *c, enum severity severity, const char *code, const char *remedy,
                const char *what)
{
    findings_add(c->findings, severity, code, place_of_cert(c), remedy, "%s", what);
}

/* "the device certificate", or "the intermediate certificate CN=..." */
static struct words name_of(const struct check *c, size_t i)
{
    if (i == c->leaf)
        return words("the device certificate");
    return words("the intermediate certificate %s",
                 words_of(credential_cert(c->cert, i)->subject).s);
}

static void check_end(const struct check *c, const struct cert_info *cert, const char *name)
{
    struct words when = words_day(cert->not_after);

    if (cert->not_after < c->now)
        findings_add(c->findings, SEVERITY_ERROR, "cert-expired", place_of_cert(c),
                     "Have a new one issued.", "%s expired on %s", name, when.s);
    else if (cert->not_after - c->now < (time_t)30 * DAY)
        findings_add(c->findings, SEVERITY_WARNING, "cert-expires-soon", place_of_cert(c),
                     "Have a new one issued before the device goes out.", "%s expires on %s", name,
                     when.s);
    else if (cert->not_after - c->now < (time_t)400 * DAY)
        findings_add(c->findings, SEVERITY_NOTE, "cert-expires", place_of_cert(c),
                     "Put the day into a calendar: the device stops connecting then.",
                     "%s expires on %s", name, when.s);
}

static void check_start(const struct check *c, const struct cert_info *cert, const char *name)
{
    struct words when = words_day(cert->not_before);

    if (cert->not_before > c->now)
        findings_add(c->findings, SEVERITY_ERROR, "cert-not-yet-valid", place_of_cert(c),
                     "Wait until then, or look whether this computer's clock is right.",
                     "%s is not valid before %s", name, when.s);
    else if (cert->not_before > c->now - DAY)
        findings_add(c->findings, SEVERITY_WARNING, "cert-fresh", place_of_cert(c),
                     "Make sure that the device's clock is set.",
                     "%s is valid since less than a day: a device whose clock is slow refuses it",
                     name);
}

/* The certificates that travel: a root in the file is left out. */
static void check_dates(const struct check *c)
{
    for (size_t i = 0; i < credential_cert_count(c->cert); i++) {
        const struct cert_info *cert = credential_cert(c->cert, i);
        struct words name = name_of(c, i);

        if (i != c->leaf && cert->self_issued)
            continue;
        check_end(c, cert, name.s);
        check_start(c, cert, name.s);
    }
}

static void check_rsa(const struct check *c, const struct key_info *key, struct place place)
{
    if (key->bits < 2048)
        findings_add(c->findings, SEVERITY_ERROR, "key-weak", place,
                     "Make a key of RSA 2048 or EC P-256, and a certificate for it.",
                     "the key is %s: too short to be accepted today", key->name);
    else if (key->bits > 2048)
        findings_add(c->findings, SEVERITY_NOTE, "key-large", place,
                     "RSA 2048 or EC P-256 is enough.",
                     "the key is %s: slow, or too large, for a small device", key->name);
}

static void check_ec(const struct check *c, const struct key_info *key, struct place place)
{
    if (key->ec_explicit)
        findings_add(c->findings, SEVERITY_ERROR, "key-unsupported", place,
                     "Make the key with -pkeyopt ec_param_enc:named_curve.",
                     "the key spells out its curve's parameters, which devices refuse");
    else if (key->bits < 256)
        findings_add(c->findings, SEVERITY_ERROR, "key-weak", place,
                     "Make a key of EC P-256 or RSA 2048, and a certificate for it.",
                     "the key is %s: too short to be accepted today", key->name);
    else if (key->bits > 256 || strstr(key->name, "P-256") == NULL)
        findings_add(c->findings, SEVERITY_NOTE, "key-large", place,
                     "EC P-256 is the curve that all devices know.",
                     "the key is %s: the device and the broker must both support that curve",
                     key->name);
}

/* The certificate's key if there is a certificate: the private key must be the same one anyway. */
static void check_key(const struct check *c)
{
    const struct key_info *key;
    struct place place;

    if (c->cert == NULL && c->key == NULL)
        return;
    key = c->cert != NULL ? &credential_cert(c->cert, c->leaf)->key : credential_key(c->key);
    place = job_credential_place(c->job, c->cert != NULL ? SLOT_DEVICE_CERT : SLOT_DEVICE_KEY);
    if (key->type == KEY_RSA)
        check_rsa(c, key, place);
    else if (key->type == KEY_EC)
        check_ec(c, key, place);
    else
        findings_add(c->findings, SEVERITY_ERROR, "key-unsupported", place,
                     "Make a key of RSA 2048 or EC P-256, and a certificate for it.",
                     "the key is %s, which devices with TLS 1.2 cannot use", key->name);
}

static void check_signature(const struct check *c)
{
    const struct cert_info *leaf = credential_cert(c->cert, c->leaf);

    if (leaf->self_issued && !leaf->self_signed)
        add(c, SEVERITY_ERROR, "cert-signature",
            "Take the original file, not a copy that went through a document or a mail. If a CA "
            "signed it, the CA must not have the device's own name.",
            "the device certificate claims to have signed itself but its signature does not fit: "
            "it is damaged");
    for (size_t i = 0; i < credential_cert_count(c->cert); i++) {
        const struct cert_info *cert = credential_cert(c->cert, i);

        if (!cert->signature_weak || (i != c->leaf && cert->self_issued))
            continue;
        findings_add(c->findings, SEVERITY_WARNING, "sig-weak", place_of_cert(c),
                     "Have it issued again with SHA-256.",
                     "%s is signed with %s, which brokers may refuse", name_of(c, i).s,
                     words_of(cert->signature).s);
    }
}

/* What the certificate says about its own use. */
static void check_use(const struct check *c)
{
    const struct cert_info *leaf = credential_cert(c->cert, c->leaf);

    if (leaf->version == 1)
        add(c, SEVERITY_NOTE, "cert-v1",
            "Nothing needs doing unless the broker asks for extensions (openssl x509 -req "
            "-extfile).",
            "the device certificate has no extensions (X.509 version 1)");
    if (leaf->is_ca && leaf->self_issued)
        add(c, SEVERITY_NOTE, "cert-is-ca",
            "Nothing needs doing: this is how openssl req -x509 makes them.",
            "the device certificate is marked as a CA");
    else if (leaf->is_ca)
        add(c, SEVERITY_WARNING, "cert-is-ca",
            "Make sure that this is the device's certificate and not its CA's.",
            "the device certificate is marked as a CA");
    if (leaf->has_eku && !leaf->eku_client)
        findings_add(c->findings, SEVERITY_WARNING, "eku-no-client", place_of_cert(c),
                     "Have one issued with extendedKeyUsage = clientAuth, by a private CA: public "
                     "ones no longer do that.",
                     "the device certificate is for %s only: brokers may refuse it as a client's",
                     words_of(leaf->eku != NULL ? leaf->eku : "other uses").s);
    if (leaf->key_usage != NULL && !leaf->is_ca &&
        strstr(leaf->key_usage, "digitalSignature") == NULL)
        add(c, SEVERITY_WARNING, "key-usage", "Have one issued with keyUsage = digitalSignature.",
            "the device certificate's key usage does not allow to sign, which TLS needs");
}

/* Azure compares the common name, case and all, for a certificate that a CA signed; for one that is
 * known by its thumbprint it does not. */
static void check_name(const struct check *c)
{
    const struct cert_info *leaf = credential_cert(c->cert, c->leaf);
    enum severity severity = leaf->self_issued ? SEVERITY_NOTE : SEVERITY_ERROR;

    if (leaf->common_name == NULL)
        findings_add(c->findings, severity, "cn-missing", place_of_cert(c),
                     leaf->self_issued ? "Nothing needs doing: the hub knows it by its thumbprint."
                                       : "Have it issued with the device ID as common name (CN).",
                     "the device certificate has no common name");
    else if (c->id != NULL && !has_control(c->id) && strcmp(leaf->common_name, c->id) != 0)
        findings_add(
            c->findings, severity, "cn-mismatch", place_of_cert(c),
            leaf->self_issued
                ? "Nothing needs doing if this is the right file: the hub knows it by its "
                  "thumbprint."
                : "Name the device's own certificate, or correct the device ID.",
            "the device certificate is for \"%s\", the device ID is \"%s\"%s",
            words_of(leaf->common_name).s, words_of(c->id).s,
            differs_by_case_or_blanks(leaf->common_name, c->id) ? " (case and blanks count)" : "");
}

/* How the device has to be registered follows from who signed. */
static void note_registration(const struct check *c)
{
    const struct cert_info *leaf = credential_cert(c->cert, c->leaf);

    if (leaf->self_issued)
        findings_add(c->findings, SEVERITY_NOTE, "azure-thumbprint", place_of_cert(c),
                     "Register the device as \"X.509 self-signed\" with one of the two as primary "
                     "and secondary thumbprint.",
                     "the hub must know this certificate's thumbprint: SHA-256 %s or SHA-1 %s",
                     leaf->sha256, leaf->sha1);
    else
        findings_add(c->findings, SEVERITY_NOTE, "azure-ca-signed", place_of_cert(c),
                     "Register the device as \"X.509 CA signed\" and the CA under Certificates.",
                     "the hub must know the CA that signed the device certificate: %s",
                     words_of(leaf->issuer).s);
}

void check_device_cert(const struct check *c)
{
    check_key(c);
    if (c->cert == NULL)
        return;
    check_dates(c);
    check_signature(c);
    check_use(c);
    if (check_is_azure(c)) {
        check_name(c);
        note_registration(c);
    }
}
