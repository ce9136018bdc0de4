/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "pki/sas.h"

/* The password is a secret: nothing of it gets into a finding but the day on which it expires. */

enum { DAY = 24 * 60 * 60 };

static struct place place_of_password(const struct check *c)
{
    return job_setting_place(c->job, SETTING_PASSWORD);
}

static void add(const struct check *c, const char *remedy, const char *what)
{
    findings_add(c->findings, SEVERITY_ERROR, "azure-password", place_of_password(c), remedy, "%s",
                 what);
}

/* The value of a field "name=value" among those separated by &, and its length; NULL if absent. */
static const char *field(const char *fields, const char *name, size_t *len)
{
    size_t want = strlen(name);

    for (;;) {
        size_t n = strcspn(fields, "&");

        if (n > want && strncmp(fields, name, want) == 0 && fields[want] == '=') {
            *len = n - want - 1;
            return fields + want + 1;
        }
        if (fields[n] == '\0')
            return NULL;
        fields += n + 1;
    }
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *p = c != '\0' ? strchr(digits, c | 0x20) : NULL;

    return p != NULL ? (int)(p - digits) : -1;
}

/* Decodes %XX; cut to the space, which is larger than any resource that could match. */
static void url_decode(const char *text, size_t n, char *out, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < n && used + 1 < size; i++) {
        int high = i + 2 < n && text[i] == '%' ? hex_digit(text[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

        if (low >= 0) {
            out[used++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[used++] = text[i];
        }
    }
    out[used] = '\0';
}

/* The token is for {host}/devices/{id}, or for more than that: the hub as a whole. */
static void check_resource(const struct check *c, const char *sr, size_t n)
{
    char resource[512];
    const char *path;
    size_t id_len = c->id != NULL ? strlen(c->id) : 0;

    url_decode(sr, n, resource, sizeof resource);
    path = strchr(resource, '/');
    if (c->broker != NULL && c->cloud_host &&
        strncasecmp(resource, c->broker, strcspn(c->broker, ".") + 1) != 0) {
        add(c, "Make a token for this hub.", "the password is a token for another hub");
    } else if (path != NULL && str_starts(path, "/devices/") && c->id != NULL) {
        path += strlen("/devices/");
        /* Tools that lower the case of the whole resource exist and work. */
        if (strncasecmp(path, c->id, id_len) != 0 || (path[id_len] != '\0' && path[id_len] != '/'))
            add(c, "Make a token for this device.", "the password is a token for another device");
    }
}

static void check_expiry(const struct check *c, const char *se, size_t n)
{
    long long end;

    if (n == 0 || n > 15 || strspn(se, "0123456789") < n) {
        add(c, "Make a new token.", "the password is a token whose expiry (se) is not a number");
        return;
    }
    end = strtoll(se, NULL, 10);
    if (end <= c->now)
        findings_add(c->findings, SEVERITY_ERROR, "azure-password", place_of_password(c),
                     "Make a new token.", "the password is a token that expired on %s",
                     words_day((time_t)end).s);
    else if (end - c->now < (long long)30 * DAY)
        findings_add(c->findings, SEVERITY_WARNING, "azure-password-expires", place_of_password(c),
                     "Make a token that lasts as long as the device is to run, or use a "
                     "certificate.",
                     "the password is a token that expires on %s", words_day((time_t)end).s);
}

static void check_token(const struct check *c, const char *fields)
{
    size_t sr_len = 0, se_len = 0, len;
    const char *sr = field(fields, "sr", &sr_len);
    const char *se = field(fields, "se", &se_len);

    if (sr == NULL || se == NULL || field(fields, "sig", &len) == NULL) {
        add(c, "Copy the whole token: SharedAccessSignature sr=...&sig=...&se=...",
            "the password is a token of which a part is missing");
        return;
    }
    check_resource(c, sr, sr_len);
    check_expiry(c, se, se_len);
    if (field(fields, "skn", &len) != NULL)
        findings_add(c->findings, SEVERITY_WARNING, "azure-password-policy", place_of_password(c),
                     "Make a token with the device's own key, without a policy name (skn).",
                     "the password is a token of a hub policy: whoever reads it out of the device "
                     "may be able to act for others");
}

static bool is_bare_key(const struct secret *text)
{
    struct findings ignored = {0};
    struct secret key = {0};
    bool is_key = sas_key_decode(text, (struct place){0}, &key, &ignored) == 0;

    findings_reset(&ignored);
    secret_reset(&key);
    return is_key;
}

void check_azure_password(const struct check *c)
{
    static const char prefix[] = "SharedAccessSignature ";
    static const char make[] = "Make a token with the device's key: comcert sas --hub HUB --device "
                               "DEVICE --key-file FILE.";
    const char *text = (const char *)c->job->password.data;
    bool cert = c->job->credentials[SLOT_DEVICE_CERT].path != NULL || c->cert != NULL;

    if (c->job->password_file == NULL && text == NULL) {
        if (!cert && c->key == NULL && c->broker != NULL)
            findings_add(c->findings, SEVERITY_WARNING, "azure-no-login",
                         job_credential_place(c->job, SLOT_DEVICE_CERT),
                         "Name certificate and key, or a file with a token as password, unless the "
                         "device has one of them already.",
                         "there is neither a device certificate nor a password to log in with");
        return;
    }
    if (cert) {
        add(c, "Leave out the password (password-file), or the certificate.",
            "there is a password beside the certificate; with a certificate it must be empty");
        return;
    }
    if (text == NULL)
        return; /* could not be read */
    if (strncasecmp(text, "HostName=", 9) == 0)
        add(c, make, "the password is a connection string, which is for SDKs and no password");
    else if (is_bare_key(&c->job->password))
        add(c, make, "the password is a device's key; the hub wants a token made with it");
    else if (!str_starts(text, prefix))
        add(c, make, "the password is not a token; the hub accepts nothing else");
    else
        check_token(c, text + strlen(prefix));
}
