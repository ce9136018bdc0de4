/* SPDX-License-Identifier: MIT */
#include "pki/draft.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "base/str.h"
#include "pki/encode.h"
#include "pki/inspect.h"
#include "pki/validity.h"

enum { DAY = 24 * 60 * 60, BACKDATED_DAYS = 2, TRIES = 8 };

void draft_reset(struct draft *d)
{
    if (d->subject != d->key.public_half)
        EVP_PKEY_free(d->subject);
    keygen_reset(&d->key);
    secret_reset(&d->key_pem);
    secret_reset(&d->cert_pem);
    secret_reset(&d->chain_pem);
    secret_reset(&d->csr_pem);
    X509_free(d->x509);
    free(d->key_file);
    free(d->cert_file);
    free(d->chain_file);
    free(d->csr_file);
    *d = (struct draft){0};
}

int draft_date(struct draft *d, const struct issue_wish *wish, const struct authority *a,
               struct err *err)
{
    int days = wish->days != 0 ? wish->days : d->usual_days;
    time_t limit = a != NULL ? authority_cert(a)->not_after : 0;
    char day[48];

    if (days < 1 || days > DAYS_MAX)
        return err_set(err, ERR_VALUE, "a certificate lasts from 1 to %d days, not %d", DAYS_MAX,
                       days);
    d->not_before = wish->now - (time_t)BACKDATED_DAYS * DAY;
    d->not_after = wish->now + (time_t)days * DAY;
    if (a == NULL)
        return 0;
    if (d->not_before < authority_cert(a)->not_before)
        d->not_before = authority_cert(a)->not_before;
    if (d->not_after <= limit)
        return 0;
    if (wish->days != 0) {
        err_set(err, ERR_VALUE,
                "a certificate of %d days would outlive its CA, which ends on %s: it would be "
                "refused from then on",
                days, validity_date(limit, day, sizeof day));
        err_remedy(err, "ask for %lld days or fewer, or leave out --days",
                   ((long long)limit - (long long)wish->now) / DAY);
        return ERR_VALUE;
    }
    d->not_after = limit;
    d->shortened = true;
    return 0;
}

int draft_key(struct draft *d, enum new_key kind, const struct secret *passphrase, struct err *err)
{
    int rc = keygen(kind, &d->key, err);

    d->subject = d->key.public_half;
    return rc != 0 ? rc : keygen_encode(&d->key, passphrase, &d->key_pem, err);
}

/* --- signing -------------------------------------------------------------------------------- */

static int choose_serial(struct certificate *what, struct draft *d, const struct authority *a,
                         struct err *err)
{
    for (int i = 0; i < TRIES; i++) {
        int rc = certify_serial(what->serial, err);

        if (rc != 0)
            return rc;
        certify_serial_text(what->serial, d->serial);
        if (a == NULL || a->index == NULL || !index_has_serial(a->index, d->serial))
            return 0;
    }
    return err_set(err, ERR_INTERNAL, "every random serial number is taken");
}

static int encode(struct draft *d, const struct authority *a, struct err *err)
{
    unsigned char *der = NULL;
    int n = i2d_X509(d->x509, &der);
    int rc;

    if (n <= 0)
        return err_set(err, ERR_NOMEM, "out of memory for a certificate");
    inspect_sha1_hex(der, (size_t)n, d->sha1);
    pki_sha256_hex(der, (size_t)n, d->sha256);
    OPENSSL_free(der);
    secret_reset(&d->cert_pem);
    secret_reset(&d->chain_pem);
    rc = encode_cert(&d->cert_pem, d->x509, err);
    if (rc == 0 && a != NULL && a->chain.len > 0) {
        rc = secret_set(&d->chain_pem, d->cert_pem.data, d->cert_pem.len, err);
        if (rc == 0)
            rc = secret_append(&d->chain_pem, a->chain.data, a->chain.len, err);
    }
    return rc;
}

