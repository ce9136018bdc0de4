/* SPDX-License-Identifier: MIT */
#include "device/profileschema.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/config.h"
#include "device/profile.h"

const char *const profile_eol_names[] = {"cr", "lf", "crlf", NULL};
const char *const profile_end_names[] = {"terminator", "length", "length-terminator", NULL};
const char *const profile_digest_names[] = {"none", "size", "xor16", "sha256-sent", NULL};
const char *const profile_key_format_names[] = {"pkcs8", "traditional", NULL};
const char *const profile_mark_names[] = {"assumed", "seen", "documented", NULL};

/* clang-format off: a table is read by its columns */

#define GROUP(path, help)                                                                          \
    {                                                                                              \
        path, CONFIG_GROUP, false, 0, 0, NULL, false, help                                         \
    }
#define GROUPS(path, help)                                                                         \
    {                                                                                              \
        path, CONFIG_GROUPS, false, 0, 0, NULL, false, help                                        \
    }
#define TEXT(path, required, help)                                                                 \
    {                                                                                              \
        path, CONFIG_STRING, required, 1, PROFILE_TEXT_MAX, NULL, false, help                      \
    }
#define TEXTS(path, help)                                                                          \
    {                                                                                              \
        path, CONFIG_STRINGS, false, 1, PROFILE_TEXT_MAX, NULL, false, help                        \
    }
#define WORD(path, required, words, help)                                                          \
    {                                                                                              \
        path, CONFIG_STRING, required, 0, 0, words, false, help                                    \
    }
#define NUMBER(path, required, min, max, help)                                                     \
    {                                                                                              \
        path, CONFIG_INT, required, min, max, NULL, false, help                                    \
    }
#define TIME(path, min, help) NUMBER(path, false, min, PROFILE_TIME_MAX_MS, help)
#define FLAG(path, help)                                                                           \
    {                                                                                              \
        path, CONFIG_BOOL, false, 0, 0, NULL, false, help                                          \
    }

#define STEPS(list, when)                                                                          \
    GROUPS(list, "commands " when ", in order"),                                                   \
        TEXT(list "[].send", true, "what is sent, without its line end"),                          \
        TEXT(list "[].expect", false, "pattern of the answer; answers.ok if absent"),              \
        NUMBER(list "[].tries", false, 1, PROFILE_TRIES_MAX,                                       \
               "how often it is sent until answered"),                                             \
        TIME(list "[].timeout-ms", 1, "time for an answer; answers.timeout-ms if absent")

