/* SPDX-License-Identifier: MIT */
#include "pki/pkcs12.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "pki/inspect.h"
#include "pki/kdf.h"
#include "pki/key.h"
#include "pki/locked.h"

struct p12 {
    struct intake *in;
    PKCS12 *file;
    struct legacy provider; /* open if it is needed */
    const char *what;
    const struct secret *passphrase;
    bool stopped; /* something was said that ends it */
    bool legacy;  /* a cipher of the 1990s is in use */
    int depth;
};

static bool algorithm_affordable(struct p12 *p, const X509_ALGOR *algorithm)
{
    unsigned char *der = NULL;
    int n = i2d_X509_ALGOR(algorithm, &der);
    struct der in = {der, n > 0 ? (size_t)n : 0}, body;
    bool good = true;

    if (der_take(&in, DER_SEQUENCE, &body)) {
        good = kdf_affordable(p->in, body, p->what);
        p->legacy |= kdf_is_legacy(body);
    }
    OPENSSL_free(der);
    p->stopped |= !good;
    return good;
}

/* Adds what DER-writing function i2d makes of `object` as a key. */
static void take_p8(struct p12 *p, const PKCS8_PRIV_KEY_INFO *p8)
{
    struct secret der = {0};
    int n = i2d_PKCS8_PRIV_KEY_INFO(p8, NULL);
    unsigned char *to;

    if (n <= 0 || secret_reserve(&der, (size_t)n, NULL) != 0) {
        intake_no_memory(p->in);
    } else {
        to = der.data;
        der.len = (size_t)i2d_PKCS8_PRIV_KEY_INFO(p8, &to);
        if (!key_take(p->in, DER_KIND_PKCS8, der.data, der.len, p->what))
            intake_say(p->in, SEVERITY_ERROR, "pem-damaged", "Export it again.",
                       "The private key in %s is damaged.", p->what);
    }
    secret_reset(&der);
}

/* A key behind a passphrase of its own, which is the file's in practice. */
static bool take_shrouded(struct p12 *p, const PKCS12_SAFEBAG *bag)
{
    const X509_ALGOR *algorithm;
    PKCS8_PRIV_KEY_INFO *p8;

    X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
    if (!algorithm_affordable(p, algorithm))
        return false;
    p8 = PKCS12_decrypt_skey_ex(bag, (const char *)p->passphrase->data, (int)p->passphrase->len,
                                p->provider.lib, NULL);
    if (p8 == NULL)
        return false;
    p->in->key_was_encrypted = true;
    take_p8(p, p8);
    PKCS8_PRIV_KEY_INFO_free(p8);
    return true;
}

/* As DER through the same door as any other certificate, so that it belongs to no library context
 * that goes away with this file. */
static void take_cert(struct p12 *p, const PKCS12_SAFEBAG *bag)
{
    X509 *x509 = PKCS12_SAFEBAG_get1_cert(bag);
    unsigned char *der = NULL;
    int n = x509 != NULL ? i2d_X509(x509, &der) : 0;

    if (n <= 0 || !cert_take(p->in, der, (size_t)n))
        intake_say(p->in, SEVERITY_ERROR, "pem-damaged", "Export it again.",
                   "A certificate in %s is damaged.", p->what);
    OPENSSL_free(der);
    X509_free(x509);
}

static bool take_bags(struct p12 *p, const STACK_OF(PKCS12_SAFEBAG) * bags);

static bool take_bag(struct p12 *p, const PKCS12_SAFEBAG *bag)
{
    bool good = true;

    switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
        take_p8(p, PKCS12_SAFEBAG_get0_p8inf(bag));
        break;
    case NID_pkcs8ShroudedKeyBag:
        return take_shrouded(p, bag);
    case NID_certBag:
        take_cert(p, bag);
        break;
    case NID_safeContentsBag:
        if (p->depth < 4) {
            p->depth++;
            good = take_bags(p, PKCS12_SAFEBAG_get0_safes(bag));
            p->depth--;
        }
        break;
    default:
        break;
    }
    return good;
}

static bool take_bags(struct p12 *p, const STACK_OF(PKCS12_SAFEBAG) * bags)
{
    for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        if (!take_bag(p, sk_PKCS12_SAFEBAG_value(bags, i)))
            return false;
    }
    return true;
}

/* One safe: plain or encrypted bags. False if it cannot be opened. */
static bool take_safe(struct p12 *p, PKCS7 *safe)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    bool good;

    if (PKCS7_type_is_data(safe))
        bags = PKCS12_unpack_p7data(safe);
    else if (PKCS7_type_is_encrypted(safe))
        bags = PKCS12_unpack_p7encdata(safe, (const char *)p->passphrase->data,
                                       (int)p->passphrase->len);
    good = bags != NULL && take_bags(p, bags);
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return good;
}

static bool take_safes(struct p12 *p)
{
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p->file);
    bool good = safes != NULL;

    for (int i = 0; good && i < sk_PKCS7_num(safes); i++)
        good = take_safe(p, sk_PKCS7_value(safes, i));
    sk_PKCS7_pop_free(safes, PKCS7_free);
    return good;
}

/* Reads off what every part will cost before anything is decrypted. What is encrypted twice is read
 * off when its outer part is open. */
static bool survey_bags(struct p12 *p, PKCS7 *safe)
{
    STACK_OF(PKCS12_SAFEBAG) *bags = PKCS12_unpack_p7data(safe);
    bool good = true;

    for (int i = 0; good && i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
        const X509_ALGOR *algorithm;

        if (PKCS12_SAFEBAG_get_nid(bag) != NID_pkcs8ShroudedKeyBag)
            continue;
        X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, NULL);
        good = algorithm_affordable(p, algorithm);
    }
    sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
    return good;
}

