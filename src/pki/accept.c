/* SPDX-License-Identifier: MIT */
#include "pki/credential.h"

#include <string.h>

#include <openssl/err.h>

#include "pki/body.h"
#include "pki/inspect.h"
#include "pki/key.h"

/* The device's side, as strict as mbedTLS where that is stricter than OpenSSL: no preamble, no
 * blanks, no odd label, no curve of its own, nothing encrypted. */

static const struct accepted {
    const char *label;
    bool is_key;
    enum der_kind kind;
} accepted[] = {
    {"CERTIFICATE", false, DER_KIND_CERT},
    {"PRIVATE KEY", true, DER_KIND_PKCS8},
    {"RSA PRIVATE KEY", true, DER_KIND_PKCS1},
    {"EC PRIVATE KEY", true, DER_KIND_SEC1},
};

/* Takes `line` and the line end after it (LF, CR LF, or the end of everything). */
static bool take_line(const char **p, const char *end, const char *prefix, const char *label)
{
    size_t a = strlen(prefix), b = strlen(label);
    const char *at = *p;

    if ((size_t)(end - at) < a + b + 5 || memcmp(at, prefix, a) != 0 ||
        memcmp(at + a, label, b) != 0 || memcmp(at + a + b, "-----", 5) != 0)
        return false;
    at += a + b + 5;
    if (at < end && *at == '\r')
        at++;
    if (at < end && *at != '\n')
        return false;
    *p = at < end ? at + 1 : at;
    return true;
}

static bool takes_cert(const unsigned char *der, size_t n)
{
    const unsigned char *p = der;
    X509 *x509 = d2i_X509(NULL, &p, (long)n);
    EVP_PKEY *key = x509 != NULL ? X509_get0_pubkey(x509) : NULL;
    struct key_info info = {.type = KEY_OTHER};
    bool good;

    if (key != NULL)
        inspect_key(key, "", &info);
    good = p == der + n && (info.type == KEY_RSA || (info.type == KEY_EC && !info.ec_explicit));
    X509_free(x509);
    ERR_clear_error();
    return good;
}

static bool takes_key(enum der_kind kind, const unsigned char *der, size_t n)
{
    EVP_PKEY *key = key_from_der(kind, der, n);
    struct key_info info = {.type = KEY_OTHER};
    bool good;

    if (key != NULL)
        inspect_key(key, "", &info);
    good = info.type == KEY_RSA || (info.type == KEY_EC && !info.ec_explicit);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return good;
}

static bool takes_body(const struct accepted *a, const char *text, size_t n)
{
    struct body body;
    bool good;

    if (body_read(&body, text, n, 1, NULL) != 0)
        return false;
    good = body.fault == BODY_GOOD && body.dek[0] == '\0' && body.header_line == 0 &&
           body.white_line == 0 && !body.padding_wrong &&
           der_kind(body.der.data, body.der.len) == a->kind &&
           der_claimed(body.der.data, body.der.len) == body.der.len;
    if (good)
        good = a->is_key ? takes_key(a->kind, body.der.data, body.der.len)
                         : takes_cert(body.der.data, body.der.len);
    body_reset(&body);
    return good;
}

/* One block from the front of what is left. */
static bool take_block(const char **p, const char *end, bool is_key)
{
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++) {
        const struct accepted *a = &accepted[i];
        const char *from = *p, *stop;

        if (a->is_key != is_key || !take_line(&from, end, "-----BEGIN ", a->label))
            continue;
        stop = memmem(from, (size_t)(end - from), "-----END ", 9);
        if (stop == NULL || stop == from || stop[-1] != '\n' ||
            !takes_body(a, from, (size_t)(stop - from)) ||
            !take_line(&stop, end, "-----END ", a->label))
            return false;
        *p = stop;
        return true;
    }
    return false;
}

bool credential_device_accepts(enum slot slot, const void *bytes, size_t n)
{
    const char *p = bytes, *end = p + n;
    bool is_key = slot == SLOT_DEVICE_KEY;
    size_t blocks = 0;

    while (p < end) {
        if (*p == '\n' || (*p == '\r' && p + 1 < end && p[1] == '\n')) {
            p++;
            continue; /* empty lines between blocks and at the end */
        }
        if (!take_block(&p, end, is_key))
            return false;
        blocks++;
    }
    return is_key ? blocks == 1 : blocks >= 1;
}
