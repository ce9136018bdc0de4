/* SPDX-License-Identifier: MIT */
#include "device/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/embed.h"
#include "base/file.h"
#include "base/str.h"
#include "device/profilecheck.h"
#include "device/profileschema.h"

enum { BUILTINS_MAX = 32 };

const char *const *profile_builtin_ids(void)
{
    static const char *ids[BUILTINS_MAX + 1];

    for (size_t i = 0; i < BUILTINS_MAX && embedded_profiles[i].name != NULL; i++)
        ids[i] = embedded_profiles[i].name;
    return ids;
}

const char *profile_builtin_text(const char *id)
{
    for (const struct embedded *e = embedded_profiles; e->name != NULL; e++) {
        if (strcmp(e->name, id) == 0)
            return e->text;
    }
    return NULL;
}

/* --- values ----------------------------------------------------------------------------------- */

/* What is being filled in. */
struct reader {
    const struct config *config;
    struct profile *profile;
    bool lost; /* memory ran out */
};

static char *copy(struct reader *r, const char *text)
{
    char *dup = str_copy(text);

    r->lost |= text != NULL && dup == NULL;
    return dup;
}

static texts copy_list(struct reader *r, const char *path)
{
    size_t n = config_count(r->config, path);
    texts list;

    if (n == 0 || config_string_at(r->config, path, 0) == NULL)
        return NULL;
    list = calloc(n + 1, sizeof *list);
    if (list == NULL) {
        r->lost = true;
        return NULL;
    }
    /* An element of the wrong type was reported by the schema; it ends the list here. */
    for (size_t i = 0; i < n; i++)
        list[i] = copy(r, config_string_at(r->config, path, i));
    return list;
}

/* The index of the key's word; `absent` for an absent key or an unknown word. */
static int read_word(struct reader *r, const char *path, const char *const *words, int absent)
{
    const char *word = config_string(r->config, path);

    for (int i = 0; word != NULL && words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
    }
    return absent;
}

enum field_kind { FIELD_STRING, FIELD_TEXTS, FIELD_LONG, FIELD_INT, FIELD_BOOL };

static const struct field {
    const char *path;
    enum field_kind kind;
    size_t offset;
    long absent;
} fields[] = {
    {"id", FIELD_STRING, offsetof(struct profile, id), 0},
    {"title", FIELD_STRING, offsetof(struct profile, title), 0},
    {"maker", FIELD_STRING, offsetof(struct profile, maker), 0},
    {"source", FIELD_STRING, offsetof(struct profile, source), 0},
    {"emulator-only", FIELD_BOOL, offsetof(struct profile, emulator_only), false},
    {"line.baud", FIELD_LONG, offsetof(struct profile, line.baud), 0},
    {"answers.ok", FIELD_TEXTS, offsetof(struct profile, answers.ok), 0},
    {"answers.fail", FIELD_TEXTS, offsetof(struct profile, answers.fail), 0},
    {"answers.boot", FIELD_TEXTS, offsetof(struct profile, answers.boot), 0},
    {"answers.timeout-ms", FIELD_LONG, offsetof(struct profile, answers.timeout_ms), 5000},
    {"upload.prompt", FIELD_STRING, offsetof(struct profile, upload.prompt), 0},
    {"upload.prompt-timeout-ms", FIELD_LONG, offsetof(struct profile, upload.prompt_timeout_ms),
     10000},
    {"upload.settle-ms", FIELD_LONG, offsetof(struct profile, upload.settle_ms), 0},
    {"upload.body-last-eol", FIELD_BOOL, offsetof(struct profile, upload.body_last_eol), true},
    {"upload.terminator", FIELD_STRING, offsetof(struct profile, upload.terminator), 0},
    {"upload.forbid", FIELD_STRING, offsetof(struct profile, upload.forbid), 0},
    {"upload.max-bytes", FIELD_LONG, offsetof(struct profile, upload.max_bytes), 0},
    {"upload.window-ms", FIELD_LONG, offsetof(struct profile, upload.window_ms), 0},
    {"upload.result-timeout-ms", FIELD_LONG, offsetof(struct profile, upload.result_timeout_ms),
     30000},
    {"upload.ok", FIELD_TEXTS, offsetof(struct profile, upload.ok), 0},
    {"upload.fail", FIELD_TEXTS, offsetof(struct profile, upload.fail), 0},
    {"upload.report", FIELD_STRING, offsetof(struct profile, upload.report), 0},
    {"upload.chain", FIELD_BOOL, offsetof(struct profile, upload.chain), false},
    {"upload.rate-percent", FIELD_LONG, offsetof(struct profile, upload.rate_percent), 100},
    {"upload.retries", FIELD_INT, offsetof(struct profile, upload.retries), 1},
    {"manual.where", FIELD_STRING, offsetof(struct profile, manual.where), 0},
    {"abort.send", FIELD_STRING, offsetof(struct profile, abort.send), 0},
    {"abort.answers", FIELD_TEXTS, offsetof(struct profile, abort.answers), 0},
    {"abort.timeout-ms", FIELD_LONG, offsetof(struct profile, abort.timeout_ms), 5000},
    {"sync.command", FIELD_STRING, offsetof(struct profile, sync.command), 0},
    {"sync.ok", FIELD_STRING, offsetof(struct profile, sync.ok), 0},
    {"sync.fail", FIELD_STRING, offsetof(struct profile, sync.fail), 0},
    {"sync.timeout-ms", FIELD_LONG, offsetof(struct profile, sync.timeout_ms), 5000},
};

