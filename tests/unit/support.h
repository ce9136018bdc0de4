/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_SUPPORT_H
#define COMCERT_TESTS_SUPPORT_H

#include "device/emulator.h"
#include "device/loader.h"
#include "device/plan.h"
#include "job/job.h"

/* A job with its profile and plan, made from fixtures, and a simulation of the line: a loader and
 * an emulator in memory, with time that is only a number. */

struct bench {
    struct job job;
    struct profile *profile;
    struct plan *plan;
    struct findings findings;
};

/* Reads fixtures/jobs/pump-7.cfg with further --set assignments (ended by NULL), for the profile.
 * Fails the test if that gives no plan. */
void bench_make(struct bench *b, const char *profile, const char *const *assignments,
                const struct plan_options *options);
void bench_reset(struct bench *b);

enum { LOG_MAX = 4096 };

struct simulation {
    struct loader *loader;
    struct emulator *emulator;
    usec now;
    bool hung_up;

    /* Both directions of the line: bytes with the time at which they arrive. */
    struct wire {
        unsigned char *bytes;
        usec *at;
        size_t head, count, capacity;
        usec free_at;
    } to_device, to_host;
    long byte_ns;
    size_t split; /* the host sees at most so many bytes at once; 0: any */

    /* What was seen. */
    struct event log[LOG_MAX];
    size_t log_count;
    struct secret stored[SLOT_COUNT];
    size_t stored_count[SLOT_COUNT];
    usec stored_began[SLOT_COUNT], stored_ended[SLOT_COUNT];
    size_t overruns;
    size_t sent;                     /* bytes on the line */
    usec cancel_at, cancel_again_at; /* 0: never */
    size_t cancel_when_sent;         /* cancel once so many bytes are on the line; 0: never */
};

/* Makes both sides and starts the loader at time 1 s. */
void simulation_make(struct simulation *s, const struct bench *b,
                     const struct loader_options *loader, const struct emulator_options *emulator);

/* Until the loader has ended; fails the test if that takes longer than the plan's limit. */
void simulation_run(struct simulation *s);

void simulation_reset(struct simulation *s);

/* A whole run: what is loaded, by which profile, and what the device does wrong. */
struct rehearsal {
    const char *profile;
    const char *const *assignments; /* as for bench_make */
    const char *only;               /* NULL: everything */
    const char *fault;              /* NULL: none */
    enum echo_mode echo;
};

/* Makes bench and simulation and runs it to its end; rehearsal_reset frees both. */
void rehearse(struct simulation *s, struct bench *b, const struct rehearsal *r);
void rehearsal_reset(struct simulation *s, struct bench *b);

/* The first event of this type (and, for notes and failures, code), or NULL. */
const struct event *simulation_event(const struct simulation *s, enum event_type type,
                                     const char *code);

/* Set-up and tear-down of a group of tests that needs OpenSSL. */
int support_start(void **state);
int support_stop(void **state);

/* Fails the test unless part occurs in text; NULL is a text in which nothing does. */
void assert_occurs(const char *text, const char *part);

/* Fails the test if any run of 16 characters of the key's base64 occurs in text. */
void assert_no_key(const struct bench *b, const char *text);

#endif
