/* SPDX-License-Identifier: MIT */
#include "pki/key.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/decoder.h>
#include <openssl/encoder.h>
#include <openssl/err.h>

#include "pki/inspect.h"
#include "pki/key_plain.h"

#define OID_RSA     "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"
#define OID_EC      "\x2A\x86\x48\xCE\x3D\x02\x01"
#define OID_ED25519 "\x2B\x65\x70"
#define OID_ED448   "\x2B\x65\x71"
#define OID_X25519  "\x2B\x65\x6E"
#define OID_X448    "\x2B\x65\x6F"
#define OID_DSA     "\x2A\x86\x48\xCE\x38\x04\x01"
#define OID_DH      "\x2A\x86\x48\x86\xF7\x0D\x01\x03\x01"
#define OID_RSA_PSS "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A"

/* PKCS#8: SEQUENCE { version, SEQUENCE { algorithm, ... }, OCTET STRING key, ... } */
static bool pkcs8_open(const unsigned char *der, size_t n, struct der *algorithm, struct der *key)
{
    struct der in = {der, n}, body, identifier, version;

    return der_take(&in, DER_SEQUENCE, &body) && der_take(&body, DER_INTEGER, &version) &&
           der_take(&body, DER_SEQUENCE, &identifier) &&
           der_take(&identifier, DER_OID, algorithm) && der_take(&body, DER_OCTET_STRING, key);
}

/* OpenSSL's name for the key's algorithm, or NULL with what it is in *stranger. */
static const char *algorithm_name(enum der_kind kind, const unsigned char *der, size_t n,
                                  const char **stranger)
{
    struct der oid, key;

    *stranger = "a kind that is not known here";
    if (kind == DER_KIND_PKCS1)
        return "RSA";
    if (kind == DER_KIND_SEC1)
        return "EC";
    if (kind == DER_KIND_DSA) {
        *stranger = "a DSA key";
        return NULL;
    }
    if (!pkcs8_open(der, n, &oid, &key))
        return NULL;
    if (DER_IS(oid, OID_RSA))
        return "RSA";
    if (DER_IS(oid, OID_EC))
        return "EC";
    if (DER_IS(oid, OID_ED25519))
        return "ED25519";
    if (DER_IS(oid, OID_ED448))
        return "ED448";
    if (DER_IS(oid, OID_DSA))
        *stranger = "a DSA key";
    else if (DER_IS(oid, OID_DH))
        *stranger = "a Diffie-Hellman key";
    else if (DER_IS(oid, OID_X25519) || DER_IS(oid, OID_X448))
        *stranger = "an X25519 or X448 key, which cannot sign";
    else if (DER_IS(oid, OID_RSA_PSS))
        *stranger = "an RSA-PSS key";
    return NULL;
}

