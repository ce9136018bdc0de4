/* SPDX-License-Identifier: MIT */
#include "run/checklist.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "device/profile.h"
#include "run/checklist_part.h"

enum {
    CHUNK = 32, /* rows that a process is asked for at once */
    PROCESSES_MAX = 64,
    PIECE = 64 * 1024,
    PROGRESS_MS = 100
};

struct pool {
    struct row_worker workers[PROCESSES_MAX];
    size_t count;
    size_t total, next, done; /* rows: all, to be given out, answered */
    struct checklist_store *store;
    const struct checklist_options *options;
    struct checklist *list;
    usec told_at;
};

static size_t process_count(const struct checklist_options *o, size_t rows)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = o->processes != 0 ? o->processes : processors > 0 ? (size_t)processors : 1;
    size_t chunks = (rows + CHUNK - 1) / CHUNK;

    n = n < PROCESSES_MAX ? n : PROCESSES_MAX;
    return n < chunks ? n : chunks;
}

/* The next rows, or nothing more. */
static bool give(struct pool *p, struct row_worker *w)
{
    size_t first = p->next;
    size_t end = p->total - first < CHUNK ? p->total : first + CHUNK;

    p->next = end;
    if (first < end)
        return row_worker_ask(w, first, end);
    close(w->ask);
    w->ask = -1;
    return true;
}

static int lost(struct pool *p, struct row_worker *w, struct err *err)
{
    size_t first = w->next, end = w->end;
    char why[96] = "spoke nonsense";

    /* One that is still there has not been ended by anybody: it is to blame itself. */
    row_worker_kill(w);
    (void)row_worker_wait(w, why, sizeof why);
    (void)p;
    if (first < end)
        err_set(err, ERR_INTERNAL,
                "rows %zu to %zu could not all be checked: the process that had them %s", first + 1,
                end, why);
    else
        err_set(err, ERR_INTERNAL, "a process that checks %s", why);
    err_remedy(err, "Run it again; if it happens again, split the list.");
    return ERR_INTERNAL;
}

/* Takes the answers that are complete. */
static bool take_told(struct pool *p, struct row_worker *w)
{
    size_t at = 0;
    bool good = true;

    while (good && at < w->told.len) {
        struct answer a;
        long n = answer_unpack(w->told.data + at, w->told.len - at, &a);

        if (n == 0)
            break;
        good = n > 0 && w->next < w->end && a.row == w->next && store_answer(p->store, &a);
        answer_reset(&a);
        at += n > 0 ? (size_t)n : 0;
        w->next++;
        p->done++;
    }
    /* What is left over moves to the front: less than one answer. */
    w->told.len -= at;
    for (size_t i = 0; i < w->told.len; i++)
        w->told.data[i] = w->told.data[at + i];
    return good;
}

static int hear(struct pool *p, struct row_worker *w, struct err *err)
{
    char piece[PIECE];
    ssize_t n = read(w->tell, piece, sizeof piece);
    char why[96];

    if (n < 0 && errno == EINTR)
        return 0;
    if (n <= 0 && w->ask < 0 && w->next == w->end) {
        struct row_worker copy = *w;

        *w = (struct row_worker){.ask = -1, .tell = -1};
        if (row_worker_wait(&copy, why, sizeof why))
            return 0;
        return err_set(err, ERR_INTERNAL, "a process that checks %s", why);
    }
    if (n > 0) {
        buf_add(&w->told, piece, (size_t)n);
        if (!w->told.failed && take_told(p, w) && (w->next < w->end || w->ask < 0 || give(p, w)))
            return 0;
    }
    return lost(p, w, err);
}

static void tell_progress(struct pool *p)
{
    usec now = clock_now();

    if (p->options->progress == NULL || now - p->told_at < PROGRESS_MS * USEC_PER_MS)
        return;
    p->told_at = now;
    p->options->progress(p->options->ctx, p->done, p->total);
}

