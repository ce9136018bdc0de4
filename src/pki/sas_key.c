/* SPDX-License-Identifier: MIT */
#include "pki/sas.h"

#include <string.h>
#include <strings.h>

#include "base/file.h"

/* The text of a key, judged by what people put into such a file by mistake. Nothing of it is shown,
 * so a finding says where something is wrong, not what stands there. */

struct judged {
    const unsigned char *text;
    size_t n; /* without the white space at its end */
    struct place where;
    struct findings *findings;
};

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts(const struct judged *j, const char *prefix)
{
    size_t n = strlen(prefix);

    return j->n >= n && strncasecmp((const char *)j->text, prefix, n) == 0;
}

static bool refuse(const struct judged *j, const char *code, const char *remedy, const char *what)
{
    findings_add(j->findings, SEVERITY_ERROR, code, j->where, remedy, "%s", what);
    return false;
}

/* --- things that are no key ----------------------------------------------------------------- */

/* The number of the part "name=...", counted from 1 among those separated by semicolons; 0. */
static int part_of(const struct judged *j, const char *name)
{
    const char *p = (const char *)j->text, *end = p + j->n;
    size_t n = strlen(name);

    for (int part = 1; p < end; part++) {
        const char *semicolon = memchr(p, ';', (size_t)(end - p));

        if ((size_t)(end - p) >= n && strncasecmp(p, name, n) == 0)
            return part;
        if (semicolon == NULL)
            break;
        p = semicolon + 1;
    }
    return 0;
}

static bool refuse_connection_string(const struct judged *j)
{
    int key = part_of(j, "SharedAccessKey=");
    bool policy = part_of(j, "SharedAccessKeyName=") > 0;

    if (key == 0)
        return refuse(j, "sas-key-connection-string",
                      "Copy the primary key from the device's page.",
                      part_of(j, "x509=") > 0
                          ? "this is the connection string of a device with a certificate: there "
                            "is no key in it, and no token is needed"
                          : "this is a connection string, and the part with the key "
                            "(SharedAccessKey=) is missing");
    findings_add(j->findings, SEVERITY_ERROR, "sas-key-connection-string", j->where,
                 policy ? "Put into the file only what follows SharedAccessKey= up to the next "
                          "semicolon, and name the policy; better, use the device's own key."
                        : "Put into the file only what follows SharedAccessKey= up to the next "
                          "semicolon or the end.",
                 "this is a whole connection string, of %s; the key is its part number %d",
                 policy ? "a policy of the hub, not of a device" : "a device", key);
    return false;
}

static bool is_utf16(const struct judged *j)
{
    return j->n >= 2 && (memcmp(j->text, "\xFF\xFE", 2) == 0 ||
                         memcmp(j->text, "\xFE\xFF", 2) == 0 || j->text[1] == '\0');
}

static bool is_quoted(const struct judged *j)
{
    return j->n >= 2 && (j->text[0] == '"' || j->text[0] == '\'') &&
           j->text[j->n - 1] == j->text[0];
}

static bool is_url_encoded(const struct judged *j)
{
    static const char *const codes[] = {"%2B", "%2F", "%3D"};

    for (size_t i = 0; i + 3 <= j->n; i++) {
        for (size_t k = 0; k < sizeof codes / sizeof codes[0]; k++) {
            if (strncasecmp((const char *)j->text + i, codes[k], 3) == 0)
                return true;
        }
    }
    return false;
}

/* Answers false if it said why. */
static bool judge_shape(const struct judged *j)
{
    if (j->n == 0)
        return refuse(j, "sas-key-empty", "Put the device's primary or secondary key into it.",
                      "there is no key: it is empty");
    if (is_utf16(j))
        return refuse(j, "sas-key-text", "Save it as plain text (UTF-8 without a byte order mark).",
                      "the text is UTF-16, as Windows calls Unicode");
    if (starts(j, "\xEF\xBB\xBF"))
        return refuse(j, "sas-key-text", "Save it as UTF-8 without a byte order mark.",
                      "the text begins with a byte order mark");
    if (starts(j, "SharedAccessSignature"))
        return refuse(j, "sas-key-token", "Give the key; a token is what is made with it.",
                      "this is a finished token, not the key to make one with");
    if (part_of(j, "SharedAccessKey=") > 0 || part_of(j, "HostName=") > 0)
        return refuse_connection_string(j);
    if (starts(j, "-----BEGIN"))
        return refuse(j, "sas-key-pem",
                      "Give the device's symmetric key; with a certificate there is no token.",
                      "this is a PEM file: a certificate or a private key");
    if (starts(j, "{") || starts(j, "["))
        return refuse(j, "sas-key-json",
                      "Put into the file the key alone: with az, add --query and --output tsv.",
                      "this is JSON, as az prints it");
    if (is_quoted(j))
        return refuse(j, "sas-key-text", "Remove the quotation marks; with az, add --output tsv.",
                      "there are quotation marks around the key");
    if (memchr(j->text, '\n', j->n) != NULL || memchr(j->text, '\r', j->n) != NULL)
        return refuse(j, "sas-key-text", "Leave one key in it, on one line.",
                      "there is more than one line");
    if (is_url_encoded(j))
        return refuse(j, "sas-key-text", "Copy the key anew: it has + / and = in their place.",
                      "the key is URL-encoded: there is a % in it");
    return true;
}

/* --- base64 --------------------------------------------------------------------------------- */

static int value_of(unsigned char c)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c != '\0' ? strchr(alphabet, c) : NULL;

    return p != NULL ? (int)(p - alphabet) : -1;
}

