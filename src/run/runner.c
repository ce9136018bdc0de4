/* SPDX-License-Identifier: MIT */
#include "run/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/wait.h"

/* When the kernel takes no more, poll says when it does again; limits are still looked at. */
#define BLOCKED_CHECK (20 * USEC_PER_MS)

struct pair {
    struct port *port;
    struct loader *loader;
    bool blocked;  /* the kernel took less than it was offered */
    bool reported; /* its end was told */
};

struct runner {
    runner_observer observer;
    void *ctx;
    struct pair *pairs;
    struct pollfd *fds; /* room for all pairs and the stop descriptor */
    size_t count;
};

struct runner *runner_create(runner_observer observer, void *ctx)
{
    struct runner *r = calloc(1, sizeof *r);

    if (r == NULL)
        return NULL;
    r->observer = observer;
    r->ctx = ctx;
    return r;
}

void runner_destroy(struct runner *r)
{
    if (r == NULL)
        return;
    free(r->pairs);
    free(r->fds);
    free(r);
}

static void tell(struct runner *r, size_t index)
{
    struct event event;

    while (loader_next_event(r->pairs[index].loader, &event)) {
        if (r->observer != NULL)
            r->observer(r->ctx, index, &event);
    }
}

int runner_add(struct runner *r, struct port *port, struct loader *loader, struct err *err)
{
    struct pair *pairs = reallocarray(r->pairs, r->count + 1, sizeof *pairs);
    struct pollfd *fds = reallocarray(r->fds, r->count + 2, sizeof *fds);

    r->pairs = pairs != NULL ? pairs : r->pairs;
    r->fds = fds != NULL ? fds : r->fds;
    if (pairs == NULL || fds == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    r->pairs[r->count++] = (struct pair){.port = port, .loader = loader};
    loader_start(loader, clock_now());
    return 0;
}

static bool running(const struct pair *p)
{
    return loader_outcome(p->loader) == LOAD_RUNNING;
}

size_t runner_active(const struct runner *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->count; i++)
        n += running(&r->pairs[i]);
    return n;
}

void runner_cancel(struct runner *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (running(&r->pairs[i]))
            loader_cancel(r->pairs[i].loader, clock_now());
    }
}

size_t runner_pollfds(struct runner *r, struct pollfd *fds, size_t max, usec *deadline)
{
    size_t n = 0;

    *deadline = USEC_NEVER;
    for (size_t i = 0; i < r->count && n < max; i++) {
        struct pair *p = &r->pairs[i];
        usec at;

        if (!running(p))
            continue;
        at = loader_deadline(p->loader);
        if (p->blocked) {
            usec check = clock_now() + BLOCKED_CHECK;

            at = at > check ? at : check;
        }
        *deadline = at < *deadline ? at : *deadline;
        fds[n++] = (struct pollfd){.fd = port_fd(p->port),
                                   .events = (short)(POLLIN | (p->blocked ? POLLOUT : 0))};
    }
    return n;
}

/* A port_taker. */
static bool receive(void *ctx, const unsigned char *bytes, size_t n)
{
    struct pair *p = ctx;

    loader_receive(p->loader, bytes, n, clock_now());
    return running(p);
}

/* All that may go out now. False when the port has gone. */
static bool write_all(struct pair *p)
{
    const unsigned char *bytes;
    size_t n;

    p->blocked = false;
    if (loader_wants_flush(p->loader))
        port_flush_output(p->port);
    while (running(p) && (n = loader_output(p->loader, clock_now(), &bytes)) > 0) {
        ssize_t done = port_write(p->port, bytes, n);

        if (done == PORT_GONE)
            return false;
        if (done > 0)
            loader_sent(p->loader, (size_t)done, clock_now());
        if ((size_t)done < n) {
            p->blocked = true;
            break;
        }
    }
    return true;
}

static void dispatch(struct runner *r, size_t index)
{
    struct pair *p = &r->pairs[index];
    long queued = port_queued(p->port); /* before what came meanwhile is judged by it */
    bool there;
    usec now;

    if (queued >= 0)
        loader_queued(p->loader, (size_t)queued, clock_now());
    there = port_read_all(p->port, receive, p);
    if (there) {
        now = clock_now();
        if (now >= loader_deadline(p->loader))
            loader_tick(p->loader, now);
        there = write_all(p);
    }
    if (!there)
        loader_link_lost(p->loader, clock_now());
    tell(r, index);
}

void runner_dispatch(struct runner *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (running(&r->pairs[i])) {
            dispatch(r, i);
        } else if (!r->pairs[i].reported) {
            /* Cancelled from outside: its last events are still to be told. */
            if (loader_wants_flush(r->pairs[i].loader))
                port_flush_output(r->pairs[i].port);
            tell(r, i);
            r->pairs[i].reported = true;
        }
    }
}

bool runner_run(struct runner *r, int stop_fd)
{
    usec deadline;
    size_t n;
    char byte;

    prctl(PR_SET_TIMERSLACK, 1000UL); /* 1 us instead of 50: the line clock ticks in 87 */
    while (runner_active(r) > 0) {
        runner_dispatch(r);
        if (runner_active(r) == 0)
            break;
        n = runner_pollfds(r, r->fds, r->count, &deadline);
        r->fds[n] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
        (void)wait_until(r->fds, n + 1, deadline);
        if ((r->fds[n].revents & POLLIN) != 0 && read(stop_fd, &byte, 1) == 1)
            return true;
        if (r->fds[n].revents != 0)
            stop_fd = -1; /* nobody can ask any more */
    }
    runner_dispatch(r); /* cancelled from outside: its last events */
    return false;
}
