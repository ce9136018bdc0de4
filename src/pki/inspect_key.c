/* SPDX-License-Identifier: MIT */
#include "pki/inspect.h"

#include <stdio.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/sha.h>

static void hex(const unsigned char *bytes, size_t n, char *out)
{
    for (size_t i = 0; i < n; i++)
        snprintf(out + 2 * i, 3, "%02X", bytes[i]);
}

void pki_sha256_hex(const void *bytes, size_t n, char out[65])
{
    unsigned char digest[SHA256_DIGEST_LENGTH];

    SHA256(bytes, n, digest);
    hex(digest, sizeof digest, out);
}

void inspect_sha1_hex(const void *bytes, size_t n, char out[41])
{
    unsigned char digest[SHA_DIGEST_LENGTH];

    SHA1(bytes, n, digest);
    hex(digest, sizeof digest, out);
}

static const char *curve_name(const char *group)
{
    if (strcmp(group, "prime256v1") == 0)
        return "P-256";
    if (strcmp(group, "secp384r1") == 0)
        return "P-384";
    return strcmp(group, "secp521r1") == 0 ? "P-521" : group;
}

static void inspect_ec(EVP_PKEY *key, struct key_info *info)
{
    char group[64];
    int explicit_numbers = 0;

    info->type = KEY_EC;
    if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                               &explicit_numbers) == 1)
        info->ec_explicit = explicit_numbers != 0;
    if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1) {
        snprintf(info->name, sizeof info->name, "EC %.24s", curve_name(group));
    } else {
        info->ec_explicit = true;
        snprintf(info->name, sizeof info->name, "EC %d, own curve", info->bits);
    }
}

void inspect_key(EVP_PKEY *key, const char *algorithm, struct key_info *info)
{
    *info = (struct key_info){.type = KEY_OTHER};
    if (key == NULL) {
        snprintf(info->name, sizeof info->name, "%.31s", algorithm);
        return;
    }
    info->bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_is_a(key, "RSA")) {
        info->type = KEY_RSA;
        snprintf(info->name, sizeof info->name, "RSA %d", info->bits);
    } else if (EVP_PKEY_is_a(key, "EC")) {
        inspect_ec(key, info);
    } else if (EVP_PKEY_is_a(key, "ED25519")) {
        info->type = KEY_ED25519;
        snprintf(info->name, sizeof info->name, "Ed25519");
    } else if (EVP_PKEY_is_a(key, "ED448")) {
        info->type = KEY_ED448;
        snprintf(info->name, sizeof info->name, "Ed448");
    } else {
        const char *name = EVP_PKEY_get0_type_name(key);

        snprintf(info->name, sizeof info->name, "%.20s %d", name != NULL ? name : "unknown",
                 info->bits);
    }
}