/* What stands at a place where a base64 character must be, without showing it. */
static const char *kind_of(unsigned char c)
{
    if (c == '=')
        return "a = that is not at the end";
    if (is_blank(c))
        return "a blank";
    if (c == '-' || c == '_')
        return "a - or _, as in the base64 for URLs, which Azure's keys never have";
    if (c < 0x20 || c == 0x7F)
        return "a control character";
    if (c >= 0x80)
        return "a character beyond plain ASCII";
    return "a character that base64 does not have";
}

static bool refuse_base64(const struct judged *j, const char *what)
{
    return refuse(j, "sas-key-base64",
                  "Copy the key anew, as a whole: letters, digits, + and /, with = at its end.",
                  what);
}

/* `digits` without the = at the end. */
static bool judge_base64(const struct judged *j, size_t digits)
{
    for (size_t i = 0; i < digits; i++) {
        if (value_of(j->text[i]) < 0) {
            findings_add(j->findings, SEVERITY_ERROR, "sas-key-base64", j->where,
                         "Copy the key anew, as a whole: letters, digits, + and /, with = at its "
                         "end.",
                         "this is not the base64 of a key: character %zu is %s", i + 1,
                         kind_of(j->text[i]));
            return false;
        }
    }
    if (j->n % 4 != 0) {
        findings_add(j->findings, SEVERITY_ERROR, "sas-key-base64", j->where,
                     "Copy the key anew, as a whole: letters, digits, + and /, with = at its end.",
                     "this is not the base64 of a key: it has %zu characters, which is no multiple "
                     "of four; %s",
                     j->n,
                     j->n - digits < 2 && digits % 4 != 1
                         ? "a = at the end is missing, or a character was lost"
                         : "a character was lost or added");
        return false;
    }
    /* A decoder that ignores these bits would take a damaged key for a good one. */
    if ((digits % 4 == 2 && (value_of(j->text[digits - 1]) & 15) != 0) ||
        (digits % 4 == 3 && (value_of(j->text[digits - 1]) & 3) != 0))
        return refuse_base64(j, "this is not the base64 of a key: the last character before the = "
                                "cannot stand there");
    return true;
}

static size_t count_digits(const struct judged *j)
{
    size_t digits = j->n;

    while (digits > 0 && j->n - digits < 2 && j->text[digits - 1] == '=')
        digits--;
    return digits;
}

/* Straight from one secret into the other: no copy lies elsewhere. */
static void decode(const struct judged *j, size_t digits, struct secret *key)
{
    unsigned bits = 0;

    for (size_t i = 0; i < digits; i++) {
        bits = bits << 6 | (unsigned)value_of(j->text[i]);
        if (i % 4 != 0)
            key->data[key->len++] = (unsigned char)(bits >> (6 - i % 4 * 2));
    }
    key->data[key->len] = '\0';
    mem_wipe(&bits, sizeof bits);
}

static bool judge_length(const struct judged *j, size_t bytes)
{
    if (bytes < SAS_KEY_MIN) {
        findings_add(j->findings, SEVERITY_ERROR, "sas-key-length", j->where,
                     "Copy the whole key: Azure's are 32 or 64 bytes, 44 or 88 characters.",
                     "the key has %zu bytes; Azure has none under %d", bytes, SAS_KEY_MIN);
        return false;
    }
    if (bytes > SAS_KEY_MAX)
        findings_add(j->findings, SEVERITY_WARNING, "sas-key-length", j->where,
                     "Make sure that it is the device's symmetric key.",
                     "the key has %zu bytes; Azure has none over %d", bytes, SAS_KEY_MAX);
    return true;
}

/* Hexadecimal digits are base64 as well. */
static void judge_thumbprint(const struct judged *j)
{
    size_t hex = strspn((const char *)j->text, "0123456789abcdefABCDEF");

    if (hex == j->n && (j->n == 40 || j->n == 64))
        findings_add(j->findings, SEVERITY_WARNING, "sas-key-thumbprint", j->where,
                     "Give the device's symmetric key; a device with a certificate has none.",
                     "these are %zu hexadecimal digits, like a certificate's thumbprint (%s); a "
                     "token made with that would be refused",
                     j->n, j->n == 40 ? "SHA-1" : "SHA-256");
}

int sas_key_decode(const struct secret *text, struct place where, struct secret *key,
                   struct findings *findings)
{
    struct judged j = {.text = text->data, .n = text->len, .where = where, .findings = findings};
    struct err err = {0};
    size_t digits;

    secret_reset(key);
    while (j.n > 0 && is_blank(j.text[j.n - 1]))
        j.n--;
    if (!judge_shape(&j))
        return ERR_VALUE;
    digits = count_digits(&j);
    if (!judge_base64(&j, digits) || !judge_length(&j, digits * 3 / 4))
        return ERR_VALUE;
    judge_thumbprint(&j);
    if (secret_reserve(key, digits * 3 / 4 + 1, &err) != 0) {
        findings_add(findings, SEVERITY_ERROR, "secret-memory", where, NULL, "%s", err.text);
        return err.code;
    }
    decode(&j, digits, key);
    return 0;
}

int sas_key_read_text(const char *path, struct secret *text, struct findings *findings,
                      struct err *err)
{
    int rc = file_read(path, SAS_KEY_MAX_TEXT, text, err);

    if (rc == 0 && file_is_readable_by_others(path))
        findings_add(findings, SEVERITY_WARNING, "key-readable", (struct place){.file = path},
                     "chmod 600 FILE", "other users of this machine can read the key");
    return rc;
}
