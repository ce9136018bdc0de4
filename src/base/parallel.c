/* SPDX-License-Identifier: MIT */
#include "base/parallel.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

enum { TICK_NS = 100 * 1000 * 1000 };

struct crew {
    size_t count;
    parallel_work *work;
    void *ctx;
    atomic_size_t next;
    atomic_bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    size_t busy; /* threads, under the mutex */
    size_t hired;
};

struct hand {
    struct crew *crew;
    size_t number;
    pthread_t thread;
};

size_t parallel_workers(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

    return n < 1 ? 1 : n > PARALLEL_MAX ? PARALLEL_MAX : (size_t)n;
}

static void toil(struct crew *crew, size_t number)
{
    while (!crew->stop) {
        size_t item = crew->next++;

        if (item >= crew->count)
            break;
        crew->work(crew->ctx, item, number);
    }
}

static void *run(void *arg)
{
    struct hand *hand = arg;
    struct crew *crew = hand->crew;

    toil(crew, hand->number);
    pthread_mutex_lock(&crew->mutex);
    if (--crew->busy == 0)
        pthread_cond_signal(&crew->idle);
    pthread_mutex_unlock(&crew->mutex);
    return NULL;
}

static void hire(struct crew *crew, struct hand *hands)
{
    size_t wanted = parallel_workers();
    sigset_t all, before;

    sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    for (size_t i = 0; i < wanted && i < crew->count; i++) {
        hands[i] = (struct hand){.crew = crew, .number = i};
        pthread_mutex_lock(&crew->mutex);
        crew->busy++;
        pthread_mutex_unlock(&crew->mutex);
        if (pthread_create(&hands[i].thread, NULL, run, &hands[i]) != 0) {
            pthread_mutex_lock(&crew->mutex);
            crew->busy--;
            pthread_mutex_unlock(&crew->mutex);
            break;
        }
        crew->hired++;
    }
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static size_t begun(struct crew *crew)
{
    size_t next = crew->next;

    return next < crew->count ? next : crew->count;
}

static void oversee(struct crew *crew, parallel_tick *tick)
{
    struct timespec until;

    pthread_mutex_lock(&crew->mutex);
    while (crew->busy > 0) {
        int rc;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK_NS;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        rc = pthread_cond_timedwait(&crew->idle, &crew->mutex, &until);
        if (rc != ETIMEDOUT || tick == NULL)
            continue;
        pthread_mutex_unlock(&crew->mutex);
        if (tick(crew->ctx, begun(crew)))
            crew->stop = true;
        pthread_mutex_lock(&crew->mutex);
    }
    pthread_mutex_unlock(&crew->mutex);
}

size_t parallel_run(size_t count, parallel_work *work, parallel_tick *tick, void *ctx)
{
    struct crew crew = {.count = count, .work = work, .ctx = ctx};
    struct hand hands[PARALLEL_MAX];
    pthread_condattr_t attr;

    pthread_mutex_init(&crew.mutex, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&crew.idle, &attr);
    pthread_condattr_destroy(&attr);
    hire(&crew, hands);
    if (crew.hired == 0)
        toil(&crew, 0);
    oversee(&crew, tick);
    for (size_t i = 0; i < crew.hired; i++)
        pthread_join(hands[i].thread, NULL);
    pthread_cond_destroy(&crew.idle);
    pthread_mutex_destroy(&crew.mutex);
    return begun(&crew);
}
