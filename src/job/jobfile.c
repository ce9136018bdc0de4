/* SPDX-License-Identifier: MIT */
#include "job/jobfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
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

static bool copy_text(const struct config *c, const char *key, char **out)
{
    const char *text = config_string(c, key);

    *out = str_copy(text);
    return text == NULL || *out != NULL;
}

/* A path in the file is relative to the file; one that came by --set has no line and is relative to
 * where we are. */
static bool copy_path(const struct config *c, const char *key, char **out)
{
    const char *text = config_string(c, key);
    bool in_file = config_place(c, key).line != 0;

    *out = text != NULL ? file_resolve(in_file ? config_name(c) : NULL, text) : NULL;
    return text == NULL || *out != NULL;
}

/* profile_load resolves the name, if it is a path, against the job file: a path that came by --set
 * is made absolute before that. */
static bool copy_profile(const struct config *c, struct job *job)
{
    struct buf path = {0};
    char *cwd;

    job->profile_line = config_place(c, "profile").line;
    if (!copy_text(c, "profile", &job->profile))
        return false;
    if (job->profile_line != 0 || strpbrk(job->profile, "./") == NULL || job->profile[0] == '/' ||
        job->profile[0] == '~')
        return true;
    cwd = getcwd(NULL, 0);
    if (cwd == NULL)
        return true;
    buf_printf(&path, "%s/%s", cwd, job->profile);
    free(cwd);
    free(job->profile);
    job->profile = buf_take(&path);
    return job->profile != NULL;
}

static int modem_line(const struct config *c, const char *key)
{
    const char *name = config_string(c, key);

    return name != NULL ? modem_line_of_name(name) : MODEM_LINE_UNSET;
}

static bool copy_port(const struct config *c, struct job *job)
{
    const char *frame = config_string(c, "port.frame");
    const char *flow = config_string(c, "port.flow");

    job->line.baud = config_int(c, "port.baud", 0);
    if (frame != NULL)
        memcpy(job->line.frame, frame, sizeof job->line.frame);
    job->line.flow = flow != NULL ? (enum flow)flow_of_name(flow) : FLOW_UNSET;
    job->line.dtr = (enum modem_line)modem_line(c, "port.dtr");
    job->line.rts = (enum modem_line)modem_line(c, "port.rts");
    return copy_text(c, "port.device", &job->device);
}

/* Port and TLS are carried as text like the rest. */
static bool copy_setting(const struct config *c, struct job *job, enum setting setting)
{
    struct job_setting *s = &job->settings[setting];
    const char *key = setting_info(setting)->key;
    struct buf text = {0};

    if (!config_has(c, key))
        return true;
    s->line = config_place(c, key).line;
    if (setting == SETTING_PORT)
        buf_printf(&text, "%ld", config_int(c, key, 0));
    else if (setting == SETTING_TLS)
        buf_add_str(&text, config_bool(c, key, false) ? "true" : "false");
    else
        buf_add_str(&text, config_string(c, key));
    s->value = buf_take(&text);
    return s->value != NULL;
}

static bool copy_mqtt(const struct config *c, struct job *job)
{
    const char *preset = config_string(c, "mqtt.preset");
    bool ok = copy_text(c, "mqtt.hub", &job->hub) &&
              copy_text(c, "mqtt.device-id", &job->device_id) &&
              copy_path(c, "mqtt.password-file", &job->password_file);

    job->preset = preset != NULL ? (enum preset)preset_of_name(preset) : PRESET_NONE;
    job->hub_line = config_place(c, "mqtt.hub").line;
    job->device_id_line = config_place(c, "mqtt.device-id").line;
    job->password_line = config_place(c, "mqtt.password-file").line;
    for (int i = 0; i < SETTING_COUNT && ok; i++) {
        if (i != SETTING_PASSWORD)
            ok = copy_setting(c, job, (enum setting)i);
    }
    return ok;
}

static bool copy_certificates(const struct config *c, struct job *job)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        const char *key = slot_key((enum slot)i);

        job->credentials[i].line = config_place(c, key).line;
        if (!copy_path(c, key, &job->credentials[i].path))
            return false;
    }
    return true;
}

static bool copy_transfer(const struct config *c, struct job *job)
{
    job->transfer.retries = (int)config_int(c, "transfer.retries", -1);
    job->transfer.window = config_int(c, "transfer.window", 0);
    job->transfer.result_timeout_ms = config_int(c, "transfer.result-timeout-ms", 0);
    job->transfer.prompt_timeout_ms = config_int(c, "transfer.prompt-timeout-ms", 0);
    return copy_text(c, "transfer.terminator", &job->transfer.terminator);
}

static bool copy_accepted(const struct config *c, struct job *job)
{
    struct buf list = {0};
    size_t n = config_count(c, "accept-assumed");

    if (config_is_bool(c, "accept-assumed")) {
        job->accept_all_assumed = config_bool(c, "accept-assumed", false);
        return true;
    }
    for (size_t i = 0; i < n; i++)
        buf_printf(&list, "%s%s", i > 0 ? "," : "", config_string_at(c, "accept-assumed", i));
    job->accept_assumed = n > 0 ? buf_take(&list) : NULL;
    return n == 0 || job->accept_assumed != NULL;
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

static int assign(struct config *c, const char *const *assignments, size_t n,
                  struct findings *findings)
{
    int worst = 0;

    for (size_t i = 0; i < n; i++) {
        struct err err = {0};
        int rc = config_set(c, schema, assignments[i], &err);

        if (rc == 0)
            continue;
        findings_add(findings, SEVERITY_ERROR, "config-set", (struct place){.file = "--set"},
                     err.remedy[0] != '\0' ? err.remedy : NULL, "%s", err.text);
        worst = rc;
    }
    return worst;
}

static int fill(const struct config *c, struct job *job)
{
    bool ok;

    job->file = str_copy(config_name(c));
    ok = job->file != NULL && copy_profile(c, job) && copy_port(c, job) && copy_mqtt(c, job) &&
         copy_certificates(c, job) && copy_transfer(c, job) && copy_accepted(c, job);
    return ok ? 0 : ERR_NOMEM;
}

int jobfile_read(const char *path, const char *const *assignments, size_t assignment_count,
                 struct job *job, struct findings *findings)
{
    struct config *c;
    int rc, schema_rc, frame_rc, accepted_rc;

    if (config_load(path, &c, findings) != 0)
        return ERR_VALUE;
    rc = assign(c, assignments, assignment_count, findings);
    schema_rc = config_check(c, schema, findings);
    frame_rc = check_frame(c, findings);
    accepted_rc = check_accepted(c, findings);
    if (rc == 0)
        rc = schema_rc != 0 ? schema_rc : frame_rc != 0 ? frame_rc : accepted_rc;
    if (rc == 0)
        rc = fill(c, job);
    config_free(c);
    if (rc == ERR_NOMEM)
        findings->lost = true;
    if (rc != 0)
        job_reset(job);
    return rc == 0 || rc == ERR_USAGE ? rc : ERR_VALUE;
}
