/* SPDX-License-Identifier: MIT */
#include "device/loader.h"

#include <stdlib.h>
#include <string.h>

#include "device/loader_state.h"

/* Creation, the entry points, and time. */

/* --- creation --------------------------------------------------------------------------------- */

/* The longest body with its end; the loader's copy of it is made once. */
static size_t longest_stream(const struct plan *plan)
{
    size_t longest = 0;

    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange *x = &plan->exchanges[i];
        size_t n = x->body.len + (x->terminator != NULL ? strlen(x->terminator) : 0);

        if (n > longest)
            longest = n;
    }
    return longest;
}

/* The sync query of this run: its nonce is its own, so no upload can answer for the device. */
static int expand_sync(struct loader *l)
{
    const struct profile *p = l->plan->profile;
    char nonce[17];
    const struct template_value values[] = {{"nonce", nonce, 16}, {NULL, NULL, 0}};

    if (!l->plan->sync.usable)
        return 0;
    for (int i = 0; i < 16; i++)
        nonce[i] = "0123456789ABCDEF"[(l->nonce >> (60 - 4 * i)) & 15];
    nonce[16] = '\0';
    if (template_expand(p->sync.command, values, &l->sync_command, NULL) != 0 ||
        secret_append(&l->sync_command, eol_bytes(p->command_eol),
                      strlen(eol_bytes(p->command_eol)), NULL) != 0 ||
        pattern_expand(p->sync.ok, values, &l->sync_ok, NULL) != 0 ||
        pattern_expand(p->sync.fail, values, &l->sync_fail, NULL) != 0)
        return ERR_NOMEM;
    return 0;
}

struct loader *loader_create(const struct plan *plan, const struct loader_options *options)
{
    struct loader *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    l->plan = plan;
    l->options = *options;
    l->nonce = options->nonce;
    l->limit_at = USEC_NEVER;
    l->results = calloc(plan->count > 0 ? plan->count : 1, sizeof *l->results);
    pacing_init(&l->pacing, &plan->line, plan->window);
    if (l->results == NULL || secret_reserve(&l->stream, longest_stream(plan), NULL) != 0 ||
        expand_sync(l) != 0) {
        loader_destroy(l);
        return NULL;
    }
    return l;
}

void loader_destroy(struct loader *l)
{
    if (l == NULL)
        return;
    secret_reset(&l->stream);
    secret_reset(&l->sync_command);
    secret_reset(&l->sync_ok);
    secret_reset(&l->sync_fail);
    free(l->results);
    mem_wipe(l, sizeof *l);
    free(l);
}

/* --- what time brings ------------------------------------------------------------------------- */

/* Section 3: the echo has stopped for a second. Near the end it cannot be told from lost bytes. */
static void echo_stalled(struct loader *l, usec now)
{
    l->body_echo_known = true;
    if (!l->echoed) {
        l->body_echoes = false;
        l->pacing.windowed = false;
        return;
    }
    if (l->phase == PHASE_GUARD) {
        loader_differs(l, now);
        return;
    }
    l->echo_lost = true;
    echo_lose(&l->echo);
    l->pacing.windowed = false;
    l->pacing.slow_percent = l->pacing.slow_percent > 50 ? 50 : l->pacing.slow_percent;
    loader_note(l, now, "echo-lost",
                "the device's echo stopped; going on a line at a time at half speed");
}

static void tick_body(struct loader *l, usec now)
{
    if ((l->phase == PHASE_BODY || l->phase == PHASE_GUARD) && loader_awaits_echo(l) &&
        now >= loader_stall_at(l))
        echo_stalled(l, now);
    if (l->phase == PHASE_BODY && l->echo.handed == l->mark_at)
        loader_enter(l, PHASE_GUARD, l->body_limit_at);
    if (l->phase == PHASE_GUARD && !loader_awaits_echo(l) && now >= loader_mark_at(l))
        loader_mark_ready(l, now);
    if (l->phase == PHASE_BODY || l->phase == PHASE_GUARD)
        loader_tell_progress(l, now, false);
}

