/* SPDX-License-Identifier: MIT */
#include "run/speedfind.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "port/speed.h"

/* The most likely first; all that the usual chips can do. */
static const long usual_speeds[] = {115200, 9600, 57600,  38400,  19200, 4800,
                                    2400,   1200, 230400, 460800, 921600};

/* What was on its way at the speed before is dropped for so long. */
#define SETTLE (20 * USEC_PER_MS)
#define QUIET  (150 * USEC_PER_MS)
#define LISTEN (600 * USEC_PER_MS)

enum { SENDS_MAX = 2 };

struct trial {
    long baud;
    bool tried, unsupported;
    struct speedscore score;
};

struct speedfind {
    struct port *port;
    const char *eol;
    long before;
    struct trial trials[SPEEDFIND_MAX];
    size_t count, at; /* at == count: all were tried */
    bool clearing;    /* ends the line of what the device took for a command at wrong speeds */
    bool done, gone;
    bool listening; /* else settling */
    usec settled_at;
    usec quiet_at; /* moves as long as something comes */
    usec listen_until;
    long errors; /* the driver's count when listening began; -1: it does not count */
};

static void add_trial(struct speedfind *s, long baud)
{
    for (size_t i = 0; i < s->count; i++) {
        if (speed_fits(s->trials[i].baud, baud))
            return; /* a receiver does not tell them apart */
    }
    s->trials[s->count++].baud = baud;
}

static struct trial *current(struct speedfind *s)
{
    return &s->trials[s->at];
}

static void lose(struct speedfind *s)
{
    s->gone = s->done = true;
}

static void settle(struct speedfind *s)
{
    s->listening = false;
    s->settled_at = clock_now() + SETTLE + port_info(s->port)->input_delay;
}

/* The wrong speeds that were tried last have left something in the device's line, in front of the
 * first command of a load. */
static void finish(struct speedfind *s)
{
    long best = speedfind_best(s);

    port_flush_output(s->port);
    if (port_set_speed(s->port, best != 0 ? best : s->before, NULL) == ERR_GONE)
        lose(s);
    s->clearing = best != 0 && !s->gone;
    s->done = !s->clearing;
    settle(s);
}

/* Goes to the current speed, past those that the driver does not do. */
static void begin_trial(struct speedfind *s)
{
    for (; s->at < s->count; s->at++) {
        int rc;

        port_flush_output(s->port);
        rc = port_set_speed(s->port, current(s)->baud, NULL);
        if (rc == 0) {
            settle(s);
            return;
        }
        if (rc == ERR_GONE) {
            lose(s);
            return;
        }
        current(s)->tried = current(s)->unsupported = true;
    }
    finish(s);
}

int speedfind_create(struct port *port, enum eol eol, long first, struct speedfind **out,
                     struct err *err)
{
    struct speedfind *s = calloc(1, sizeof *s);

