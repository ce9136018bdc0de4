/* SPDX-License-Identifier: MIT */
#include "run/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "run/terminal_state.h"

/* The flush at the start. */
#define FLUSH_QUIET (100 * USEC_PER_MS)
#define FLUSH_MAX   USEC_PER_SEC

static void free_all(struct terminal *t)
{
    for (size_t i = 0; i < t->pattern_count; i++)
        free(t->patterns[i]);
    free(t->patterns);
    free(t->unfinished_text);
    scrollback_reset(&t->lines);
    secret_reset(&t->queue);
    mem_wipe(t, sizeof *t);
    free(t);
}

static bool copy_patterns(struct terminal *t, const struct terminal_options *o)
{
    t->patterns = calloc(o->pattern_count + 1, sizeof t->patterns[0]);
    if (t->patterns == NULL)
        return false;
    for (; t->pattern_count < o->pattern_count; t->pattern_count++) {
        t->patterns[t->pattern_count] = str_copy(o->patterns[t->pattern_count]);
        if (t->patterns[t->pattern_count] == NULL)
            return false;
    }
    return true;
}

static void begin(struct terminal *t, const struct terminal_options *o)
{
    usec now = clock_now();

    (void)snprintf(t->name, sizeof t->name, "%s", port_info(t->port)->name);
    t->eol = o->eol;
    t->listen_only = o->listen_only;
    t->withhold = o->withhold;
    t->line = line_merge(line_defaults(), o->line);
    pacing_init(&t->pacing, &t->line, 0);
    t->settled = true;
    t->unfinished.text = "";
    t->flushing = true;
    t->flush_quiet = now + FLUSH_QUIET;
    t->flush_until = now + FLUSH_MAX;
}

int terminal_create(struct port *port, const struct terminal_options *options,
                    struct terminal **out, struct err *err)
{
    struct terminal *t = calloc(1, sizeof *t);

    *out = NULL;
    if (t == NULL || !copy_patterns(t, options)) {
        if (t != NULL)
            free_all(t);
        port_close(port);
        return err_set(err, ERR_NOMEM, "out of memory for the terminal");
    }
    t->port = port;
    begin(t, options);
    *out = t;
    return 0;
}

void terminal_destroy(struct terminal *t)
{
    if (t == NULL)
        return;
    (void)terminal_log_stop(t, NULL);
    if (t->port != NULL)
        port_flush_output(t->port);
    port_close(t->port);
    free_all(t);
}

static usec earlier(usec a, usec b)
{
    return a < b ? a : b;
}

static usec flush_ends_at(const struct terminal *t)
{
    return earlier(t->flush_quiet, t->flush_until);
}

size_t terminal_pollfd(const struct terminal *t, struct pollfd *fd, usec *deadline)
{
    *deadline = terminal_settles_at(t);
    if (t->port == NULL)
        return 0;
    *deadline = earlier(*deadline, t->flushing ? flush_ends_at(t) : terminal_writes_at(t));
    *fd = (struct pollfd){.fd = port_fd(t->port),
                          .events = (short)(POLLIN | (t->blocked ? POLLOUT : 0))};
    return 1;
}

/* A port_taker. */
static bool receive(void *ctx, const unsigned char *bytes, size_t n)
{
    struct terminal *t = ctx;
    usec now = clock_now();

    if (t->flushing) {
        t->dropped += n;
        t->flush_quiet = now + FLUSH_QUIET;
    } else {
        terminal_take_received(t, bytes, n, now);
    }
    return true;
}

static void end_flush(struct terminal *t, usec now)
{
    t->flushing = false;
    if (t->dropped > 0)
        terminal_note(t, "<%zu bytes dropped>", t->dropped);
    /* Without quiet, what comes first is the end of a line whose start was dropped. */
    t->received.masking.in_body = now < t->flush_quiet;
}

/* False when the port has gone. */
static bool exchange(struct terminal *t)
{
    long queued = port_queued(t->port);
    usec now;

    if (queued >= 0)
        pacing_queued(&t->pacing, (size_t)queued, clock_now());
    if (!port_read_all(t->port, receive, t))
        return false;
    now = clock_now();
    if (t->flushing && now >= flush_ends_at(t))
        end_flush(t, now);
    return t->flushing || terminal_write(t);
}

static void lose(struct terminal *t)
{
    size_t unsent;

    if (t->flushing)
        end_flush(t, clock_now());
    terminal_end_sent(t, clock_now());
    unsent = terminal_clear_queue(t);
    port_close(t->port);
    t->port = NULL;
    terminal_note(t, "the port has gone away");
    if (unsent > 0)
        terminal_note(t, "%zu bytes were not sent", unsent);
}

static void flush_log(struct terminal *t)
{
    struct err err;

    if (t->log != NULL && termlog_flush(t->log, &err) != 0)
        terminal_note(t, "%s", err.text);
}

bool terminal_dispatch(struct terminal *t)
{
    bool news;

    if (t->port != NULL && !exchange(t))
        lose(t);
    terminal_refresh(t, clock_now());
    flush_log(t);
    news = t->news;
    t->news = false;
    return news;
}

bool terminal_gone(const struct terminal *t)
{
    return t->port == NULL;
}

void terminal_drop_pending(struct terminal *t)
{
    size_t n = terminal_clear_queue(t);
    usec now = clock_now();

    t->blocked = false;
    if (n == 0)
        return;
    port_flush_output(t->port);
    pacing_flushed(&t->pacing, now);
    terminal_end_sent(t, now);
    terminal_note(t, "%zu bytes were not sent", n);
}

size_t terminal_count(const struct terminal *t)
{
    return t->lines.count + (t->received.len > 0);
}

const struct terminal_line *terminal_line(const struct terminal *t, size_t i)
{
    return i < t->lines.count ? scrollback_line(&t->lines, i) : &t->unfinished;
}

size_t terminal_forgotten(const struct terminal *t)
{
    return t->lines.forgotten;
}

int terminal_log_start(struct terminal *t, const char *path, struct err *err)
{
    if (t->log != NULL)
        return err_set(err, ERR_BUSY, "there is a log already");
    return termlog_open(path, t->name, &t->line, &t->log, err);
}

int terminal_log_stop(struct terminal *t, struct err *err)
{
    struct termlog *log = t->log;

    if (log != NULL && t->received.len > 0)
        termlog_line(log, &t->unfinished);
    t->log = NULL;
    return termlog_close(log, err);
}
