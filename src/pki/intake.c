/* SPDX-License-Identifier: MIT */
#include "pki/intake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>

#include "base/file.h"
#include "base/str.h"
#include "pki/inspect.h"
#include "pki/key.h"
#include "pki/locked.h"
#include "pki/pem.h"
#include "pki/pkcs12.h"
#include "pki/stranger.h"

#define FILE_MAX ((size_t)1 << 20)

void intake_say(struct intake *in, enum severity severity, const char *code, const char *remedy,
                const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    findings_add(in->findings, severity, code, in->where, remedy, "%s", text);
    if (severity == SEVERITY_ERROR)
        in->failed = true;
}

void intake_resembles(struct intake *in, const struct known_root *root)
{
    if (in->resembles == NULL)
        in->resembles = root;
}

void intake_no_memory(struct intake *in)
{
    ERR_clear_error();
    in->findings->lost = true;
    in->failed = true;
}

/* Things that stand where a key or a certificate should. They only stop if nothing better is in the
 * file; the caller decides that at the end, so they are noted as what they are. */
static void take_bystander(struct intake *in, enum der_kind kind, const char *what)
{
    char remedy[256];

    switch (kind) {
    case DER_KIND_CSR:
        intake_bystander(in, "is-csr",
                         "Have it signed by the CA; what comes back is the certificate.",
                         "There is a certificate request in %s, not a certificate", what);
        break;
    case DER_KIND_CRL:
        intake_bystander(in, "is-crl", "Name the certificate's own file.",
                         "There is a list of revoked certificates in %s, not a certificate", what);
        break;
    case DER_KIND_PKCS7:
        snprintf(remedy, sizeof remedy, "openssl pkcs7 -print_certs -in %s%s -out certs.pem",
                 in->quoted, what == in->title ? " -inform DER" : "");
        intake_bystander(in, "is-pkcs7", remedy,
                         "There is a PKCS#7 bundle in %s, which devices cannot read", what);
        break;
    case DER_KIND_PUBLIC_KEY:
        intake_bystander(in, "is-public-key",
                         "Name the private key's file; the certificate has the public one already.",
                         "There is a public key in %s, not a private one", what);
        break;
    default:
        intake_bystander(in, "not-pem", "Name the file with the certificate or the key.",
                         "There is neither a certificate nor a private key in %s", what);
        break;
    }
}

bool intake_take_der(struct intake *in, enum der_kind kind, const unsigned char *der, size_t n,
                     const char *what)
{
    switch (kind) {
    case DER_KIND_UNKNOWN:
        return false;
    case DER_KIND_CERT:
        return cert_take(in, der, n);
    case DER_KIND_PKCS8:
    case DER_KIND_PKCS1:
    case DER_KIND_SEC1:
    case DER_KIND_DSA:
        return key_take(in, kind, der, n, what);
    case DER_KIND_PKCS8_ENCRYPTED:
        return locked_take_pkcs8(in, der, n, what);
    case DER_KIND_PKCS12:
        return pkcs12_take(in, der, n, what);
    default:
        take_bystander(in, kind, what);
        return true;
    }
}

void intake_bystander(struct intake *in, const char *code, const char *remedy, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    findings_add(&in->bystanders, SEVERITY_ERROR, code, in->where, remedy, "%s.", text);
}

/* Bystanders beside something that can be used are a warning; alone, they are why it fails. */
static void settle_bystanders(struct intake *in)
{
    bool useful = in->credential->cert_count > 0 || in->credential->has_key;

    for (size_t i = 0; i < in->bystanders.count; i++) {
        struct finding *f = &in->bystanders.items[i];

        if (!useful) {
            in->failed = true;
            continue;
        }
        f->severity = SEVERITY_WARNING;
    }
    findings_take(in->findings, &in->bystanders);
    if (!useful && !in->failed)
        intake_say(in, SEVERITY_ERROR, "not-pem",
                   "Name the file with the certificate or the key itself.",
                   "%s holds neither a certificate nor a private key.", in->title);
}

/* Binary: the whole file is one object. */
static void take_binary(struct intake *in, const unsigned char *bytes, size_t n)
{
    enum der_kind kind = der_kind(bytes, n);
    uint64_t claimed = der_claimed(bytes, n);

    if (claimed > 0 && claimed < n) {
        intake_say(in, SEVERITY_WARNING, "pem-extra-text", NULL,
                   "%s goes on for %zu bytes after its end; they are not sent.", in->title,
                   n - (size_t)claimed);
        n = (size_t)claimed;
    }
    if (kind != DER_KIND_PKCS12 && kind != DER_KIND_PKCS7)
        intake_say(in, SEVERITY_NOTE, "der-input", NULL,
                   "%s is in binary form (DER); it is converted to PEM.", in->title);
    if (!intake_take_der(in, kind, bytes, n, in->title))
        intake_say(in, SEVERITY_ERROR, "pem-damaged",
                   "Get the file again from where it came from, in binary mode.",
                   "%s is in binary form (DER), but it is damaged%s.", in->title,
                   claimed > n ? ": its end is missing" : "");
}

/* True if this is DER and not text that happens to begin with the digit 0. */
static bool is_binary_object(const unsigned char *bytes, size_t n)
{
    uint64_t claimed = der_claimed(bytes, n);

    if (n < 16 || bytes[0] != DER_SEQUENCE)
        return false;
    if (der_kind(bytes, n) != DER_KIND_UNKNOWN)
        return true;
    return bytes[1] > 0x80 && claimed > 16 && claimed < FILE_MAX;
}

