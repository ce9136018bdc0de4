/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "device/loader_state.h"
#include "device/pattern.h"

/* What has come: echo first, then the device's own lines. */

static bool matches_any(const texts patterns, const unsigned char *line, size_t n)
{
    for (size_t i = 0; patterns != NULL && patterns[i] != NULL; i++) {
        if (pattern_matches(patterns[i], (const char *)line, n, NULL))
            return true;
    }
    return false;
}

static bool is_boot(const struct loader *l, const unsigned char *line, size_t n)
{
    return matches_any(l->plan->profile->answers.boot, line, n);
}

static void refused(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    loader_keep_answer(l, line, n);
    loader_fail(l, FAILURE_REFUSED, now);
}

static void rebooted(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    loader_keep_answer(l, line, n);
    loader_fail(l, FAILURE_REBOOTED, now);
}

/* What the device says it stored, held against what was sent. */
static void judge_report(struct loader *l, const unsigned char *line, size_t n)
{
    struct capture capture;
    const char *said, *expected = l->x->expected_digest;
    size_t len = strlen(expected);

    if (l->x->report == NULL || l->x->digest == DIGEST_NONE ||
        !pattern_matches(l->x->report, (const char *)line, n, &capture))
        return;
    said = l->x->digest == DIGEST_SIZE ? capture.size : capture.digest;
    while (*said == '0' && strlen(said) > len) /* Quectel does not pad, others do */
        said++;
    while (*expected == '0' && len > strlen(said)) {
        expected++;
        len--;
    }
    l->digest_matches = strlen(said) == len;
    for (size_t i = 0; i < len && l->digest_matches; i++) {
        char c = said[i] >= 'a' && said[i] <= 'f' ? (char)(said[i] - 'a' + 'A') : said[i];

        l->digest_matches = c == expected[i];
    }
    l->digest_differs = !l->digest_matches;
}

static void accepted(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    loader_keep_answer(l, line, n);
    if (l->digest_differs)
        loader_fail(l, FAILURE_DIGEST, now);
    else
        loader_succeed(l, now);
}

/* A line while a command waits for its answer. Its answer cannot have begun before it was sent. */
static void judge_answer(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    bool in_time = l->line.began >= l->handed_at;

    if (in_time && matches_any(l->x->ok, line, n))
        accepted(l, line, n, now);
    else if (in_time && matches_any(l->x->fail, line, n))
        refused(l, line, n, now);
    else if (is_boot(l, line, n) && in_time && l->x->kind != EXCHANGE_STEP)
        rebooted(l, line, n, now);
}

/* A line before the prompt. Success here is no result: some devices say OK before they prompt. */
static void judge_before_prompt(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    size_t command_len = l->x->command.len - l->x->command_eol_len;

    if (l->line.began >= l->handed_at && matches_any(l->x->fail, line, n)) {
        refused(l, line, n, now);
    } else if (l->line.began >= l->handed_at && is_boot(l, line, n)) {
        rebooted(l, line, n, now);
    } else if (!l->command_echoed &&
               !(n < command_len && memcmp(line, l->x->command.data, n) == 0) &&
               text_resembles(line, n, l->x->command.data, command_len)) {
        /* The command came back damaged: it may have opened another slot. */
        l->differs_at = 0;
        l->prompted = l->in_upload = true;
        loader_fail(l, FAILURE_ECHO_MISMATCH, now);
    }
}

/* A line while the body is under way. */
static void judge_in_body(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    if (matches_any(l->x->fail, line, n)) {
        refused(l, line, n, now);
    } else if (matches_any(l->x->ok, line, n)) {
        loader_keep_answer(l, line, n);
        loader_fail(l, FAILURE_ANSWERED_EARLY, now);
    } else if (is_boot(l, line, n)) {
        rebooted(l, line, n, now);
    } else if (echo_resembles(&l->echo, line, n)) {
        loader_differs(l, now);
    }
}

/* When the byte that ended the body can have left: on a real line not before its own time on it. */
static usec mark_left_at(const struct loader *l)
{
    return l->options.settle ? l->handed_at + pacing_time(&l->pacing, 1) : l->handed_at;
}