    *out = NULL;
    if (s == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    s->port = port;
    s->eol = eol_bytes(eol);
    s->before = port_info(port)->baud;
    if (first > 0)
        add_trial(s, first);
    for (size_t i = 0; i < sizeof usual_speeds / sizeof usual_speeds[0]; i++)
        add_trial(s, usual_speeds[i]);
    begin_trial(s);
    *out = s;
    return 0;
}

void speedfind_destroy(struct speedfind *s)
{
    if (s == NULL)
        return;
    if (!speedfind_done(s)) {
        port_flush_output(s->port);
        (void)!port_set_speed(s->port, s->before, NULL);
    }
    mem_wipe(s, sizeof *s);
    free(s);
}

static usec deadline_of(const struct speedfind *s)
{
    if (!s->listening)
        return s->settled_at;
    return s->quiet_at < s->listen_until ? s->quiet_at : s->listen_until;
}

size_t speedfind_pollfd(const struct speedfind *s, struct pollfd *fd, usec *deadline)
{
    *deadline = USEC_NEVER;
    if (speedfind_done(s))
        return 0;
    *deadline = deadline_of(s);
    *fd = (struct pollfd){.fd = port_fd(s->port), .events = POLLIN};
    return 1;
}

/* When it will have been quiet for long enough if nothing comes from now on: an adapter may keep
 * back what has come already. */
static usec quiet_from(const struct speedfind *s, usec now)
{
    return now + QUIET + port_info(s->port)->input_delay;
}

/* False when the port has gone. What does not fit is not sent again: then the line is held up, and
 * nothing will come back. */
static bool send_line_end(struct speedfind *s, usec now)
{
    size_t n = strlen(s->eol);
    struct line_settings line = line_defaults();

    line.baud = speedfind_current(s);
    if (n > 0 && !s->clearing)
        speedscore_sent(&current(s)->score);
    /* There and back. */
    s->quiet_at = quiet_from(s, now + 2 * line_time(&line, n));
    return port_write(s->port, s->eol, n) != PORT_GONE;
}

/* A port_taker: what comes while it settles does not matter. */
static bool receive(void *ctx, const unsigned char *bytes, size_t n)
{
    struct speedfind *s = ctx;

    if (s->listening) {
        if (!s->clearing)
            speedscore_take(&current(s)->score, bytes, n);
        s->quiet_at = quiet_from(s, clock_now());
    }
    return true;
}

static void begin_listening(struct speedfind *s, usec now)
{
    s->listening = true;
    s->errors = port_line_errors(s->port);
    s->listen_until = now + LISTEN;
    if (!send_line_end(s, now))
        lose(s);
}

static void end_trial(struct speedfind *s)
{
    struct trial *t = current(s);
    long errors = port_line_errors(s->port);

    if (s->errors >= 0 && errors > s->errors)
        speedscore_damaged(&t->score, (size_t)(errors - s->errors));
    t->tried = true;
    s->at++;
    begin_trial(s);
}

/* The first line end may have ended what the device took for a command at another speed; the second
 * shows what it says to an empty line, and whether its echo comes again. */
static void step(struct speedfind *s, usec now)
{
    if (!s->listening)
        begin_listening(s, now);
    else if (s->clearing)
        s->done = true;
    else if (now >= s->listen_until || current(s)->score.sent == SENDS_MAX)
        end_trial(s);
    else if (!send_line_end(s, now))
        lose(s);
}

void speedfind_dispatch(struct speedfind *s)
{
    usec now;

    if (speedfind_done(s))
        return;
    if (!port_read_all(s->port, receive, s)) {
        lose(s);
        return;
    }
    now = clock_now();
    if (now >= deadline_of(s))
        step(s, now);
}

bool speedfind_done(const struct speedfind *s)
{
    return s->done;
}

bool speedfind_gone(const struct speedfind *s)
{
    return s->gone;
}

long speedfind_current(const struct speedfind *s)
{
    if (s->done)
        return 0;
    return s->clearing ? speedfind_best(s) : s->trials[s->at].baud;
}

static void describe(const struct trial *t, struct speedfind_result *out)
{
    *out = (struct speedfind_result){
        .baud = t->baud,
        .tried = t->tried,
        .unsupported = t->unsupported,
        .bytes = t->score.bytes,
        .printable = t->score.printable,
        .echoed = speedscore_is_echoed(&t->score),
        .score = speedscore_value(&t->score),
    };
    speedscore_sample(&t->score, out->sample);
}

/* Tried ones first, the better ones before the worse. */
static bool is_before(const struct speedfind_result *a, const struct speedfind_result *b)
{
    return a->tried != b->tried ? a->tried : a->tried && a->score > b->score;
}

size_t speedfind_results(const struct speedfind *s, struct speedfind_result *out, size_t max)
{
    struct speedfind_result all[SPEEDFIND_MAX];
    size_t n = s->count < max ? s->count : max;

    /* Insertion keeps equals in their order. */
    for (size_t i = 0; i < s->count; i++) {
        struct speedfind_result result;
        size_t at = i;

        describe(&s->trials[i], &result);
        for (; at > 0 && is_before(&result, &all[at - 1]); at--)
            all[at] = all[at - 1];
        all[at] = result;
    }
    memcpy(out, all, n * sizeof *out);
    return n;
}

long speedfind_best(const struct speedfind *s)
{
    int values[SPEEDFIND_MAX];
    size_t best;

    for (size_t i = 0; i < s->count; i++)
        values[i] = s->trials[i].tried ? speedscore_value(&s->trials[i].score) : 0;
    best = speedscore_pick(values, s->count);
    return best < s->count ? s->trials[best].baud : 0;
}