static bool survey(struct p12 *p)
{
    STACK_OF(PKCS7) *safes = PKCS12_unpack_authsafes(p->file);
    const ASN1_INTEGER *iterations = NULL;
    bool good = true;
    uint64_t count = 1;

    PKCS12_get0_mac(NULL, NULL, NULL, &iterations, p->file);
    if (iterations != NULL && ASN1_INTEGER_get_uint64(&count, iterations) != 1)
        count = UINT64_MAX;
    good = kdf_iterations_affordable(p->in, count, p->what);
    for (int i = 0; good && i < sk_PKCS7_num(safes); i++) {
        PKCS7 *safe = sk_PKCS7_value(safes, i);

        if (PKCS7_type_is_data(safe))
            good = survey_bags(p, safe);
        else if (PKCS7_type_is_encrypted(safe) && safe->d.encrypted != NULL)
            good = algorithm_affordable(p, safe->d.encrypted->enc_data->algorithm);
    }
    sk_PKCS7_pop_free(safes, PKCS7_free);
    p->stopped |= !good;
    ERR_clear_error();
    return good;
}

static bool mac_fits(struct p12 *p, const char *passphrase, size_t n)
{
    return PKCS12_verify_mac(p->file, passphrase, (int)n) == 1;
}

/* Takes back what was added when only part of the file could be opened. */
static void roll_back(struct credential *c, size_t count)
{
    while (c->cert_count > count)
        cert_reset(&c->certs[--c->cert_count]);
}

static int unlock_p12(struct intake *in, void *ctx, const struct secret *passphrase)
{
    struct p12 *p = ctx;
    size_t before = in->credential->cert_count;
    bool has_mac = PKCS12_mac_present(p->file) == 1;

    if (has_mac && !mac_fits(p, (const char *)passphrase->data, passphrase->len)) {
        if (!locked_is_unsupported())
            return ERR_VALUE;
        locked_say_unsupported(in, p->what);
        return ERR_UNSUPPORTED;
    }
    p->passphrase = passphrase;
    if (take_safes(p))
        return 0;
    roll_back(in->credential, before);
    if (p->stopped || in->failed)
        return ERR_UNSUPPORTED;
    /* The MAC was right, so the passphrase is; or there is no MAC to tell. */
    if (!locked_is_unsupported() && !has_mac)
        return ERR_VALUE;
    locked_say_unsupported(in, p->what);
    return ERR_UNSUPPORTED;
}

/* Old exports have no passphrase, or an empty one, which is not the same in PKCS#12. */
static bool open_without(struct p12 *p)
{
    struct secret none = {0}, empty = {0};
    bool good;

    if (PKCS12_mac_present(p->file) != 1)
        return false;
    good = mac_fits(p, NULL, 0) && unlock_p12(p->in, p, &none) == 0;
    if (!good && !p->in->failed && secret_set(&empty, "", 0, NULL) == 0)
        good = mac_fits(p, "", 0) && unlock_p12(p->in, p, &empty) == 0;
    secret_reset(&empty);
    ERR_clear_error();
    return good;
}

/* The certificate of the key, or else the leaf, goes to the front. */
static void put_leaf_first(struct credential *c)
{
    size_t leaf = intake_find_leaf(c);
    struct cert cert;

    for (size_t i = c->cert_count; i > 0 && c->has_key; i--) {
        if (credential_key_matches(c, c, i - 1))
            leaf = i - 1;
    }
    if (leaf == 0 || leaf >= c->cert_count)
        return;
    cert = c->certs[leaf];
    memmove(&c->certs[1], &c->certs[0], leaf * sizeof cert);
    c->certs[0] = cert;
}

static PKCS12 *parse(const unsigned char *der, size_t n, OSSL_LIB_CTX *lib)
{
    PKCS12 *file = lib != NULL ? PKCS12_init_ex(NID_pkcs7_data, lib, NULL) : NULL;
    PKCS12 *parsed;

    if (lib != NULL && file == NULL)
        return NULL;
    parsed = d2i_PKCS12(lib != NULL ? &file : NULL, &der, (long)n);
    return parsed;
}

bool pkcs12_take(struct intake *in, const unsigned char *der, size_t n, const char *what)
{
    struct p12 p = {.in = in, .what = what, .file = parse(der, n, NULL)};

    if (p.file == NULL) {
        ERR_clear_error();
        return false;
    }
    intake_say(in, SEVERITY_NOTE, "pkcs12-input", NULL,
               "%s is a PKCS#12 file; what is in it is converted to PEM.", in->title);
    if (!survey(&p))
        goto out;
    if (p.legacy) {
        intake_say(in, SEVERITY_WARNING, "pkcs12-legacy",
                   "Export it again with AES-256, as current programs do.",
                   "%s is encrypted with a cipher of the 1990s (RC2 or RC4), which can be broken.",
                   in->title);
        PKCS12_free(p.file);
        p.file = legacy_open(&p.provider) ? parse(der, n, p.provider.lib) : NULL;
        if (p.file == NULL) {
            locked_say_unsupported(in, what);
            goto out;
        }
    }
    if (!open_without(&p) && !in->failed && !locked_open(in, unlock_p12, &p, what))
        goto out;
    put_leaf_first(in->credential);
out:
    PKCS12_free(p.file);
    legacy_close(&p.provider);
    ERR_clear_error();
    return true;
}
