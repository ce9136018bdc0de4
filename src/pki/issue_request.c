/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "pki/encode.h"
#include "pki/inspect.h"
#include "pki/issue_part.h"

enum { REQUEST_MAX = 64 * 1024 };

static int encode_request(struct draft *d, struct err *err)
{
    EVP_PKEY *key = keygen_open(&d->key.pkcs8, err);
    X509_REQ *request = key != NULL ? certify_request(d->id, key, err) : NULL;
    unsigned char *der = NULL;
    int n = request != NULL ? i2d_X509_REQ(request, &der) : -1;
    int rc = n > 0 ? encode_block(&d->csr_pem, "CERTIFICATE REQUEST", der, (size_t)n, err)
                   : (int)ERR_NOMEM;

    if (request != NULL && n <= 0)
        err_set(err, ERR_NOMEM, "out of memory for a certificate request");
    OPENSSL_free(der);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    return rc;
}

int issue_csr(const struct issue_wish *wish, struct issued *made, struct err *err)
{
    struct draft d = {.kind = CERTIFY_DEVICE, .id = wish->id};
    int rc = issue_check_id(wish->id, err);

    if (rc == 0)
        rc = draft_prepare(&d, wish, NULL, DRAFT_KEY | DRAFT_CSR, err);
    if (rc == 0)
        rc = draft_key(&d, wish->key, NULL, err);
    if (rc == 0)
        rc = encode_request(&d, err);
    if (rc == 0)
        rc = draft_write(&d, wish->force, err);
    if (rc == 0)
        rc = draft_result(&d, NULL, made, err);
    draft_reset(&d);
    return rc;
}

/* --- reading one ------------------------------------------------------------------------------ */

static int not_a_request(const char *file, struct err *err)
{
    err_set(err, ERR_VALUE, "%s holds no certificate request that can be read", file);
    err_remedy(err, "it should begin with -----BEGIN CERTIFICATE REQUEST-----; `comcert new csr` "
                    "and `openssl req -new` make one");
    return ERR_VALUE;
}

/* A request is never encrypted. Without this OpenSSL would ask on the terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *ctx)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)ctx;
    return -1;
}

static X509_REQ *decode(const struct secret *bytes)
{
    const unsigned char *p = bytes->data;
    X509_REQ *request = NULL;
    BIO *bio;

    if (bytes->len == 0 || bytes->len > INT_MAX)
        return NULL;
    bio = BIO_new_mem_buf(bytes->data, (int)bytes->len);
    if (bio != NULL)
        request = PEM_read_bio_X509_REQ(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (request == NULL)
        request = d2i_X509_REQ(NULL, &p, (long)bytes->len);
    ERR_clear_error();
    return request;
}

static int check_key(EVP_PKEY *key, const char *file, struct err *err)
{
    struct key_info info = {0};
    bool rsa, ec;

    if (key == NULL)
        return not_a_request(file, err);
    inspect_key(key, "", &info);
    rsa = info.type == KEY_RSA && info.bits >= 2048 && info.bits <= 4096;
    ec = info.type == KEY_EC && !info.ec_explicit && (info.bits == 256 || info.bits == 384);
    if (rsa || ec)
        return 0;
    err_set(err, ERR_VALUE, "the key in %s is not one for a device: %s%s", file, info.name,
            info.ec_explicit ? " with its curve spelled out" : "");
    err_remedy(err, "make it RSA of 2048 to 4096 bits, or EC P-256 or P-384");
    return ERR_VALUE;
}

static int read_request(const char *file, X509_REQ **out, struct err *err)
{
    struct secret bytes = {0};
    X509_REQ *request = NULL;
    int rc = file_read(file, REQUEST_MAX, &bytes, err);

    *out = NULL;
    if (rc == 0 && (request = decode(&bytes)) == NULL)
        rc = not_a_request(file, err);
    secret_reset(&bytes);
    if (rc == 0)
        rc = check_key(X509_REQ_get0_pubkey(request), file, err);
    if (rc == 0 && X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) != 1) {
        rc = err_set(err, ERR_VALUE,
                     "the signature of the request in %s does not fit: it has been changed, or was "
                     "not made with the key that it is for",
                     file);
        err_remedy(err, "have it made and sent again");
    }
    ERR_clear_error();
    if (rc == 0)
        *out = request;
    else
        X509_REQ_free(request);
    return rc;
}

/* The last common name; NULL if there is none, or if it holds a NUL. */
static char *name_of(const X509_REQ *request)
{
    X509_NAME *name = X509_REQ_get_subject_name(request);
    int at = -1, next, n;
    unsigned char *utf8 = NULL;
    char *text = NULL;

    while ((next = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
        at = next;
    if (at < 0)
        return NULL;
    n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (n > 0 && memchr(utf8, '\0', (size_t)n) == NULL)
        text = strndup((char *)utf8, (size_t)n);
    OPENSSL_free(utf8);
    ERR_clear_error();
    return text;
}

static int no_name(const char *file, struct err *err)
{
    err_set(err, ERR_VALUE, "the request in %s names no device: its subject has no common name",
            file);
    err_remedy(err, "say which device it is for: --device ID");
    return ERR_VALUE;
}

int issue_read_request(const char *csr_file, char **id, struct err *err)
{
    X509_REQ *request = NULL;
    int rc = read_request(csr_file, &request, err);

    *id = rc == 0 ? name_of(request) : NULL;
    X509_REQ_free(request);
    return rc == 0 && *id == NULL ? no_name(csr_file, err) : rc;
}

/* --- signing one ------------------------------------------------------------------------------ */

static int sign(struct draft *d, struct authority *a, const struct issue_wish *wish,
                struct issued *made, struct err *err)
{
    int rc = issue_check_id(d->id, err);

    if (rc == 0)
        rc = draft_date(d, wish, a, err);
    if (rc == 0)
        rc = issue_check_free_name(a, wish, d->id, err);
    if (rc == 0)
        rc = draft_prepare(d, wish, a, DRAFT_CERT | DRAFT_CHAIN, err);
    return rc != 0 ? rc : issue_finish(d, a, wish, made, err);
}

int issue_sign(struct authority *a, const char *csr_file, const struct issue_wish *wish,
               struct issued *made, struct err *err)
{
    struct draft d = {.kind = CERTIFY_DEVICE, .usual_days = DAYS_DEVICE};
    X509_REQ *request = NULL;
    char *name = NULL;
    int rc = read_request(csr_file, &request, err);

    if (rc != 0)
        return rc;
    name = name_of(request);
    d.id = wish->id != NULL ? wish->id : name;
    if (d.id == NULL)
        rc = no_name(csr_file, err);
    if (rc == 0) {
        d.subject = keygen_public_half(X509_REQ_get0_pubkey(request));
        rc = d.subject == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;
    }
    if (rc == 0)
        rc = sign(&d, a, wish, made, err);
    draft_reset(&d);
    free(name);
    X509_REQ_free(request);
    return rc;
}