EVP_PKEY *key_from_der(enum der_kind kind, const unsigned char *der, size_t n)
{
    const char *stranger;
    const char *algorithm = algorithm_name(kind, der, n, &stranger);
    const char *structure = kind == DER_KIND_PKCS8 ? "PrivateKeyInfo" : "type-specific";
    OSSL_DECODER_CTX *ctx;
    EVP_PKEY *key = NULL;

    if (algorithm == NULL)
        return NULL;
    /* Narrowed to the one decoder that fits: a third of the time of d2i_AutoPrivateKey. */
    ctx = OSSL_DECODER_CTX_new_for_pkey(&key, "DER", structure, algorithm, EVP_PKEY_KEYPAIR, NULL,
                                        NULL);
    if (ctx == NULL || OSSL_DECODER_from_data(ctx, &der, &n) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    OSSL_DECODER_CTX_free(ctx);
    return key;
}

int key_to_der(EVP_PKEY *key, const char *structure, struct secret *out, struct err *err)
{
    OSSL_ENCODER_CTX *ctx =
        OSSL_ENCODER_CTX_new_for_pkey(key, EVP_PKEY_KEYPAIR, "DER", structure, NULL);
    unsigned char *bytes = NULL;
    size_t n = 0;
    int rc;

    if (ctx == NULL || OSSL_ENCODER_CTX_get_num_encoders(ctx) == 0 ||
        OSSL_ENCODER_to_data(ctx, &bytes, &n) != 1)
        rc = err_set(err, ERR_UNSUPPORTED, "a key of this kind cannot be written in this form");
    else
        rc = secret_set(out, bytes, n, err);
    OPENSSL_clear_free(bytes, n);
    OSSL_ENCODER_CTX_free(ctx);
    ERR_clear_error();
    return rc;
}

/* The numbers of an RSAPrivateKey in their order. */
enum { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QINV, RSA_NUMBERS };

static bool rsa_numbers(struct der in, BIGNUM *number[RSA_NUMBERS])
{
    struct der body, content;
    uint64_t version;

    if (!der_take(&in, DER_SEQUENCE, &body) || !der_take_number(&body, &version) || version != 0)
        return false;
    for (int i = 0; i < RSA_NUMBERS; i++) {
        if (!der_take(&body, DER_INTEGER, &content) || content.n > 4096 ||
            BN_bin2bn(content.p, (int)content.n, number[i]) == NULL)
            return false;
    }
    return true;
}

/* a * b mod m == 1 */
static bool inverse(const BIGNUM *a, const BIGNUM *b, const BIGNUM *m, BIGNUM *t, BN_CTX *ctx)
{
    return BN_mod_mul(t, a, b, m, ctx) == 1 && BN_is_one(t);
}

/* a mod m == b */
static bool remainder_is(const BIGNUM *a, const BIGNUM *m, const BIGNUM *b, BIGNUM *t, BN_CTX *ctx)
{
    return BN_mod(t, a, m, ctx) == 1 && BN_cmp(t, b) == 0;
}

static bool rsa_relations(BIGNUM *const v[RSA_NUMBERS], BIGNUM *t, BIGNUM *p1, BIGNUM *q1,
                          BN_CTX *ctx)
{
    if (BN_is_zero(v[RSA_P]) || BN_is_zero(v[RSA_Q]) || BN_is_one(v[RSA_P]) || BN_is_one(v[RSA_Q]))
        return false;
    return BN_mul(t, v[RSA_P], v[RSA_Q], ctx) == 1 && BN_cmp(t, v[RSA_N]) == 0 &&
           BN_sub(p1, v[RSA_P], BN_value_one()) == 1 && BN_sub(q1, v[RSA_Q], BN_value_one()) == 1 &&
           inverse(v[RSA_D], v[RSA_E], p1, t, ctx) && inverse(v[RSA_D], v[RSA_E], q1, t, ctx) &&
           remainder_is(v[RSA_D], p1, v[RSA_DP], t, ctx) &&
           remainder_is(v[RSA_D], q1, v[RSA_DQ], t, ctx) &&
           inverse(v[RSA_QINV], v[RSA_Q], v[RSA_P], t, ctx);
}

/* Whether p and q are prime is what makes EVP_PKEY_check take 50 ms. That they belong together is
 * told in a few microseconds, and no changed character survives it. */
static bool rsa_adds_up(struct der pkcs1)
{
    BN_CTX *ctx = BN_CTX_secure_new();
    BIGNUM *v[RSA_NUMBERS + 3];
    bool good = ctx != NULL;

    for (int i = 0; i < RSA_NUMBERS + 3; i++) {
        v[i] = BN_secure_new();
        good &= v[i] != NULL;
    }
    good = good && rsa_numbers(pkcs1, v) &&
           rsa_relations(v, v[RSA_NUMBERS], v[RSA_NUMBERS + 1], v[RSA_NUMBERS + 2], ctx);
    for (int i = 0; i < RSA_NUMBERS + 3; i++)
        BN_clear_free(v[i]);
    BN_CTX_free(ctx);
    return good;
}

/* ECPrivateKey's version is always 1; OpenSSL reads over another one and writes it out again. */
static bool ec_adds_up(EVP_PKEY *key, struct der sec1)
{
    struct der body;
    uint64_t version;
    EVP_PKEY_CTX *ctx;
    bool good;

    if (!der_take(&sec1, DER_SEQUENCE, &body) || !der_take_number(&body, &version) || version != 1)
        return false;
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    good = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return good;
}

bool key_adds_up(EVP_PKEY *key, const struct secret *pkcs8)
{
    struct der algorithm, inner;

    if (!pkcs8_open(pkcs8->data, pkcs8->len, &algorithm, &inner))
        return false;
    if (EVP_PKEY_is_a(key, "RSA"))
        return rsa_adds_up(inner);
    /* Of the others the public half is computed from the private one. */
    return !EVP_PKEY_is_a(key, "EC") || ec_adds_up(key, inner);
}

/* A copy without the private numbers, described. NULL when memory runs out. */
static EVP_PKEY *public_half(EVP_PKEY *key, struct key_info *info)
{
    unsigned char *spki = NULL;
    int n = i2d_PUBKEY(key, &spki);
    const unsigned char *p = spki;
    EVP_PKEY *half = n > 0 ? d2i_PUBKEY(NULL, &p, n) : NULL;

    if (half != NULL) {
        inspect_key(half, "", info);
        pki_sha256_hex(spki, (size_t)n, info->sha256);
    }
    OPENSSL_free(spki);
    return half;
}

/* Version 1 of RSAPrivateKey: more than two primes. */
static bool is_multi_prime(const struct secret *pkcs8)
{
    struct der algorithm, inner, body;
    uint64_t version;

    return pkcs8_open(pkcs8->data, pkcs8->len, &algorithm, &inner) && DER_IS(algorithm, OID_RSA) &&
           der_take(&inner, DER_SEQUENCE, &body) && der_take_number(&body, &version) &&
           version == 1;
}

static void store(struct intake *in, EVP_PKEY *key, const char *what)
{
    struct credential *c = in->credential;
    struct err err;

    if (key_to_der(key, "PrivateKeyInfo", &c->pkcs8, &err) != 0) {
        intake_say(in, SEVERITY_ERROR, "key-unsupported", err.remedy, "The key in %s: %s.", what,
                   err.text);
        return;
    }
    if (is_multi_prime(&c->pkcs8)) {
        intake_say(in, SEVERITY_ERROR, "key-unsupported",
                   "Make a new key and certificate: RSA 2048 or EC P-256.",
                   "The private key in %s is an RSA key of more than two primes, which small TLS "
                   "libraries do not read.",
                   what);
        return;
    }
    if (!key_adds_up(key, &c->pkcs8)) {
        intake_say(in, SEVERITY_ERROR, "pem-damaged",
                   "Get the key file again from where it was made; what was copied has changed.",
                   "The numbers of the private key in %s do not belong together: it can be read, "
                   "but characters have been changed.",
                   what);
        return;
    }
    c->public_half = public_half(key, &c->key);
    if (c->public_half == NULL) {
        intake_no_memory(in);
        return;
    }

    c->has_key = true;
}

bool key_take(struct intake *in, enum der_kind kind, const unsigned char *der, size_t n,
              const char *what)
{
    const char *stranger;
    EVP_PKEY *key;

    if (in->credential->has_key) {
        intake_say(in, SEVERITY_ERROR, "key-several",
                   "Leave only the key of this device in the file.",
                   "%s holds more than one private key.", in->title);
        return true;
    }
    if (algorithm_name(kind, der, n, &stranger) == NULL) {
        intake_say(in, SEVERITY_ERROR, "key-unsupported",
                   "Make a new key and certificate: RSA 2048 or EC P-256.",
                   "The private key in %s is %s; devices use RSA or EC keys.", what, stranger);
        return true;
    }
    if (key_plain_take(in->credential, kind, der, n))
        return true;
    key = key_from_der(kind, der, n);
    if (key == NULL && ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE)
        intake_no_memory(in);
    else if (key == NULL) {
        ERR_clear_error();
        return false;
    }
    if (key != NULL)
        store(in, key, what);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return true;
}
