/* SPDX-License-Identifier: MIT */
#include "run/emuhost.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/wait.h"
#include "run/emuhost_state.h"

struct emuhost {
    struct hosted *devices;
    size_t count;
    struct pollfd *fds; /* two more than devices: for stop_fd and the source */
    emuhost_observer observer;
    void *ctx;
    struct emuhost_source source; /* no functions: there is none */
    struct err error;
};

static int create_device(struct hosted *d, const struct emuhost_options *options, struct err *err)
{
    struct line_settings line = line_merge(line_defaults(), options->profile->line);
    int rc;

    if (options->baud != 0)
        line.baud = options->baud;
    wire_init(&d->wire, &line, options->rate_limit);
    d->emulator = emulator_create(options->profile, &options->device);
    if (d->emulator == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    rc = store_open(&d->store, options->store, err);
    return rc != 0 ? rc : pty_create(&d->pty, options->link, line.baud, err);
}

int emuhost_create(const struct emuhost_options *devices, size_t count, struct emuhost **out,
                   struct err *err)
{
    struct emuhost *h = calloc(1, sizeof *h);
    int rc = 0;

    *out = NULL;
    if (h == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    h->devices = calloc(count + 1, sizeof h->devices[0]);
    h->fds = calloc(count + 2, sizeof h->fds[0]);
    if (h->devices == NULL || h->fds == NULL)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    while (rc == 0 && h->count < count) {
        struct hosted *d = &h->devices[h->count++];

        d->pty.master = d->pty.slave = -1;
        rc = create_device(d, &devices[h->count - 1], err);
    }
    if (rc != 0)
        emuhost_destroy(h);
    else
        *out = h;
    return rc;
}

void emuhost_destroy(struct emuhost *h)
{
    if (h == NULL)
        return;
    for (size_t i = 0; i < h->count; i++) {
        pty_destroy(&h->devices[i].pty);
        wire_reset(&h->devices[i].wire);
        store_reset(&h->devices[i].store);
        emulator_destroy(h->devices[i].emulator);
    }
    free(h->devices);
    free(h->fds);
    free(h);
}

const char *emuhost_name(const struct emuhost *h, size_t device)
{
    return h->devices[device].pty.name;
}

void emuhost_observe(struct emuhost *h, emuhost_observer observer, void *ctx)
{
    h->observer = observer;
    h->ctx = ctx;
}

struct emulator *emuhost_emulator(struct emuhost *h, size_t device)
{
    return h->devices[device].emulator;
}

void emuhost_attach(struct emuhost *h, const struct emuhost_source *source)
{
    h->source = *source;
}

size_t emuhost_active(const struct emuhost *h)
{
    size_t active = 0;

    for (size_t i = 0; i < h->count; i++)
        active += !h->devices[i].gone;
    return active;
}

const struct err *emuhost_error(const struct emuhost *h)
{
    return h->error.code == ERR_NONE ? NULL : &h->error;
}

static void hang_up(struct hosted *d)
{
    d->gone = true;
    pty_unlink(&d->pty);
    pty_close(&d->pty);
}

/* Files are there before the device's answer is on the line. */
static void take_events(struct emuhost *h, size_t i)
{
    struct hosted *d = &h->devices[i];
    struct emulator_event event;
    struct err err;

    while (emulator_next_event(d->emulator, &event)) {
        int rc = store_event(&d->store, &event, &err);

        if (rc != 0 && h->error.code == ERR_NONE)
            h->error = err;
        if (h->observer != NULL)
            h->observer(h->ctx, i, &event);
        if (event.type == EMULATOR_HUNG_UP)
            hang_up(d);
    }
}

static void serve(struct emuhost *h, size_t i, bool readable)
{
    struct hosted *d = &h->devices[i];
    usec now = clock_now();

    /* What was read before arrives before what is read now. */
    wire_deliver(&d->wire, d->emulator, now);
    if (readable)
        wire_read(&d->wire, d->pty.master, d->emulator, now);
    take_events(h, i);
    if (!d->gone)
        wire_write(&d->wire, d->pty.master, d->emulator, now);
}

size_t emuhost_pollfds(struct emuhost *h, struct pollfd *fds, size_t max, usec *deadline)
{
    size_t n = 0;

    *deadline = USEC_NEVER;
    for (size_t i = 0; i < h->count && n < max; i++) {
        const struct hosted *d = &h->devices[i];
        usec at;

        if (d->gone)
            continue;
        at = wire_deadline(&d->wire, d->emulator);
        if (at < *deadline)
            *deadline = at;
        fds[n++] = (struct pollfd){
            .fd = d->pty.master,
            .events = wire_wants_input(&d->wire) ? POLLIN : 0,
        };
    }
    return n;
}

/* Serves the devices that fds, as emuhost_pollfds filled it, says something about, and those whose
 * time has come. */
static void serve_all(struct emuhost *h, const struct pollfd *fds)
{
    usec now = clock_now();
    size_t n = 0;

    for (size_t i = 0; i < h->count; i++) {
        struct hosted *d = &h->devices[i];
        bool readable;

        if (d->gone)
            continue;
        readable = (fds[n++].revents & POLLIN) != 0;
        if (readable || wire_deadline(&d->wire, d->emulator) <= now)
            serve(h, i, readable);
    }
}

void emuhost_dispatch(struct emuhost *h)
{
    usec deadline;
    size_t n = emuhost_pollfds(h, h->fds, h->count, &deadline);

    if (poll(h->fds, (nfds_t)n, 0) >= 0)
        serve_all(h, h->fds);
}

static int source_fd(const struct emuhost *h)
{
    return h->source.fd == NULL ? -1 : h->source.fd(h->source.ctx);
}

int emuhost_run(struct emuhost *h, int stop_fd, struct err *err)
{
    /* The kernel may wake us 50 us late by default: half a byte's time each. */
    int slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);

    (void)prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    while (emuhost_active(h) > 0) {
        usec deadline;
        size_t n = emuhost_pollfds(h, h->fds, h->count, &deadline);

        h->fds[n] = (struct pollfd){.fd = stop_fd, .events = POLLIN};
        h->fds[n + 1] = (struct pollfd){.fd = source_fd(h), .events = POLLIN};
        if (wait_until(h->fds, n + 2, deadline) < 0)
            continue;
        if (h->fds[n].revents != 0)
            break;
        serve_all(h, h->fds);
        if (h->fds[n + 1].revents != 0 && h->fds[n + 1].fd == source_fd(h))
            h->source.ready(h->source.ctx);
    }
    if (slack > 0)
        (void)prctl(PR_SET_TIMERSLACK, (unsigned long)slack, 0, 0, 0);
    if (h->error.code == ERR_NONE)
        return 0;
    if (err != NULL)
        *err = h->error;
    return h->error.code;
}

/* The life of the child. SIGTERM is blocked: it comes from emuhost_stop, or from the kernel when
 * the parent has died, and is read like any other descriptor, so that links are removed. */
static void live(struct emuhost *h, pid_t parent, const sigset_t *stop)
{
    int stop_fd = signalfd(-1, stop, SFD_CLOEXEC);
    int rc = ERR_IO;

    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGHUP, SIG_IGN);
    if (stop_fd >= 0 && prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) == 0 && getppid() == parent)
        rc = emuhost_run(h, stop_fd, NULL);
    emuhost_destroy(h);
    /* Not exit: buffers and handlers belong to the parent. */
    _exit(rc == 0 ? 0 : 1);
}

/* The ptys are the child's now, and so are links and stores. */
static void let_go(struct emuhost *h)
{
    for (size_t i = 0; i < h->count; i++) {
        struct hosted *d = &h->devices[i];

        d->gone = true;
        pty_close(&d->pty);
        free(d->pty.link);
        d->pty.link = NULL;
    }
}

int emuhost_spawn(struct emuhost *h, pid_t *pid, struct err *err)
{
    pid_t parent = getpid();
    sigset_t stop, before;
    int sys;

    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &stop, &before);
    *pid = fork();
    if (*pid == 0)
        live(h, parent, &stop);
    sys = errno;
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    if (*pid < 0)
        return err_set_errno(err, sys, "cannot start the emulated device");
    let_go(h);
    return 0;
}

void emuhost_stop(pid_t pid)
{
    (void)kill(pid, SIGTERM);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
