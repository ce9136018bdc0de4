/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "job/check.h"

/* What holds for every broker. */

static void add(const struct check *c, enum severity severity, const char *code,
                enum setting setting, const char *remedy, const char *what)
{
    findings_add(c->findings, severity, code, job_setting_place(c->job, setting), remedy, "%s",
                 what);
}

/* A derived broker came from the hub's name. */
static struct place place_of_broker(const struct check *c)
{
    if (c->job->settings[SETTING_BROKER].derived)
        return (struct place){.key = "mqtt.hub", .file = c->job->file, .line = c->job->hub_line};
    return job_setting_place(c->job, SETTING_BROKER);
}

/* A tab is a control character, which is worse. */
static bool has_outer_blank(const char *text, size_t n)
{
    return n > 0 && (text[0] == ' ' || text[n - 1] == ' ');
}

static bool has_non_ascii(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text >= 0x80)
            return true;
    }
    return false;
}

/* Derived values repeat what is wrong with the ones that they come from. */
static void check_characters(const struct check *c)
{
    static const char *const blank = "begins or ends with a blank, which counts as a part of it";

    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *value = job_value(c->job, (enum setting)i);
        const char *title = setting_info((enum setting)i)->title;
        struct place place = job_setting_place(c->job, (enum setting)i);

        (void)check_control(c->job, (enum setting)i, c->findings);
        if (value == NULL || c->job->settings[i].derived)
            continue;
        if (has_outer_blank(value, strlen(value)))
            findings_add(c->findings, SEVERITY_WARNING, "value-blank", place, "Remove the blank.",
                         "the value for \"%s\" %s", title, blank);
        if (has_non_ascii(value) && i != SETTING_BROKER)
            findings_add(c->findings, SEVERITY_WARNING, "value-non-ascii", place,
                         "Type it anew: copied text may carry invisible characters.",
                         "the value for \"%s\" holds characters beyond plain ASCII: \"%s\"", title,
                         words_of(value).s);
    }
    (void)check_sources(c->job, c->findings);
    if (has_outer_blank((const char *)c->job->password.data, c->job->password.len))
        findings_add(c->findings, SEVERITY_WARNING, "value-blank",
                     job_setting_place(c->job, SETTING_PASSWORD), "Remove the blank.",
                     "the password %s", blank);
}

