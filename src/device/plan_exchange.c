/* SPDX-License-Identifier: MIT */
#include "device/plan_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "device/pattern.h"

static struct exchange *add_exchange(struct plan_builder *b, enum exchange_kind kind,
                                     const char *name)
{
    struct exchange *x = &b->plan->exchanges[b->plan->count++];

    x->kind = kind;
    x->name = plan_copy(b, name);
    x->slot = x->setting = -1;
    x->source = "";
    x->tries = 1;
    x->terminator =
        plan_copy(b, kind == EXCHANGE_UPLOAD || kind == EXCHANGE_RECOVER ? b->terminator : "");
    x->body_eol = b->profile->upload.body_eol;
    return x;
}

static char *expand_pattern(struct plan_builder *b, const char *pattern,
                            const struct template_value *values)
{
    struct secret text = {0};
    char *copy = NULL;

    if (pattern == NULL)
        return NULL;
    if (plan_went_well(b, pattern_expand(pattern, values, &text, NULL))) {
        copy = plan_copy(b, (const char *)text.data);
        if (copy != NULL && pattern_check(copy, NULL) != 0)
            findings_add(b->findings, SEVERITY_ERROR, "value-too-long",
                         (struct place){NULL, b->profile->file, 0}, "Shorten it in the profile.",
                         "a pattern is too long once its names are replaced: %s", pattern);
    }
    secret_reset(&text);
    return copy;
}

static texts expand_patterns(struct plan_builder *b, const texts patterns,
                             const struct template_value *values)
{
    size_t n = 0;
    texts list;

    if (patterns == NULL)
        return NULL;
    while (patterns[n] != NULL)
        n++;
    list = calloc(n + 1, sizeof *list);
    if (list == NULL) {
        b->nomem = b->findings->lost = true;
        return NULL;
    }
    for (size_t i = 0; i < n && !b->nomem; i++)
        list[i] = expand_pattern(b, patterns[i], values);
    return list;
}

/* Adds the command's bytes and its line end. values NULL: text is sent as it is. */
static void set_command(struct plan_builder *b, struct exchange *x, const char *text,
                        const struct template_value *values, struct place place)
{
    const char *eol = eol_bytes(b->profile->command_eol);
    int rc = values != NULL ? template_expand(text, values, &x->command, NULL)
                            : secret_append(&x->command, text, strlen(text), NULL);

    x->command_eol_len = strlen(eol);
    if (rc == 0)
        rc = secret_append(&x->command, eol, strlen(eol), NULL);
    if (plan_went_well(b, rc) && x->command.len > PLAN_COMMAND_MAX)
        findings_add(b->findings, SEVERITY_ERROR, "value-too-long", place, "Use a shorter value.",
                     "the command for %s has %zu bytes; at most %d are sent", x->name,
                     x->command.len, PLAN_COMMAND_MAX);
}

static const struct template_value no_values[] = {{NULL, NULL, 0}};

void plan_add_recover(struct plan_builder *b)
{
    struct exchange *x;

    if (*b->terminator == '\0') {
        findings_add(b->findings, SEVERITY_ERROR, "recover-unsupported",
                     (struct place){"recover", NULL, 0}, "Power-cycle the device instead.",
                     "nothing that this profile knows ends an upload of unknown length");
        return;
    }
    x = add_exchange(b, EXCHANGE_RECOVER, "recover");
    x->source = "asked for: it may store what an earlier run left";
    x->result_timeout = PLAN_RECOVER_LIMIT;
    set_command(b, x, "", NULL, (struct place){0});
}

void plan_add_steps(struct plan_builder *b, const char *group, const struct profile_step *steps,
                    size_t n)
{
    const struct profile *p = b->profile;

    for (size_t i = 0; i < n && !b->nomem; i++) {
        const struct place place = {NULL, p->file, 0};
        char *expect[] = {steps[i].expect, NULL};
        struct buf name = {0}, key = {0};
        struct exchange *x;

        buf_printf(&name, "%s-%zu", group, i + 1);
        buf_printf(&key, "%s.%zu", group, i + 1);
        if (name.failed || key.failed) {
            b->nomem = b->findings->lost = true;
        } else {
            x = add_exchange(b, EXCHANGE_STEP, name.data);
            set_command(b, x, steps[i].send, NULL, place);
            x->ok = expand_patterns(b, steps[i].expect != NULL ? expect : p->answers.ok, no_values);
            x->fail = expand_patterns(b, p->answers.fail, no_values);
            x->tries = steps[i].tries;
            x->result_timeout = steps[i].timeout_ms * USEC_PER_MS;
            plan_judge(b, x, key.data, steps[i].send, group, place);
        }
        buf_reset(&name);
        buf_reset(&key);
    }
}

