/* SPDX-License-Identifier: MIT */
#include "pki/issue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "pki/issue_part.h"

/* --- what signs itself ------------------------------------------------------------------------ */

int issue_self_signed(const struct issue_wish *wish, struct issued *made, struct err *err)
{
    struct draft d = {.kind = CERTIFY_DEVICE, .id = wish->id, .usual_days = DAYS_DEVICE};
    int rc = issue_check_id(wish->id, err);

    if (rc == 0)
        rc = draft_date(&d, wish, NULL, err);
    if (rc == 0)
        rc = draft_prepare(&d, wish, NULL, DRAFT_KEY | DRAFT_CERT, err);
    if (rc == 0)
        rc = draft_key(&d, wish->key, NULL, err);
    if (rc == 0)
        rc = draft_sign(&d, NULL, NULL, err);
    if (rc == 0)
        rc = draft_write(&d, wish->force, err);
    if (rc == 0)
        rc = draft_result(&d, NULL, made, err);
    draft_reset(&d);
    return rc;
}

static int check_passphrase(const struct secret *passphrase, struct err *err)
{
    if (passphrase == NULL || passphrase->len > 0)
        return 0;
    err_set(err, ERR_VALUE, "the passphrase is empty: the key of a CA would be as good as open");
    err_remedy(err, "choose one; a key without any has to be asked for: --no-passphrase");
    return ERR_VALUE;
}

/* What an earlier CA of this name issued is nothing that the new one has issued; but it is not for
 * us to throw away. */
