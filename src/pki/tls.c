/* SPDX-License-Identifier: MIT */
#include "pki/tls.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "pki/intake.h"
#include "pki/key.h"
#include "pki/tls_context.h"

static bool is_address(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* Whom the server has to be. A wildcard stands for a whole label (RFC 6125). */
static bool expect_host(struct tls_context *tls)
{
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(tls->ctx);

    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (tls->host_is_address)
        return X509_VERIFY_PARAM_set1_ip_asc(param, tls->host) == 1;
    return X509_VERIFY_PARAM_set1_host(param, tls->host, 0) == 1;
}

static int trust(struct tls_context *tls, const struct credential *server_ca, struct err *err)
{
    X509_STORE *store = SSL_CTX_get_cert_store(tls->ctx);

    /* A system without roots trusts nobody, which the handshake will tell. */
    if (server_ca == NULL) {
        (void)SSL_CTX_set_default_verify_paths(tls->ctx);
        return 0;
    }
    for (size_t i = 0; i < server_ca->cert_count; i++) {
        if (X509_STORE_add_cert(store, server_ca->certs[i].x509) != 1)
            return err_set(err, ERR_NOMEM, "out of memory for the server CA");
    }
    return 0;
}

/* The intermediates, in order; the root stays at home, as in what a device is loaded with. */
static bool add_intermediates(SSL_CTX *ctx, const struct credential *c)
{
    size_t i = c->leaf;

    for (size_t steps = 1; steps < c->cert_count; steps++) {
        size_t next = intake_issuer(c, i);

        if (next == i || c->certs[next].info.self_issued)
            break;
        if (SSL_CTX_add1_chain_cert(ctx, c->certs[next].x509) != 1)
            return false;
        i = next;
    }
    return true;
}

static int use_certificate(SSL_CTX *ctx, const struct credential *cert, struct err *err)
{
    int reason;

    if (cert->cert_count == 0)
        return err_set(err, ERR_VALUE, "%s holds no certificate", cert->name);
    if (SSL_CTX_use_certificate(ctx, cert->certs[cert->leaf].x509) == 1 &&
        add_intermediates(ctx, cert))
        return 0;
    reason = ERR_GET_REASON(ERR_peek_last_error());
    if (reason == SSL_R_EE_KEY_TOO_SMALL || reason == SSL_R_CA_KEY_TOO_SMALL ||
        reason == SSL_R_CA_MD_TOO_WEAK) {
        err_set(err, ERR_VALUE,
                "the device certificate, or one above it, has a key or a signature that TLS on "
                "this machine thinks too weak to be used");
        err_remedy(err, "Make a new key (RSA 2048 or EC P-256) and certificate (SHA-256).");
        return ERR_VALUE;
    }
    return err_set(err, ERR_VALUE, "TLS cannot use the device certificate");
}

static int use_key(SSL_CTX *ctx, const struct credential *key, struct err *err)
{
    EVP_PKEY *pkey;
    int rc = 0;

    if (!key->has_key || key->pkcs8.len == 0)
        return err_set(err, ERR_VALUE, "%s holds no private key", key->name);
    pkey = key_from_der(DER_KIND_PKCS8, key->pkcs8.data, key->pkcs8.len);
    if (pkey == NULL)
        return err_set(err, ERR_NOMEM, "out of secure memory for a private key");
    if (SSL_CTX_use_PrivateKey(ctx, pkey) != 1) {
        rc = err_set(err, ERR_VALUE, "the private key does not belong to the device certificate");
        err_remedy(err, "Use the key that the certificate was made with.");
    }
    EVP_PKEY_free(pkey);
    return rc;
}

static int set_up(struct tls_context *tls, const struct tls_options *o, struct err *err)
{
    int rc;

    tls->ctx = SSL_CTX_new(TLS_client_method());
    if (tls->ctx == NULL || SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_max_proto_version(tls->ctx, o->only_tls12 ? TLS1_2_VERSION : 0) != 1)
        return err_set(err, ERR_NOMEM, "out of memory for TLS");
    if (!expect_host(tls))
        return err_set(err, ERR_VALUE, "no certificate can be for a host of this name");
    tls_record_start(tls);
    rc = trust(tls, o->server_ca, err);
    if (rc == 0 && o->device_cert != NULL)
        rc = use_certificate(tls->ctx, o->device_cert, err);
    if (rc == 0 && o->device_key != NULL)
        rc = use_key(tls->ctx, o->device_key, err);
    return rc;
}

int tls_context_create(const struct tls_options *options, struct tls_context **out, struct err *err)
{
    struct tls_context *tls = calloc(1, sizeof *tls);
    int rc;

    *out = NULL;
    if (tls == NULL)
        return err_set(err, ERR_NOMEM, "out of memory for TLS");
    if (strlen(options->host) >= sizeof tls->host) {
        free(tls);
        return err_set(err, ERR_VALUE, "no host has a name as long as this");
    }
    snprintf(tls->host, sizeof tls->host, "%s", options->host);
    tls->host_is_address = is_address(options->host);
    tls->learn = options->learn;
    tls_record_clear(tls);
    rc = set_up(tls, options, err);
    ERR_clear_error();
    if (rc != 0) {
        tls_context_destroy(tls);
        return rc;
    }
    *out = tls;
    return 0;
}

void tls_context_destroy(struct tls_context *tls)
{
    if (tls == NULL)
        return;
    SSL_CTX_free(tls->ctx);
    free(tls);
}

void *tls_context_ssl_ctx(struct tls_context *tls)
{
    tls_record_clear(tls);
    return tls->ctx;
}

const struct tls_seen *tls_context_seen(const struct tls_context *tls)
{
    return &tls->seen;
}

enum tls_stranger tls_context_stranger(const struct tls_context *tls)
{
    return tls->stranger;
}
