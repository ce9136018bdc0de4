/* SPDX-License-Identifier: MIT */
#include "device/emulator.h"

#include <string.h>

#include "base/str.h"

enum { AT_DEFAULT = 100, NUMBER_DIGITS_MAX = 9, WORD_MAX = 24 };

static const struct {
    const char *name;
    bool has_place; /* AT means something */
    const char *help;
} faults[FAULT_COUNT] = {
    [FAULT_NONE] = {"none", false, "no fault"},
    [FAULT_NO_PROMPT] = {"no-prompt", false, "takes the command, never prompts"},
    [FAULT_REFUSE] = {"refuse", false, "answers the command with failure, before any body"},
    [FAULT_REFUSE_BODY] = {"refuse-body", true, "failure in mid-body, at byte AT"},
    [FAULT_REFUSE_END] = {"refuse-end", false, "takes the whole body, then answers with failure"},
    [FAULT_SILENT] = {"silent", false, "takes everything, stores nothing, never answers"},
    [FAULT_DEAF] = {"deaf", false, "neither echo nor answer to anything"},
    [FAULT_REBOOT] = {"reboot", true, "stops at body byte AT, boot banner 300 ms later"},
    [FAULT_HANG_UP] = {"hang-up", true, "the line goes away at body byte AT"},
    [FAULT_LOST] = {"lost", true, "body byte AT is lost"},
    [FAULT_CHANGED] = {"changed", true, "body byte AT arrives changed"},
    [FAULT_STALL] = {"stall", true, "does nothing for 2 s at body byte AT"},
    [FAULT_NOISE] = {"noise", false, "log lines between everything it says and between body lines"},
    [FAULT_SPLIT] = {"split", false, "replies in pieces of 3 bytes, 30 ms apart"},
    [FAULT_TRUNCATED] = {"truncated", false, "the last reply ends after half its characters"},
    [FAULT_GLUED] = {"glued", false, "the reply follows the echo of the terminator on its line"},
    [FAULT_NO_EOL] = {"no-eol", false, "prompts and replies without a final line end"},
    [FAULT_OK_IN_LOG] = {"ok-in-log", false, "a log line with the success text, then failure"},
    [FAULT_OK_EARLY] = {"ok-early", true, "its one answer, success, comes at body byte AT"},
    [FAULT_ECHO_STOPS] = {"echo-stops", true, "echo ends at body byte AT, all else goes on"},
    [FAULT_GARBAGE] = {"garbage", false, "answers the command with bytes that are not text"},
    [FAULT_FLOOD] = {"flood", false, "sends megabytes without a line end instead of an answer"},
    [FAULT_LOST_OK] = {"lost-ok", false, "stores, but its answer is lost; sync tells the truth"},
};

const char *fault_name(enum fault fault)
{
    return faults[fault].name;
}

const char *fault_help(enum fault fault)
{
    return faults[fault].help;
}

static int fault_of_name(const char *name)
{
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        if (strcmp(faults[i].name, name) == 0)
            return i;
    }
    return -1;
}

/* All n characters as a decimal number; false if they are none. */
static bool number_of(const char *text, size_t n, int *out)
{
    *out = 0;
    if (n == 0 || n > NUMBER_DIGITS_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return true;
}

/* One part of the text between colons, copied; false if it is too long to be a known word. */
static bool word_of(const char *text, size_t n, char out[WORD_MAX])
{
    if (n >= WORD_MAX)
        return false;
    memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

static int parse_name(const char *text, size_t n, struct emulator_fault *out, struct err *err)
{
    const char *words[FAULT_COUNT] = {NULL};
    const char *near = NULL;
    char name[WORD_MAX];
    int fault = word_of(text, n, name) ? fault_of_name(name) : -1;

    if (fault >= 0) {
        out->fault = (enum fault)fault;
        return 0;
    }
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++)
        words[i - 1] = faults[i].name;
    if (n < WORD_MAX)
        near = str_nearest(name, words);
    err_set(err, ERR_USAGE, "there is no fault \"%.*s\"", (int)(n < 40 ? n : 40), text);
    if (near != NULL)
        err_remedy(err, "did you mean %s?", near);
    return ERR_USAGE;
}

/* An empty slot is any. */
static int parse_slot(const char *text, size_t n, struct emulator_fault *out, struct err *err)
{
    const char *words[SLOT_COUNT + 1] = {NULL};
    const char *near = NULL;
    char name[WORD_MAX];

    for (int i = 0; i < SLOT_COUNT; i++)
        words[i] = slot_name((enum slot)i);
    if (n == 0)
        return 0;
    if (word_of(text, n, name)) {
        out->slot = slot_of_name(name);
        if (out->slot >= 0)
            return 0;
        near = str_nearest(name, words);
    }
    err_set(err, ERR_USAGE, "there is no slot \"%.*s\"", (int)(n < 40 ? n : 40), text);
    if (near != NULL)
        err_remedy(err, "did you mean %s?", near);
    else
        err_remedy(err, "the slots are %s, %s and %s", words[0], words[1], words[2]);
    return ERR_USAGE;
}

static int parse_at(const char *text, size_t n, struct emulator_fault *out, struct err *err)
{
    int at;

    if (!faults[out->fault].has_place)
        return err_set(err, ERR_USAGE, "the fault %s has no place in the body",
                       faults[out->fault].name);
    if (!number_of(text, n, &at))
        return err_set(err, ERR_USAGE, "\"%.*s\" is not the number of a body byte",
                       (int)(n < 40 ? n : 40), text);
    out->at = (size_t)at;
    return 0;
}

/* Takes "xTIMES" off the end of the n characters; returns what is left of n. */
static size_t take_times(const char *text, size_t n, struct emulator_fault *out)
{
    size_t start = n;

    while (start > 0 && text[start - 1] != 'x')
        start--;
    if (start < 2 || !number_of(text + start, n - start, &out->times))
        return n;
    return start - 1;
}

int emulator_fault_parse(const char *text, struct emulator_fault *out, struct err *err)
{
    static int (*const parsers[])(const char *, size_t, struct emulator_fault *,
                                  struct err *) = {parse_name, parse_slot, parse_at};
    struct emulator_fault fault = {.slot = -1, .at = AT_DEFAULT};
    size_t n = take_times(text, strlen(text), &fault);
    size_t start = 0;

    for (size_t i = 0; i < sizeof parsers / sizeof parsers[0] && start <= n; i++) {
        const char *colon = memchr(text + start, ':', n - start);
        size_t end = colon == NULL ? n : (size_t)(colon - text);
        int rc = parsers[i](text + start, end - start, &fault, err);

        if (rc != 0)
            return rc;
        start = end + 1;
    }
    if (start <= n)
        return err_set(err, ERR_USAGE, "\"%.60s\" is not NAME[:SLOT[:AT]][xTIMES]", text);
    *out = fault;
    return 0;
}