static int start_index(const char *cert_file, const struct issue_wish *wish, struct err *err)
{
    char *path = authority_beside(cert_file, ".issued");
    struct issue_index *index = NULL;
    struct buf old = {0};
    int rc = 0;

    if (path == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (file_is_there(path) && wish->force) {
        buf_printf(&old, "%s.before-%lld", path, (long long)wish->now);
        rc = old.failed ? err_set(err, ERR_NOMEM, "out of memory")
                        : file_place(path, old.data, false, err);
        buf_reset(&old);
    }
    if (rc == 0)
        rc = index_open(path, &index, err);
    if (rc == 0)
        rc = index_lock(index, err);
    if (rc == 0)
        rc = index_append(index, NULL, 0, err);
    index_close(index);
    free(path);
    return rc;
}

static int check_no_index(const struct draft *d, const struct issue_wish *wish, struct err *err)
{
    char *path = authority_beside(d->cert_file, ".issued");
    int rc = path == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;

    if (rc == 0 && !wish->force && file_is_there(path)) {
        rc = err_set(err, ERR_BUSY, "%s is there: a CA of this name has been at work here", path);
        err_remedy(err, "choose another name or another folder (--out)");
    }
    free(path);
    return rc;
}

int issue_ca(const struct issue_wish *wish, const struct secret *passphrase, struct issued *made,
             struct err *err)
{
    struct draft d = {.kind = CERTIFY_CA, .id = wish->id, .usual_days = DAYS_CA};
    int rc = issue_check_ca_name(wish->id, err);

    if (rc == 0)
        rc = check_passphrase(passphrase, err);
    if (rc == 0)
        rc = draft_date(&d, wish, NULL, err);
    if (rc == 0)
        rc = draft_prepare(&d, wish, NULL, DRAFT_KEY | DRAFT_CERT, err);
    if (rc == 0)
        rc = check_no_index(&d, wish, err);
    if (rc == 0)
        rc = draft_key(&d, wish->key, passphrase, err);
    if (rc == 0)
        rc = draft_sign(&d, NULL, NULL, err);
    if (rc == 0)
        rc = draft_write(&d, wish->force, err);
    if (rc == 0)
        rc = start_index(d.cert_file, wish, err);
    if (rc == 0)
        rc = draft_result(&d, NULL, made, err);
    draft_reset(&d);
    return rc;
}

/* --- what a CA signs -------------------------------------------------------------------------- */

/* A certificate that did not get as far as a file: another may be made without ado. */
static void take_back(const struct draft *d, struct authority *a)
{
    const char *serial = d->serial;
    struct err unsaid;

    if (a->index == NULL)
        return;
    /* If that fails, --reissue has to be asked for, which is no harm. */
    if (index_lock(a->index, &unsaid) == 0)
        (void)!index_void(a->index, &serial, 1, &unsaid);
    index_unlock(a->index);
}

int issue_finish(struct draft *d, struct authority *a, const struct issue_wish *wish,
                 struct issued *made, struct err *err)
{
    EVP_PKEY *signer = keygen_open(&a->pkcs8, err);
    int rc = signer == NULL ? ERR_NOMEM : draft_sign(d, a, signer, err);

    EVP_PKEY_free(signer);
    if (rc == 0)
        rc = draft_record(&d, 1, a, wish, err);
    if (rc != 0)
        return rc;
    rc = draft_write(d, wish->force, err);
    if (rc != 0)
        take_back(d, a);
    return rc != 0 ? rc : draft_result(d, a, made, err);
}

int issue_check_free_name(struct authority *a, const struct issue_wish *wish, const char *id,
                          struct err *err)
{
    int rc = 0;

    if (a->index == NULL || wish->reissue)
        return 0;
    rc = index_lock(a->index, err);
    if (rc == 0)
        rc = draft_check_name(id, a, wish->now, err);
    index_unlock(a->index);
    return rc;
}

/* Everything but the key's passphrase is the same for all that a CA makes with a key. */
static int issue_with_key(struct draft *d, struct authority *a, const struct issue_wish *wish,
                          int which, const struct secret *passphrase, struct issued *made,
                          struct err *err)
{
    int rc = draft_date(d, wish, a, err);

    if (rc == 0)
        rc = issue_check_free_name(a, wish, d->id, err);
    if (rc == 0)
        rc = draft_prepare(d, wish, a, which, err);
    if (rc == 0)
        rc = draft_key(d, wish->key, passphrase, err);
    secret_reset(&d->key.pkcs8); /* the CA signs; what is written stands in key_pem */
    if (rc == 0)
        rc = issue_finish(d, a, wish, made, err);
    return rc;
}

int issue_device(struct authority *a, const struct issue_wish *wish, struct issued *made,
                 struct err *err)
{
    struct draft d = {.kind = CERTIFY_DEVICE, .id = wish->id, .usual_days = DAYS_DEVICE};
    int rc = issue_check_id(wish->id, err);

    if (rc == 0)
        rc = issue_with_key(&d, a, wish, DRAFT_KEY | DRAFT_CERT | DRAFT_CHAIN, NULL, made, err);
    draft_reset(&d);
    return rc;
}

static int check_may_have_ca(const struct authority *a, struct err *err)
{
    if (X509_get_pathlen(a->x509) != 0)
        return 0;
    err_set(err, ERR_VALUE,
            "the CA in %s may sign devices' certificates only: its path length is 0, so nobody "
            "would accept a CA below it",
            a->cert_file);
    err_remedy(err, "name the root, which may: --ca FILE");
    return ERR_VALUE;
}

int issue_intermediate(struct authority *a, const struct issue_wish *wish,
                       const struct secret *passphrase, struct issued *made, struct err *err)
{
    struct draft d = {
        .kind = CERTIFY_INTERMEDIATE, .id = wish->id, .usual_days = DAYS_INTERMEDIATE};
    int rc = issue_check_ca_name(wish->id, err);

    if (rc == 0)
        rc = check_may_have_ca(a, err);
    if (rc == 0)
        rc = check_passphrase(passphrase, err);
    if (rc == 0)
        rc = issue_with_key(&d, a, wish, DRAFT_KEY | DRAFT_CERT | DRAFT_CHAIN, passphrase, made,
                            err);
    if (rc == 0)
        rc = start_index(made->cert_file, wish, err);
    draft_reset(&d);
    return rc;
}

static int check_code(const char *code, struct err *err)
{
    static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t n = strlen(code);

    if (n >= 4 && n <= 64 && strspn(code, legal) == n)
        return 0;
    err_set(err, ERR_VALUE,
            n > 64 || n < 4 ? "a verification code has from 4 to 64 characters, this has %zu"
                            : "a verification code of %zu characters holds nothing but letters, "
                              "digits, - and _",
            n);
    err_remedy(err, "copy it from the portal (the CA's certificate, Generate verification code) "
                    "or from az iot hub certificate generate-verification-code");
    return ERR_VALUE;
}

/* "Bench.proof.pem": no device's file can have that name. */
static int name_proof(struct draft *d, const struct authority *a, const struct issue_wish *wish,
                      struct err *err)
{
    char *path = authority_beside(a->cert_file, ".proof.pem");
    const char *slash = path != NULL ? strrchr(path, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : path;
    struct buf out = {0};
    int rc = 0;

    if (name != NULL && wish->out != NULL && wish->out[0] != '\0')
        buf_printf(&out, "%s/%s", wish->out, name);
    else if (name != NULL)
        buf_add_str(&out, name);
    d->cert_file = name != NULL ? buf_take(&out) : NULL;
    free(path);
    if (d->cert_file == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (!wish->force && file_is_there(d->cert_file)) {
        rc = err_set(err, ERR_BUSY, "%s exists already", d->cert_file);
        err_remedy(err, "choose another folder (--out), or replace what is there: --force");
    }
    return rc;
}

int issue_proof(struct authority *a, const struct issue_wish *wish, struct issued *made,
                struct err *err)
{
    struct draft d = {.kind = CERTIFY_DEVICE, .id = wish->id, .usual_days = DAYS_PROOF};
    struct issue_wish plain = *wish;
    int rc = check_code(wish->id, err);

    /* Whoever takes the CA's key takes one of the same family. */
    plain.key = authority_cert(a)->key.type == KEY_EC ? NEW_KEY_EC_P256 : NEW_KEY_RSA_2048;
    if (rc == 0)
        rc = name_proof(&d, a, wish, err);
    if (rc == 0)
        rc = issue_with_key(&d, a, &plain, 0, NULL, made, err);
    draft_reset(&d);
    return rc;
}
