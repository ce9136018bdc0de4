/* SPDX-License-Identifier: MIT */
#include "pki/stranger.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pki/text.h"

/* Files that people name by mistake. Text is compared without case after leading white space. */
static const struct sign {
    const char *start;
    size_t n;
    bool text;
    const char *is, *remedy;
} signs[] = {
#define BINARY(start, is, remedy)                                                                  \
    {                                                                                              \
        start, sizeof(start) - 1, false, is, remedy                                                \
    }
#define TEXT(start, is, remedy)                                                                    \
    {                                                                                              \
        start, sizeof(start) - 1, true, is, remedy                                                 \
    }
    TEXT("<!doctype html", "a web page", "Use the page's own download link, not \"Save page as\"."),
    TEXT("<html", "a web page", "Use the page's own download link, not \"Save page as\"."),
    TEXT("<?xml", "an XML file", NULL),
    TEXT("{\\rtf", "a document in Rich Text Format", "Save it as plain text."),
    TEXT("PuTTY-User-Key-File", "a PuTTY key, which is made for SSH",
         "Make a key for TLS: openssl genpkey -algorithm RSA -out device.key"),
    TEXT("ssh-", "an SSH public key", "Make a key for TLS."),
    TEXT("ecdsa-sha2-", "an SSH public key", "Make a key for TLS."),
    TEXT("HostName=", "a connection string, which is a password and no certificate",
         "It belongs into the password file (password-file), once it was made into a SAS token."),
    TEXT("SharedAccessSignature", "a SAS token, which is a password and no certificate",
         "It belongs into the password file (password-file)."),
    BINARY("%PDF", "a PDF document", "Get the certificate itself, as a file."),
    BINARY("PK\x03\x04", "a ZIP archive", "Unpack it and name the file in it."),
    BINARY("\x1F\x8B", "a gzip archive", "Unpack it and name the file in it."),
    BINARY("7z\xBC\xAF", "a 7-Zip archive", "Unpack it and name the file in it."),
    BINARY("\xD0\xCF\x11\xE0", "an Office document", "Save it as plain text."),
    BINARY("\xFE\xED\xFE\xED", "a Java key store",
           "keytool -importkeystore -deststoretype PKCS12 makes PKCS#12 of it."),
    BINARY("\x89PNG", "a picture", "Get the certificate itself, as a file."),
    BINARY("\xFF\xD8\xFF", "a picture", "Get the certificate itself, as a file."),
    BINARY("\x7F"
           "ELF",
           "a program", NULL),
    BINARY("MZ", "a program", NULL),
#undef BINARY
#undef TEXT
};

static bool shows(const struct sign *s, const char *p, size_t n)
{
    if (n < s->n)
        return false;
    return s->text ? strncasecmp(p, s->start, s->n) == 0 : memcmp(p, s->start, s->n) == 0;
}

static bool is_thumbprint(const char *p, size_t n)
{
    size_t digits = 0;

    for (size_t i = 0; i < n; i++) {
        if (isxdigit((unsigned char)p[i]))
            digits++;
        else if (strchr(": \t\r\n", p[i]) == NULL)
            return false;
    }
    return digits == 40 || digits == 64;
}

void stranger_say(struct intake *in, const unsigned char *bytes, size_t n)
{
    static const char help[] = "Name the file with the certificate or the key itself.";
    struct text text = {0};
    const char *p;
    size_t len;

    if (!text_is_likely(bytes, n) || text_read(&text, bytes, n, NULL) != 0) {
        p = (const char *)bytes;
        len = n;
    } else {
        p = (const char *)text.chars.data;
        len = text.chars.len;
    }
    const char *binary = (const char *)bytes, *is = NULL, *remedy = NULL;
    while (len > 0 && isspace((unsigned char)*p)) {
        p++;
        len--;
    }
    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && is == NULL; i++) {
        if (signs[i].text ? shows(&signs[i], p, len) : shows(&signs[i], binary, n)) {
            is = signs[i].is;
            remedy = signs[i].remedy;
        }
    }
    if (is == NULL && is_thumbprint(p, len))
        is = "the thumbprint of a certificate, not the certificate";
    if (is == NULL)
        is = text_is_likely(bytes, n) ? "text without a certificate or key in it"
                                      : "no certificate or key of any known form";
    intake_say(in, SEVERITY_ERROR, "not-pem", remedy != NULL ? remedy : help, "%s is %s.",
               in->title, is);
    text_reset(&text);
}
