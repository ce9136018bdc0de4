/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "device/loader_state.h"

/* What follows from what. Each function is one thing that can happen to the running exchange. */

void loader_enter(struct loader *l, enum phase phase, usec limit_at)
{
    l->phase = phase;
    l->limit_at = limit_at;
}

static void send_text(struct loader *l, const void *bytes, size_t n)
{
    l->out = bytes;
    l->out_len = n;
    l->out_pos = 0;
}

void loader_finish(struct loader *l, enum load_outcome outcome, usec now)
{
    struct event *e;

    l->outcome = outcome;
    send_text(l, NULL, 0);
    loader_enter(l, PHASE_ENDED, USEC_NEVER);
    if (l->events_dropped > 0)
        loader_note(l, now, "noise-dropped", "more lines came than could be shown");
    e = loader_push(l, EVENT_FINISHED, now);
    e->outcome = outcome;
}

/* --- beginning -------------------------------------------------------------------------------- */

void loader_begin_exchange(struct loader *l, size_t index, usec now)
{
    if (index == l->plan->count) {
        loader_finish(l, LOAD_DONE, now); /* also if a stop was asked for: it came too late */
        return;
    }
    l->index = index;
    l->x = &l->plan->exchanges[index];
    l->result = &l->results[index];
    l->attempt = 0;
    if (l->cancelled) {
        loader_finish(l, LOAD_CANCELLED, now);
        return;
    }
    l->result->started = true;
    loader_push(l, EVENT_EXCHANGE_STARTED, now);
    loader_begin_attempt(l, now);
}

/* How long the line may take over n bytes, however slowly it does. */
static usec send_limit(const struct loader *l, size_t n)
{
    usec time = pacing_time(&l->pacing, n) * PLAN_SEND_LIMIT_FACTOR;

    return time > PLAN_SEND_LIMIT_MIN ? time : PLAN_SEND_LIMIT_MIN;
}

/* --recover: whatever the device takes this for, it is at its command line afterwards. */
static void begin_recover(struct loader *l, usec now)
{
    const char *terminator = l->x->terminator;

    l->attempt = 1;
    l->result->attempts = 1;
    send_text(l, terminator, strlen(terminator));
    loader_enter(l, PHASE_RECOVER_END, now + PLAN_SEND_LIMIT_MIN);
}

void loader_begin_attempt(struct loader *l, usec now)
{
    l->attempt++;
    l->result->attempts = l->attempt;
    l->prompted = l->marked = l->echoed = l->echo_lost = l->command_echoed = false;
    l->digest_differs = l->digest_matches = l->held_told = false;
    l->heard = l->heard_odd = 0;
    l->progress_told = 0;
    l->result->body_sent = 0;
    l->echo = (struct echo){0};
    if (l->x->kind == EXCHANGE_RECOVER) {
        begin_recover(l, now);
        return;
    }
    if (l->x->confidential && !l->masking) {
        l->masking = true;
        l->mask_since = l->index;
    }
    send_text(l, l->x->command.data, l->x->command.len);
    l->progress_at = now;
    loader_enter(l, PHASE_COMMAND, now + send_limit(l, l->out_len));
}

/* The device opened the upload. */
void loader_prompted(struct loader *l, usec now)
{
    l->prompted = l->in_upload = true;
    if (l->cancelled)
        loader_fail(l, FAILURE_CANCELLED, now);
    else if (l->x->settle > 0)
        loader_enter(l, PHASE_PAUSE, now + l->x->settle);
    else
        loader_begin_body(l, now);
}

bool loader_body_running(const struct loader *l)
{
    return l->phase == PHASE_PAUSE || l->phase == PHASE_BODY || l->phase == PHASE_GUARD;
}

/* Body and what ends it become one row of bytes, which the echo is held against. Where the length
 * ends the body, its last line end (or byte) is what goes alone. */