/* The phase has lasted as long as it may. */
static void limit_reached(struct loader *l, usec now)
{
    bool garbage = l->heard >= 8 && l->heard_odd * 3 > l->heard;

    switch (l->phase) {
    case PHASE_OPENED:
        loader_begin_exchange(l, 0, now);
        break;
    case PHASE_RETRY:
        loader_begin_attempt(l, now);
        break;
    case PHASE_REPEATED:
        loader_begin_exchange(l, l->index + 1, now);
        break;
    case PHASE_PROMPT:
        loader_fail(l, garbage ? FAILURE_SPEED_MISMATCH : FAILURE_NO_PROMPT, now);
        break;
    case PHASE_PAUSE:
        loader_begin_body(l, now);
        break;
    case PHASE_COMMAND:
    case PHASE_BODY:
    case PHASE_GUARD:
    case PHASE_MARK:
        loader_fail(l, FAILURE_STALLED, now);
        break;
    case PHASE_ANSWER:
        if (l->x->kind == EXCHANGE_STEP && l->attempt < l->x->tries && !l->cancelled)
            loader_begin_attempt(l, now);
        else
            loader_unanswered(l, now);
        break;
    case PHASE_RESULT:
    case PHASE_SYNC:
        loader_unanswered(l, now);
        break;
    case PHASE_UNECHOED:
        if (l->digest_differs) {
            loader_fail(l, FAILURE_DIGEST, now);
            break;
        }
        loader_note(l, now, "terminator-not-echoed",
                    "the device echoed the body but not what ends it; its answer came after that");
        loader_succeed(l, now);
        break;
    case PHASE_JUDGE:
        loader_fail(l, FAILURE_ECHO_MISMATCH, now);
        break;
    case PHASE_ABORT:
        loader_finish(l, l->cancelled ? LOAD_CANCELLED : loader_outcome_of(l->result->failure),
                      now);
        break;
    case PHASE_RECOVER_END:
        if (l->out_pos < l->out_len) {
            loader_fail(l, FAILURE_STALLED, now);
            break;
        }
        l->out = l->x->command.data;
        l->out_len = l->x->command.len;
        l->out_pos = 0;
        l->heard_at = now;
        loader_enter(l, PHASE_RECOVER_LINE, now + RECOVER_MAX);
        break;
    case PHASE_RECOVER_LINE:
        if (l->out_pos < l->out_len)
            loader_fail(l, FAILURE_STALLED, now);
        else
            loader_recovered(l, now);
        break;
    case PHASE_CREATED:
    case PHASE_ENDED:
        break;
    }
}

void loader_tick(struct loader *l, usec now)
{
    usec quiet;

    l->read_first = false;
    loader_advance(l, now);
    if (l->phase == PHASE_ENDED || l->phase == PHASE_CREATED)
        return;
    if (!reply_is_empty(&l->line) && now >= l->heard_at + LINE_QUIET)
        loader_line_over(l, now);
    tick_body(l, now);
    quiet = loader_quiet_needed(l);
    if (now >= l->limit_at || (quiet != USEC_NEVER && now >= l->heard_at + quiet))
        limit_reached(l, now);
}

/* --- entry points ----------------------------------------------------------------------------- */

void loader_start(struct loader *l, usec now)
{
    l->seen_now = now;
    l->heard_at = now;
    if (l->options.settle)
        loader_enter(l, PHASE_OPENED, now + OPEN_MAX);
    else
        loader_begin_exchange(l, 0, now);
}

void loader_receive(struct loader *l, const void *bytes, size_t n, usec now)
{
    const unsigned char *p = bytes;

    loader_advance(l, now);
    if (l->phase == PHASE_CREATED)
        return;
    for (size_t i = 0; i < n && l->phase != PHASE_ENDED; i++) {
        l->heard_at = now;
        loader_byte(l, p[i], now);
    }
    tick_body(l, now);
}

size_t loader_output(struct loader *l, usec now, const unsigned char **bytes)
{
    size_t n;

    loader_advance(l, now);
    n = l->read_first ? 0 : loader_out_room(l, now);
    if (n == 0)
        l->offer = NULL; /* there may be no buffer yet, and NULL has no offsets */
    else if (l->phase != PHASE_BODY && l->phase != PHASE_MARK)
        l->offer = l->out + l->out_pos;
    else
        l->offer = l->stream.data + l->echo.handed;
    l->offered = n;
    *bytes = l->offer;
    return n;
}

