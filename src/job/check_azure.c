/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <string.h>

#include "base/str.h"

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

#define ID_CHARACTERS LETTERS_DIGITS "-.%_*?!(),:=@$'"

static const char id_characters[] =
    "Azure allows ASCII letters, digits and - . % _ * ? ! ( ) , : = @ $ '.";

enum { MAX_DEVICE_ID = 128, MAX_COMMON_NAME = 64 };

static struct place place_of_hub(const struct check *c)
{
    return (struct place){.key = "mqtt.hub", .file = c->job->file, .line = c->job->hub_line};
}

static struct place place_of_host(const struct check *c)
{
    return c->job->settings[SETTING_BROKER].derived ? place_of_hub(c)
                                                    : job_setting_place(c->job, SETTING_BROKER);
}

/* 3 to 50 letters, digits and hyphens; the first and the last no hyphen. */
static bool is_hub_name(const char *name, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strchr(LETTERS_DIGITS "-", name[i]) == NULL)
            return false;
    }
    return n >= 3 && n <= 50 && name[0] != '-' && name[n - 1] != '-';
}

static const char *domain_of(const char *host)
{
    for (size_t i = 0; azure_domains[i] != NULL; i++) {
        if (host_ends(host, azure_domains[i]))
            return azure_domains[i];
    }
    return NULL;
}

/* A name outside Azure's domains may be a gateway's; or Azure's own, misspelled. */
static void check_foreign_host(const struct check *c)
{
    const char *dot = strchr(c->broker, '.');
    const char *near = dot != NULL ? str_nearest(dot, azure_domains) : NULL;

    if (dot == NULL)
        findings_add(c->findings, SEVERITY_ERROR, "azure-host", place_of_host(c),
                     words("Write %s.azure-devices.net.", words_of(c->broker).s).s,
                     "\"%s\" is a hub's short name; the broker is its full host name",
                     words_of(c->broker).s);
    else
        findings_add(c->findings, SEVERITY_WARNING, "azure-host", place_of_host(c),
                     near != NULL ? words("Did you mean %.*s%s?", (int)(dot - c->broker),
                                          words_of(c->broker).s, near)
                                        .s
                                  : "Use the hub's own name unless a gateway stands before it.",
                     "\"%s\" does not end in .azure-devices.net", words_of(c->broker).s);
}

static void check_own_host(const struct check *c, const char *domain)
{
    size_t n = strlen(c->broker) - strlen(domain);
    const char *dot = memchr(c->broker, '.', n);

    if (dot == NULL) {
        if (!is_hub_name(c->broker, n))
            findings_add(c->findings, SEVERITY_ERROR, "azure-hub-name", place_of_host(c),
                         "Copy it from the hub's overview page.",
                         "the hub's name must be 3 to 50 letters, digits and hyphens");
    } else if (host_equals(dot, words(".service%s", domain).s)) {
        findings_add(c->findings, SEVERITY_ERROR, "azure-host", place_of_host(c),
                     words("Write %.*s%s.", (int)(dot - c->broker), c->broker, domain).s,
                     "this is the hub's address for services; devices cannot connect to it");
    } else if (host_equals(dot, words(".device%s", domain).s)) {
        findings_add(c->findings, SEVERITY_NOTE, "azure-host", place_of_host(c),
                     "Use the hub's classic name if the device cannot connect.",
                     "this is the hub's new address for devices, a preview: it needs SNI and "
                     "accepts fewer ciphers");
    } else {
        findings_add(c->findings, SEVERITY_ERROR, "azure-host", place_of_host(c),
                     words("Write {hub}%s.", domain).s, "a hub's host name has one part before %s",
                     domain);
    }
    if (c->cloud == CLOUD_AZURE_SOVEREIGN)
        findings_add(c->findings, SEVERITY_NOTE, "azure-sovereign", place_of_host(c), NULL,
                     "this hub is in a sovereign cloud, where roots and features differ");
}

static void check_host(const struct check *c)
{
    const char *domain;

    /* Told already as broker-scheme, -port-in-host, -form or value-unsafe. */
    if (c->broker == NULL || strpbrk(c->broker, ":/ ") != NULL || has_control(c->broker))
        return;
    domain = domain_of(c->broker);
    if (domain != NULL)
        check_own_host(c, domain);
    else
        check_foreign_host(c);
}

static void check_port(const struct check *c)
{
    const char *port = job_value(c->job, SETTING_PORT);
    struct place place = job_setting_place(c->job, SETTING_PORT);

    if (port == NULL || strcmp(port, "8883") == 0)
        return;
    if (strcmp(port, "443") == 0)
        findings_add(c->findings, SEVERITY_WARNING, "azure-port", place, "Use port 8883.",
                     "port 443 is for MQTT over WebSocket, which few devices speak, and whether it "
                     "takes certificates is not settled");
    else
        findings_add(c->findings, c->cloud_host ? SEVERITY_ERROR : SEVERITY_WARNING, "azure-port",
                     place, "Use port 8883.", "Azure IoT Hub does not listen on port %s", port);
}

/* True for the client ID of a module of this device: "device/module". */
static bool is_module_of(const char *client, const char *device)
{
    size_t n = strlen(device);

    return strncmp(client, device, n) == 0 && client[n] == '/' && client[n + 1] != '\0' &&
           strchr(client + n + 1, '/') == NULL;
}