void loader_begin_body(struct loader *l, usec now)
{
    const struct secret *body = &l->x->body;
    size_t end_len = strlen(l->x->terminator);

    l->prompted = l->in_upload = true;
    memcpy(l->stream.data, body->data, body->len);
    memcpy(l->stream.data + body->len, l->x->terminator, end_len);
    l->stream.len = body->len + end_len;
    l->mark_at = body->len;
    if (end_len == 0) {
        size_t eol = strlen(eol_bytes(l->x->body_eol));
        bool whole = eol > 0 && body->len > eol &&
                     memcmp(body->data + body->len - eol, eol_bytes(l->x->body_eol), eol) == 0;

        l->mark_at -= whole ? eol : 1;
    }
    echo_init(&l->echo, l->stream.data, body->len, l->x->body_eol);
    pacing_start(&l->pacing, l->attempt, l->plan->window, (int)l->plan->rate_percent);
    /* Some devices echo commands only: until a body has shown it, the command's echo decides. */
    l->pacing.windowed = l->body_echo_known ? l->body_echoes : l->command_echoed;
    l->sample_count = 0;
    l->delay_sum = 0;
    l->delay_min = USEC_NEVER;
    l->delay_count = 0;
    l->progress_at = now;
    l->body_limit_at = now + send_limit(l, body->len);
    loader_enter(l, PHASE_BODY, l->body_limit_at);
}

/* Everything but the end of the body has left and, where the device echoes, has come back. */
void loader_mark_ready(struct loader *l, usec now)
{
    loader_tell_progress(l, now, true);
    loader_enter(l, PHASE_MARK, l->body_limit_at);
}

/* --- ending well ------------------------------------------------------------------------------ */

/* What held the sender up, if the line was idle for more than a tenth of the body's time. */
static const char *limited_by(const struct loader *l)
{
    usec took = l->result->body_ended - l->result->body_began;
    usec mean = l->delay_count > 0 ? l->delay_sum / (usec)l->delay_count : 0;

    if (l->held_told)
        return "flow control";
    if (l->echo_lost)
        return "lost echo";
    if (l->pacing.slow_percent < 100 && !l->echoed)
        return "pace";
    if (l->pacing.idle_ns / 1000 * 10 < took)
        return "line speed";
    if (!l->echoed)
        return "waiting for an echo";
    return mean >= USEC_PER_MS && l->delay_min * 2 >= mean ? "echo delay" : "device";
}

static void measure(struct loader *l)
{
    struct exchange_result *r = l->result;

    if (l->x->kind != EXCHANGE_UPLOAD || !l->prompted)
        return;
    r->echo_delay = l->delay_count > 0 ? l->delay_sum / (usec)l->delay_count : 0;
    r->limited_by = limited_by(l);
    if (!l->echoed)
        r->window = 0;
}

/* The device is at its command line. A later success ends the silence about a secret. */
static void back_at_command_line(struct loader *l)
{
    l->in_upload = false;
    if (l->x->kind == EXCHANGE_UPLOAD && l->prompted) {
        l->body_echo_known = true;
        l->body_echoes = l->echoed && !l->echo_lost;
    }
}

void loader_succeed(struct loader *l, usec now)
{
    measure(l);
    back_at_command_line(l);
    l->result->state = STATE_LOADED;
    l->result->verified = l->digest_matches;
    l->result->failure = FAILURE_NONE;
    l->result->ended = now;
    loader_push(l, EVENT_EXCHANGE_DONE, now);
    if (l->masking && l->mask_since != l->index) {
        l->masking = l->x->confidential;
        l->mask_since = l->index;
    }
    if (l->x->kind == EXCHANGE_STEP && l->attempt > 1)
        loader_enter(l, PHASE_REPEATED, now + RETRY_MAX);
    else
        loader_begin_exchange(l, l->index + 1, now);
}

void loader_recovered(struct loader *l, usec now)
{
    l->in_upload = false;
    l->result->state = STATE_LOADED;
    l->result->ended = now;
    loader_note(
        l, now, "recovered",
        "an upload that an earlier run may have left open was ended: what that slot holds is "
        "unknown until it is loaded again");
    loader_push(l, EVENT_EXCHANGE_DONE, now);
    loader_begin_exchange(l, l->index + 1, now);
}

/* --- ending badly ----------------------------------------------------------------------------- */

enum load_outcome loader_outcome_of(enum load_failure failure)
{
    switch (failure) {
    case FAILURE_NO_PROMPT:
    case FAILURE_NO_ANSWER:
    case FAILURE_SPEED_MISMATCH:
    case FAILURE_STALLED:
        return LOAD_NO_ANSWER;
    case FAILURE_LINK_LOST:
        return LOAD_PORT_GONE;
    case FAILURE_CANCELLED:
        return LOAD_CANCELLED;
    case FAILURE_NONE:
    case FAILURE_REFUSED:
    case FAILURE_ANSWERED_EARLY:
    case FAILURE_ECHO_MISMATCH:
    case FAILURE_REBOOTED:
    case FAILURE_DIGEST:
        break;
    }
    return LOAD_REFUSED;
}

