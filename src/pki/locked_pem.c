/* SPDX-License-Identifier: MIT */
#include "pki/locked.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "pki/key.h"

/* The encryption of OpenSSL's old key files: a name and an IV in a header line, and a key made by
 * one round of MD5. Done by hand because PEM_do_header looks for its ciphers in the default library
 * context only, and DES is not there. */
struct locked_pem {
    EVP_CIPHER *cipher;
    unsigned char iv[EVP_MAX_IV_LENGTH];
    const unsigned char *bytes;
    size_t n;
    struct secret der;
    enum der_kind kind;
};

static bool read_iv(struct locked_pem *l, const char *hex)
{
    size_t want = (size_t)EVP_CIPHER_get_iv_length(l->cipher), got;

    return want >= 8 && OPENSSL_hexstr2buf_ex(l->iv, sizeof l->iv, &got, hex, '\0') == 1 &&
           got == want;
}

static bool is_key(enum der_kind kind)
{
    return kind == DER_KIND_PKCS1 || kind == DER_KIND_SEC1 || kind == DER_KIND_DSA ||
           kind == DER_KIND_PKCS8;
}

static int unlock_pem(struct intake *in, void *ctx, const struct secret *passphrase)
{
    struct locked_pem *l = ctx;
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    unsigned char key[EVP_MAX_KEY_LENGTH];
    int n = 0, rest = 0, rc = ERR_VALUE;

    secret_reset(&l->der);
    if (cipher == NULL || secret_reserve(&l->der, l->n + EVP_MAX_BLOCK_LENGTH, NULL) != 0) {
        intake_no_memory(in);
        rc = ERR_NOMEM;
    } else if (EVP_BytesToKey(l->cipher, EVP_md5(), l->iv, passphrase->data, (int)passphrase->len,
                              1, key, NULL) > 0 &&
               EVP_DecryptInit_ex2(cipher, l->cipher, key, l->iv, NULL) == 1 &&
               EVP_DecryptUpdate(cipher, l->der.data, &n, l->bytes, (int)l->n) == 1 &&
               EVP_DecryptFinal_ex(cipher, l->der.data + n, &rest) == 1) {
        l->der.len = (size_t)(n + rest);
        l->kind = der_kind(l->der.data, l->der.len);
        /* One wrong passphrase in 256 leaves a padding that looks right. */
        rc = is_key(l->kind) ? 0 : ERR_VALUE;
    }
    mem_wipe(key, sizeof key);
    EVP_CIPHER_CTX_free(cipher);
    return rc;
}

bool locked_take_pem(struct intake *in, const unsigned char *bytes, size_t n, const char *dek,
                     const char *what)
{
    struct locked_pem l = {.bytes = bytes, .n = n};
    size_t len = strcspn(dek, ", ");
    char name[64] = "";
    struct legacy legacy = {0};
    bool good = true;

    if (len < sizeof name)
        memcpy(name, dek, len);
    l.cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    if (l.cipher == NULL && legacy_open(&legacy))
        l.cipher = EVP_CIPHER_fetch(legacy.lib, name, NULL);
    in->key_was_encrypted = true;
    if (l.cipher == NULL)
        locked_say_unsupported(in, what);
    else if (dek[len] != ',' || !read_iv(&l, dek + len + 1 + strspn(dek + len + 1, " ")) || n == 0)
        good = false;
    else if (locked_open(in, unlock_pem, &l, what))
        good = key_take(in, l.kind, l.der.data, l.der.len, what);
    secret_reset(&l.der);
    EVP_CIPHER_free(l.cipher);
    legacy_close(&legacy);
    ERR_clear_error();
    return good;
}
