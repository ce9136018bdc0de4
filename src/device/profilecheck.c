/* SPDX-License-Identifier: MIT */
#include "device/profilecheck.h"

#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "device/pattern.h"
#include "device/profileschema.h"
#include "device/template.h"

enum { PROOFS_MAX = 100 };

struct checker {
    const struct config *config;
    const struct profile *profile;
    struct findings *findings;
    bool failed;
};

/* An absent key is missed where its group stands. */
static struct place place_of(const struct checker *k, const char *path)
{
    struct place place = config_place(k->config, path);
    const char *dot = strrchr(path, '.');
    struct buf group = {0};

    if (place.line != 0 || dot == NULL)
        return place;
    buf_add(&group, path, (size_t)(dot - path));
    if (!group.failed)
        place.line = config_place(k->config, group.data).line;
    buf_reset(&group);
    return place;
}

static void complain(struct checker *k, const char *code, const char *path, const char *reason)
{
    findings_add(k->findings, SEVERITY_ERROR, code, place_of(k, path), NULL, "`%s`: %s", path,
                 reason);
    k->failed = true;
}

static void need(struct checker *k, bool there, const char *path, const char *reason)
{
    if (!there)
        complain(k, "config-missing", path, reason);
}

static bool has(const struct checker *k, const char *path)
{
    return config_has(k->config, path);
}

/* --- every text ------------------------------------------------------------------------------- */

/* Calls check for the key, or for the key in each group of its list ("prepare[].send"). */
static void each_place(struct checker *k, const char *path,
                       void (*check)(struct checker *k, const char *path, const void *ctx),
                       const void *ctx)
{
    const char *list_end = strstr(path, "[]");
    struct buf group = {0}, at = {0};
    size_t n;

    if (list_end == NULL) {
        check(k, path, ctx);
        return;
    }
    buf_add(&group, path, (size_t)(list_end - path));
    n = group.failed ? 0 : config_count(k->config, group.data);
    for (size_t i = 0; i < n; i++) {
        buf_printf(&at, "%s.[%zu]%s", group.data, i, list_end + 2);
        if (!at.failed)
            check(k, at.data, ctx);
        k->findings->lost |= at.failed;
        buf_reset(&at);
    }
    k->findings->lost |= group.failed;
    buf_reset(&group);
}

static bool has_control(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F)
            return true;
    }
    return false;
}

static void check_text(struct checker *k, const char *path, const void *ctx)
{
    const struct config_key *row = ctx;
    size_t n = row->type == CONFIG_STRINGS ? config_count(k->config, path) : 1;

    if (!has(k, path))
        return;
    if (n > PROFILE_LIST_MAX)
        complain(k, "config-value", path, "more than 16 texts");
    for (size_t i = 0; i < n; i++) {
        const char *text = row->type == CONFIG_STRINGS ? config_string_at(k->config, path, i)
                                                       : config_string(k->config, path);

        if (text != NULL && has_control(text)) {
            complain(k, "config-value", path, "holds a control character");
            return;
        }
    }
}

/* Control characters belong into what is sent as it is, nowhere else: in a command or a title they
 * would smuggle a second command, or harm a terminal. */
static void check_texts(struct checker *k)
{
    static const char *const raw[] = {"upload.terminator", "upload.forbid", "abort.send",
                                      "prepare[].send",    "finish[].send", NULL};

    for (const struct config_key *row = profile_schema(); row->path != NULL; row++) {
        bool is_raw = false;

        if (row->type != CONFIG_STRING && row->type != CONFIG_STRINGS)
            continue;
        for (size_t i = 0; raw[i] != NULL; i++)
            is_raw |= strcmp(raw[i], row->path) == 0;
        if (!is_raw)
            each_place(k, row->path, check_text, row);
    }
}

/* --- patterns and templates ------------------------------------------------------------------- */

static const char *const no_names[] = {NULL};
static const char *const upload_names[] = {"slot", "length", NULL};
static const char *const value_names[] = {"value", NULL};
static const char *const nonce_names[] = {"nonce", NULL};

struct pattern_key {
    const char *path;
    const char *const *names;
    const char *needed; /* a name that must occur; NULL */
};

