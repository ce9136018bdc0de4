/* SPDX-License-Identifier: MIT */
#include "job/jobfile.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "job/preset.h"

enum { MAX_TEXT = 1024, MAX_PATH = 4095, MAX_TERMINATOR = 8 };

#define TEXT(key, text)                                                                            \
    {                                                                                              \
        .path = key, .type = CONFIG_STRING, .min = 1, .max = MAX_TEXT, .help = text                \
    }
#define PATH(key, text)                                                                            \
    {                                                                                              \
        .path = key, .type = CONFIG_STRING, .min = 1, .max = MAX_PATH, .help = text                \
    }
#define NUMBER(key, a, b, text)                                                                    \
    {                                                                                              \
        .path = key, .type = CONFIG_INT, .min = a, .max = b, .help = text                          \
    }
#define WORD(key, list, text)                                                                      \
    {                                                                                              \
        .path = key, .type = CONFIG_STRING, .words = list, .help = text                            \
    }
#define GROUP(key, text)                                                                           \
    {                                                                                              \
        .path = key, .type = CONFIG_GROUP, .help = text                                            \
    }

static const struct config_key schema[] = {
    {.path = "profile",
     .type = CONFIG_STRING,
     .required = true,
     .min = 1,
     .max = MAX_PATH,
     .help = "a built-in profile (comcert profile list) or a profile file"},
    GROUP("port", "the serial port; all of it optional"),
    PATH("port.device", "name of the port, usb:VID:PID[:SERIAL], or a link in /dev/serial"),
    NUMBER("port.baud", 50, 4000000, "line speed in bits per second"),
    TEXT("port.frame", "data bits, parity (N, E, O), stop bits: \"8N1\""),
    WORD("port.flow", flow_names, "flow control: none, rtscts, xonxoff"),
    WORD("port.dtr", modem_line_names, "DTR while the port is open: keep, on, off"),
    WORD("port.rts", modem_line_names, "RTS while the port is open: keep, on, off"),
    GROUP("mqtt", "what the device needs to know about the broker"),
    WORD("mqtt.preset", preset_names, "azure or aws: what can be derived is; none"),
    TEXT("mqtt.hub", "azure: name of the IoT hub, or its full host name"),
    TEXT("mqtt.device-id", "azure: device ID; aws: thing name"),
    TEXT("mqtt.broker", "host name of the broker"),
    NUMBER("mqtt.port", 1, 65535, "port of the broker; 8883 with TLS"),
    {.path = "mqtt.tls", .type = CONFIG_BOOL, .help = "use TLS (SSL)"},
    TEXT("mqtt.client-id", "MQTT client ID"),
    TEXT("mqtt.username", "MQTT user name"),
    PATH("mqtt.password-file", "file that holds the MQTT password and nothing else"),
    TEXT("mqtt.topic", "topic that the device publishes to"),
    GROUP("certificates", "files: PEM, DER or PKCS#12"),
    PATH("certificates.server-ca", "root certificate by which the device knows the broker"),
    PATH("certificates.device-cert", "certificate by which the broker knows the device"),
    PATH("certificates.device-key", "private key of the device certificate"),
    GROUP("transfer", "how the files are sent; defaults come from the profile"),
    NUMBER("transfer.retries", 0, 9, "how often a damaged upload is repeated"),
    NUMBER("transfer.window", 1, 65536, "bytes in flight before their echo; default: learned"),
    {.path = "transfer.terminator",
     .type = CONFIG_STRING,
     .min = 1,
     .max = MAX_TERMINATOR,
     .help = "byte or bytes that end a file: \"*\", \"\\x7F\""},
    NUMBER("transfer.result-timeout-ms", 100, 3600000, "wait for the answer to a file"),
    NUMBER("transfer.prompt-timeout-ms", 100, 3600000, "wait for the prompt"),
    {.path = "accept-assumed",
     .type = CONFIG_BOOL_OR_STRINGS,
     .min = 1,
     .max = MAX_TEXT,
     .help = "assumed commands that may be sent: true, or names such as \"device-key\""},
    {.path = NULL},
};

