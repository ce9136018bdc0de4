/* SPDX-License-Identifier: MIT */
#include "device/emulator_state.h"

#include <string.h>

#include "base/str.h"
#include "device/pattern.h"

/* What the device says of its own accord. */

static const usec rest_time = EMULATOR_REST_MS * USEC_PER_MS;

static bool at_rest(const struct emulator *e)
{
    return !e->hung_up && !e->body.open && e->line.len == 0 && !e->line_too_long &&
           e->fifo.len == 0 && e->out.len == 0 && e->flood_left == 0;
}

usec emulator_rest_at(const struct emulator *e)
{
    usec at = e->words.last_at + rest_time;

    if ((e->words.count == 0 && !e->kept.news) || !at_rest(e))
        return USEC_NEVER;
    return at > e->off_until ? at : e->off_until;
}

static void speak(struct emulator *e, usec t)
{
    const char *text = e->words.text[e->words.first];

    if (e->midline)
        emulator_emit(e, "\r\n", 2, t);
    emulator_emit(e, text, strlen(text), t);
    emulator_emit(e, "\r\n", 2, t);
    e->words.leaving = true;
    e->words.first = (e->words.first + 1) % EMULATOR_WORDS_WAITING;
    e->words.count--;
}

void emulator_rest(struct emulator *e, usec t)
{
    if (e->kept.news) {
        e->kept.news = false;
        emulator_tell_settled(e);
    }
    if (e->words.count > 0)
        speak(e, t);
}

static bool fits(const char *pattern, const char *text)
{
    return pattern != NULL && pattern_matches(pattern, text, strlen(text), NULL);
}

static bool fits_any(texts patterns, const char *text)
{
    for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++) {
        if (fits(patterns[i], text))
            return true;
    }
    return false;
}

static bool fits_step(const struct profile_step *steps, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (fits(steps[i].expect, text))
            return true;
    }
    return false;
}

/* Answers of a sync query hold a nonce, which such a line cannot know. */
static bool reads_like_an_answer(const struct profile *p, const char *text)
{
    return (p->upload.prompt != NULL && str_starts(text, p->upload.prompt)) ||
           fits_any(p->upload.ok, text) || fits_any(p->upload.fail, text) ||
           fits_any(p->answers.ok, text) || fits_any(p->answers.fail, text) ||
           fits_any(p->answers.boot, text) || fits_any(p->abort.answers, text) ||
           fits(p->upload.report, text) || fits_step(p->prepare, p->prepare_count, text) ||
           fits_step(p->finish, p->finish_count, text);
}

/* Printable ASCII, cut to what a line may have. */
static void clean(char out[EMULATOR_WORDS_MAX + 1], const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i < n && i < EMULATOR_WORDS_MAX; i++)
        out[i] = text[i] >= 0x20 && text[i] < 0x7F ? text[i] : '?';
    out[n < EMULATOR_WORDS_MAX ? n : EMULATOR_WORDS_MAX] = '\0';
    if (n > EMULATOR_WORDS_MAX)
        memcpy(out + EMULATOR_WORDS_MAX - 3, "...", 3);
}

bool emulator_announce(struct emulator *e, const char *text)
{
    char line[EMULATOR_WORDS_MAX + 1];
    size_t at;

    clean(line, text);
    if (line[strspn(line, " ")] == '\0' || reads_like_an_answer(e->profile, line))
        return false;
    if (e->words.count == EMULATOR_WORDS_WAITING) {
        e->words.first = (e->words.first + 1) % EMULATOR_WORDS_WAITING;
        e->words.count--;
    }
    at = (e->words.first + e->words.count++) % EMULATOR_WORDS_WAITING;
    memcpy(e->words.text[at], line, sizeof line);
    return true;
}

void emulator_hush(struct emulator *e)
{
    e->words.count = 0;
}
