/* SPDX-License-Identifier: MIT */
#include "run/emuhost_state.h"

#include <errno.h>
#include <unistd.h>

#include "port/speed.h"

enum {
    READ_AHEAD = 256, /* bytes that are taken from the pty before they have arrived */
    READ_LOW = 16,    /* below this, more is asked for */
    READ_AT_ONCE = 4096
};

/* Bytes are moved in lots of this much line time: a wake-up for each would cost a core for a few
 * dozen ports. */
static const usec lot = 250;
static const usec full_pause = 20 * USEC_PER_MS;

static int64_t byte_ns(const struct wire *w, long baud)
{
    return (int64_t)w->bits * 1000 * 1000 * 1000 / baud;
}

void wire_init(struct wire *w, const struct line_settings *line, bool rate_limit)
{
    *w = (struct wire){
        .baud = line->baud,
        .bits = line_bits_per_byte(line),
        .rate_limit = rate_limit,
        .in.limit = READ_AHEAD,
    };
}

void wire_reset(struct wire *w)
{
    byte_queue_reset(&w->in);
}

/* A receiver tolerates some three per cent. */
static bool speeds_differ(long one, long other)
{
    long difference = one > other ? one - other : other - one;

    return difference * 33 > other;
}

/* What a byte looks like at the wrong speed: mostly not text, always the same for the same input.
 */
static unsigned char garble(struct wire *w, unsigned char c)
{
    unsigned x = (c * 167U + w->garbled++ * 29U + 13U) & 0xFFU;

    return (unsigned char)((x & 7U) == 0 ? x & 0x7FU : x | 0x80U);
}

bool wire_wants_input(const struct wire *w)
{
    return !w->rate_limit || w->in.len < READ_LOW;
}

static void take_lot(struct wire *w, unsigned char *bytes, size_t n, long speed, struct emulator *e,
                     usec now)
{
    int64_t each = byte_ns(w, speed);

    if (speeds_differ(speed, w->baud)) {
        for (size_t i = 0; i < n; i++)
            bytes[i] = garble(w, bytes[i]);
    }
    if (!w->rate_limit) {
        emulator_receive(e, bytes, n, now);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (w->in_free_ns < now * 1000)
            w->in_free_ns = now * 1000;
        w->in_free_ns += each;
        (void)byte_queue_push(&w->in, bytes[i], (w->in_free_ns + 999) / 1000);
    }
}

void wire_read(struct wire *w, int master, struct emulator *e, usec now)
{
    unsigned char bytes[READ_AT_ONCE];
    size_t room = w->rate_limit ? READ_AHEAD - w->in.len : sizeof bytes;
    ssize_t n = room == 0 ? 0 : read(master, bytes, room);
    long speed;

    if (n <= 0)
        return;
    /* Speed 0 is a hang-up to a modem; here it only says nothing. */
    speed = speed_get(master);
    take_lot(w, bytes, (size_t)n, speed > 0 ? speed : w->baud, e, now);
    mem_wipe(bytes, (size_t)n);
}

void wire_deliver(struct wire *w, struct emulator *e, usec now)
{
    while (w->in.len > 0 && byte_queue_time(&w->in, 0) <= now) {
        usec arrival;
        unsigned char c = byte_queue_take(&w->in, &arrival);

        emulator_receive(e, &c, 1, arrival);
        mem_wipe(&c, 1);
    }
    emulator_tick(e, now);
}

static ssize_t write_garbled(struct wire *w, int master, const unsigned char *bytes, size_t n)
{
    unsigned char wrong[READ_AHEAD];

    if (n > sizeof wrong)
        n = sizeof wrong;
    for (size_t i = 0; i < n; i++)
        wrong[i] = garble(w, bytes[i]);
    return write(master, wrong, n);
}

/* How many of n bytes have left the device by now. */
static size_t sent_by(struct wire *w, size_t n, usec now)
{
    int64_t now_ns = now * 1000;
    size_t sent;

    if (!w->rate_limit)
        return n;
    /* A line that was idle begins with the first byte now. */
    if (w->out_waiting == 0 && w->out_free_ns < now_ns)
        w->out_free_ns = now_ns;
    if (now_ns <= w->out_free_ns)
        return 0;
    sent = (size_t)((now_ns - w->out_free_ns) / byte_ns(w, w->baud));
    return sent < n ? sent : n;
}

void wire_write(struct wire *w, int master, struct emulator *e, usec now)
{
    const unsigned char *bytes;
    size_t n;

    if (w->out_retry > now)
        return;
    w->out_retry = 0;
    while ((n = emulator_output(e, now, &bytes)) > 0) {
        size_t sent = sent_by(w, n, now);
        long speed = sent == 0 ? 0 : speed_get(master);
        ssize_t written;

        w->out_waiting = n;
        if (sent == 0)
            return;
        written = speed > 0 && speeds_differ(w->baud, speed) ? write_garbled(w, master, bytes, sent)
                                                             : write(master, bytes, sent);
        if (written <= 0) {
            /* A master that is full does not say when it no longer is. */
            w->out_retry = now + full_pause;
            w->out_free_ns = now * 1000;
            return;
        }
        emulator_sent(e, (size_t)written, now);
        w->out_free_ns += written * byte_ns(w, w->baud);
    }
    w->out_waiting = 0;
}

/* Arrivals are delivered in lots: when the last has arrived, or a lot after the first. */
static usec in_deadline(const struct wire *w)
{
    usec last, first;

    if (w->in.len == 0)
        return USEC_NEVER;
    first = byte_queue_time(&w->in, 0) + lot;
    last = byte_queue_time(&w->in, w->in.len - 1);
    return first < last ? first : last;
}

static usec out_deadline(const struct wire *w)
{
    int64_t each = byte_ns(w, w->baud);
    int64_t wanted = (int64_t)w->out_waiting * each;
    int64_t most = lot * 1000 > each ? lot * 1000 : each;

    if (w->out_retry != 0)
        return w->out_retry;
    if (w->out_waiting == 0)
        return USEC_NEVER;
    return (w->out_free_ns + (wanted < most ? wanted : most) + 999) / 1000;
}

usec wire_deadline(const struct wire *w, const struct emulator *e)
{
    usec deadline = emulator_deadline(e);
    usec in = in_deadline(w);
    usec out = out_deadline(w);

    if (in < deadline)
        deadline = in;
    return out < deadline ? out : deadline;
}
