/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_CHECKLIST_PART_H
#define COMCERT_RUN_CHECKLIST_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/buf.h"
#include "run/checklist.h"

/* Inside checklist*.c: what a process says of a row, how it says it, and where it is kept. */

enum { HASH_SIZE = 32, NAME_HASH_SIZE = 16 };

/* By what rows are told apart. Hashes, so that a million rows can be held against each other; one
 * that has none is all zero. */
struct identity {
    unsigned char cert[HASH_SIZE]; /* SHA-256 of the device certificate */
    unsigned char key[HASH_SIZE];  /* of the private key's public half */
    unsigned char cert_file[NAME_HASH_SIZE], key_file[NAME_HASH_SIZE];
    unsigned char device[NAME_HASH_SIZE];      /* device ID */
    unsigned char device_fold[NAME_HASH_SIZE]; /* the same in lower case */
    unsigned char client[NAME_HASH_SIZE];      /* broker and client ID */
};

struct answer {
    uint64_t row;
    bool fit, has_cert;
    uint64_t unaccepted;
    int64_t not_after;
    struct identity identity;
    char *device;
    struct findings findings;
};

/* Adds it as a frame: its length, then itself. For processes of this program on this machine only.
 */
void answer_pack(const struct answer *a, struct buf *out);

/* Takes the first frame of n bytes: its size, with the answer in *out (answer_reset it). 0 if it is
 * not complete yet; -1 if it is none, or memory ran out. */
long answer_unpack(const char *bytes, size_t n, struct answer *out);
/* The codes of its findings are its own; answer_reset frees them. */
void answer_reset(struct answer *a);

/* Checks rows, one after the other. What rows have in common is read once. */
struct row_checker;
struct row_checker *row_checker_create(const struct manifest *m, const struct jobfile_base *base,
                                       const struct profile *profile,
                                       const struct checklist_options *options);
/* ERR_NOMEM only. The codes in out->findings are constants; row_answer_reset it. */
int row_check(struct row_checker *c, size_t row, struct answer *out, struct err *err);
void row_answer_reset(struct answer *a);
void row_checker_destroy(struct row_checker *c);

/* A process that checks rows. */
struct row_worker {
    int pid;       /* 0: none */
    int ask, tell; /* it is asked for rows, and tells answers; -1: closed */
    struct buf told;
    size_t next, end; /* rows that it was asked for and has not answered */
};

/* Forks number `i` of `workers`, the ones before it being there. */
int row_worker_start(struct row_worker *workers, size_t i, struct row_checker *checker,
                     struct err *err);
/* False if it does not listen any more. */
bool row_worker_ask(struct row_worker *w, size_t first, size_t end);
/* Ends it at once, if it is there. */
void row_worker_kill(struct row_worker *w);
/* Waits until it is gone. True if it ended as it should; else why, as the end of "a process ...".
 */
bool row_worker_wait(struct row_worker *w, char *why, size_t size);

/* Where everything is kept. */
struct checklist_store;
struct checklist_store *store_create(struct checklist *list, const struct manifest *m,
                                     bool every_text);
bool store_answer(struct checklist_store *s, const struct answer *a);
/* Adds a finding about a value of the row. */
bool store_add(struct checklist_store *s, size_t row, enum severity severity, const char *code,
               const char *key, const char *remedy, const char *what);
const struct identity *store_identity(const struct checklist_store *s, size_t row);
void store_destroy(struct checklist_store *s);

/* Holds the rows against each other. False when memory runs out. */
bool checklist_across(struct checklist_store *s, struct checklist *list, time_t now);

#endif
