/* SPDX-License-Identifier: MIT */
#include "pki/authority.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "pki/encode.h"
#include "pki/key.h"

/* More intermediates than anybody has. */
enum { CHAIN_MAX = 8 };

int authority_say(struct findings *findings, struct findings *notes, struct err *err)
{
    int rc = 0;

    findings_sort(findings);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->items[i];
        int n = (int)strlen(f->what);

        if (f->severity == SEVERITY_ERROR && rc == 0) {
            n -= n > 0 && f->what[n - 1] == '.'; /* an err has no full stop */
            rc = err_set(err, ERR_VALUE, "%.*s", n, f->what);
            err_remedy(err, "%s", f->remedy != NULL ? f->remedy : "");
        } else if (f->severity == SEVERITY_WARNING && notes != NULL) {
            struct place where = {f->key, f->file, f->line};

            findings_add(notes, f->severity, f->code, where, f->remedy, "%s", f->what);
        }
    }
    if (findings->lost && rc == 0)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    findings_reset(findings);
    return rc;
}

static int read_file(const char *path, const struct passphrase_source *source,
                     struct credential **out, struct findings *notes, struct err *err)
{
    struct findings findings = {0};
    struct place where = {.file = path};
    int rc = credential_read(path, where, source, out, &findings);
    int said = authority_say(&findings, notes, err);

    if (said != 0) { /* a certificate that only resembles something is not to be used either */
        credential_destroy(*out);
        *out = NULL;
        return said;
    }
    return rc != 0 ? err_set(err, ERR_VALUE, "%s cannot be read", path) : 0;
}

/* --- is it a CA, and may it sign? ------------------------------------------------------------- */

static int check_is_ca(const struct authority *a, struct err *err)
{
    const struct cert_info *cert = authority_cert(a);
    struct buf name = {0};

    if (cert == NULL) {
        err_set(err, ERR_VALUE, "%s holds no certificate", a->cert_file);
        err_remedy(err, "--ca wants the CA's certificate; its key is found beside it");
        return ERR_VALUE;
    }
    if (cert->is_ca && (cert->key_usage == NULL || strstr(cert->key_usage, "keyCertSign") != NULL))
        return 0;
    str_escape(&name, cert->subject, strlen(cert->subject));
    if (cert->is_ca)
        err_set(err, ERR_VALUE, "%s (%s) may not sign certificates: its key usage is %s",
                a->cert_file, name.data, cert->key_usage);
    else if (cert->version < 3)
        err_set(err, ERR_VALUE,
                "%s (%s) is a certificate of version %d, which cannot say that it is a CA's",
                a->cert_file, name.data, cert->version);
    else
        err_set(err, ERR_VALUE, "%s (%s) is not a CA: it may not sign other certificates",
                a->cert_file, name.data);
    err_remedy(err, "name a CA's certificate; `comcert new ca --name NAME` makes one");
    buf_reset(&name);
    return ERR_VALUE;
}

/* What a CA's extended key usage leaves out, nothing below it can have. */
static int check_may_make_clients(const struct authority *a, struct err *err)
{
    const struct cert_info *cert = authority_cert(a);

    if (!cert->has_eku || cert->eku_client)
        return 0;
    err_set(err, ERR_VALUE,
            "the CA in %s is not for devices: its extended key usage (%s) has no clientAuth, so "
            "every broker would refuse what it signs",
            a->cert_file, cert->eku);
    err_remedy(err, "name a CA without that limit; `comcert new ca --name NAME` makes one");
    return ERR_VALUE;
}

static int check_fit(const struct authority *a, time_t now, struct err *err)
{
    const char *why = credential_unfit(a->cert, a->at, now);

    if (why == NULL)
        return 0;
    err_set(err, ERR_VALUE, "the CA in %s cannot be used: %s", a->cert_file, why);
    err_remedy(err, "make a new CA (comcert new ca), and give its certificate to whoever trusts "
                    "the old one");
    return ERR_VALUE;
}

/* --- its key ---------------------------------------------------------------------------------- */

static int take_key(struct authority *a, struct credential *holder, const char *file,
                    struct err *err)
{
    const struct key_info *key = credential_key(holder);