static void check_module(const struct check *c, const char *module)
{
    struct place place = job_setting_place(c->job, SETTING_CLIENT_ID);

    if (module[strspn(module, ID_CHARACTERS)] != '\0')
        findings_add(c->findings, SEVERITY_ERROR, "device-id-charset", place, id_characters,
                     "the module ID \"%s\" holds a character that Azure does not allow",
                     words_of(module).s);
    else
        findings_add(c->findings, SEVERITY_NOTE, "azure-module", place, NULL,
                     "the client ID is that of a module of the device");
}

static void check_client_id(const struct check *c)
{
    const char *client = job_value(c->job, SETTING_CLIENT_ID);

    if (client == NULL || c->id == NULL || strcmp(client, c->id) == 0 || has_control(client) ||
        has_control(c->id))
        return;
    if (is_module_of(client, c->id)) {
        check_module(c, client + strlen(c->id) + 1);
        return;
    }
    findings_add(c->findings, SEVERITY_ERROR, "azure-client-id",
                 job_setting_place(c->job, SETTING_CLIENT_ID),
                 words("Write \"%s\", or leave it out (client-id).", words_of(c->id).s).s,
                 "the client ID is \"%s\" but must be the device ID, \"%s\"%s", words_of(client).s,
                 words_of(c->id).s,
                 differs_by_case_or_blanks(client, c->id) ? " (case and blanks count)" : "");
}

static void check_id_characters(const struct check *c)
{
    size_t legal = strspn(c->id, ID_CHARACTERS);
    size_t plain = strspn(c->id, LETTERS_DIGITS "-._");

    if (c->id[legal] != '\0' && !(c->job->device_id == NULL && c->id[legal] == '/'))
        findings_add(
            c->findings, SEVERITY_ERROR, "device-id-charset", check_id_place(c), id_characters,
            "the device ID \"%s\" holds a character that Azure does not allow", words_of(c->id).s);
    else if (c->id[plain] != '\0' && c->id[plain] != '/')
        findings_add(c->findings, SEVERITY_WARNING, "device-id-special", check_id_place(c),
                     "Register it with letters, digits, dots, hyphens and underscores only.",
                     "the device ID holds a %c, which a serial command line may take for something "
                     "else%s",
                     c->id[plain], strchr(c->id, '*') != NULL ? "; * ends a file upload" : "");
}

static void check_device_id(const struct check *c)
{
    size_t n;

    if (c->id == NULL)
        return;
    n = strlen(c->id);
    if (!has_control(c->id))
        check_id_characters(c);
    if (n > MAX_DEVICE_ID)
        findings_add(c->findings, SEVERITY_ERROR, "device-id-length", check_id_place(c),
                     "Register a shorter one.", "the device ID has %zu characters; Azure allows %d",
                     n, MAX_DEVICE_ID);
    else if (n > MAX_COMMON_NAME)
        findings_add(c->findings, SEVERITY_WARNING, "device-id-length", check_id_place(c),
                     "Register a shorter one.",
                     "the device ID has %zu characters, but a certificate's common name holds %d",
                     n, MAX_COMMON_NAME);
}

static void add_topic(const struct check *c, enum severity severity, const char *what)
{
    findings_add(c->findings, severity, "azure-topic", job_setting_place(c->job, SETTING_TOPIC),
                 c->id != NULL
                     ? words("Write \"devices/%s/messages/events/\", or leave it out (topic).",
                             words_of(c->id).s)
                           .s
                     : "Write \"devices/{device ID}/messages/events/\" (topic).",
                 "%s", what);
}

/* After the device's own "devices/{id}/". */
static void check_topic_tail(const struct check *c, const char *tail)
{
    static const char events[] = "messages/events";

    if (str_starts(tail, "modules/")) {
        const char *slash = strchr(tail + strlen("modules/"), '/');

        tail = slash != NULL ? slash + 1 : "";
    }
    if (str_starts(tail, "messages/devicebound"))
        add_topic(c, SEVERITY_ERROR,
                  "this topic is for messages to the device; it cannot publish there");
    else if (strcmp(tail, events) == 0)
        add_topic(c, SEVERITY_WARNING,
                  "the topic lacks the / at its end, which Azure's documentation has");
    else if (!str_starts(tail, events) || tail[strlen(events)] != '/')
        add_topic(c, SEVERITY_ERROR, "Azure IoT Hub knows no such topic and drops the connection");
}

static void check_topic(const struct check *c)
{
    const char *topic = job_value(c->job, SETTING_TOPIC);
    size_t n;

    if (topic == NULL || c->job->settings[SETTING_TOPIC].derived || str_starts(topic, "$iothub/") ||
        strpbrk(topic, "#+") != NULL || has_control(topic) || has_control(c->id)) /* told already */
        return;
    if (!str_starts(topic, "devices/")) {
        add_topic(c, SEVERITY_ERROR,
                  "Azure IoT Hub is no general broker: it knows only its own "
                  "topics and drops the connection on others");
        return;
    }
    topic += strlen("devices/");
    n = strcspn(topic, "/");
    if (c->id != NULL) {
        size_t id_len = strcspn(c->id, "/"); /* a module's client ID goes on after it */

        if (n != id_len || strncmp(topic, c->id, n) != 0) {
            add_topic(c, SEVERITY_ERROR,
                      "the topic names another device; the hub then drops the "
                      "connection after each message");
            return;
        }
    }
    check_topic_tail(c, topic[n] == '/' ? topic + n + 1 : "");
}

void check_azure(const struct check *c)
{
    check_host(c);
    check_port(c);
    check_client_id(c);
    check_device_id(c);
    check_topic(c);
}
