/* SPDX-License-Identifier: MIT */
#include "pki/credential.h"

#include <stdio.h>

#include <openssl/err.h>

#include "pki/encode.h"
#include "pki/intake.h"
#include "pki/key.h"

int encode_block(struct secret *body, const char *label, const unsigned char *der, size_t n,
                 struct err *err)
{
    char line[2 * 32 + 20];
    size_t lines = n / 48 + 1;
    int rc = secret_reserve(body, body->len + n / 3 * 4 + lines + 4 + 2 * sizeof line, err);

    if (rc != 0)
        return rc;
    body->len += (size_t)sprintf((char *)body->data + body->len, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < n; i += 48) {
        int take = n - i < 48 ? (int)(n - i) : 48;

        body->len += (size_t)EVP_EncodeBlock(body->data + body->len, der + i, take);
        body->data[body->len++] = '\n';
    }
    body->len += (size_t)sprintf((char *)body->data + body->len, "-----END %s-----\n", label);
    body->data[body->len] = '\0';
    return 0;
}

int encode_cert(struct secret *body, X509 *x509, struct err *err)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x509, &der);
    int rc;

    if (n <= 0) {
        ERR_clear_error();
        return err_set(err, ERR_NOMEM, "out of memory for a certificate");
    }
    rc = encode_block(body, "CERTIFICATE", der, (size_t)n, err);
    OPENSSL_free(der);
    return rc;
}

/* Leaf first, each certified by the next; a self-issued one ends the chain and stays at home, as
 * every server has it. */
static int add_chain(struct secret *body, const struct credential *c, bool chain, struct err *err)
{
    size_t i = c->leaf;
    int rc = encode_cert(body, c->certs[i].x509, err);

    for (size_t steps = 1; rc == 0 && chain && steps < c->cert_count; steps++) {
        size_t next = intake_issuer(c, i);

        if (next == i || c->certs[next].info.self_issued)
            break;
        rc = encode_cert(body, c->certs[next].x509, err);
        i = next;
    }
    return rc;
}

static int add_cas(struct secret *body, const struct credential *c, bool all, struct err *err)
{
    int rc = encode_cert(body, c->certs[0].x509, err);

    for (size_t i = 1; rc == 0 && all && i < c->cert_count; i++)
        rc = encode_cert(body, c->certs[i].x509, err);
    return rc;
}

/* PKCS#1 or SEC1. */
static int add_traditional(struct secret *body, const struct credential *c, struct err *err)
{
    EVP_PKEY *key;
    struct secret der = {0};
    int rc;

    if (c->key.type != KEY_RSA && c->key.type != KEY_EC)
        return err_set(err, ERR_VALUE, "a key of kind %s has no traditional form", c->key.name);
    key = key_from_der(DER_KIND_PKCS8, c->pkcs8.data, c->pkcs8.len);
    if (key == NULL) {
        ERR_clear_error();
        return err_set(err, ERR_NOMEM, "out of secure memory for a private key");
    }
    rc = key_to_der(key, "type-specific", &der, err);
    if (rc == 0)
        rc = encode_block(body, c->key.type == KEY_RSA ? "RSA PRIVATE KEY" : "EC PRIVATE KEY",
                          der.data, der.len, err);
    secret_reset(&der);
    EVP_PKEY_free(key);
    return rc;
}

static int add_key(struct secret *body, const struct credential *c, enum key_format format,
                   struct err *err)
{
    if (format == KEY_FORMAT_TRADITIONAL)
        return add_traditional(body, c, err);
    return encode_block(body, "PRIVATE KEY", c->pkcs8.data, c->pkcs8.len, err);
}

int credential_encode(const struct credential *c, enum slot slot, enum key_format format,
                      bool chain, struct secret *body, struct err *err)
{
    struct secret fresh = {0};
    int rc;

    if (slot == SLOT_DEVICE_KEY ? c->pkcs8.len == 0 : c->cert_count == 0)
        return err_set(err, ERR_VALUE, "%s holds no %s", c->name,
                       slot == SLOT_DEVICE_KEY ? "private key" : "certificate");
    if (slot == SLOT_DEVICE_KEY)
        rc = add_key(&fresh, c, format, err);
    else if (slot == SLOT_DEVICE_CERT)
        rc = add_chain(&fresh, c, chain, err);
    else
        rc = add_cas(&fresh, c, chain, err);
    if (rc == 0)
        secret_move(body, &fresh);
    secret_reset(&fresh);
    return rc;
}