static void read_field(struct reader *r, const struct field *f)
{
    char *at = (char *)r->profile + f->offset;

    switch (f->kind) {
    case FIELD_STRING:
        *(char **)(void *)at = copy(r, config_string(r->config, f->path));
        break;
    case FIELD_TEXTS:
        *(texts *)(void *)at = copy_list(r, f->path);
        break;
    case FIELD_LONG:
        *(long *)(void *)at = config_int(r->config, f->path, f->absent);
        break;
    case FIELD_INT:
        *(int *)(void *)at = (int)config_int(r->config, f->path, f->absent);
        break;
    case FIELD_BOOL:
        *(bool *)(void *)at = config_bool(r->config, f->path, f->absent != 0);
        break;
    }
}

static void read_words(struct reader *r)
{
    struct profile *p = r->profile;
    const char *frame = config_string(r->config, "line.frame");

    if (frame != NULL && line_frame_is_valid(frame))
        memcpy(p->line.frame, frame, sizeof p->line.frame);
    /* The first name of each list stands for the value after "unset". */
    p->line.flow = (enum flow)(read_word(r, "line.flow", flow_names, -1) + 1);
    p->line.dtr = (enum modem_line)(read_word(r, "line.dtr", modem_line_names, -1) + 1);
    p->line.rts = (enum modem_line)(read_word(r, "line.rts", modem_line_names, -1) + 1);
    p->command_eol = (enum eol)(read_word(r, "line.command-eol", profile_eol_names, 0) + 1);
    p->upload.body_eol = (enum eol)(read_word(r, "upload.body-eol", profile_eol_names, 1) + 1);
    p->upload.end = (enum body_end)read_word(r, "upload.end", profile_end_names, END_TERMINATOR);
    p->upload.digest = (enum digest)read_word(r, "upload.digest", profile_digest_names, 0);
    p->upload.key_format =
        (enum key_format)read_word(r, "upload.key-format", profile_key_format_names, 0);
}

/* Paths are short: names of this room's own tables. */
static char *read_named(struct reader *r, const char *group, const char *name, const char *key)
{
    struct buf path = {0};
    char *text = NULL;

    buf_printf(&path, "%s.%s%s", group, name, key);
    if (path.failed)
        r->lost = true;
    else
        text = copy(r, config_string(r->config, path.data));
    buf_reset(&path);
    return text;
}

static void read_commands(struct reader *r)
{
    struct profile *p = r->profile;

    for (int i = 0; i < SLOT_COUNT; i++)
        p->slot_command[i] = read_named(r, "slots", slot_name((enum slot)i), ".command");
    for (int i = 0; i < SETTING_COUNT; i++) {
        const char *name = setting_info((enum setting)i)->name;

        p->setting_command[i] = read_named(r, "settings", name, "");
        p->manual.field[i] = read_named(r, "manual", name, "");
    }
}

static char *read_in_list(struct reader *r, const char *list, size_t i, const char *key)
{
    struct buf group = {0};
    char *text;

    buf_printf(&group, "%s.[%zu]", list, i);
    text = group.failed ? NULL : read_named(r, group.data, key, "");
    r->lost |= group.failed;
    buf_reset(&group);
    return text;
}

static long read_long_in_list(struct reader *r, const char *list, size_t i, const char *key,
                              long absent)
{
    struct buf path = {0};

    buf_printf(&path, "%s.[%zu].%s", list, i, key);
    if (!path.failed)
        absent = config_int(r->config, path.data, absent);
    r->lost |= path.failed;
    buf_reset(&path);
    return absent;
}

