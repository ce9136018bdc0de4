/* SPDX-License-Identifier: MIT */
#include "device/plan_build.h"

#include <string.h>

#include "base/buf.h"
#include "device/pattern.h"
#include "job/check.h"

struct value {
    struct plan_builder *b;
    enum setting setting;
    const struct setting_info *info;
    struct place place;
    const char *text;
    size_t n;
};

/* `at` is the offset of what is wrong; the characters themselves are told for no value, since one
 * of them is a password. */
static void unsafe(const struct value *v, size_t at, const char *why, const char *remedy)
{
    findings_add(v->b->findings, SEVERITY_ERROR, "value-unsafe", v->place, remedy,
                 "%s cannot be sent: at character %zu, %s", v->info->title, at + 1, why);
}

/* check_job says the same of control characters, whether or not there is a command. */
static void check_bytes(const struct value *v)
{
    bool eight_bits = v->b->plan->line.frame[0] == '8';

    for (size_t i = 0; i < v->n; i++) {
        if ((unsigned char)v->text[i] < 0x80 || eight_bits)
            continue;
        unsafe(v, i, "it holds a character that a line without 8 data bits cannot carry",
               "Use plain letters, or a frame of 8 data bits.");
        break;
    }
    if (!check_control(v->b->job, v->setting, v->b->findings))
        v->b->refused = true;
}

static void check_terminator(const struct value *v)
{
    const char *terminator = v->b->terminator;
    const char *at = NULL;

    if (*terminator != '\0')
        at = memmem(v->text, v->n, terminator, strlen(terminator));
    if (at != NULL && (unsigned char)*at >= 0x20)
        unsafe(v, (size_t)(at - v->text), "it holds what ends an upload",
               "Use another value; this device cannot be given this one.");
}

/* What stands around {value} in the command separates its fields: whatever follows, and in front
 * what separators commonly are (not "=", which many commands have once and values often). */
static void check_separators(const struct value *v, const char *command)
{
    char before, after;

    template_neighbours(command, "value", &before, &after);
    if (before != '\0' && strchr(",;|\"'", before) == NULL)
        before = '\0';
    for (size_t i = 0; i < v->n; i++) {
        char c = v->text[i];

        if (c != '\0' && (c == before || c == after)) {
            unsafe(v, i, "it holds what separates the fields of this device's command",
                   "Use a value without it; the profile has no way to write it.");
            return;
        }
    }
}

static bool occurs_in(const texts patterns, const char *text)
{
    for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++) {
        if (pattern_text_occurs(patterns[i], text))
            return true;
    }
    return false;
}

/* A value is echoed; an echo that reads like an answer would be taken for one. */
static void check_words(const struct value *v)
{
    const struct profile *p = v->b->profile;
    const texts lists[] = {p->answers.ok, p->answers.fail, p->answers.boot,
                           p->upload.ok,  p->upload.fail,  p->abort.answers};
    const char *prompt = p->upload.prompt;
    bool found = prompt != NULL && strlen(prompt) >= PATTERN_TEXT_MIN && strstr(v->text, prompt);

    for (size_t i = 0; i < sizeof lists / sizeof lists[0] && !found; i++)
        found = occurs_in(lists[i], v->text);
    if (found)
        findings_add(v->b->findings, SEVERITY_ERROR, "value-unsafe", v->place,
                     "Use another value: its echo could be taken for the device's answer.",
                     "%s cannot be sent: it holds text that this device uses as prompt or answer",
                     v->info->title);
}

void plan_check_value(struct plan_builder *b, enum setting setting, const char *value, size_t n)
{
    struct value v = {b,     setting, setting_info(setting), job_setting_place(b->job, setting),
                      value, n};
    const char *command = b->profile->setting_command[setting];

    check_bytes(&v);
    check_terminator(&v);
    check_separators(&v, command);
    check_words(&v);
}