static void judge_result(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    judge_report(l, line, n);
    if (matches_any(l->x->ok, line, n)) {
        loader_keep_answer(l, line, n);
        if (l->line.began < mark_left_at(l))
            loader_fail(l, FAILURE_ANSWERED_EARLY, now);
        else if (l->echoed && !l->echo_lost && !echo_complete(&l->echo, l->stream.len))
            loader_enter(l, PHASE_UNECHOED, now + JUDGE_MAX);
        else
            accepted(l, line, n, now);
    } else if (matches_any(l->x->fail, line, n)) {
        refused(l, line, n, now);
    } else if (is_boot(l, line, n)) {
        rebooted(l, line, n, now);
    } else if ((l->echo_lost || !l->echoed) && echo_resembles(&l->echo, line, n)) {
        loader_differs(l, now);
    }
}

static bool equals(const struct secret *text, const unsigned char *line, size_t n)
{
    return text->len > 0 && pattern_matches((const char *)text->data, (const char *)line, n, NULL);
}

/* The exact words decide: they hold this run's nonce. */
static void judge_sync(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    l->result->asked = equals(&l->sync_ok, line, n) || equals(&l->sync_fail, line, n);
    if (equals(&l->sync_ok, line, n)) {
        loader_note(l, now, "answer-lost",
                    "the device's answer did not arrive; asked, it said that it has stored it");
        accepted(l, line, n, now);
    } else if (equals(&l->sync_fail, line, n)) {
        l->marked = true; /* it is at its command line: it has answered */
        refused(l, line, n, now);
    }
}

static void judge_recover(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    const struct profile *p = l->plan->profile;

    if (matches_any(p->upload.ok, line, n) || matches_any(p->upload.fail, line, n))
        l->heard_at = now - RECOVER_QUIET; /* answered: no need to wait for quiet */
}

/* The echo broke off: if the device said something instead, that is the reason. */
static void judge_difference(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    if (matches_any(l->x->fail, line, n)) {
        refused(l, line, n, now);
    } else if (is_boot(l, line, n)) {
        rebooted(l, line, n, now);
    } else if (!l->marked && matches_any(l->x->ok, line, n)) {
        loader_keep_answer(l, line, n);
        loader_fail(l, FAILURE_ANSWERED_EARLY, now);
    } else if (!l->marked && loader_is_own_line(l, line, n)) {
        loader_keep_answer(l, line,
                           n); /* it may say what happened: a banner that no pattern knows */
    }
}

/* Only what came after the abort had been handed over; its echo, and what was left of the body's,
 * may stand before the answer. */
static bool abort_answered(const struct loader *l, const unsigned char *line, size_t n)
{
    const struct profile *p = l->plan->profile;
    size_t len = strlen(p->abort.send);

    if (l->out_pos < l->out_len)
        return false;
    for (size_t i = n; i-- > 0;) {
        if (i + len < n && memcmp(line + i, p->abort.send, len) == 0)
            return matches_any(p->abort.answers, line + i + len, n - i - len);
    }
    return l->line.began >= l->handed_at && matches_any(p->abort.answers, line, n);
}

static void judge(struct loader *l, const unsigned char *line, size_t n, usec now)
{
    switch (l->phase) {
    case PHASE_ANSWER:
        judge_answer(l, line, n, now);
        break;
    case PHASE_PROMPT:
        judge_before_prompt(l, line, n, now);
        break;
    case PHASE_PAUSE:
    case PHASE_BODY:
    case PHASE_GUARD:
    case PHASE_MARK:
        judge_in_body(l, line, n, now);
        break;
    case PHASE_RESULT:
        judge_result(l, line, n, now);
        break;
    case PHASE_UNECHOED:
    case PHASE_JUDGE:
        judge_difference(l, line, n, now);
        break;
    case PHASE_ABORT:
        if (abort_answered(l, line, n))
            loader_aborted(l, now);
        break;
    case PHASE_SYNC:
        judge_sync(l, line, n, now);
        break;
    case PHASE_RECOVER_END:
        judge_recover(l, line, n, now);
        break;
    case PHASE_CREATED:
    case PHASE_OPENED:
    case PHASE_RETRY:
    case PHASE_COMMAND:
    case PHASE_REPEATED:
    case PHASE_RECOVER_LINE:
    case PHASE_ENDED:
        break;
    }
}

void loader_line_over(struct loader *l, usec now)
{
    const unsigned char *text;
    size_t n;

    echo_end_foreign(&l->echo);
    if (!reply_is_empty(&l->line)) {
        text = reply_text(&l->line, &n);
        loader_tell_line(l, text, n, now);
        if (n > 0)
            judge(l, text, n, now);
    }
    reply_clear(&l->line);
}