static const struct pattern_key pattern_keys[] = {
    {"answers.ok", no_names, NULL},      {"answers.fail", no_names, NULL},
    {"answers.boot", no_names, NULL},    {"prepare[].expect", no_names, NULL},
    {"finish[].expect", no_names, NULL}, {"upload.ok", upload_names, NULL},
    {"upload.fail", upload_names, NULL}, {"upload.report", upload_names, NULL},
    {"abort.answers", no_names, NULL},   {"sync.ok", nonce_names, "nonce"},
    {"sync.fail", nonce_names, "nonce"},
};

static const struct pattern_key template_keys[] = {
    {"slots.server-ca.command", upload_names, NULL},
    {"slots.device-cert.command", upload_names, NULL},
    {"slots.device-key.command", upload_names, NULL},
    {"settings.broker", value_names, "value"},
    {"settings.port", value_names, "value"},
    {"settings.tls", value_names, "value"},
    {"settings.client-id", value_names, "value"},
    {"settings.username", value_names, "value"},
    {"settings.password", value_names, "value"},
    {"settings.topic", value_names, "value"},
    {"sync.command", nonce_names, "nonce"},
};

static void check_needed(struct checker *k, const char *path, const char *text, const char *name)
{
    struct buf reason = {0};

    if (name == NULL || template_has(text, name))
        return;
    buf_printf(&reason, "{%s} is missing", name);
    complain(k, "config-value", path, reason.failed ? "a name is missing" : reason.data);
    buf_reset(&reason);
}

static void check_pattern(struct checker *k, const char *path, const void *ctx)
{
    const struct pattern_key *key = ctx;

    for (size_t i = 0; i < config_count(k->config, path) && i <= PROFILE_LIST_MAX; i++) {
        const char *text = config_string_at(k->config, path, i);
        struct err err = {0};

        if (text == NULL)
            continue;
        if (template_check_pattern(text, key->names, &err) != 0)
            complain(k, "config-value", path, err.text);
        else if (!pattern_is_definite(text))
            complain(k, "config-value", path, "a pattern that every line matches");
        else
            check_needed(k, path, text, key->needed);
    }
}

static void check_template(struct checker *k, const struct pattern_key *key)
{
    const char *text = config_string(k->config, key->path);
    struct err err = {0};

    if (text == NULL)
        return;
    if (template_check(text, key->names, &err) != 0)
        complain(k, "config-value", key->path, err.text);
    else
        check_needed(k, key->path, text, key->needed);
}

static void check_patterns(struct checker *k)
{
    for (size_t i = 0; i < sizeof pattern_keys / sizeof pattern_keys[0]; i++)
        each_place(k, pattern_keys[i].path, check_pattern, &pattern_keys[i]);
    for (size_t i = 0; i < sizeof template_keys / sizeof template_keys[0]; i++)
        check_template(k, &template_keys[i]);
}

/* One line must not mean two things. */
static void check_distinct(struct checker *k, const char *ok, const char *fail)
{
    for (size_t i = 0; i < config_count(k->config, ok); i++) {
        const char *a = config_string_at(k->config, ok, i);

        for (size_t j = 0; a != NULL && j < config_count(k->config, fail); j++) {
            const char *b = config_string_at(k->config, fail, j);

            if (b != NULL && strcmp(a, b) == 0) {
                complain(k, "config-value", fail, "a pattern that stands for success too");
                return;
            }
        }
    }
}

/* --- keys that need each other ---------------------------------------------------------------- */

static void check_end(struct checker *k)
{
    static const char *const commands[] = {"slots.server-ca.command", "slots.device-cert.command",
                                           "slots.device-key.command"};
    enum body_end end = k->profile->upload.end;

    if (!has(k, "upload.end"))
        return;
    if (end == END_LENGTH && has(k, "upload.terminator"))
        complain(k, "config-value", "upload.terminator", "of no use where the length ends a body");
    if (end != END_LENGTH)
        need(k, has(k, "upload.terminator"), "upload.terminator", "needed, since it ends a body");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0] && end != END_TERMINATOR; i++) {
        const char *text = config_string(k->config, commands[i]);

        if (text != NULL)
            check_needed(k, commands[i], text, "length");
    }
}

static void check_report(struct checker *k)
{
    const char *report = config_string(k->config, "upload.report");
    enum digest digest = k->profile->upload.digest;

    if (digest != DIGEST_NONE)
        need(k, has(k, "upload.report"), "upload.report", "needed, since it tells the digest");
    if (report == NULL)
        return;
    if (digest == DIGEST_NONE)
        need(k, false, "upload.digest", "needed, since it says what upload.report tells");
    else
        check_needed(k, "upload.report", report, digest == DIGEST_SIZE ? "size" : "digest");
}