static void take_all(struct intake *in, const unsigned char *bytes, size_t n)
{
    struct text text = {0};

    if (n == 0) {
        intake_say(in, SEVERITY_ERROR, "file-empty", "Save it again.", "%s is empty.", in->title);
    } else if (is_binary_object(bytes, n)) {
        take_binary(in, bytes, n);
    } else if (!text_is_likely(bytes, n)) {
        stranger_say(in, bytes, n);
    } else if (text_read(&text, bytes, n, NULL) != 0) {
        intake_no_memory(in);
    } else if (!pem_take(in, &text)) {
        stranger_say(in, bytes, n);
    }
    text_reset(&text);
    settle_bystanders(in);
}

size_t intake_find_leaf(const struct credential *c)
{
    size_t leaf = 0, leaves = 0;

    for (size_t i = 0; i < c->cert_count; i++) {
        bool issued = false;

        for (size_t k = 0; k < c->cert_count && !issued; k++)
            issued = k != i &&
                     X509_NAME_cmp(X509_get_subject_name(c->certs[i].x509),
                                   X509_get_issuer_name(c->certs[k].x509)) == 0 &&
                     credential_issued_by(c, k, c, i);
        if (!issued && leaves++ == 0)
            leaf = i;
    }
    return leaves == 1 ? leaf : 0;
}

/* The file's last part for sentences, and the whole for a shell. */
static void set_names(struct intake *in)
{
    const char *slash = strrchr(in->file, '/');
    const char *last = slash != NULL && slash[1] != '\0' ? slash + 1 : in->file;

    str_escape_to(in->title, sizeof in->title, last, strlen(last));
    if (strpbrk(last, " '\"\\$`!*?&|;<>(){}[]~#\t\n") != NULL)
        snprintf(in->quoted, sizeof in->quoted, "FILE");
    else
        snprintf(in->quoted, sizeof in->quoted, "%s", in->title);
}

static int decode(struct intake *in, const void *bytes, size_t n, struct credential **out)
{
    struct credential *c = calloc(1, sizeof *c);

    *out = NULL;
    if (c != NULL)
        c->name = strdup(in->file);
    if (c == NULL || c->name == NULL) {
        credential_destroy(c);
        in->findings->lost = true;
        return ERR_NOMEM;
    }
    in->credential = c;
    ERR_clear_error();
    take_all(in, bytes, n);
    if (in->failed) {
        credential_destroy(c);
        return in->findings->lost ? ERR_NOMEM : ERR_VALUE;
    }
    c->leaf = intake_find_leaf(c);
    *out = c;
    return 0;
}

int credential_decode(const char *name, const void *bytes, size_t n, struct place where,
                      const struct passphrase_source *source, struct credential **out,
                      struct findings *findings)
{
    struct intake in = {.file = name, .where = where, .source = source, .findings = findings};

    set_names(&in);
    if (n > FILE_MAX) {
        *out = NULL;
        intake_say(&in, SEVERITY_ERROR, "file-too-large", NULL, "%s is larger than 1 MiB.",
                   in.title);
        return ERR_VALUE;
    }
    return decode(&in, bytes, n, out);
}

static void say_unreadable(struct intake *in, int rc, const struct err *err)
{
    struct stat st;

    if (rc == ERR_MISSING)
        intake_say(in, SEVERITY_ERROR, "file-missing", "Check the name and the folder.",
                   "There is no file %s.", in->title);
    else if (rc == ERR_VALUE && stat(in->file, &st) == 0 && S_ISREG(st.st_mode))
        intake_say(in, SEVERITY_ERROR, "file-too-large",
                   "Name the file with the certificate or the key itself.",
                   "%s is larger than 1 MiB, so it is no certificate and no key.", in->title);
    else
        intake_say(in, SEVERITY_ERROR, "file-unreadable",
                   rc == ERR_ACCESS ? "Give yourself permission to read it." : NULL, "%s.",
                   err->text);
}

int credential_read(const char *path, struct place where, const struct passphrase_source *source,
                    struct credential **out, struct findings *findings)
{
    const struct known_root *resembles;

    return credential_read_resembling(path, where, source, out, &resembles, findings);
}

int credential_read_resembling(const char *path, struct place where,
                               const struct passphrase_source *source, struct credential **out,
                               const struct known_root **resembles, struct findings *findings)
{
    struct intake in = {.file = path, .where = where, .source = source, .findings = findings};
    struct secret bytes = {0};
    struct err err;
    int rc;

    *out = NULL;
    set_names(&in);
    rc = file_read(path, FILE_MAX, &bytes, &err);
    if (rc != 0)
        say_unreadable(&in, rc, &err);
    else
        rc = decode(&in, bytes.data, bytes.len, out);
    secret_reset(&bytes);
    if (*out != NULL && (*out)->has_key && !in.key_was_encrypted &&
        file_is_readable_by_others(path))
        intake_say(&in, SEVERITY_WARNING, "key-readable", "chmod 600 FILE",
                   "%s holds a private key, and others on this computer can read it.", in.title);
    *resembles = in.resembles;
    return rc;
}

size_t intake_issuer(const struct credential *c, size_t i)
{
    for (size_t k = 0; k < c->cert_count; k++) {
        if (k != i && credential_issued_by(c, i, c, k))
            return k;
    }
    return i;
}