/* Fills fds; answers how many processes are still there. */
static size_t collect(const struct pool *p, struct pollfd *fds)
{
    size_t there = 0;

    for (size_t i = 0; i < p->count; i++) {
        fds[i] = (struct pollfd){.fd = p->workers[i].tell, .events = POLLIN};
        there += p->workers[i].pid > 0;
    }
    fds[p->count] = (struct pollfd){.fd = p->options->wake_fd, .events = POLLIN};
    return there;
}

static int listen_all(struct pool *p, struct err *err)
{
    struct pollfd fds[PROCESSES_MAX + 1];

    while (collect(p, fds) > 0) {
        if (poll(fds, p->count + 1, -1) < 0) {
            if (errno == EINTR)
                continue;
            return err_set_errno(err, errno, "cannot wait for the processes that check");
        }
        /* First, because Ctrl-C may have reached the others too. */
        if (fds[p->count].revents != 0) {
            p->list->interrupted = true;
            return 0;
        }
        for (size_t i = 0; i < p->count; i++) {
            int rc = fds[i].revents != 0 ? hear(p, &p->workers[i], err) : 0;

            if (rc != 0)
                return rc;
        }
        tell_progress(p);
    }
    if (p->done != p->total)
        return err_set(err, ERR_INTERNAL, "only %zu of %zu rows were answered", p->done, p->total);
    return 0;
}

static int start_all(struct pool *p, struct row_checker *checker, size_t n, struct err *err)
{
    for (; p->count < n; p->count++) {
        int rc = row_worker_start(p->workers, p->count, checker, err);

        if (rc != 0)
            return rc;
    }
    for (size_t i = 0; i < n; i++) {
        if (!give(p, &p->workers[i]))
            return lost(p, &p->workers[i], err);
    }
    return 0;
}

static int run(struct pool *p, struct row_checker *checker, struct err *err)
{
    char why[96];
    int rc;

    p->total = p->list->row_count;
    rc = start_all(p, checker, process_count(p->options, p->total), err);
    if (rc == 0)
        rc = listen_all(p, err);
    for (size_t i = 0; i < p->count; i++)
        row_worker_kill(&p->workers[i]);
    for (size_t i = 0; i < p->count; i++)
        (void)row_worker_wait(&p->workers[i], why, sizeof why);
    return rc;
}

static int check_all(const struct manifest *m, const struct jobfile_base *base,
                     const struct profile *profile, const struct checklist_options *options,
                     struct checklist *out, struct err *err)
{
    struct pool *p = calloc(1, sizeof *p);
    struct row_checker *checker = row_checker_create(m, base, profile, options);
    struct checklist_store *store = store_create(out, m, options->every_text);
    int rc = err_set(err, ERR_NOMEM, "out of memory for a list of %zu rows", manifest_count(m));

    if (p != NULL && checker != NULL && store != NULL) {
        p->store = store;
        p->options = options;
        p->list = out;
        rc = run(p, checker, err);
        if (rc == 0 && !out->interrupted && !checklist_across(store, out, options->prepare.now))
            rc = err_set(err, ERR_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < out->row_count; i++)
        out->fit += out->rows[i].fit;
    store_destroy(store);
    row_checker_destroy(checker);
    free(p);
    return rc;
}

/* The profile is named by the job file alone, so that all rows share it. */
static int load_profile(const struct jobfile_base *base, struct profile **out,
                        struct findings *findings)
{
    struct findings of_job = {0}; /* said of each row */
    struct job job;
    int rc;

    *out = NULL;
    job_init(&job);
    rc = jobfile_base_job(base, NULL, 0, &job, &of_job);
    if (rc == 0)
        rc = profile_load(job.profile, job.file,
                          (struct place){"profile", job.file, job.profile_line}, out, findings);
    findings_reset(&of_job);
    job_reset(&job);
    return rc;
}

int checklist_run(const struct manifest *m, const struct jobfile_base *base,
                  const struct checklist_options *options, struct checklist *out,
                  struct findings *findings, struct err *err)
{
    struct profile *profile;
    int rc;

    *out = (struct checklist){0};
    if (load_profile(base, &profile, findings) != 0)
        return err_set(err, ERR_VALUE, "the profile cannot be loaded");
    rc = check_all(m, base, profile, options, out, err);
    profile_destroy(profile);
    return rc;
}