static struct profile_step *read_steps(struct reader *r, const char *list, size_t *count)
{
    size_t n = config_count(r->config, list);
    struct profile_step *steps = n > 0 ? calloc(n, sizeof *steps) : NULL;

    *count = 0;
    if (steps == NULL) {
        r->lost |= n > 0;
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        steps[i].send = read_in_list(r, list, i, "send");
        steps[i].expect = read_in_list(r, list, i, "expect");
        steps[i].tries = (int)read_long_in_list(r, list, i, "tries", 1);
        steps[i].timeout_ms =
            read_long_in_list(r, list, i, "timeout-ms", r->profile->answers.timeout_ms);
    }
    *count = n;
    return steps;
}

static void read_proofs(struct reader *r)
{
    struct profile *p = r->profile;
    size_t n = config_count(r->config, "proof");

    p->proofs = n > 0 ? calloc(n, sizeof *p->proofs) : NULL;
    if (p->proofs == NULL) {
        r->lost |= n > 0;
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct proof *proof = &p->proofs[p->proof_count];
        char *mark = read_in_list(r, "proof", i, "mark");

        proof->key = read_in_list(r, "proof", i, "key");
        proof->source = read_in_list(r, "proof", i, "source");
        for (int j = 0; mark != NULL && profile_mark_names[j] != NULL; j++) {
            if (strcmp(profile_mark_names[j], mark) == 0)
                proof->provenance = (enum provenance)j;
        }
        free(mark);
        if (proof->key != NULL) {
            p->proof_count++;
        } else {
            free(proof->source); /* no key: reported by the schema */
            proof->source = NULL;
        }
    }
}

static void read_profile(struct reader *r)
{
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        read_field(r, &fields[i]);
    read_words(r);
    read_commands(r);
    r->profile->prepare = read_steps(r, "prepare", &r->profile->prepare_count);
    r->profile->finish = read_steps(r, "finish", &r->profile->finish_count);
    read_proofs(r);
}

/* --- loading ---------------------------------------------------------------------------------- */

/* The profile that the config holds, if nothing speaks against it. */
static int make_profile(const struct config *config, const char *file, struct profile **out,
                        struct findings *findings)
{
    struct profile *p = calloc(1, sizeof *p);
    struct reader r = {.config = config, .profile = p};
    int rc;

    if (p == NULL) {
        findings->lost = true;
        return ERR_NOMEM;
    }
    rc = config_check(config, profile_schema(), findings);
    p->file = copy(&r, file);
    read_profile(&r);
    if (r.lost) {
        findings->lost = true;
        rc = ERR_NOMEM;
    } else if (profile_check(config, p, findings) != 0 && rc == 0) {
        rc = ERR_VALUE;
    }
    if (rc != 0) {
        profile_destroy(p);
        return rc;
    }
    *out = p;
    return 0;
}

static int load_builtin(const char *name, struct place where, struct profile **out,
                        struct findings *findings)
{
    const char *text = profile_builtin_text(name);
    const char *near = str_nearest(name, profile_builtin_ids());
    struct config *config = NULL;
    struct buf remedy = {0};
    int rc;

    if (text == NULL) {
        buf_printf(&remedy, near != NULL ? "Did you mean \"%s\"?" : "%s",
                   near != NULL ? near
                                : "'comcert profile list' shows them; a profile of your own is "
                                  "named by its path, with a slash or a dot in it.");
        findings_add(findings, SEVERITY_ERROR, "profile-unknown", where, remedy.data,
                     "no built-in profile has the name \"%s\"", name);
        buf_reset(&remedy);
        return ERR_MISSING;
    }
    rc = config_parse(name, text, strlen(text), &config, findings);
    if (rc == 0)
        rc = make_profile(config, NULL, out, findings);
    config_free(config);
    return rc;
}

static int load_file(const char *path, struct profile **out, struct findings *findings)
{
    struct config *config = NULL;
    int rc = config_load(path, &config, findings);

    if (rc == 0)
        rc = make_profile(config, path, out, findings);
    config_free(config);
    return rc;
}

int profile_load(const char *name, const char *base_file, struct place where, struct profile **out,
                 struct findings *findings)
{
    char *path;
    int rc;

    *out = NULL;
    if (strpbrk(name, "/.") == NULL)
        return load_builtin(name, where, out, findings);
    path = file_resolve(base_file, name);
    if (path == NULL) {
        findings->lost = true;
        return ERR_NOMEM;
    }
    rc = load_file(path, out, findings);
    free(path);
    return rc;
}
