/* SPDX-License-Identifier: MIT */
#include "pki/credential.h"

#include <stdlib.h>

#include <openssl/err.h>

#include "pki/inspect.h"

void credential_destroy(struct credential *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < c->cert_count; i++)
        cert_reset(&c->certs[i]);
    free(c->certs);
    secret_reset(&c->pkcs8);
    EVP_PKEY_free(c->public_half);
    free(c->name);
    free(c);
}

void credential_forget_key(struct credential *c)
{
    secret_reset(&c->pkcs8);
}

size_t credential_cert_count(const struct credential *c)
{
    return c->cert_count;
}

const struct cert_info *credential_cert(const struct credential *c, size_t i)
{
    return i < c->cert_count ? &c->certs[i].info : NULL;
}

const struct key_info *credential_key(const struct credential *c)
{
    return c->has_key ? &c->key : NULL;
}

const char *credential_name(const struct credential *c)
{
    return c->name;
}

bool credential_key_matches(const struct credential *key, const struct credential *cert, size_t i)
{
    EVP_PKEY *other;
    bool match;

    if (!key->has_key || i >= cert->cert_count)
        return false;
    other = X509_get0_pubkey(cert->certs[i].x509);
    match = other != NULL && EVP_PKEY_eq(key->public_half, other) == 1;
    ERR_clear_error();
    return match;
}

bool credential_issued_by(const struct credential *c, size_t i, const struct credential *issuer,
                          size_t j)
{
    X509 *x509, *parent;
    EVP_PKEY *key;
    bool verified;

    if (i >= c->cert_count || j >= issuer->cert_count)
        return false;
    x509 = c->certs[i].x509;
    parent = issuer->certs[j].x509;
    if (X509_NAME_cmp(X509_get_issuer_name(x509), X509_get_subject_name(parent)) != 0)
        return false;
    key = X509_get0_pubkey(parent);
    verified = key != NULL && X509_verify(x509, key) == 1;
    ERR_clear_error();
    return verified;
}

size_t credential_leaf(const struct credential *c)
{
    return c->leaf;
}

int credential_fits(const struct credential *c)
{
    if (c->cert_count == 0)
        return c->has_key ? SLOT_DEVICE_KEY : -1;
    if (c->has_key)
        return SLOT_DEVICE_CERT;
    return c->certs[c->leaf].info.is_ca ? SLOT_SERVER_CA : SLOT_DEVICE_CERT;
}
