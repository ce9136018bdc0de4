/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "job/preset.h"

/* {host}/{device}[/{module}]/?api-version={version}[&...] */

static struct place place_of_username(const struct check *c)
{
    return job_setting_place(c->job, SETTING_USERNAME);
}

/* The host that belongs into the user name: the hub's own, whatever address the device calls. */
static struct words expected_host(const struct check *c)
{
    const char *hub = c->job->hub;

    if (hub != NULL && strchr(hub, '.') != NULL)
        return words_of(hub);
    if (hub != NULL)
        return words("%s.azure-devices.net", words_of(hub).s);
    if (c->broker != NULL && strchr(c->broker, '.') == NULL)
        return words("%s.azure-devices.net", words_of(c->broker).s);
    return words_of(c->broker != NULL ? c->broker : "{hub}.azure-devices.net");
}

static struct words remedy(const struct check *c)
{
    return words("Write \"%s/%s/?api-version=" AZURE_API_VERSION "\", or leave it out (username).",
                 expected_host(c).s, words_of(c->id != NULL ? c->id : "{device ID}").s);
}

static void add(const struct check *c, enum severity severity, const char *code, const char *what)
{
    findings_add(c->findings, severity, code, place_of_username(c), remedy(c).s, "%s", what);
}

/* Classic and new address of one hub have the same first part. */
static bool same_hub(const char *a, const char *b)
{
    size_t n = strcspn(a, ".");

    return n == strcspn(b, ".") && strncasecmp(a, b, n) == 0;
}

/* False if it is wrong. */
static bool check_host(const struct check *c, const char *name, size_t n)
{
    struct words host = words("%.*s", n > 255 ? 255 : (int)n, name);

    if (strchr(host.s, ':') != NULL) {
        add(c, SEVERITY_ERROR, "azure-username",
            "the user name begins with an address that has a scheme or a port in it");
    } else if (strchr(host.s, '.') == NULL) {
        add(c, SEVERITY_ERROR, "azure-username",
            "the user name begins with a hub's short name; it must be the full host name");
    } else if (c->broker != NULL && c->cloud_host && !host_equals(host.s, c->broker)) {
        if (!same_hub(host.s, c->broker)) {
            add(c, SEVERITY_ERROR, "azure-username",
                "the user name begins with another host than the broker's");
            return false;
        }
        findings_add(c->findings, SEVERITY_NOTE, "azure-username-host", place_of_username(c), NULL,
                     "user name and broker give two addresses of the same hub");
        return true;
    } else {
        return true;
    }
    return false;
}

static bool is_digits(const char *p, size_t n)
{
    return strspn(p, "0123456789") >= n;
}

/* "2021-04-12" or "2025-08-01-preview", up to the next parameter. */
static void check_version(const struct check *c, const char *version)
{
    size_t n = strcspn(version, "&");
    bool preview = n == 18 && strncmp(version + 10, "-preview", 8) == 0;
    bool dated = (n == 10 || preview) && is_digits(version, 4) && version[4] == '-' &&
                 is_digits(version + 5, 2) && version[7] == '-' && is_digits(version + 8, 2);

    if (!dated)
        add(c, SEVERITY_ERROR, "azure-api-version",
            "the user name's api-version is not a date such as " AZURE_API_VERSION);
    else if (preview && str_starts(version, "2020-10-01"))
        add(c, SEVERITY_ERROR, "azure-api-version",
            "the user name's api-version is that of the MQTT 5 preview, which has ended");
    else if (preview)
        add(c, SEVERITY_WARNING, "azure-api-version",
            "the user name's api-version is a preview and may end at any time");
    else if (strncmp(version, "2020", 4) < 0)
        findings_add(c->findings, SEVERITY_NOTE, "azure-api-version", place_of_username(c),
                     "The current one is " AZURE_API_VERSION ".",
                     "the user name's api-version is of %.4s: old, not known to be withdrawn",
                     version);
}

/* What follows the ID. */
static void check_tail(const struct check *c, const char *tail)
{
    static const char modern[] = "/?api-version=", legacy[] = "/api-version=";

    if (*tail == '\0' || strcmp(tail, "/") == 0) {
        add(c, SEVERITY_WARNING, "azure-api-version",
            "the user name has no api-version, which may lead to unexpected behaviour");
    } else if (str_starts(tail, modern)) {
        check_version(c, tail + strlen(modern));
    } else if (str_starts(tail, legacy)) {
        add(c, SEVERITY_WARNING, "azure-username",
            "the user name lacks the ? before api-version, a form from 2016");
    } else {
        add(c, SEVERITY_ERROR, "azure-username",
            "the user name does not end in /?api-version=" AZURE_API_VERSION);
    }
}

static void add_other_id(const struct check *c, const char *name, size_t n)
{
    struct words got = words("%.*s", n > 128 ? 128 : (int)n, name);

    findings_add(c->findings, SEVERITY_ERROR, "azure-username", place_of_username(c), remedy(c).s,
                 "the user name is for the device \"%s\", the device ID is \"%s\"%s",
                 words_of(got.s).s, words_of(c->id).s,
                 differs_by_case_or_blanks(got.s, c->id) ? " (case and blanks count)" : "");
}

static void check_id(const struct check *c, const char *rest)
{
    size_t n = strcspn(rest, "/");
    size_t id_len = c->id != NULL ? strcspn(c->id, "/") : 0;

    if (str_starts(rest + n, "/registrations/") || str_starts(rest, "registrations/")) {
        add(c, SEVERITY_ERROR, "azure-username",
            "this is the user name for the Device Provisioning Service, not for a hub");
        return;
    }
    /* Before anything else: "?" is legal in a device ID, so the ID would seem to be another. */
    if (memchr(rest, '?', n) != NULL && strstr(rest, "?api-version") != NULL &&
        (c->id == NULL || strncmp(rest, c->id, n) != 0)) {
        add(c, SEVERITY_ERROR, "azure-username",
            "the user name lacks the / between the device ID and ?api-version");
        return;
    }
    if (c->id != NULL && (n != id_len || strncmp(rest, c->id, n) != 0)) {
        add_other_id(c, rest, n);
        return;
    }
    rest += n;
    if (rest[0] == '/' && rest[1] != '?' && rest[1] != '\0' && !str_starts(rest, "/api-version="))
        rest += 1 + strcspn(rest + 1, "/"); /* a module */
    check_tail(c, rest);
}

void check_azure_username(const struct check *c)
{
    const char *name = job_value(c->job, SETTING_USERNAME);
    size_t n;

    if (name == NULL || c->job->settings[SETTING_USERNAME].derived)
        return;
    if (has_control(name) || has_control(c->broker) || has_control(c->id)) /* told already */
        return;
    if (strstr(name, "://") != NULL) {
        add(c, SEVERITY_ERROR, "azure-username",
            "the user name begins with an address that has a scheme or a port in it");
        return;
    }
    n = strcspn(name, "/");
    if (name[n] == '\0')
        add(c, SEVERITY_ERROR, "azure-username",
            "the user name does not have the form that Azure IoT Hub needs");
    else if (check_host(c, name, n))
        check_id(c, name + n + 1);
}