/* A CA may be limited to some names; only the signed certificate tells whether this is one. */
static int check_constraints(const struct draft *d, const struct authority *a, struct err *err)
{
    NAME_CONSTRAINTS *limits =
        a != NULL ? X509_get_ext_d2i(a->x509, NID_name_constraints, NULL, NULL) : NULL;
    int rc = 0;

    if (limits != NULL && NAME_CONSTRAINTS_check(d->x509, limits) != X509_V_OK) {
        rc = err_set(err, ERR_VALUE,
                     "the CA in %s is limited to certain names (name constraints), and %s is none "
                     "of them: every broker would refuse the certificate",
                     a->cert_file, d->id);
        err_remedy(err, "name a CA without that limit, or ask whoever made it for one");
    }
    NAME_CONSTRAINTS_free(limits);
    ERR_clear_error();
    return rc;
}

int draft_sign(struct draft *d, const struct authority *a, EVP_PKEY *signer, struct err *err)
{
    struct certificate what = {
        .kind = d->kind,
        .common_name = d->id,
        .key = d->subject,
        .issuer = a != NULL ? a->x509 : NULL,
        .not_before = d->not_before,
        .not_after = d->not_after,
    };
    EVP_PKEY *own = signer == NULL ? keygen_open(&d->key.pkcs8, err) : NULL;
    int rc = signer == NULL && own == NULL ? ERR_NOMEM : choose_serial(&what, d, a, err);

    X509_free(d->x509);
    d->x509 = rc == 0 ? certify(&what, signer != NULL ? signer : own, err) : NULL;
    EVP_PKEY_free(own);
    if (rc == 0 && d->x509 == NULL)
        rc = ERR_INTERNAL;
    if (rc == 0)
        rc = check_constraints(d, a, err);
    return rc != 0 ? rc : encode(d, a, err);
}

/* --- the index ------------------------------------------------------------------------------ */

int draft_check_name(const char *id, const struct authority *a, time_t now, struct err *err)
{
    const struct index_entry *entry = a->index != NULL ? index_valid(a->index, id, now) : NULL;
    char day[48];

    if (entry == NULL)
        return 0;
    err_set(err, ERR_BUSY, "%s has a certificate already that is valid until %s (serial %s in %s)",
            entry->common_name, validity_date(entry->not_after, day, sizeof day), entry->serial,
            index_path(a->index));
    err_remedy(err, "use that one; if it is lost, or the device is to have another: --reissue");
    return ERR_BUSY;
}

/* Somebody else has drawn the same number since. */
static int sign_again(struct draft *d, struct authority *a, struct err *err)
{
    EVP_PKEY *signer = keygen_open(&a->pkcs8, err);
    int rc = signer == NULL ? ERR_NOMEM : draft_sign(d, a, signer, err);

    EVP_PKEY_free(signer);
    return rc;
}

static int record_locked(struct draft *const *drafts, size_t count, struct index_entry *entries,
                         struct authority *a, const struct issue_wish *wish, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < count; i++) {
        struct draft *d = drafts[i];

        if (!wish->reissue)
            rc = draft_check_name(d->id, a, wish->now, err);
        if (rc == 0 && index_has_serial(a->index, d->serial))
            rc = sign_again(d, a, err);
        entries[i] = (struct index_entry){.not_after = d->not_after};
        memcpy(entries[i].serial, d->serial, sizeof d->serial);
        memcpy(entries[i].sha256, d->sha256, sizeof d->sha256);
        entries[i].common_name = (char *)(uintptr_t)d->id;
    }
    return rc != 0 ? rc : index_append(a->index, entries, count, err);
}

int draft_record(struct draft *const *drafts, size_t count, struct authority *a,
                 const struct issue_wish *wish, struct err *err)
{
    struct index_entry *entries;
    int rc;

    if (a->index == NULL || count == 0)
        return 0;
    entries = calloc(count, sizeof *entries);
    if (entries == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    rc = index_lock(a->index, err);
    if (rc == 0)
        rc = record_locked(drafts, count, entries, a, wish, err);
    index_unlock(a->index);
    free(entries);
    return rc;
}