const struct config_key *jobfile_schema(void)
{
    return schema;
}

/* What a schema cannot say. */
static int check_frame(const struct config *c, struct findings *findings)
{
    const char *frame = config_string(c, "port.frame");

    /* The schema said it if it is empty. */
    if (frame == NULL || *frame == '\0' || line_frame_is_valid(frame))
        return 0;
    findings_add(findings, SEVERITY_ERROR, "config-value", config_place(c, "port.frame"),
                 "Write data bits (5 to 8), parity (N, E or O) and stop bits (1 or 2): \"8N1\".",
                 "`frame` cannot have this value");
    return ERR_VALUE;
}

static bool is_numbered(const char *name)
{
    const char *dash = strchr(name, '-');

    return dash != NULL && (str_starts(name, "prepare-") || str_starts(name, "finish-")) &&
           dash[1] != '\0' && dash[1 + strspn(dash + 1, "0123456789")] == '\0';
}

static bool is_among(const char *name, const char *const *words)
{
    while (*words != NULL && strcmp(*words, name) != 0)
        words++;
    return *words != NULL;
}

/* Anything may be the id of a profile, so that only what is nearly a name is told, and what cannot
 * be one. */
static int check_name(const struct config *c, const char *name, struct findings *findings)
{
    static const char *const others[] = {"abort", "sync", "prepare", "finish", "bench"};
    const char *words[SLOT_COUNT + SETTING_COUNT + sizeof others / sizeof others[0] + 1];
    const char *profile = config_string(c, "profile"), *near;
    bool possible = name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
    char shown[64], remedy[96];
    struct place place = config_place(c, "accept-assumed");
    size_t n = 0;

    for (int i = 0; i < SLOT_COUNT; i++)
        words[n++] = slot_name((enum slot)i);
    for (int i = 0; i < SETTING_COUNT; i++)
        words[n++] = setting_info((enum setting)i)->name;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        words[n++] = others[i];
    words[n] = NULL;
    near = str_nearest(name, words);
    if (is_among(name, words) || is_numbered(name) ||
        (possible && (near == NULL || (profile != NULL && strcmp(profile, name) == 0))))
        return 0;
    if (place.line == 0)
        place.file = "--set";
    if (near != NULL)
        snprintf(remedy, sizeof remedy, "Did you mean \"%s\"?", near);
    else
        snprintf(remedy, sizeof remedy,
                 "Name a slot, a setting, abort, sync, prepare, finish or a profile.");
    findings_add(findings, possible ? SEVERITY_WARNING : SEVERITY_ERROR, "config-value", place,
                 remedy, "`accept-assumed`: nothing is called \"%s\"",
                 str_escape_to(shown, sizeof shown, name, strlen(name)));
    return possible ? 0 : ERR_VALUE;
}

static int check_accepted(const struct config *c, struct findings *findings)
{
    int worst = 0;

    if (config_is_bool(c, "accept-assumed"))
        return 0;
    for (size_t i = 0; i < config_count(c, "accept-assumed"); i++) {
        const char *p = config_string_at(c, "accept-assumed", i);

        while (p != NULL && *p != '\0') {
            size_t len = strcspn(p, ", ");
            char name[64];

            snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name), p);
            if (len > 0 && len < sizeof name && check_name(c, name, findings) != 0)
                worst = ERR_VALUE;
            p += len;
            p += strspn(p, ", ");
        }
    }
    return worst;
}

int jobfile_check(const struct config *c, struct findings *findings)
{
    int schema_rc = config_check(c, schema, findings);
    int frame_rc = check_frame(c, findings);
    int accepted_rc = check_accepted(c, findings);

    return schema_rc != 0 || frame_rc != 0 || accepted_rc != 0 ? ERR_VALUE : 0;
}