static bool steps_need_answer(const struct profile_step *steps, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (steps[i].expect == NULL)
            return true;
    }
    return false;
}

static void check_answers(struct checker *k)
{
    const struct profile *p = k->profile;

    if (has(k, "answers.ok"))
        return;
    need(k, !has(k, "settings"), "answers.ok", "needed, since settings are answered by it");
    need(k,
         !steps_need_answer(p->prepare, p->prepare_count) &&
             !steps_need_answer(p->finish, p->finish_count),
         "answers.ok", "needed by a step without expect");
}

static void check_partners(struct checker *k)
{
    need(k, has(k, "slots") || has(k, "settings"), "slots", "neither slots nor settings");
    if (has(k, "slots")) {
        need(k, has(k, "upload"), "upload", "needed, since there are slots");
        need(k, has(k, "upload.ok"), "upload.ok", "needed, since uploads are answered by it");
    }
    if (has(k, "upload.prompt-timeout-ms") || has(k, "upload.settle-ms"))
        need(k, has(k, "upload.prompt"), "upload.prompt", "needed by the time that counts from it");
    if (has(k, "abort"))
        need(k, has(k, "abort.answers"), "abort.answers",
             "needed: without an answer nobody knows whether the device is out of the upload");
    check_end(k);
    check_report(k);
    check_answers(k);
}

/* --- single values ---------------------------------------------------------------------------- */

/* True if `key` names the row's key or a group of it; "prepare.1" is the first step. */
static bool names_row(const char *key, const char *row)
{
    const char *list = strstr(row, "[]");
    size_t n = list != NULL ? (size_t)(list - row) : strlen(row);

    if (list != NULL && strncmp(key, row, n) == 0 && key[n] == '.')
        return strspn(key + n + 1, "0123456789") == strlen(key + n + 1);
    n = strlen(key);
    return strncmp(key, row, n) == 0 && (row[n] == '\0' || row[n] == '.' || row[n] == '[');
}

/* A proof for a key that does not exist proves nothing, and its author thinks it does. */
static void check_proof_key(struct checker *k, const char *path, const void *ctx)
{
    const char *key = config_string(k->config, path);

    (void)ctx;
    if (key == NULL || *key == '\0')
        return;
    for (const struct config_key *row = profile_schema(); row->path != NULL; row++) {
        if (names_row(key, row->path))
            return;
    }
    complain(k, "config-value", path, "a profile has no such key");
}

static void check_proofs(struct checker *k)
{
    const struct profile *p = k->profile;

    if (config_count(k->config, "proof") > PROOFS_MAX) {
        complain(k, "config-value", "proof", "more than 100 proofs");
        return;
    }
    each_place(k, "proof[].key", check_proof_key, NULL);
    for (size_t i = 0; i < p->proof_count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(p->proofs[i].key, p->proofs[j].key) == 0)
                complain(k, "config-value", "proof", "two proofs for one key");
        }
    }
}

static void check_values(struct checker *k)
{
    const char *id = config_string(k->config, "id");
    const char *frame = config_string(k->config, "line.frame");

    if (config_int(k->config, "schema", 1) != 1)
        complain(k, "config-value", "schema", "only 1 is known to this program");
    if (id != NULL && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id))
        complain(k, "config-value", "id", "only lower-case letters, digits and hyphens");
    if (frame != NULL && !line_frame_is_valid(frame))
        complain(k, "config-value", "line.frame",
                 "data bits 5 to 8, parity N, E or O, stop bits 1 or 2, as in \"8N1\"");
    if (config_count(k->config, "prepare") > PROFILE_LIST_MAX)
        complain(k, "config-value", "prepare", "more than 16 steps");
    if (config_count(k->config, "finish") > PROFILE_LIST_MAX)
        complain(k, "config-value", "finish", "more than 16 steps");
}

int profile_check(const struct config *c, const struct profile *p, struct findings *findings)
{
    struct checker k = {.config = c, .profile = p, .findings = findings};

    check_values(&k);
    check_texts(&k);
    check_patterns(&k);
    check_distinct(&k, "answers.ok", "answers.fail");
    check_distinct(&k, "upload.ok", "upload.fail");
    check_distinct(&k, "sync.ok", "sync.fail");
    check_partners(&k);
    check_proofs(&k);
    return k.failed ? ERR_VALUE : 0;
}