static void add_manual(struct plan_builder *b, enum setting setting)
{
    const struct profile *p = b->profile;
    const char *field = p->manual.field[setting];

    b->plan->manual[b->plan->manual_count++] = (struct manual_step){
        .setting = setting,
        .where = p->manual.where != NULL ? p->manual.where : "the device's own software",
        .field = field != NULL ? field : setting_info(setting)->title,
        .value = setting == SETTING_PASSWORD ? NULL : job_value(b->job, setting),
    };
}

void plan_add_setting(struct plan_builder *b, enum setting setting)
{
    const struct setting_info *info = setting_info(setting);
    const struct profile *p = b->profile;
    const char *command = p->setting_command[setting];
    const struct place place = job_setting_place(b->job, setting);
    struct template_value values[] = {{"value", job_value(b->job, setting), 0}, {NULL, NULL, 0}};
    struct buf key = {0};
    struct exchange *x;

    if (setting == SETTING_PASSWORD) {
        values[0].value = (const char *)b->job->password.data;
        values[0].len = b->job->password.len;
    } else {
        values[0].len = strlen(values[0].value);
    }
    if (values[0].value == NULL) {
        findings_add(b->findings, SEVERITY_ERROR, "value-missing", place,
                     "Put it into the password file.", "there is no password in its file");
        return;
    }
    if (command == NULL) {
        add_manual(b, setting);
        return;
    }
    plan_check_value(b, setting, values[0].value, values[0].len);
    x = add_exchange(b, EXCHANGE_SETTING, info->name);
    x->setting = (int)setting;
    x->confidential = info->secret;
    x->ok = expand_patterns(b, p->answers.ok, no_values);
    x->fail = expand_patterns(b, p->answers.fail, no_values);
    x->result_timeout = p->answers.timeout_ms * USEC_PER_MS;
    set_command(b, x, command, values, place);
    buf_printf(&key, "settings.%s", info->name);
    if (key.failed)
        b->nomem = b->findings->lost = true;
    else
        plan_judge(b, x, key.data, command, NULL, place);
    buf_reset(&key);
}

/* False if there is nothing that could be sent. */
static bool may_upload(struct plan_builder *b, enum slot slot)
{
    const struct place place = job_credential_place(b->job, slot);

    if (b->profile->slot_command[slot] == NULL) {
        findings_add(b->findings, SEVERITY_ERROR, "slot-unsupported", place,
                     "Leave it out of the job, or add its command to a profile of your own.",
                     "the profile \"%s\" has no command for the %s", b->profile->id,
                     slot_title(slot));
        return false;
    }
    if (b->job->credentials[slot].credential == NULL) {
        findings_add(b->findings, SEVERITY_ERROR, "value-missing", place, NULL,
                     "there is no %s to send: its file could not be used", slot_title(slot));
        return false;
    }
    return true;
}

/* The job's figure wins where it has one. */
static usec time_limit(long job_ms, long profile_ms)
{
    return (job_ms > 0 ? job_ms : profile_ms) * USEC_PER_MS;
}

static void fill_upload(struct plan_builder *b, struct exchange *x, enum slot slot)
{
    const struct profile *p = b->profile;
    const struct place place = job_credential_place(b->job, slot);
    const char *command = p->slot_command[slot];
    struct buf length = {0}, key = {0};

    buf_printf(&length, "%zu", x->body.len);
    buf_printf(&key, "slots.%s.command", slot_name(slot));
    if (length.failed || key.failed) {
        b->nomem = b->findings->lost = true;
    } else {
        const struct template_value values[] = {
            {"slot", slot_name(slot), strlen(slot_name(slot))},
            {"length", length.data, length.len},
            {NULL, NULL, 0},
        };

        set_command(b, x, command, values, place);
        x->ok = expand_patterns(b, p->upload.ok, values);
        x->fail = expand_patterns(b, p->upload.fail, values);
        x->report = expand_pattern(b, p->upload.report, values);
        plan_judge(b, x, key.data, command, NULL, place);
    }
    buf_reset(&key);
    buf_reset(&length);
}

void plan_add_upload(struct plan_builder *b, enum slot slot)
{
    const struct profile *p = b->profile;
    struct exchange *x;

    if (!may_upload(b, slot))
        return;
    x = add_exchange(b, EXCHANGE_UPLOAD, slot_name(slot));
    x->slot = (int)slot;
    x->confidential = slot == SLOT_DEVICE_KEY;
    x->prompt = plan_copy(b, p->upload.prompt);
    x->prompt_timeout = time_limit(b->job->transfer.prompt_timeout_ms, p->upload.prompt_timeout_ms);
    x->settle = p->upload.settle_ms * USEC_PER_MS;
    x->result_timeout = time_limit(b->job->transfer.result_timeout_ms, p->upload.result_timeout_ms);
    if (plan_make_body(b, x, slot))
        fill_upload(b, x, slot);
}
