/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_LIST_PART_H
#define COMCERT_PKI_LIST_PART_H

#include "pki/draft.h"
#include "pki/issue_list.h"

/* Inside a list of devices. */

struct list_item {
    char *id;
    size_t line;
    enum { ITEM_NEW, ITEM_KEEP, ITEM_DONE } state;
    bool own_key;   /* its key file is there and gets a certificate */
    bool replace;   /* a certificate without its key gives way */
    bool no_chain;  /* kept, but its chain file is missing */
    struct err err; /* what is wrong with it; code 0: nothing */
    char sha1[41], sha256[65];
    time_t not_after;
};

struct issue_list {
    char *file; /* as the user named it */
    struct list_item *items;
    size_t count, capacity;
};

/* What has to be said of too many lines is said of the first so many. */
enum { LIST_SAY_MAX = 20 };

struct list_run {
    struct authority *authority;
    const struct issue_wish *wish;
    struct issue_list *list;
    const struct issue_list_watch *watch;
    struct issue_list_result *result;
    size_t done;
    bool stopped;
    char *staging; /* the folder of what is in flight */
    int staging_fd;
    EVP_PKEY *signers[64]; /* one for each worker, opened when it is first needed */
};

/* --- list_stage.c: the folder of what is in flight --- */
int list_stage_open(struct list_run *run, struct err *err) ATTR_MUST_USE;
/* Takes the folder away; after a failure, with what was in flight taken back as far as can be. */
void list_stage_close(struct list_run *run, bool failed);
/* Takes back in the index what was in flight when an earlier run ended. */
int list_stage_settle(struct list_run *run, struct err *err) ATTR_MUST_USE;
/* Notes what is going to be issued; on the disk when this returns. */
int list_stage_note(struct list_run *run, struct draft *const *drafts, size_t count,
                    struct err *err) ATTR_MUST_USE;
/* "STAGING/12.key" */
char *list_stage_file(const struct list_run *run, size_t number, const char *ending);

/* --- list_look.c: what is there already --- */
/* Looks at every item's files; fills state, or err. */
void list_look(struct list_run *run);

/* --- list_batch.c --- */
int list_make_batches(struct list_run *run, struct err *err) ATTR_MUST_USE;

/* --- list_manifest.c --- */
char *list_manifest_path(const struct list_run *run);
/* ERR_BUSY if somebody else's manifest.csv is there. */
int list_manifest_check(const struct list_run *run, struct err *err) ATTR_MUST_USE;
int list_manifest_write(struct list_run *run, struct err *err) ATTR_MUST_USE;

/* In the calling thread: true if the run is to stop. */
bool list_tick(struct list_run *run, size_t done);

#endif
