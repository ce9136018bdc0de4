/* SPDX-License-Identifier: MIT */
#include "device/loader_state.h"

/* When what is due: how much may go out, how long something is waited for. */

static usec earlier(usec a, usec b)
{
    return a < b ? a : b;
}

size_t loader_in_flight(const struct loader *l)
{
    return l->echo.handed > l->echo.pos ? l->echo.handed - l->echo.pos : 0;
}

/* True while an echo is due: bytes have left and none of them came back yet. */
bool loader_awaits_echo(const struct loader *l)
{
    return l->pacing.windowed && !l->echo_lost && !echo_complete(&l->echo, l->echo.handed);
}

/* From when on the echo counts as stalled: a second after its last byte, or after the bytes that it
 * should repeat have left. */
usec loader_stall_at(const struct loader *l)
{
    usec left_at = pacing_left_at(&l->pacing);

    return (l->progress_at > left_at ? l->progress_at : left_at) + ECHO_STALL;
}

/* When the byte that ends the body may go. */
usec loader_mark_at(const struct loader *l)
{
    usec left_at = pacing_left_at(&l->pacing);
    usec since = l->echoed && l->progress_at > left_at ? l->progress_at : left_at;

    return since + MARK_GUARD + l->options.input_delay;
}

/* How long the line must be quiet for this phase to end; USEC_NEVER where quiet means nothing. */
usec loader_quiet_needed(const struct loader *l)
{
    switch (l->phase) {
    case PHASE_OPENED:
        return OPEN_QUIET;
    case PHASE_RETRY:
    case PHASE_REPEATED:
    case PHASE_JUDGE:
    case PHASE_UNECHOED:
        return LINE_QUIET;
    case PHASE_RECOVER_LINE:
        return l->out_pos == l->out_len ? LINE_QUIET : USEC_NEVER;
    case PHASE_RECOVER_END:
        return l->out_pos == l->out_len ? RECOVER_QUIET : USEC_NEVER;
    default:
        return USEC_NEVER;
    }
}

static size_t to_line_end(const struct loader *l)
{
    size_t at = l->echo.handed;

    while (at < l->mark_at && l->stream.data[at] != '\r' && l->stream.data[at] != '\n')
        at++;
    while (at < l->mark_at && (l->stream.data[at] == '\r' || l->stream.data[at] == '\n'))
        at++;
    return at - l->echo.handed;
}

/* Commands go at line speed. A long one to a device that is known to echo is held back as a body
 * is: its receive buffer may be as small. Every byte that came counts as echo here. */
static size_t command_room(const struct loader *l, usec now)
{
    size_t room = pacing_clock_room(&l->pacing, now);
    size_t unheard = l->out_pos > l->heard ? l->out_pos - l->heard : 0;
    size_t left = unheard < PACING_WINDOW_MAX ? PACING_WINDOW_MAX - unheard : 0;

    if (!l->body_echo_known || !l->body_echoes || now >= l->progress_at + ECHO_STALL)
        return room;
    return left < room ? left : room;
}

size_t loader_out_room(const struct loader *l, usec now)
{
    size_t left, room;

    switch (l->phase) {
    case PHASE_COMMAND:
    case PHASE_ABORT:
    case PHASE_SYNC:
    case PHASE_RECOVER_END:
    case PHASE_RECOVER_LINE:
        left = l->out_len - l->out_pos;
        room = left > 0 ? command_room(l, now) : 0;
        break;
    case PHASE_BODY:
        left = l->mark_at - l->echo.handed;
        room = left > 0 ? pacing_room(&l->pacing, now, loader_in_flight(l), to_line_end(l)) : 0;
        break;
    case PHASE_MARK:
        left = l->stream.len - l->echo.handed;
        room = left;
        break;
    default:
        return 0;
    }
    return left < room ? left : room;
}

/* When more may go out without anything coming in. */
static usec output_at(const struct loader *l)
{
    usec now = l->seen_now;

    if (loader_out_room(l, now) > 0)
        return now;
    if (l->phase == PHASE_BODY && l->echo.handed < l->mark_at)
        return pacing_wait(&l->pacing, now, loader_in_flight(l));
    if (l->out_pos < l->out_len && l->phase != PHASE_ENDED)
        return earlier(
            pacing_clock_room(&l->pacing, now) > 0 ? USEC_NEVER : pacing_wait(&l->pacing, now, 0),
            l->progress_at + ECHO_STALL > now ? l->progress_at + ECHO_STALL : USEC_NEVER);
    return USEC_NEVER;
}

usec loader_deadline(const struct loader *l)
{
    usec at = l->limit_at;
    usec quiet = loader_quiet_needed(l);

    if (l->phase == PHASE_ENDED || l->phase == PHASE_CREATED)
        return USEC_NEVER;
    at = earlier(at, output_at(l));
    if (quiet != USEC_NEVER)
        at = earlier(at, l->heard_at + quiet);
    if (!reply_is_empty(&l->line))
        at = earlier(at, l->heard_at + LINE_QUIET);
    if ((l->phase == PHASE_BODY || l->phase == PHASE_GUARD) && loader_awaits_echo(l))
        at = earlier(at, loader_stall_at(l));
    if (l->phase == PHASE_GUARD && !loader_awaits_echo(l))
        at = earlier(at, loader_mark_at(l));
    return at;
}

/* The host was stopped (SIGSTOP, suspend): limits that nobody could keep move along. */
void loader_advance(struct loader *l, usec now)
{
    usec due = loader_deadline(l);
    usec gap = due != USEC_NEVER && now > due + HOST_STOPPED ? now - due : 0;

    if (gap > 0) {
        if (l->limit_at != USEC_NEVER)
            l->limit_at += gap;
        l->body_limit_at += gap;
        l->heard_at += gap;
        l->progress_at += gap;
        l->read_first = true;
        loader_note(l, now, "host-stopped", "this computer was stopped for a while; limits moved");
    }
    l->seen_now = now > l->seen_now ? now : l->seen_now;
}
