/* SPDX-License-Identifier: MIT */
#include "pki/locked.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>

#include "pki/kdf.h"
#include "pki/key.h"

struct locked_pkcs8 {
    X509_SIG *sig;
    struct legacy legacy;
    struct secret der; /* the plain key */
    const char *what;
};

static int unlock_pkcs8(struct intake *in, void *ctx, const struct secret *passphrase)
{
    struct locked_pkcs8 *l = ctx;
    PKCS8_PRIV_KEY_INFO *p8 = PKCS8_decrypt_ex(l->sig, (const char *)passphrase->data,
                                               (int)passphrase->len, l->legacy.lib, NULL);
    unsigned char *p;
    int n, rc = ERR_NOMEM;

    if (p8 == NULL && ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE) {
        intake_no_memory(in);
        return ERR_NOMEM;
    }
    if (p8 == NULL && locked_is_unsupported()) {
        locked_say_unsupported(in, l->what);
        return ERR_UNSUPPORTED;
    }
    if (p8 == NULL)
        return ERR_VALUE;
    n = i2d_PKCS8_PRIV_KEY_INFO(p8, NULL);
    if (n > 0 && secret_reserve(&l->der, (size_t)n, NULL) == 0) {
        p = l->der.data;
        l->der.len = (size_t)i2d_PKCS8_PRIV_KEY_INFO(p8, &p);
        rc = 0;
    } else {
        intake_no_memory(in);
    }
    PKCS8_PRIV_KEY_INFO_free(p8);
    return rc;
}

/* The AlgorithmIdentifier of an encrypted key. */
static bool algorithm_of(const unsigned char *der, size_t n, struct der *algorithm)
{
    struct der in = {der, n}, body;

    return der_take(&in, DER_SEQUENCE, &body) && der_take(&body, DER_SEQUENCE, algorithm);
}

bool locked_take_pkcs8(struct intake *in, const unsigned char *der, size_t n, const char *what)
{
    struct locked_pkcs8 l = {.what = what};
    struct der algorithm;
    const unsigned char *p = der;
    bool good = true;

    l.sig = d2i_X509_SIG(NULL, &p, (long)n);
    if (l.sig == NULL || !algorithm_of(der, n, &algorithm)) {
        X509_SIG_free(l.sig);
        ERR_clear_error();
        return false;
    }
    if (kdf_is_legacy(algorithm) && !legacy_open(&l.legacy)) {
        locked_say_unsupported(in, what);
        goto out;
    }
    in->key_was_encrypted = true;
    if (kdf_affordable(in, algorithm, what) && locked_open(in, unlock_pkcs8, &l, what))
        good = key_take(in, DER_KIND_PKCS8, l.der.data, l.der.len, what);
out:
    secret_reset(&l.der);
    X509_SIG_free(l.sig);
    legacy_close(&l.legacy);
    return good;
}
