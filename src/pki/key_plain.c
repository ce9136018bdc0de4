/* SPDX-License-Identifier: MIT */
#include "pki/key_plain.h"

#include <pthread.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>

#include "pki/inspect.h"

enum { SIZE_MAX_P384 = 48, POINT_MAX = 1 + 2 * SIZE_MAX_P384, SPKI_HEAD_MAX = 32 };

struct bytes {
    const char *p;
    size_t n;
};
#define BYTES(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

/* Private number and point stand between and after these. */
struct form {
    struct bytes head, middle;
};

struct curve {
    const char *name;
    int nid;
    size_t size; /* bytes of a number */
    struct form pkcs8, sec1;
    struct bytes spki; /* what stands before the point in a SubjectPublicKeyInfo */
};

#define EC_OID   "\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01"
#define P256_OID "\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07"
#define P384_OID "\x06\x05\x2B\x81\x04\x00\x22"

/* RFC 5958 with RFC 5915 inside, RFC 5915 alone, RFC 5480. */
static const struct curve curves[] = {
    {
        .name = "prime256v1",
        .nid = NID_X9_62_prime256v1,
        .size = 32,
        .pkcs8 = {BYTES("\x30\x81\x87\x02\x01\x00\x30\x13" EC_OID P256_OID
                        "\x04\x6D\x30\x6B\x02\x01\x01\x04\x20"),
                  BYTES("\xA1\x44\x03\x42\x00")},
        .sec1 = {BYTES("\x30\x77\x02\x01\x01\x04\x20"),
                 BYTES("\xA0\x0A" P256_OID "\xA1\x44\x03\x42\x00")},
        .spki = BYTES("\x30\x59\x30\x13" EC_OID P256_OID "\x03\x42\x00"),
    },
    {
        .name = "secp384r1",
        .nid = NID_secp384r1,
        .size = 48,
        .pkcs8 = {BYTES("\x30\x81\xB6\x02\x01\x00\x30\x10" EC_OID P384_OID
                        "\x04\x81\x9E\x30\x81\x9B\x02\x01\x01\x04\x30"),
                  BYTES("\xA1\x64\x03\x62\x00")},
        .sec1 = {BYTES("\x30\x81\xA4\x02\x01\x01\x04\x30"),
                 BYTES("\xA0\x07" P384_OID "\xA1\x64\x03\x62\x00")},
        .spki = BYTES("\x30\x76\x30\x10" EC_OID P384_OID "\x03\x62\x00"),
    },
};

enum { CURVES = sizeof curves / sizeof curves[0] };

struct plain {
    const struct curve *curve;
    const unsigned char *number, *point; /* inside the DER */
    size_t point_size;
};

static bool has_form(const struct curve *curve, const struct form *f, const unsigned char *der,
                     size_t n, struct plain *out)
{
    size_t point_size = 1 + 2 * curve->size;
    const unsigned char *middle = der + f->head.n + curve->size;

    if (n != f->head.n + curve->size + f->middle.n + point_size ||
        memcmp(der, f->head.p, f->head.n) != 0 || memcmp(middle, f->middle.p, f->middle.n) != 0 ||
        middle[f->middle.n] != POINT_CONVERSION_UNCOMPRESSED)
        return false;
    *out = (struct plain){curve, der + f->head.n, middle + f->middle.n, point_size};
    return true;
}

static bool find_form(enum der_kind kind, const unsigned char *der, size_t n, struct plain *out)
{
    for (size_t i = 0; i < CURVES; i++) {
        const struct form *f = kind == DER_KIND_PKCS8 ? &curves[i].pkcs8 : &curves[i].sec1;

        if (has_form(&curves[i], f, der, n, out))
            return true;
    }
    return false;
}

/* Made once: groups are read only. */
static EC_GROUP *groups[CURVES];

static void make_groups(void)
{
    for (size_t i = 0; i < CURVES; i++)
        groups[i] = EC_GROUP_new_by_curve_name(curves[i].nid);
}

static const EC_GROUP *group_of(const struct curve *curve)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, make_groups);
    return groups[curve - curves];
}

/* The number is below the order, and the point is the generator times the number. */
static bool adds_up(const struct plain *k)
{
    const EC_GROUP *group = group_of(k->curve);
    BIGNUM *number = BN_secure_new();
    EC_POINT *point = group != NULL ? EC_POINT_new(group) : NULL;
    BN_CTX *ctx = BN_CTX_secure_new();
    unsigned char encoded[POINT_MAX];
    bool good = false;

    if (number != NULL && point != NULL && ctx != NULL &&
        BN_bin2bn(k->number, (int)k->curve->size, number) != NULL) {
        BN_set_flags(number, BN_FLG_CONSTTIME);
        good = !BN_is_zero(number) && BN_cmp(number, EC_GROUP_get0_order(group)) < 0 &&
               EC_POINT_mul(group, point, number, NULL, NULL, ctx) == 1 &&
               EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, encoded,
                                  sizeof encoded, ctx) == k->point_size &&
               memcmp(encoded, k->point, k->point_size) == 0;
    }
    BN_CTX_free(ctx);
    EC_POINT_free(point);
    BN_clear_free(number);
    return good;
}

static EVP_PKEY *public_half(const struct plain *k)
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         (char *)(uintptr_t)k->curve->name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)(uintptr_t)k->point,
                                          k->point_size),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *half = NULL;

    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &half, EVP_PKEY_PUBLIC_KEY, params) != 1)
        half = NULL;
    EVP_PKEY_CTX_free(ctx);
    return half;
}

static void hash_public(const struct plain *k, char out[65])
{
    unsigned char spki[SPKI_HEAD_MAX + POINT_MAX];
    const struct bytes *head = &k->curve->spki;

    memcpy(spki, head->p, head->n);
    memcpy(spki + head->n, k->point, k->point_size);
    pki_sha256_hex(spki, head->n + k->point_size, out);
}

static bool write_pkcs8(const struct plain *k, struct secret *out)
{
    const struct form *f = &k->curve->pkcs8;

    return secret_set(out, f->head.p, f->head.n, NULL) == 0 &&
           secret_append(out, k->number, k->curve->size, NULL) == 0 &&
           secret_append(out, f->middle.p, f->middle.n, NULL) == 0 &&
           secret_append(out, k->point, k->point_size, NULL) == 0;
}

bool key_plain_take(struct credential *c, enum der_kind kind, const unsigned char *der, size_t n)
{
    struct plain k;
    EVP_PKEY *half = NULL;

    if ((kind != DER_KIND_PKCS8 && kind != DER_KIND_SEC1) || !find_form(kind, der, n, &k))
        return false;
    if (adds_up(&k))
        half = public_half(&k);
    ERR_clear_error();
    if (half == NULL || !write_pkcs8(&k, &c->pkcs8)) {
        EVP_PKEY_free(half);
        secret_reset(&c->pkcs8);
        return false;
    }
    c->public_half = half;
    c->has_key = true;
    inspect_key(half, "", &c->key);
    hash_public(&k, c->key.sha256);
    return true;
}