static bool is_ip(const char *host)
{
    unsigned char address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

static bool uses_tls(const struct check *c)
{
    const char *tls = job_value(c->job, SETTING_TLS);

    return tls != NULL && strcmp(tls, "true") == 0;
}

static void check_address(const struct check *c, struct place place)
{
    if (strcmp(c->broker, "localhost") == 0 || strncmp(c->broker, "127.", 4) == 0 ||
        strcmp(c->broker, "::1") == 0)
        findings_add(c->findings, SEVERITY_WARNING, "broker-local", place,
                     "Give the broker's name as other machines see it.",
                     "\"%s\" means the device itself", words_of(c->broker).s);
    else if (uses_tls(c) && is_ip(c->broker))
        findings_add(c->findings, SEVERITY_WARNING, "broker-ip", place,
                     "Give the name that the broker's certificate is made out to.",
                     "the broker is given by its IP address: most certificates are made out to a "
                     "name, and TLS compares the two");
}

/* A host name and nothing around it. For a cloud it is known that nothing else can work; another
 * device may understand a URL or a port. */
static void check_broker_form(const struct check *c)
{
    enum severity severity = c->cloud == CLOUD_OTHER ? SEVERITY_WARNING : SEVERITY_ERROR;
    const char *scheme = strstr(c->broker, "://");
    const char *colon = strchr(c->broker, ':');
    struct place place = place_of_broker(c);

    if (scheme != NULL)
        findings_add(c->findings, severity, "broker-scheme", place,
                     "Give the host name alone, without scheme, port and path.",
                     "the broker is given as an address with a scheme (\"%.*s://\")",
                     scheme - c->broker > 16 ? 16 : (int)(scheme - c->broker), c->broker);
    else if (is_ip(c->broker))
        check_address(c, place);
    else if (colon != NULL && colon[1] != '\0' &&
             colon[1 + strspn(colon + 1, "0123456789")] == '\0')
        findings_add(c->findings, severity, "broker-port-in-host", place,
                     "Give the host name alone; the port is a setting of its own.",
                     "the broker's name has a port in it");
    else if (c->broker[strspn(c->broker, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                         "0123456789.-_")] != '\0')
        findings_add(c->findings, SEVERITY_ERROR, "broker-form", place,
                     "Host names hold letters, digits, dots and hyphens only.",
                     "\"%s\" cannot be a host name", words_of(c->broker).s);
    else
        check_address(c, place);
}

static void check_port(const struct check *c)
{
    const char *port = job_value(c->job, SETTING_PORT);
    size_t digits = port != NULL ? strspn(port, "0123456789") : 0;

    if (port == NULL)
        return;
    if (port[digits] != '\0' || digits == 0 || digits > 5 || atoi(port) < 1 || atoi(port) > 65535) {
        add(c, SEVERITY_ERROR, "broker-port-form", SETTING_PORT, "With TLS it is usually 8883.",
            "the port must be a whole number from 1 to 65535");
        return;
    }
    if (c->cloud != CLOUD_OTHER)
        return;
    if (strcmp(port, "1883") == 0 && uses_tls(c))
        add(c, SEVERITY_WARNING, "broker-port-tls", SETTING_PORT,
            "Use port 8883, or no TLS (tls = false).",
            "port 1883 is the one for MQTT without TLS, but TLS is on");
    if (strcmp(port, "8883") == 0 && !uses_tls(c))
        add(c, SEVERITY_WARNING, "broker-port-tls", SETTING_PORT, "Use TLS (tls = true).",
            "port 8883 is the one for MQTT with TLS, but TLS is off");
}

static bool has_certificates(const struct check *c)
{
    return c->root != NULL || c->cert != NULL || c->key != NULL;
}

static void check_tls(const struct check *c)
{
    const char *tls = job_value(c->job, SETTING_TLS);

    if (tls == NULL || uses_tls(c))
        return;
    if (c->cloud != CLOUD_OTHER)
        add(c, SEVERITY_ERROR, "tls-off", SETTING_TLS, "Use TLS (tls = true).",
            c->cloud == CLOUD_AWS ? "TLS is off, but AWS IoT accepts nothing else"
                                  : "TLS is off, but Azure IoT Hub accepts nothing else");
    else if (has_certificates(c))
        add(c, SEVERITY_WARNING, "tls-off", SETTING_TLS, "Use TLS (tls = true).",
            "TLS is off, so the certificates will not be used");
}

static void check_topic(const struct check *c)
{
    const char *topic = job_value(c->job, SETTING_TOPIC);

    if (topic != NULL && !c->job->settings[SETTING_TOPIC].derived && strpbrk(topic, "#+") != NULL)
        add(c, SEVERITY_ERROR, "topic-wildcard", SETTING_TOPIC,
            "Name one topic without # and +; those are for subscribing.",
            "the device publishes to this topic, and a topic to publish to has no wildcards");
}

static bool has_settings(const struct check *c)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (job_value(c->job, (enum setting)i) != NULL && !c->job->settings[i].derived)
            return true;
    }
    return c->job->password_file != NULL || c->job->hub != NULL || c->job->device_id != NULL;
}

/* A job may carry credentials alone. Once it speaks of a broker it should say everything; what it
 * leaves out stays in the device as it was. */
static void check_missing(const struct check *c)
{
    bool azure = c->job->preset == PRESET_AZURE;
    struct place hub = {"mqtt.hub", c->job->file, c->job->hub_line};
    struct place id = {"mqtt.device-id", c->job->file, c->job->device_id_line};

    if (!has_settings(c) && c->job->preset == PRESET_NONE)
        return;
    if (c->broker == NULL && azure)
        findings_add(c->findings, SEVERITY_ERROR, "broker-missing", hub,
                     "Give the name of the IoT hub (hub = \"my-hub\").",
                     "no hub is given, so nothing can be derived");
    else if (c->broker == NULL)
        add(c, SEVERITY_WARNING, "broker-missing", SETTING_BROKER, "Give its host name.",
            "no broker is given");
    if (c->id == NULL && azure)
        findings_add(c->findings, SEVERITY_ERROR, "device-id-missing", id,
                     "Give it as it is registered (device-id = \"pump-7\").",
                     "no device ID is given, so nothing can be derived");
    else if (job_value(c->job, SETTING_CLIENT_ID) == NULL)
        add(c, SEVERITY_WARNING, "client-id-missing", SETTING_CLIENT_ID,
            "Give one that no other device uses, or make sure that the device has one.",
            "no client ID is given");
    if (job_value(c->job, SETTING_TOPIC) == NULL && !azure)
        add(c, SEVERITY_WARNING, "topic-missing", SETTING_TOPIC,
            "Give one, or make sure that the device has one.", "no topic is given");
}

static void check_password(const struct check *c)
{
    if (c->job->password_file != NULL && job_value(c->job, SETTING_USERNAME) == NULL)
        add(c, SEVERITY_ERROR, "password-without-username", SETTING_PASSWORD,
            "Give a user name, or leave the password out.",
            "there is a password but no user name, which MQTT 3.1.1 forbids");
}

void check_settings(const struct check *c)
{
    check_missing(c);
    check_characters(c);
    if (c->broker != NULL && !has_control(c->broker))
        check_broker_form(c);
    check_port(c);
    check_tls(c);
    check_topic(c);
    check_password(c);
}