static const struct config_key schema[] = {
    NUMBER("schema", true, 1, 1, "version of this format: 1"),
    TEXT("id", true, "name: lower-case letters, digits and hyphens"),
    TEXT("title", true, "what people call it"),
    TEXT("maker", false, "maker of the device"),
    TEXT("source", false, "where this knowledge is from"),
    FLAG("emulator-only", "no real device speaks like this: refused on a serial port"),

    GROUP("line", "how the line is set, unless the job says otherwise"),
    NUMBER("line.baud", false, 50, 4000000, "bits per second"),
    TEXT("line.frame", false, "data bits, parity, stop bits: 8N1"),
    WORD("line.flow", false, flow_names, "flow control"),
    WORD("line.dtr", false, modem_line_names, "what is done with DTR"),
    WORD("line.rts", false, modem_line_names, "what is done with RTS"),
    WORD("line.command-eol", false, profile_eol_names, "what ends a command: cr"),

    GROUP("answers", "answers to plain commands"),
    TEXTS("answers.ok", "patterns of success"),
    TEXTS("answers.fail", "patterns of failure"),
    TEXTS("answers.boot", "patterns of lines that the device prints when it starts"),
    TIME("answers.timeout-ms", 1, "time for an answer: 5000"),

    STEPS("prepare", "before the first setting or upload"),
    STEPS("finish", "after the last upload"),

    GROUP("upload", "how a file is given to the device"),
    TEXT("upload.prompt", false, "what the device says when it is ready for the body"),
    TIME("upload.prompt-timeout-ms", 1, "time for the prompt: 10000"),
    TIME("upload.settle-ms", 0, "pause from prompt to body: 0"),
    WORD("upload.body-eol", false, profile_eol_names, "line end inside a body: lf"),
    FLAG("upload.body-last-eol", "the last line of a body has its line end too: true"),
    WORD("upload.end", true, profile_end_names, "how the device knows that a body is complete"),
    {"upload.terminator", CONFIG_STRING, false, 1, 16, NULL, false, "what ends a body"},
    TEXT("upload.forbid", false, "characters that must not be in a body"),
    NUMBER("upload.max-bytes", false, 1, 1048576, "longest body that the device takes"),
    TIME("upload.window-ms", 1, "the device's own time limit for a whole body"),
    TIME("upload.result-timeout-ms", 1, "time for the answer after the body: 30000"),
    TEXTS("upload.ok", "patterns of success"),
    TEXTS("upload.fail", "patterns of failure"),
    TEXT("upload.report", false, "pattern of a line with {size} or {digest} of what was stored"),
    WORD("upload.digest", false, profile_digest_names, "what the report tells: none"),
    WORD("upload.key-format", false, profile_key_format_names, "PEM of a private key: pkcs8"),
    FLAG("upload.chain", "a body may hold several certificates: false"),
    NUMBER("upload.rate-percent", false, 1, 100,
           "of the line's speed where nothing is echoed: 100"),
    NUMBER("upload.retries", false, 0, PROFILE_RETRIES_MAX, "further attempts after damage: 1"),

    GROUP("slots", "commands that open an upload"),
    GROUP("slots.server-ca", "the server CA"),
    TEXT("slots.server-ca.command", true, "template: {length}, {slot}"),
    GROUP("slots.device-cert", "the device certificate"),
    TEXT("slots.device-cert.command", true, "template: {length}, {slot}"),
    GROUP("slots.device-key", "the private key"),
    TEXT("slots.device-key.command", true, "template: {length}, {slot}"),

    GROUP("settings", "commands for settings; what has none becomes a manual step"),
    TEXT("settings.broker", false, "template: {value}"),
    TEXT("settings.port", false, "template: {value}"),
    TEXT("settings.tls", false, "template: {value}, true or false"),
    TEXT("settings.client-id", false, "template: {value}"),
    TEXT("settings.username", false, "template: {value}"),
    TEXT("settings.password", false, "template: {value}"),
    TEXT("settings.topic", false, "template: {value}"),

    GROUP("manual", "where a person types what has no command"),
    TEXT("manual.where", false, "the maker's software and its window"),
    TEXT("manual.broker", false, "the field's name there"),
    TEXT("manual.port", false, "the field's name there"),
    TEXT("manual.tls", false, "the field's name there"),
    TEXT("manual.client-id", false, "the field's name there"),
    TEXT("manual.username", false, "the field's name there"),
    TEXT("manual.password", false, "the field's name there"),
    TEXT("manual.topic", false, "the field's name there"),

    GROUP("abort", "the way out of an upload"),
    TEXT("abort.send", true, "what is sent, as it is"),
    TEXTS("abort.answers", "patterns of the answer"),
    TIME("abort.timeout-ms", 1, "time for the answer: 5000"),

    GROUP("sync", "asks whether the last upload or setting was stored"),
    TEXT("sync.command", true, "template: {nonce}"),
    TEXT("sync.ok", true, "pattern, with {nonce}: it was stored"),
    TEXT("sync.fail", true, "pattern, with {nonce}: it was not"),
    TIME("sync.timeout-ms", 1, "time for the answer: 5000"),

    GROUPS("proof", "how well each key is known; what none covers is assumed"),
    {"proof[].key", CONFIG_STRING, true, 0, PROFILE_TEXT_MAX, NULL, false,
     "a key or group of this file; \"\" for everything"},
    WORD("proof[].mark", true, profile_mark_names, "how well it is known"),
    TEXT("proof[].source", false, "where from"),

    {NULL, CONFIG_GROUP, false, 0, 0, NULL, false, NULL},
};

/* clang-format on */

const struct config_key *profile_schema(void)
{
    return schema;
}
