/* SPDX-License-Identifier: MIT */
#include "pki/inspect.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/buf.h"

static char *bio_take(BIO *bio)
{
    struct buf text = {0};
    char *data;
    long n = BIO_get_mem_data(bio, &data);

    if (n > 0)
        buf_add(&text, data, (size_t)n);
    return buf_take(&text);
}

static char *name_text(X509_NAME *name)
{
    /* UTF-8 as it is: whoever shows it escapes it. */
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;

    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, flags) >= 0)
        text = bio_take(bio);
    BIO_free(bio);
    return text;
}

/* As UTF-8. A NUL inside must not end the text early: "pump-7\0.evil" is not "pump-7". */
static char *string_text(const ASN1_STRING *string)
{
    unsigned char *utf8 = NULL;
    struct buf text = {0};
    int n = ASN1_STRING_to_UTF8(&utf8, string);

    for (int i = 0; i < n; i++) {
        if (utf8[i] == '\0')
            buf_add_str(&text, "\xEF\xBF\xBD");
        else
            buf_add_char(&text, (char)utf8[i]);
    }
    OPENSSL_free(utf8);
    return buf_take(&text);
}

/* NULL if there is none; *lost if memory ran out. */
static char *last_common_name(X509_NAME *name, bool *lost)
{
    int at = -1, next;
    char *text;

    while ((next = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
        at = next;
    if (at < 0)
        return NULL;
    text = string_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (text == NULL)
        *lost = true;
    return text;
}

static char *serial_text(X509 *x509)
{
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x509), NULL);
    char *digits = number != NULL ? BN_bn2hex(number) : NULL;
    char *text = digits != NULL ? strdup(digits) : NULL;

    OPENSSL_free(digits);
    BN_free(number);
    return text;
}

static time_t time_of(const ASN1_TIME *when)
{
    struct tm tm;

    if (ASN1_TIME_to_tm(when, &tm) != 1)
        return 0;
    return timegm(&tm);
}

static void list_add(struct buf *list, const char *text)
{
    if (list->len > 0)
        buf_add_str(list, ", ");
    buf_add_str(list, text);
}

static void list_address(struct buf *list, const ASN1_OCTET_STRING *ip)
{
    char text[INET6_ADDRSTRLEN];
    int n = ASN1_STRING_length(ip);

    if ((n != 4 && n != 16) || inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip),
                                         text, sizeof text) == NULL) {
        list_add(list, "IP:?");
        return;
    }
    list_add(list, "IP:");
    buf_add_str(list, text);
}

static void list_general_name(struct buf *list, const GENERAL_NAME *name)
{
    int type;
    const void *value = GENERAL_NAME_get0_value(name, &type);
    const char *prefix = type == GEN_DNS ? "DNS:" : type == GEN_URI ? "URI:" : "email:";
    char *text;

    if (type == GEN_IPADD) {
        list_address(list, value);
        return;
    }
    if (type != GEN_DNS && type != GEN_URI && type != GEN_EMAIL) {
        list_add(list, "other");
        return;
    }
    text = string_text(value);
    list_add(list, prefix);
    if (text == NULL)
        list->failed = true;
    else
        buf_add_str(list, text);
    free(text);
}

static char *sans_text(X509 *x509, bool *lost)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    struct buf list = {0};
    char *text;

    if (names == NULL)
        return NULL;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        list_general_name(&list, sk_GENERAL_NAME_value(names, i));
    GENERAL_NAMES_free(names);
    text = buf_take(&list);
    if (text == NULL)
        *lost = true;
    return text;
}

static void inspect_eku(X509 *x509, struct cert_info *info, bool *lost)
{
    EXTENDED_KEY_USAGE *uses = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
    struct buf list = {0};
    char oid[80];

    if (uses == NULL)
        return;
    info->has_eku = true;
    for (int i = 0; i < sk_ASN1_OBJECT_num(uses); i++) {
        const ASN1_OBJECT *use = sk_ASN1_OBJECT_value(uses, i);
        int nid = OBJ_obj2nid(use);

        info->eku_client |= nid == NID_client_auth || nid == NID_anyExtendedKeyUsage;
        info->eku_server |= nid == NID_server_auth || nid == NID_anyExtendedKeyUsage;
        if (nid == NID_undef)
            OBJ_obj2txt(oid, sizeof oid, use, 1);
        list_add(&list, nid == NID_undef ? oid : OBJ_nid2sn(nid));
    }
    EXTENDED_KEY_USAGE_free(uses);
    info->eku = buf_take(&list);
    if (info->eku == NULL)
        *lost = true;
}

