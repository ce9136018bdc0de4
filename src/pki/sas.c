/* SPDX-License-Identifier: MIT */
#include "pki/sas.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

enum { DIGEST = 32 };

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("_.-~", c) != NULL);
}

static void add_encoded(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (is_unreserved(*text))
            buf_add_char(out, *text);
        else
            buf_printf(out, "%%%02X", (unsigned char)*text);
    }
}

/* One part of the path; the slash before it is encoded too. */
static void add_part(struct buf *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    add_encoded(out, name);
    add_encoded(out, value);
}

void sas_add_resource(struct buf *out, const struct sas_resource *resource)
{
    if (resource->scope != NULL) {
        add_encoded(out, resource->scope);
        add_part(out, "/registrations/", resource->registration);
        return;
    }
    add_encoded(out, resource->host);
    add_part(out, "/devices/", resource->device);
    add_part(out, "/modules/", resource->module);
}

static int hmac(const struct secret *key, const char *text, size_t n, struct secret *out,
                struct err *err)
{
    unsigned int len = 0;
    int rc = secret_reserve(out, DIGEST, err);

    if (rc != 0)
        return rc;
    if (HMAC(EVP_sha256(), key->data, (int)key->len, (const unsigned char *)text, n, out->data,
             &len) == NULL ||
        len != DIGEST)
        return err_set(err, ERR_INTERNAL, "the signature could not be computed");
    out->len = len;
    out->data[len] = '\0';
    return 0;
}

int sas_derive(const struct secret *group_key, const char *registration, struct secret *device_key,
               struct err *err)
{
    secret_reset(device_key);
    return hmac(group_key, registration, strlen(registration), device_key, err);
}

int sas_key_encode(const struct secret *key, struct secret *text, struct err *err)
{
    int rc;

    secret_reset(text);
    rc = secret_reserve(text, key->len / 3 * 4 + 5, err);
    if (rc == 0)
        text->len = (size_t)EVP_EncodeBlock(text->data, key->data, (int)key->len);
    return rc;
}

static int append(struct secret *out, const char *text, struct err *err)
{
    return secret_append(out, text, strlen(text), err);
}

/* Base64 has three characters that are not for URLs. */
static int append_signature(struct secret *out, const struct secret *digest, struct err *err)
{
    struct secret text = {0};
    int rc = sas_key_encode(digest, &text, err);

    for (size_t i = 0; rc == 0 && i < text.len; i++) {
        switch (text.data[i]) {
        case '+':
            rc = append(out, "%2B", err);
            break;
        case '/':
            rc = append(out, "%2F", err);
            break;
        case '=':
            rc = append(out, "%3D", err);
            break;
        default:
            rc = secret_append(out, &text.data[i], 1, err);
        }
    }
    secret_reset(&text);
    return rc;
}

static const char *policy_of(const struct sas_resource *resource)
{
    return resource->scope != NULL ? SAS_POLICY_REGISTRATION : resource->policy;
}

static int assemble(const struct sas_resource *resource, const char *sr, const char *se,
                    const struct secret *digest, struct secret *out, struct err *err)
{
    const char *policy = policy_of(resource);
    struct buf skn = {0};
    int rc = append(out, "SharedAccessSignature sr=", err);

    if (policy != NULL) {
        buf_add_str(&skn, "&skn=");
        add_encoded(&skn, policy);
    }
    if (rc == 0)
        rc = append(out, sr, err);
    if (rc == 0)
        rc = append(out, "&sig=", err);
    if (rc == 0)
        rc = append_signature(out, digest, err);
    if (rc == 0)
        rc = append(out, "&se=", err);
    if (rc == 0)
        rc = append(out, se, err);
    if (rc == 0 && skn.failed)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    if (rc == 0 && skn.data != NULL)
        rc = append(out, skn.data, err);
    buf_reset(&skn);
    return rc;
}

/* What is signed is the very text that is sent, so it is made once. */
int sas_token(const struct sas_resource *resource, const struct secret *key, long long expiry,
              struct secret *out, struct err *err)
{
    struct buf sr = {0}, message = {0};
    struct secret digest = {0}, token = {0};
    char se[24];
    int rc;

    snprintf(se, sizeof se, "%lld", expiry);
    sas_add_resource(&sr, resource);
    buf_printf(&message, "%s\n%s", sr.data != NULL ? sr.data : "", se);
    if (sr.failed || message.failed)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    else
        rc = hmac(key, message.data, message.len, &digest, err);
    if (rc == 0)
        rc = assemble(resource, sr.data, se, &digest, &token, err);
    if (rc == 0)
        secret_move(out, &token);
    secret_reset(&token);
    secret_reset(&digest);
    buf_reset(&message);
    buf_reset(&sr);
    return rc;
}
