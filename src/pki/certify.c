/* SPDX-License-Identifier: MIT */
#include "pki/certify.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "pki/keygen.h"

int certify_serial(unsigned char serial[SERIAL_BYTES], struct err *err)
{
    if (RAND_bytes(serial, SERIAL_BYTES) != 1) {
        ERR_clear_error();
        return err_set(err, ERR_INTERNAL, "OpenSSL has no random numbers");
    }
    /* The top bit clear: positive. The next one set: all serial numbers are of one length. */
    serial[0] = (unsigned char)((serial[0] & 0x7F) | 0x40);
    return 0;
}

void certify_serial_text(const unsigned char serial[SERIAL_BYTES], char text[SERIAL_TEXT])
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < SERIAL_BYTES; i++) {
        text[2 * i] = digits[serial[i] >> 4];
        text[2 * i + 1] = digits[serial[i] & 15];
    }
    text[SERIAL_TEXT - 1] = '\0';
}

static bool set_serial(X509 *x509, const unsigned char serial[SERIAL_BYTES])
{
    BIGNUM *number = BN_bin2bn(serial, SERIAL_BYTES, NULL);
    bool ok = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;

    BN_free(number);
    return ok;
}

static bool set_name(X509_NAME *name, const char *common_name)
{
    return X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                      (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool add_extension(X509 *x509, X509V3_CTX *ctx, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_nconf_nid(NULL, ctx, nid, value);
    bool ok = extension != NULL && X509_add_ext(x509, extension, -1) == 1;

    X509_EXTENSION_free(extension);
    return ok;
}

/* An issuer that has no subject key identifier is named by the hash of its key, as RFC 5280 4.2.1.2
 * makes one: nothing in it can contradict that. */
static ASN1_OCTET_STRING *issuer_key_id(X509 *issuer)
{
    ASN1_OCTET_STRING *id = X509_get_ext_d2i(issuer, NID_subject_key_identifier, NULL, NULL);
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (id != NULL)
        return id;
    id = ASN1_OCTET_STRING_new();
    if (id != NULL && X509_pubkey_digest(issuer, EVP_sha1(), hash, &n) == 1 &&
        ASN1_OCTET_STRING_set(id, hash, (int)n) == 1)
        return id;
    ASN1_OCTET_STRING_free(id);
    return NULL;
}

static bool add_issuer_key_id(X509 *x509, X509 *issuer)
{
    AUTHORITY_KEYID *id = AUTHORITY_KEYID_new();
    bool ok = id != NULL && (id->keyid = issuer_key_id(issuer)) != NULL &&
              X509_add1_ext_i2d(x509, NID_authority_key_identifier, id, 0, X509V3_ADD_DEFAULT) == 1;

    AUTHORITY_KEYID_free(id);
    return ok;
}

static bool add_uses(X509 *x509, X509V3_CTX *ctx, const struct certificate *what)
{
    bool rsa = EVP_PKEY_is_a(what->key, "RSA");

    if (what->kind != CERTIFY_DEVICE)
        return add_extension(x509, ctx, NID_basic_constraints,
                             what->kind == CERTIFY_CA ? "critical,CA:TRUE"
                                                      : "critical,CA:TRUE,pathlen:0") &&
               add_extension(x509, ctx, NID_key_usage, "critical,keyCertSign,cRLSign");
    return add_extension(x509, ctx, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(x509, ctx, NID_key_usage,
                         rsa ? "critical,digitalSignature,keyEncipherment"
                             : "critical,digitalSignature") &&
           add_extension(x509, ctx, NID_ext_key_usage, "clientAuth");
}

static bool fill(X509 *x509, const struct certificate *what)
{
    X509V3_CTX ctx;

    X509V3_set_ctx(&ctx, what->issuer != NULL ? what->issuer : x509, x509, NULL, NULL, 0);
    X509V3_set_ctx_nodb(&ctx);
    return X509_set_version(x509, X509_VERSION_3) == 1 && set_serial(x509, what->serial) &&
           set_name(X509_get_subject_name(x509), what->common_name) &&
           X509_set_issuer_name(x509, what->issuer != NULL ? X509_get_subject_name(what->issuer)
                                                           : X509_get_subject_name(x509)) == 1 &&
           /* UTCTime up to 2049, GeneralizedTime from 2050 on, as RFC 5280 wants it. */
           ASN1_TIME_set(X509_getm_notBefore(x509), what->not_before) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(x509), what->not_after) != NULL &&
           X509_set_pubkey(x509, what->key) == 1 && add_uses(x509, &ctx, what) &&
           add_extension(x509, &ctx, NID_subject_key_identifier, "hash") &&
           add_issuer_key_id(x509, what->issuer != NULL ? what->issuer : x509);
}

X509 *certify(const struct certificate *what, EVP_PKEY *signer, struct err *err)
{
    X509 *x509 = X509_new();
    bool ok =
        x509 != NULL && fill(x509, what) && X509_sign(x509, signer, keygen_digest(signer)) > 0;

    ERR_clear_error();
    if (ok)
        return x509;
    X509_free(x509);
    err_set(err, ERR_INTERNAL, "OpenSSL could not make a certificate");
    return NULL;
}

X509_REQ *certify_request(const char *common_name, EVP_PKEY *key, struct err *err)
{
    X509_REQ *request = X509_REQ_new();
    bool ok = request != NULL && X509_REQ_set_version(request, X509_REQ_VERSION_1) == 1 &&
              set_name(X509_REQ_get_subject_name(request), common_name) &&
              X509_REQ_set_pubkey(request, key) == 1 &&
              X509_REQ_sign(request, key, keygen_digest(key)) > 0;

    ERR_clear_error();
    if (ok)
        return request;
    X509_REQ_free(request);
    err_set(err, ERR_INTERNAL, "OpenSSL could not make a certificate request");
    return NULL;
}