/* The last byte of a command has been handed over. */
static void command_sent(struct loader *l, usec now)
{
    usec left_at = pacing_left_at(&l->pacing);

    l->handed_at = now;
    switch (l->phase) {
    case PHASE_ABORT:
        loader_enter(l, PHASE_ABORT, left_at + l->plan->profile->abort.timeout_ms * USEC_PER_MS);
        break;
    case PHASE_SYNC:
        loader_enter(l, PHASE_SYNC, left_at + l->plan->profile->sync.timeout_ms * USEC_PER_MS);
        break;
    case PHASE_RECOVER_END:
        l->heard_at = left_at;
        loader_enter(l, PHASE_RECOVER_END, left_at + RECOVER_MAX);
        break;
    case PHASE_RECOVER_LINE:
        l->heard_at = left_at;
        break;
    default:
        if (l->x->kind != EXCHANGE_UPLOAD)
            loader_enter(l, PHASE_ANSWER, left_at + l->x->result_timeout);
        else if (l->x->prompt != NULL)
            loader_enter(l, PHASE_PROMPT, left_at + l->x->prompt_timeout);
        else
            loader_begin_body(l, now);
        break;
    }
}

static void sent_command(struct loader *l, size_t n, usec now)
{
    if (l->phase == PHASE_COMMAND || l->phase == PHASE_RECOVER_END)
        l->result->began = l->result->began != 0 ? l->result->began : now;
    l->out_pos += n;
    l->progress_at = now;
    if (l->out_pos == l->out_len)
        command_sent(l, now);
}

static void sent_body(struct loader *l, size_t n, usec now)
{
    struct exchange_result *r = l->result;
    size_t tail;

    if (l->echo.handed == 0)
        r->body_began = now;
    if (loader_in_flight(l) == 0)
        l->progress_at = now;
    l->echo.handed += n;
    r->body_sent = l->echo.handed < l->x->body.len ? l->echo.handed : l->x->body.len;
    if (l->echo.handed - n < l->x->body.len)
        r->body_ended = pacing_left_at(&l->pacing);
    if (l->pacing.windowed && loader_in_flight(l) > r->window)
        r->window = loader_in_flight(l);
    if (l->sample_count < SAMPLES_MAX) {
        tail = (l->sample_head + l->sample_count++) % SAMPLES_MAX;
        l->samples[tail].pos = l->echo.handed;
        l->samples[tail].left_at = pacing_left_at(&l->pacing);
    }
    if (l->phase == PHASE_MARK && l->echo.handed == l->stream.len) {
        l->marked = true;
        l->handed_at = now;
        loader_enter(l, PHASE_RESULT, pacing_left_at(&l->pacing) + l->x->result_timeout);
    }
}

void loader_sent(struct loader *l, size_t n, usec now)
{
    loader_advance(l, now);
    if (n == 0 || n > l->offered)
        return;
    loader_tell_sent(l, l->offer, n, now);
    l->offered = 0;
    pacing_sent(&l->pacing, n, now);
    if (l->phase == PHASE_BODY || l->phase == PHASE_MARK)
        sent_body(l, n, now);
    else
        sent_command(l, n, now);
    tick_body(l, now);
}

void loader_queued(struct loader *l, size_t n, usec now)
{
    size_t computed = pacing_outstanding(&l->pacing, now);

    pacing_queued(&l->pacing, n, now);
    if (n > 0 && l->phase == PHASE_RESULT)
        l->handed_at = now; /* what ends the body has not left yet */
    if (n > 0 && computed == 0 && !l->held_told && now > l->progress_at + ECHO_STALL) {
        l->held_told = true;
        loader_note(l, now, "held", "flow control holds the line: the device takes no bytes");
    }
}

bool loader_wants_flush(struct loader *l)
{
    bool wanted = l->flush_wanted;

    l->flush_wanted = false;
    if (wanted)
        pacing_flushed(&l->pacing, l->seen_now);
    return wanted;
}

void loader_link_lost(struct loader *l, usec now)
{
    loader_advance(l, now);
    if (l->phase == PHASE_ENDED || l->phase == PHASE_CREATED)
        return;
    /* An answer may have come without its line end; but one that was cut off is none. */
    if (now >= l->heard_at + LINE_QUIET)
        loader_line_over(l, now);
    if (l->phase == PHASE_ENDED)
        return;
    if (l->x == NULL || l->phase == PHASE_ABORT) {
        loader_finish(l, LOAD_PORT_GONE, now);
        return;
    }
    loader_fail(l, FAILURE_LINK_LOST, now);
}

enum load_outcome loader_outcome(const struct loader *l)
{
    return l->outcome;
}

const struct exchange_result *loader_result(const struct loader *l, size_t i)
{
    return &l->results[i];
}

bool loader_device_in_upload(const struct loader *l)
{
    return l->in_upload;
}
