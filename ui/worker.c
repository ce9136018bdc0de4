/* SPDX-License-Identifier: MIT */
#include "ui/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"

/* A pipe write of one pointer is whole or not at all; the pipe takes thousands. */
struct job_ticket {
    worker_work *work;
    worker_done *done;
    void *task;
    pthread_t thread;
    bool has_thread;
};

static int ends[2] = {-1, -1};
static size_t running;

int worker_start(struct err *err)
{
    if (pipe2(ends, O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        return err_set_errno(err, errno, "cannot make a pipe");
    return 0;
}

int worker_fd(void)
{
    return ends[0];
}

static void *run(void *arg)
{
    struct job_ticket *ticket = arg;
    ssize_t n;

    ticket->work(ticket->task);
    do
        n = write(ends[1], &ticket, sizeof ticket);
    while (n < 0 && errno == EINTR);
    return NULL;
}

/* Signals are for the loop. */
static bool start_thread(struct job_ticket *ticket)
{
    sigset_t all, before;

    ticket->has_thread = true; /* before the thread can hand it in */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    if (pthread_create(&ticket->thread, NULL, run, ticket) != 0)
        ticket->has_thread = false;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ticket->has_thread;
}

void worker_run(worker_work *work, worker_done *done, void *task)
{
    struct job_ticket *ticket = malloc(sizeof *ticket);

    if (ticket == NULL) { /* nothing can be reported later, so it is reported now */
        work(task);
        done(task);
        return;
    }
    *ticket = (struct job_ticket){.work = work, .done = done, .task = task};
    running++;
    if (!start_thread(ticket))
        run(ticket);
}

void worker_collect(void)
{
    struct job_ticket *ticket;
    int waiting = 0;

    /* Those that end meanwhile wait for the next turn, so that everybody else has one. */
    (void)ioctl(ends[0], FIONREAD, &waiting);
    for (; waiting >= (int)sizeof ticket; waiting -= (int)sizeof ticket) {
        struct job_ticket t;

        if (read(ends[0], &ticket, sizeof ticket) != (ssize_t)sizeof ticket)
            break;
        t = *ticket;
        free(ticket);
        /* It has nothing left to do but to end. Were it to end later, OpenSSL would clean up after
         * the thread while the process, on its way out, does the same. */
        if (t.has_thread)
            (void)pthread_join(t.thread, NULL);
        running--;
        t.done(t.task);
    }
}

bool worker_is_idle(void)
{
    return running == 0;
}

bool worker_stop(int ms)
{
    usec end = clock_now() + ms * USEC_PER_MS;

    while (running > 0) {
        struct pollfd fd = {.fd = ends[0], .events = POLLIN};
        usec left = end - clock_now();

        if (left <= 0)
            return false;
        if (poll(&fd, 1, (int)(left / USEC_PER_MS) + 1) > 0)
            worker_collect();
    }
    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
    return true;
}
