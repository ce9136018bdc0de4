/* SPDX-License-Identifier: MIT */
#include "device/emulator.h"

#include <stdlib.h>
#include <string.h>

#include "device/emulator_state.h"

/* What FAULT_FLOOD sends, over and over. */
static const unsigned char flood[] =
    "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF"
    "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF";

struct emulator_options emulator_defaults(void)
{
    return (struct emulator_options){.echo = ECHO_ON, .echo_eol = EOL_CRLF};
}

struct emulator *emulator_create(const struct profile *profile,
                                 const struct emulator_options *options)
{
    struct emulator *e = calloc(1, sizeof *e);

    if (e == NULL)
        return NULL;
    e->profile = profile;
    e->options = *options;
    if (e->options.fault_count > EMULATOR_FAULTS_MAX)
        e->options.fault_count = EMULATOR_FAULTS_MAX;
    e->fifo.limit = options->fifo != 0 && options->fifo < EMULATOR_QUEUE_MAX ? options->fifo
                                                                             : EMULATOR_QUEUE_MAX;
    e->out.limit = EMULATOR_QUEUE_MAX;
    e->now = e->busy_until = e->off_until = e->last_due = e->words.last_at = INT64_MIN / 2;
    e->body.window_end = USEC_NEVER;
    for (size_t i = 0; i < e->options.fault_count; i++) {
        e->faults[i].set = options->faults[i];
        e->faults[i].left = options->faults[i].times > 0 ? options->faults[i].times : -1;
    }
    return e;
}

void emulator_destroy(struct emulator *e)
{
    if (e == NULL)
        return;
    byte_queue_reset(&e->fifo);
    byte_queue_reset(&e->out);
    secret_reset(&e->line);
    secret_reset(&e->body.bytes);
    secret_reset(&e->taken);
    emulator_forget(e);
    for (size_t i = 0; i < EMULATOR_EVENTS_MAX; i++)
        secret_reset(&e->events[i].body);
    mem_wipe(e, sizeof *e);
    free(e);
}

void emulator_away(struct emulator *e, usec until)
{
    if (until > e->busy_until)
        e->busy_until = until;
}

static void take(struct emulator *e, unsigned char c, usec arrival, usec t)
{
    if (e->body.open)
        emulator_take_body(e, c, arrival, t);
    else
        emulator_take_command(e, c, t);
}

/* Does what the device has done by `now`, each thing at its own time. */
static void advance(struct emulator *e, usec now)
{
    if (now > e->now)
        e->now = now;
    while (!e->hung_up) {
        usec look = e->fifo.len > 0 ? e->busy_until : USEC_NEVER;
        usec expire = e->body.open ? e->body.window_end : USEC_NEVER;

        if (expire <= look && expire <= e->now) {
            emulator_body_expire(e, expire);
        } else if (look <= e->now) {
            usec arrival;
            unsigned char c = byte_queue_take(&e->fifo, &arrival);

            take(e, c, arrival, look);
        } else {
            break;
        }
    }
    for (usec rest = emulator_rest_at(e); rest <= e->now; rest = emulator_rest_at(e))
        emulator_rest(e, rest);
}

/* A byte goes through the FIFO only if the firmware is away: else it is looked at as it comes. */
static void arrive(struct emulator *e, unsigned char c)
{
    if (e->hung_up || e->now < e->off_until)
        return;
    if (e->busy_until <= e->now)
        take(e, c, e->now, e->now);
    else if (!byte_queue_push(&e->fifo, c, e->now))
        emulator_tell_overrun(e);
}

void emulator_receive(struct emulator *e, const void *bytes, size_t n, usec now)
{
    const unsigned char *p = bytes;

    advance(e, now);
    if (n > 0) {
        e->words.last_at = e->now;
        e->words.leaving = false;
    }
    for (size_t i = 0; i < n; i++)
        arrive(e, p[i]);
}

size_t emulator_output(struct emulator *e, usec now, const unsigned char **bytes)
{
    size_t n;

    advance(e, now);
    n = byte_queue_due(&e->out, e->now);
    e->flood_offered = n == 0 && e->flood_left > 0 && !e->hung_up;
    if (e->flood_offered) {
        *bytes = flood;
        return e->flood_left < sizeof flood - 1 ? e->flood_left : sizeof flood - 1;
    }
    *bytes = byte_queue_data(&e->out);
    return n;
}

void emulator_sent(struct emulator *e, size_t n, usec now)
{
    if (now > e->now)
        e->now = now;
    if (n > 0 && !e->words.leaving)
        e->words.last_at = e->now;
    if (e->flood_offered)
        e->flood_left -= n < e->flood_left ? n : e->flood_left;
    else
        byte_queue_drop(&e->out, n);
}

usec emulator_deadline(const struct emulator *e)
{
    size_t due = byte_queue_due(&e->out, e->now);
    usec deadline = USEC_NEVER;

    if (e->hung_up)
        return USEC_NEVER;
    if (due < e->out.len)
        deadline = byte_queue_time(&e->out, due);
    if (e->fifo.len > 0 && e->busy_until < deadline)
        deadline = e->busy_until;
    if (e->body.open && e->body.window_end < deadline)
        deadline = e->body.window_end;
    return emulator_rest_at(e) < deadline ? emulator_rest_at(e) : deadline;
}

void emulator_tick(struct emulator *e, usec now)
{
    advance(e, now);
}
