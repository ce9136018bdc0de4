/* SPDX-License-Identifier: MIT */
#include "device/emulator_state.h"

#include <string.h>

#include "base/buf.h"
#include "device/emulator_text.h"

/* A command line taken apart by the template that it fits. */
struct parts {
    struct text_value values[TEXT_VALUES_MAX];
    size_t count;
};

static bool line_fits(const struct emulator *e, const char *template, struct parts *parts)
{
    const char *line = e->line.len > 0 ? (const char *)e->line.data : "";

    return template != NULL &&
           text_takes_apart(template, line, e->line.len, parts->values, &parts->count);
}

static void say_pattern(struct emulator *e, const char *pattern, const struct parts *parts, usec t)
{
    struct buf text = {0};

    text_of_pattern(&text, pattern, parts->values, parts->count, "");
    buf_add(&text, "", 0);
    if (!text.failed)
        emulator_say(e, SAY_OTHER, text.data, t);
    buf_reset(&text);
}

static bool run_sync(struct emulator *e, struct parts *parts, usec t)
{
    const struct profile *p = e->profile;
    const char *answer = e->stored ? p->sync.ok : p->sync.fail;

    if (!line_fits(e, p->sync.command, parts))
        return false;
    emulator_arm(e, -1);
    if (answer != NULL)
        say_pattern(e, answer, parts, t);
    return true;
}

static void refuse_upload(struct emulator *e, enum slot slot, enum refusal why, usec t)
{
    emulator_tell_refused(e, (int)slot, -1, refusal_text(why));
    emulator_say_failure(e, SAY_REFUSAL, why, t);
}

static void begin_upload(struct emulator *e, enum slot slot, const struct parts *parts, usec t)
{
    const struct text_value *value = text_value_get(parts->values, parts->count, "length");
    size_t length = 0;

    if (e->profile->upload.end != END_TERMINATOR &&
        (value == NULL || !text_value_number(value, &length) || length == 0)) {
        refuse_upload(e, slot, REFUSAL_UNKNOWN, t);
        return;
    }
    if (length > emulator_body_limit(e)) {
        refuse_upload(e, slot, REFUSAL_SIZE, t);
        return;
    }
    emulator_body_open(e, slot, length, t);
    if (e->profile->upload.prompt != NULL)
        emulator_say(e, SAY_PROMPT, e->profile->upload.prompt, t);
}

static bool run_slot(struct emulator *e, struct parts *parts, usec t)
{
    int slot = 0;

    while (slot < SLOT_COUNT && !line_fits(e, e->profile->slot_command[slot], parts))
        slot++;
    if (slot == SLOT_COUNT)
        return false;
    emulator_arm(e, slot);
    e->stored = false;
    if (emulator_strike(e, FAULT_DEAF))
        e->deaf = true;
    else if (emulator_strike(e, FAULT_NO_PROMPT))
        emulator_tell_refused(e, slot, -1, "took the command, gave no prompt");
    else if (emulator_strike(e, FAULT_GARBAGE))
        emulator_say_garbage(e, t);
    else if (emulator_strike(e, FAULT_REFUSE))
        refuse_upload(e, (enum slot)slot, REFUSAL_FAULT, t);
    else
        begin_upload(e, (enum slot)slot, parts, t);
    return true;
}

static void refuse_setting(struct emulator *e, int setting, const char *why)
{
    e->stored = false;
    emulator_tell_refused(e, -1, setting, why);
}

/* True if a fault took the place of the setting's being stored and answered. */
static bool setting_fails(struct emulator *e, int setting, usec t)
{
    if (emulator_strike(e, FAULT_SILENT)) {
        refuse_setting(e, setting, "fell silent");
    } else if (emulator_strike(e, FAULT_GARBAGE)) {
        refuse_setting(e, setting, "answered with garbage");
        emulator_say_garbage(e, t);
    } else if (emulator_strike(e, FAULT_REFUSE)) {
        refuse_setting(e, setting, refusal_text(REFUSAL_FAULT));
        emulator_say_failure(e, SAY_ANSWER, REFUSAL_FAULT, t);
    } else if (emulator_strike(e, FAULT_OK_IN_LOG)) {
        refuse_setting(e, setting, refusal_text(REFUSAL_FAULT));
        emulator_say_ok_in_log(e, SAY_ANSWER, t);
    } else {
        return false;
    }
    return true;
}