static void inspect_key_usage(X509 *x509, struct cert_info *info, bool *lost)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    ASN1_BIT_STRING *bits = X509_get_ext_d2i(x509, NID_key_usage, NULL, NULL);
    struct buf list = {0};

    if (bits == NULL)
        return;
    for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++) {
        if (ASN1_BIT_STRING_get_bit(bits, i))
            list_add(&list, names[i]);
    }
    ASN1_BIT_STRING_free(bits);
    info->key_usage = buf_take(&list);
    if (info->key_usage == NULL)
        *lost = true;
}

static bool has_ca_flag(X509 *x509)
{
    BASIC_CONSTRAINTS *basic = X509_get_ext_d2i(x509, NID_basic_constraints, NULL, NULL);
    bool ca = basic != NULL && basic->ca != 0;

    BASIC_CONSTRAINTS_free(basic);
    return ca;
}

static void inspect_signature(X509 *x509, struct cert_info *info)
{
    int nid = X509_get_signature_nid(x509), digest = NID_undef;

    info->signature = strdup(nid != NID_undef ? OBJ_nid2ln(nid) : "unknown");
    if (X509_get_signature_info(x509, &digest, NULL, NULL, NULL) != 1 &&
        OBJ_find_sigid_algs(nid, &digest, NULL) != 1)
        digest = NID_undef;
    info->signature_weak = digest == NID_md5 || digest == NID_sha1 || digest == NID_md2 ||
                           digest == NID_md4 || digest == NID_md5_sha1;
}

static const char *key_algorithm(X509 *x509)
{
    ASN1_OBJECT *algorithm = NULL;

    if (X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, X509_get_X509_PUBKEY(x509)) != 1)
        return "unknown";
    return OBJ_nid2sn(OBJ_obj2nid(algorithm));
}

static bool hash_cert(X509 *x509, struct cert_info *info)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x509, &der);

    if (n <= 0)
        return false;
    inspect_sha1_hex(der, (size_t)n, info->sha1);
    pki_sha256_hex(der, (size_t)n, info->sha256);
    OPENSSL_free(der);
    return true;
}

/* The SubjectPublicKeyInfo as it stands in the certificate: asking OpenSSL to encode the key anew
 * costs a fifth of a whole start. */
static bool hash_public(X509 *x509, struct key_info *info)
{
    unsigned char *spki = NULL;
    int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);

    if (n <= 0)
        return false;
    pki_sha256_hex(spki, (size_t)n, info->sha256);
    OPENSSL_free(spki);
    return true;
}

bool inspect_cert(X509 *x509, struct cert_info *info)
{
    X509_NAME *subject = X509_get_subject_name(x509), *issuer = X509_get_issuer_name(x509);
    EVP_PKEY *key = X509_get0_pubkey(x509);
    bool lost = false;

    *info = (struct cert_info){0};
    info->subject = name_text(subject);
    info->issuer = name_text(issuer);
    info->serial = serial_text(x509);
    info->common_name = last_common_name(subject, &lost);
    info->sans = sans_text(x509, &lost);
    info->not_before = time_of(X509_get0_notBefore(x509));
    info->not_after = time_of(X509_get0_notAfter(x509));
    info->version = (int)X509_get_version(x509) + 1;
    info->is_ca = has_ca_flag(x509);
    info->self_issued = X509_NAME_cmp(subject, issuer) == 0;
    info->self_signed = info->self_issued && key != NULL && X509_verify(x509, key) == 1;
    inspect_eku(x509, info, &lost);
    inspect_key_usage(x509, info, &lost);
    inspect_signature(x509, info);
    inspect_key(key, key_algorithm(x509), &info->key);
    lost |= !hash_public(x509, &info->key) || !hash_cert(x509, info);
    ERR_clear_error();
    if (!lost && info->subject != NULL && info->issuer != NULL && info->serial != NULL &&
        info->signature != NULL)
        return true;
    inspect_reset(info);
    return false;
}

void inspect_reset(struct cert_info *info)
{
    free(info->subject);
    free(info->issuer);
    free(info->common_name);
    free(info->serial);
    free(info->sans);
    free(info->eku);
    free(info->key_usage);
    free(info->signature);
    *info = (struct cert_info){0};
}