/* The command's echo may follow a prompt of the device's own ("> 9270,10"): it is looked for at the
 * end of the line so far. */
static bool take_command_echo(struct loader *l, usec now)
{
    size_t len = l->x->command.len - l->x->command_eol_len;
    struct event *e;

    if (len == 0 || l->line.raw > l->line.len || l->line.len < len ||
        memcmp(l->line.text + l->line.len - len, l->x->command.data, len) != 0 ||
        matches_any(l->x->fail, l->line.text, l->line.len))
        return false;
    l->command_echoed = true;
    e = loader_push(l, EVENT_ECHO, now);
    e->n += len;
    reply_clear(&l->line);
    return true;
}

static bool take_prompt(struct loader *l, usec now)
{
    size_t len;

    if (l->phase != PHASE_PROMPT)
        return false;
    len = strlen(l->x->prompt);
    if (l->line.len < len || l->line.began < l->handed_at ||
        memcmp(l->line.text, l->x->prompt, len) != 0)
        return false;
    loader_tell_line(l, l->line.text, l->line.len, now);
    reply_clear(&l->line);
    loader_prompted(l, now);
    return true;
}

/* A byte that is no echo of a body. */
static void own_byte(struct loader *l, unsigned char byte, usec now)
{
    bool after_command =
        l->phase == PHASE_COMMAND || l->phase == PHASE_PROMPT || l->phase == PHASE_ANSWER;

    if (reply_add(&l->line, byte, now)) {
        loader_line_over(l, now);
        return;
    }
    if (after_command && !l->command_echoed && take_command_echo(l, now))
        return;
    take_prompt(l, now);
}

/* The delay of the echo beyond the byte's own way back, from the samples that pos has passed. */
static void measure_echo(struct loader *l, usec now)
{
    while (l->sample_count > 0 && l->samples[l->sample_head].pos <= l->echo.pos) {
        usec left_at = l->samples[l->sample_head].left_at;
        usec delay = now - left_at - pacing_time(&l->pacing, 1);

        delay = delay > 0 ? delay : 0;
        l->delay_sum += delay;
        l->delay_count++;
        if (delay < l->delay_min)
            l->delay_min = delay;
        l->sample_head = (l->sample_head + 1) % SAMPLES_MAX;
        l->sample_count--;
    }
}

static void echoed(struct loader *l, usec now)
{
    struct event *e = loader_push(l, EVENT_ECHO, now);

    e->n++;
    l->progress_at = now;
    pacing_echoed(&l->pacing, 1);
    measure_echo(l, now);
    if (l->echo.seen && !l->echoed) {
        l->echoed = true;
        l->pacing.windowed = true;
    }
    if (l->phase == PHASE_UNECHOED && echo_complete(&l->echo, l->stream.len))
        loader_fail(l, FAILURE_ANSWERED_EARLY, now);
}

/* What had been taken for echo was the start of a line of the device's own. */
static void withdraw(struct loader *l, usec now)
{
    const unsigned char *bytes = l->echo.sent + l->echo.pos;

    for (size_t i = 0; i < l->echo.withdrawn; i++)
        own_byte(l, bytes[i], now);
}

static bool holds_echo(const struct loader *l)
{
    return l->phase == PHASE_BODY || l->phase == PHASE_GUARD || l->phase == PHASE_MARK ||
           l->phase == PHASE_RESULT || l->phase == PHASE_UNECHOED;
}

static bool is_text(unsigned char byte)
{
    return (byte >= 0x20 && byte < 0x7F) || byte == '\r' || byte == '\n' || byte == '\t' ||
           byte == 0x1B;
}

void loader_byte(struct loader *l, unsigned char byte, usec now)
{
    l->heard++;
    l->heard_odd += !is_text(byte);
    if (!control_filter_pass(&l->filter, byte))
        return;
    if (!holds_echo(l)) {
        own_byte(l, byte, now);
        return;
    }
    switch (echo_feed(&l->echo, byte)) {
    case ECHO_MATCHED:
        echoed(l, now);
        break;
    case ECHO_WITHDRAWN:
        withdraw(l, now);
        own_byte(l, byte, now);
        break;
    case ECHO_FOREIGN:
        own_byte(l, byte, now);
        break;
    case ECHO_DIFFERS:
        loader_differs(l, now);
        own_byte(l, byte, now);
        break;
    }
}