static bool run_setting(struct emulator *e, struct parts *parts, usec t)
{
    const struct text_value *value;
    const char *text;
    size_t n;
    int setting = 0;

    while (setting < SETTING_COUNT && !line_fits(e, e->profile->setting_command[setting], parts))
        setting++;
    if (setting == SETTING_COUNT)
        return false;
    emulator_arm(e, -1);
    if (setting_fails(e, setting, t))
        return true;
    value = text_value_get(parts->values, parts->count, "value");
    text = value == NULL ? "" : value->value;
    n = value == NULL ? 0 : value->len;
    if (!emulator_keep_setting(e, (enum setting)setting, text, n)) {
        refuse_setting(e, setting, refusal_text(REFUSAL_MEMORY));
        emulator_say_failure(e, SAY_ANSWER, REFUSAL_MEMORY, t);
        return true;
    }
    e->stored = true;
    emulator_tell_setting(e, (enum setting)setting, text, n);
    if (emulator_strike(e, FAULT_FLOOD))
        emulator_flood(e);
    else if (!emulator_strike(e, FAULT_LOST_OK))
        emulator_say_ok(e, SAY_ANSWER, t);
    return true;
}

static bool run_steps(struct emulator *e, const struct profile_step *steps, size_t count, usec t)
{
    static const struct parts none = {.count = 0};

    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(steps[i].send);

        if (n != e->line.len || memcmp(e->line.data, steps[i].send, n) != 0)
            continue;
        emulator_arm(e, -1);
        if (steps[i].expect != NULL)
            say_pattern(e, steps[i].expect, &none, t);
        else
            emulator_say_ok(e, SAY_OTHER, t);
        return true;
    }
    return false;
}

static void run_unknown(struct emulator *e, usec t)
{
    enum refusal why = e->line_too_long ? REFUSAL_LINE : REFUSAL_UNKNOWN;

    emulator_arm(e, -1);
    emulator_tell_refused(e, -1, -1, refusal_text(why));
    emulator_say_failure(e, SAY_OTHER, why, t);
}

static void run_line(struct emulator *e, usec t)
{
    const struct profile *p = e->profile;
    struct parts parts = {.count = 0};

    if (e->line.len == 0 && !e->line_too_long)
        return;
    if (e->line_too_long ||
        !(run_sync(e, &parts, t) || run_slot(e, &parts, t) || run_setting(e, &parts, t) ||
          run_steps(e, p->prepare, p->prepare_count, t) ||
          run_steps(e, p->finish, p->finish_count, t)))
        run_unknown(e, t);
}

static void clear_line(struct emulator *e)
{
    if (e->line.len > 0)
        mem_wipe(e->line.data, e->line.len);
    e->line.len = 0;
    e->line_too_long = false;
}

/* The character that cancels an upload takes back what was typed at the command line. */
static bool cancels_line(const struct emulator *e, unsigned char c)
{
    const char *cancel = e->profile->abort.send;

    return c < 0x20 && cancel != NULL && cancel[0] == (char)c && cancel[1] == '\0';
}

static void end_line(struct emulator *e, usec t)
{
    emulator_away(e, t + e->options.away_per_line);
    if (e->mute_line) {
        emulator_arm(e, -1);
        (void)emulator_strike(e, FAULT_DEAF);
    } else {
        run_line(e, t);
    }
    clear_line(e);
}

void emulator_take_command(struct emulator *e, unsigned char c, usec t)
{
    bool lf_of_crlf = c == '\n' && e->cr_seen;

    e->cr_seen = c == '\r';
    if (lf_of_crlf)
        return;
    if (e->line.len == 0)
        e->mute_line = emulator_faulty(e, FAULT_DEAF);
    emulator_echo(e, c, t);
    if (c == '\r' || c == '\n')
        end_line(e, t);
    else if (cancels_line(e, c))
        clear_line(e);
    else if (e->line.len >= EMULATOR_LINE_MAX || secret_append(&e->line, &c, 1, NULL) != 0)
        e->line_too_long = true;
}