    if (key == NULL)
        return err_set(err, ERR_VALUE, "%s holds no private key", file);
    if (!credential_key_matches(holder, a->cert, a->at)) {
        err_set(err, ERR_VALUE, "the key in %s is not the key of the CA in %s", file, a->cert_file);
        err_remedy(err, "put the CA's own key there, or make a new CA");
        return ERR_VALUE;
    }
    secret_move(&a->pkcs8, &holder->pkcs8);
    return 0;
}

static int read_key(struct authority *a, const struct passphrase_source *source,
                    struct findings *notes, struct err *err)
{
    struct credential *holder = NULL;
    char *file;
    int rc;

    if (credential_key(a->cert) != NULL)
        return take_key(a, a->cert, a->cert_file, err);
    file = authority_beside(a->cert_file, ".key");
    if (file == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    if (!file_is_there(file)) {
        rc = err_set(err, ERR_MISSING, "the key of the CA is not there: %s", file);
        err_remedy(err, "put it beside the certificate, under this name");
    } else {
        rc = read_file(file, source, &holder, notes, err);
    }
    if (rc == 0)
        rc = take_key(a, holder, file, err);
    credential_destroy(holder);
    free(file);
    return rc;
}

/* --- what a device shows of it ------------------------------------------------------------------
 */

/* The certificate in c that issued x509; NULL. */
static X509 *issuer_in(const struct credential *c, X509 *x509)
{
    for (size_t i = 0; c != NULL && i < c->cert_count; i++) {
        if (c->certs[i].x509 != x509 && X509_check_issued(c->certs[i].x509, x509) == X509_V_OK)
            return c->certs[i].x509;
    }
    return NULL;
}

static bool is_root(X509 *x509)
{
    return X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
}

/* The CA and those above it, as far as they are known, the root left out. What is above stands in
 * the CA's own file or in its chain file. */
static int make_chain(struct authority *a, struct err *err)
{
    char *file = authority_beside(a->cert_file, ".chain.pem");
    struct credential *above = NULL;
    X509 *next = a->x509;
    int rc = file == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;

    if (rc == 0 && file_is_there(file))
        rc = read_file(file, NULL, &above, NULL, err);
    for (size_t i = 0; rc == 0 && next != NULL && !is_root(next) && i < CHAIN_MAX; i++) {
        X509 *own = issuer_in(a->cert, next);

        rc = encode_cert(&a->chain, next, err);
        next = own != NULL ? own : issuer_in(above, next);
    }
    ERR_clear_error();
    credential_destroy(above);
    free(file);
    return rc;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static int open_index(struct authority *a, struct err *err)
{
    char *file = authority_beside(a->cert_file, ".issued");
    int rc =
        file == NULL ? err_set(err, ERR_NOMEM, "out of memory") : index_open(file, &a->index, err);

    free(file);
    return rc;
}

static int set_file(struct authority *a, const char *path, struct err *err)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return authority_find(path, &a->cert_file, err);
    a->cert_file = str_copy(path);
    return a->cert_file == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

int authority_open(const char *path, const struct passphrase_source *source, time_t now,
                   bool use_index, struct authority **out, struct findings *notes, struct err *err)
{
    struct authority *a = calloc(1, sizeof *a);
    int rc;

    *out = NULL;
    if (a == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    rc = set_file(a, path, err);
    if (rc == 0)
        rc = read_file(a->cert_file, source, &a->cert, notes, err);
    if (rc == 0) {
        a->at = credential_leaf(a->cert);
        a->x509 = a->at < a->cert->cert_count ? a->cert->certs[a->at].x509 : NULL;
        rc = check_is_ca(a, err);
    }
    if (rc == 0)
        rc = check_may_make_clients(a, err);
    if (rc == 0)
        rc = check_fit(a, now, err);
    /* Before anybody is asked for a passphrase. */
    if (rc == 0 && use_index)
        rc = open_index(a, err);
    if (rc == 0)
        rc = read_key(a, source, notes, err);
    if (rc == 0)
        rc = make_chain(a, err);
    if (rc == 0)
        *out = a;
    else
        authority_close(a);
    return rc;
}

void authority_close(struct authority *a)
{
    if (a == NULL)
        return;
    index_close(a->index);
    secret_reset(&a->pkcs8);
    secret_reset(&a->chain);
    credential_destroy(a->cert);
    free(a->cert_file);
    free(a);
}

const struct cert_info *authority_cert(const struct authority *a)
{
    return credential_cert(a->cert, a->at);
}

const char *authority_cert_file(const struct authority *a)
{
    return a->cert_file;
}
