/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "run/terminal_state.h"

size_t terminal_pending(const struct terminal *t)
{
    return t->queue.len - t->queue_at;
}

/* Makes room for n more bytes, so that adding them cannot fail. */
static int make_room(struct terminal *t, size_t n, struct err *err)
{
    size_t left = terminal_pending(t);

    if (t->listen_only)
        return err_set(err, ERR_UNSUPPORTED, "this terminal only listens: nothing is sent");
    if (t->port == NULL)
        return err_set(err, ERR_GONE, "%s has gone away", t->name);
    if (n > TERMINAL_PENDING_MAX || left > TERMINAL_PENDING_MAX - n)
        return err_set(err, ERR_BUSY, "too much waits to be sent: %zu bytes, and %zu more", left,
                       n);
    if (t->queue_at > 0) {
        memmove(t->queue.data, t->queue.data + t->queue_at, left);
        mem_wipe(t->queue.data + left, t->queue_at);
        t->queue.len = left;
        t->queue_at = 0;
    }
    return secret_reserve(&t->queue, left + n, err);
}

/* After make_room. */
static void put(struct terminal *t, const void *bytes, size_t n)
{
    (void)!secret_append(&t->queue, bytes, n, NULL);
}

int terminal_send_line(struct terminal *t, const char *text, size_t n, struct err *err)
{
    const char *eol = eol_bytes(t->eol);
    int rc;

    if (n > 0 && (memchr(text, '\r', n) != NULL || memchr(text, '\n', n) != NULL))
        return err_set(err, ERR_VALUE, "this is more than one line");
    rc = make_room(t, n + strlen(eol), err);
    if (rc != 0)
        return rc;
    put(t, text, n);
    put(t, eol, strlen(eol));
    return 0;
}

/* How long the line end at the start of n bytes is; 0: there is none. */
static size_t line_end_at(const unsigned char *text, size_t n)
{
    if (n > 1 && text[0] == '\r' && text[1] == '\n')
        return 2;
    return n > 0 && (text[0] == '\r' || text[0] == '\n');
}

/* How far the next line end is, or the end of the text. */
static size_t line_length(const unsigned char *text, size_t n)
{
    size_t len = 0;

    while (len < n && line_end_at(text + len, n - len) == 0)
        len++;
    return len;
}

int terminal_send_text(struct terminal *t, const struct secret *text, struct err *err)
{
    const char *eol = eol_bytes(t->eol);
    size_t n = text->len;
    size_t lines = 0;
    int rc;

    for (size_t i = 0; i < n; i++)
        lines += line_end_at(text->data + i, n - i) > 0;
    rc = make_room(t, n + lines * strlen(eol), err);
    for (size_t i = 0; rc == 0 && i < n;) {
        size_t len = line_length(text->data + i, n - i);
        size_t end = line_end_at(text->data + i + len, n - i - len);

        put(t, text->data + i, len);
        if (end > 0)
            put(t, eol, strlen(eol));
        i += len + end;
    }
    return rc;
}

size_t terminal_clear_queue(struct terminal *t)
{
    size_t n = terminal_pending(t);

    secret_reset(&t->queue);
    t->queue_at = 0;
    return n;
}

/* Hands over up to n bytes from the start of the queue. What port_write answers. */
static ssize_t hand_over(struct terminal *t, size_t n)
{
    unsigned char *bytes = t->queue.data + t->queue_at;
    ssize_t done = port_write(t->port, bytes, n);
    usec now = clock_now();

    if (done <= 0)
        return done;
    pacing_sent(&t->pacing, (size_t)done, now);
    terminal_take_sent(t, bytes, (size_t)done, now);
    mem_wipe(bytes, (size_t)done);
    t->queue_at += (size_t)done;
    return done;
}

bool terminal_write(struct terminal *t)
{
    t->blocked = false;
    while (terminal_pending(t) > 0 && !t->blocked) {
        size_t room = pacing_clock_room(&t->pacing, clock_now());
        size_t n = terminal_pending(t) < room ? terminal_pending(t) : room;
        ssize_t done;

        if (n == 0)
            return true;
        done = hand_over(t, n);
        if (done == PORT_GONE)
            return false;
        t->blocked = (size_t)done < n;
    }
    if (terminal_pending(t) == 0 && t->queue_at > 0) {
        terminal_end_sent(t, clock_now());
        terminal_clear_queue(t);
    }
    return true;
}

usec terminal_writes_at(const struct terminal *t)
{
    return terminal_pending(t) == 0 || t->blocked ? USEC_NEVER
                                                  : pacing_wait(&t->pacing, clock_now(), 0);
}
