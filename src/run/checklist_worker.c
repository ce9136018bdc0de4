/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/signals.h"
#include "run/checklist_part.h"

enum { GATHER = 32 * 1024 }; /* bytes of answers that are told at once */
enum { EXIT_DONE = 0, EXIT_NO_MEMORY = 20, EXIT_BROKEN = 21 };

struct request {
    uint64_t first, end;
};

static bool write_all(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;

    while (n > 0) {
        ssize_t done = write(fd, p, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* False at the end. Requests are small enough to come in one piece. */
static bool read_request(int fd, struct request *out)
{
    ssize_t n;

    do
        n = read(fd, out, sizeof *out);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof *out;
}

static int work(int ask, int tell, struct row_checker *checker)
{
    struct buf told = {0};
    struct request r;

    while (read_request(ask, &r)) {
        for (uint64_t row = r.first; row < r.end; row++) {
            struct answer a;
            struct err err;
            int rc = row_check(checker, (size_t)row, &a, &err);

            if (rc == 0)
                answer_pack(&a, &told);
            row_answer_reset(&a);
            if (rc != 0 || told.failed)
                return EXIT_NO_MEMORY;
            if (told.len < GATHER && row + 1 < r.end)
                continue;
            if (!write_all(tell, told.data, told.len))
                return EXIT_BROKEN;
            told.len = 0;
        }
    }
    buf_reset(&told);
    return EXIT_DONE;
}

/* Ctrl-C is for whoever started the work, and ends it here too; if that one is gone there is nobody
 * to work for. */
static void live_for(pid_t parent)
{
    signals_stop();
    secret_forget_pages();
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_BROKEN);
}

int row_worker_start(struct row_worker *workers, size_t i, struct row_checker *checker,
                     struct err *err)
{
    struct row_worker *w = &workers[i];
    int ask[2] = {-1, -1}, tell[2] = {-1, -1};
    pid_t parent = getpid();

    if (pipe2(ask, O_CLOEXEC) == 0 && pipe2(tell, O_CLOEXEC) == 0)
        w->pid = fork();
    else
        w->pid = -1;
    if (w->pid < 0) {
        int sys = errno;

        for (int k = 0; k < 2; k++) {
            if (ask[k] >= 0)
                close(ask[k]);
            if (tell[k] >= 0)
                close(tell[k]);
        }
        w->pid = 0;
        return err_set_errno(err, sys, "cannot start a process to check with");
    }
    if (w->pid == 0) {
        /* As long as one process holds another's pipe open, that one waits for requests. */
        for (size_t k = 0; k < i; k++) {
            close(workers[k].ask);
            close(workers[k].tell);
        }
        close(ask[1]);
        close(tell[0]);
        live_for(parent);
        _exit(work(ask[0], tell[1], checker));
    }
    close(ask[0]);
    close(tell[1]);
    w->ask = ask[1];
    w->tell = tell[0];
    return 0;
}

bool row_worker_ask(struct row_worker *w, size_t first, size_t end)
{
    struct request r = {first, end};

    w->next = first;
    w->end = end;
    return write_all(w->ask, &r, sizeof r);
}

void row_worker_kill(struct row_worker *w)
{
    if (w->pid > 0)
        kill(w->pid, SIGKILL);
}

bool row_worker_wait(struct row_worker *w, char *why, size_t size)
{
    int status = 0;
    pid_t got;

    if (w->ask >= 0)
        close(w->ask);
    if (w->tell >= 0)
        close(w->tell);
    w->ask = w->tell = -1;
    buf_reset(&w->told);
    if (w->pid <= 0)
        return true;
    do
        got = waitpid(w->pid, &status, 0);
    while (got < 0 && errno == EINTR);
    w->pid = 0;
    if (WIFSIGNALED(status))
        snprintf(why, size, "was ended by signal %d%s", WTERMSIG(status),
                 WTERMSIG(status) == SIGKILL ? ", as the system does when memory runs out" : "");
    else if (WEXITSTATUS(status) == EXIT_NO_MEMORY)
        snprintf(why, size, "ran out of memory");
    else
        snprintf(why, size, "ended too early");
    return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE;
}