/* Section 5. What an earlier attempt left behind is not undone by a later one. */
static enum device_state state_after(const struct loader *l, enum load_failure failure)
{
    bool nothing_left = l->result->began == 0;
    bool refused_unbegun = failure == FAILURE_REFUSED && !l->prompted;

    return l->attempt <= 1 && (nothing_left || refused_unbegun) ? STATE_UNTOUCHED : STATE_UNKNOWN;
}

/* Section 7: only once the device is back at its command line, and only where another attempt can
 * end differently. */
static bool may_retry(const struct loader *l, enum load_failure failure)
{
    if (l->attempt > l->plan->retries || l->cancelled || l->in_upload || !l->prompted)
        return false;
    return (failure == FAILURE_ECHO_MISMATCH && !l->marked) ||
           (failure == FAILURE_REFUSED && (!l->echoed || l->echo_lost));
}

static void retry_or_finish(struct loader *l, usec now)
{
    enum load_failure failure = l->result->failure;

    if (may_retry(l, failure)) {
        loader_push(l, EVENT_RETRY, now);
        l->heard_at = now;
        loader_enter(l, PHASE_RETRY, now + RETRY_MAX);
    } else {
        loader_finish(l,
                      l->cancelled && failure != FAILURE_LINK_LOST ? LOAD_CANCELLED
                                                                   : loader_outcome_of(failure),
                      now);
    }
}

void loader_fail(struct loader *l, enum load_failure failure, usec now)
{
    struct event *e;
    bool in_body = l->prompted && !l->marked;

    if (l->phase == PHASE_COMMAND || l->phase == PHASE_BODY || l->phase == PHASE_GUARD ||
        l->phase == PHASE_MARK)
        l->flush_wanted = true;
    measure(l);
    l->result->state = state_after(l, failure);
    l->result->failure = failure;
    l->result->failure_at = failure == FAILURE_ECHO_MISMATCH ? l->differs_at
                            : failure == FAILURE_NO_PROMPT   ? l->command_echoed
                                                             : l->result->body_sent;
    l->result->ended = now;
    if (failure == FAILURE_REFUSED || failure == FAILURE_REBOOTED || l->marked)
        back_at_command_line(l);
    e = loader_push(l, EVENT_EXCHANGE_FAILED, now);
    e->failure = failure;
    e->code = load_failure_name(failure);
    e->n = l->result->failure_at;
    if (failure != FAILURE_LINK_LOST && l->in_upload && in_body && l->plan->abort.usable) {
        const char *abort = l->plan->profile->abort.send;

        send_text(l, abort, strlen(abort));
        loader_enter(l, PHASE_ABORT, now + send_limit(l, l->out_len));
        return;
    }
    retry_or_finish(l, now);
}

/* The device is out of the upload: never a success, whatever words it used. */
void loader_aborted(struct loader *l, usec now)
{
    l->in_upload = false;
    loader_push(l, EVENT_ABORTED, now);
    retry_or_finish(l, now);
}

/* Silence after the end of the body, or after a command. Section 4: nothing more is sent, unless
 * there is a question whose answer no upload can give. */
void loader_unanswered(struct loader *l, usec now)
{
    if (l->phase == PHASE_SYNC || !l->plan->sync.usable || l->x->kind == EXCHANGE_STEP ||
        (l->x->kind == EXCHANGE_SETTING && !l->command_echoed)) {
        bool garbage = l->phase == PHASE_ANSWER && l->heard >= 8 && l->heard_odd * 3 > l->heard;

        loader_fail(l, garbage ? FAILURE_SPEED_MISMATCH : FAILURE_NO_ANSWER, now);
        return;
    }
    send_text(l, l->sync_command.data, l->sync_command.len);
    loader_enter(l, PHASE_SYNC, now + send_limit(l, l->out_len));
}

/* The echo is not what was sent. Sending stops; the device is given a moment to say why. */
void loader_differs(struct loader *l, usec now)
{
    l->differs_at = l->echo.pos;
    l->flush_wanted = !l->marked;
    l->heard_at = now;
    loader_enter(l, PHASE_JUDGE, now + JUDGE_MAX);
}
