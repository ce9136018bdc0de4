/* SPDX-License-Identifier: MIT */
#include "pki/glance.h"

#include <string.h>

#include "base/str.h"
#include "pki/root.h"
#include "pki/validity.h"

static const char *role_words(enum root_role role)
{
    static const char *const words[] = {
        [ROOT_AZURE] = " (Azure public cloud)",
        [ROOT_AZURE_OBSOLETE] = " (Azure until 2024)",
        [ROOT_LOOKALIKE] = " (not Azure's public cloud)",
        [ROOT_AWS] = " (AWS)",
        [ROOT_OTHER] = "",
    };

    return words[role];
}

/* A common name says it shortest; a subject without one is told whole. */
static void add_name(struct buf *out, const struct cert_info *cert)
{
    const char *name = cert->common_name != NULL ? cert->common_name : cert->subject;
    char shown[80];

    str_escape_to(shown, sizeof shown, name, strlen(name));
    if (*name == '\0')
        buf_add_str(out, "without a name");
    else
        buf_printf(out, "%s%s", cert->common_name != NULL ? "CN=" : "", shown);
}

static void add_kind(struct buf *out, const struct cert_info *cert)
{
    const struct known_root *root = root_by_sha256(cert->sha256);

    if (root != NULL) {
        buf_printf(out, "root %s%s", root->name, role_words(root->role));
        return;
    }
    buf_add_str(out, cert->is_ca ? "CA certificate " : "certificate ");
    add_name(out, cert);
}

static void add_validity(struct buf *out, const struct credential *c, size_t i, time_t now)
{
    const char *unfit = credential_unfit(c, i, now);
    char left[48];

    buf_add_str(out, unfit != NULL ? unfit
                                   : validity_left(credential_cert(c, i), now, left, sizeof left));
}

void glance(const struct credential *c, time_t now, struct buf *out)
{
    size_t n = credential_cert_count(c), leaf = credential_leaf(c);
    const struct key_info *key = credential_key(c);

    if (n == 0) {
        buf_printf(out, "private key %s", key != NULL ? key->name : "");
        return;
    }
    add_kind(out, credential_cert(c, leaf));
    if (n > 1)
        buf_printf(out, " and %zu more", n - 1);
    if (key != NULL)
        buf_add_str(out, credential_key_matches(c, c, leaf) ? " with its private key"
                                                            : " with another's private key");
    buf_printf(out, ", %s, ", credential_cert(c, leaf)->key.name);
    add_validity(out, c, leaf, now);
}

static const char *words_for(const char *code)
{
    static const struct {
        const char *code, *words;
    } rows[] = {
        {"file-missing", "no such file"},
        {"file-unreadable", "cannot be read"},
        {"file-empty", "empty file"},
        {"file-too-large", "too large for a certificate or key"},
        {"pem-damaged", "damaged"},
        {"pem-armour", "damaged"},
        {"cert-resembles-root", "known root with characters changed"},
        {"is-csr", "certificate request, not a certificate"},
        {"is-crl", "list of revoked certificates, not a certificate"},
        {"is-pkcs7", "PKCS#7 bundle: has to be converted first"},
        {"is-public-key", "public key, not a private one"},
        {"key-encrypted", "encrypted private key: needs its passphrase"},
        {"passphrase-wrong", "encrypted private key: the passphrase was wrong"},
        {"kdf-cost", "encrypted private key: takes too long to open"},
        {"key-several", "more than one private key"},
        {"key-unsupported", "private key of a kind that devices cannot use"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].code, code) == 0)
            return rows[i].words;
    }
    return "no certificate or key";
}

static const struct finding *gravest(const struct findings *findings)
{
    enum severity worst = findings_worst(findings);

    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].severity == worst)
            return &findings->items[i];
    }
    return NULL;
}

void glance_findings(const struct findings *findings, struct buf *out)
{
    static const char key[] = "encrypted private key";
    const struct finding *f = gravest(findings);
    const char *words = words_for(f != NULL ? f->code : "");

    if (str_starts(words, key) && findings_get(findings, "pkcs12-input") != NULL)
        buf_printf(out, "encrypted PKCS#12 file%s", words + strlen(key));
    else if (strcmp(words, "damaged") == 0)
        buf_printf(out, "damaged %s",
                   findings_get(findings, "pkcs12-input") != NULL ? "PKCS#12 file"
                   : findings_get(findings, "der-input") != NULL  ? "certificate or key"
                                                                  : "PEM");
    else
        buf_add_str(out, findings->lost ? "not enough memory to read it" : words);
}
