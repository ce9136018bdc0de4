/* SPDX-License-Identifier: MIT */
#include "pki/inspect.h"

#include <stdlib.h>

#include <openssl/err.h>

#include "pki/root.h"

/* A certificate that parses may still be a known root in which somebody's keyboard changed a
 * character: its bytes are nearly the root's, but not quite. */
static void compare_with_roots(struct intake *in, X509 *x509, const struct cert_info *info)
{
    const struct known_root *root = NULL;
    unsigned char *der = NULL, *text = NULL;
    bool failed = in->failed;
    int n;

    /* A root that verifies itself is not damaged, and a hash that is known is the root itself. */
    if (info->self_signed || root_by_sha256(info->sha256) != NULL)
        return;
    n = i2d_X509(x509, &der);
    if (n > 0)
        text = OPENSSL_malloc((size_t)n / 3 * 4 + 8);
    if (text != NULL) {
        n = EVP_EncodeBlock(text, der, n);
        root = root_resembling((char *)text, (size_t)n);
    }
    OPENSSL_free(text);
    OPENSSL_free(der);
    if (root == NULL)
        return;
    intake_resembles(in, root);
    intake_say(in, SEVERITY_ERROR, "cert-resembles-root",
               "Get the certificate again from its publisher; do not copy it from a document.",
               "%s can be read as a certificate, but it is %s with characters changed: nothing "
               "will verify against it.",
               in->title, root->name);
    /* It can still be shown; the finding keeps it from being sent. */
    in->failed = failed;
}

static struct cert *make_room(struct credential *c)
{
    size_t capacity = c->cert_capacity != 0 ? 2 * c->cert_capacity : 4;
    struct cert *certs;

    if (c->cert_count < c->cert_capacity)
        return &c->certs[c->cert_count];
    certs = reallocarray(c->certs, capacity, sizeof *certs);
    if (certs == NULL)
        return NULL;
    c->certs = certs;
    c->cert_capacity = capacity;
    return &c->certs[c->cert_count];
}

bool cert_take(struct intake *in, const unsigned char *der, size_t n)
{
    const unsigned char *p = der;
    X509 *x509 = d2i_X509(NULL, &p, (long)n);
    struct cert *cert;

    ERR_clear_error();
    if (x509 == NULL)
        return false;
    cert = make_room(in->credential);
    if (cert == NULL || !inspect_cert(x509, &cert->info)) {
        X509_free(x509);
        intake_no_memory(in);
        return true;
    }
    cert->x509 = x509;
    in->credential->cert_count++;
    compare_with_roots(in, x509, &cert->info);
    return true;
}

void cert_reset(struct cert *cert)
{
    X509_free(cert->x509);
    inspect_reset(&cert->info);
    cert->x509 = NULL;
}
