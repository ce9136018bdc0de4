/* SPDX-License-Identifier: MIT */
#include "pki/issue_list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "pki/list_part.h"

bool list_tick(struct list_run *run, size_t done)
{
    const struct issue_list_watch *watch = run->watch;

    if (!run->stopped && watch->tick != NULL && watch->tick(watch->ctx, done, run->list->count))
        run->stopped = true;
    return run->stopped;
}

/* Names that this CA has given already, to something that is not here. */
static int check_names(struct list_run *run, struct err *err)
{
    struct authority *a = run->authority;
    int rc;

    if (a->index == NULL || run->wish->reissue)
        return 0;
    rc = index_lock(a->index, err);
    for (size_t i = 0; rc == 0 && i < run->list->count; i++) {
        struct list_item *item = &run->list->items[i];

        if (item->state == ITEM_NEW && item->err.code == ERR_NONE)
            (void)!draft_check_name(item->id, a, run->wish->now, &item->err);
    }
    index_unlock(a->index);
    return rc;
}

static void say_item(const struct list_run *run, const struct list_item *item,
                     struct findings *findings)
{
    struct place where = {.file = run->list->file, .line = (int)item->line};
    char remedy[sizeof item->err.remedy];

    /* A finding's remedy is a sentence, an err's a clause; options stay as they are. */
    memcpy(remedy, item->err.remedy, sizeof remedy);
    remedy[0] = (char)toupper((unsigned char)remedy[0]);
    findings_add(findings, SEVERITY_ERROR, "device-there", where, remedy[0] != '\0' ? remedy : NULL,
                 "%s.", item->err.text);
}

/* All that is wrong with single devices, before anything is made. */
static int say_items(struct list_run *run, struct findings *findings, struct err *err)
{
    size_t bad = 0;

    for (size_t i = 0; i < run->list->count; i++) {
        const struct list_item *item = &run->list->items[i];

        if (item->err.code != ERR_NONE && ++bad <= LIST_SAY_MAX)
            say_item(run, item, findings);
    }
    if (bad > LIST_SAY_MAX)
        findings_add(findings, SEVERITY_ERROR, "device-there",
                     (struct place){.file = run->list->file}, NULL, "So it is with %zu more.",
                     bad - LIST_SAY_MAX);
    return bad == 0 ? 0
                    : err_set(err, ERR_BUSY, "nothing was made: %zu device%s in the way", bad,
                              bad == 1 ? " is" : "s are");
}

static int mend_chain(struct list_run *run, const struct list_item *item, struct err *err)
{
    struct draft d = {.id = item->id};
    struct secret chain = {0};
    int rc = draft_name(&d, run->wish, run->authority, DRAFT_CERT | DRAFT_CHAIN, err);

    if (rc == 0)
        rc = file_read(d.cert_file, (size_t)1 << 20, &chain, err);
    if (rc == 0)
        rc = secret_append(&chain, run->authority->chain.data, run->authority->chain.len, err);
    if (rc == 0)
        rc = file_write(d.chain_file, 0644, false, chain.data, chain.len, err);
    secret_reset(&chain);
    draft_reset(&d);
    return rc;
}

/* Tells of what is kept, and mends what an earlier run has left half. */
static int keep(struct list_run *run, struct err *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < run->list->count; i++) {
        const struct list_item *item = &run->list->items[i];
        struct draft d = {.id = item->id, .not_after = item->not_after};
        struct issued made = {0};

        if (item->state != ITEM_KEEP)
            continue;
        if (item->no_chain)
            rc = mend_chain(run, item, err);
        memcpy(d.sha1, item->sha1, sizeof d.sha1);
        memcpy(d.sha256, item->sha256, sizeof d.sha256);
        if (rc == 0)
            rc = draft_name(&d, run->wish, run->authority, DRAFT_KEY | DRAFT_CERT | DRAFT_CHAIN,
                            err);
        if (rc == 0)
            rc = draft_result(&d, run->authority, &made, err);
        if (rc == 0 && run->watch->ready != NULL)
            run->watch->ready(run->watch->ctx, &made, true);
        run->result->kept++;
        run->done++;
        issued_reset(&made);
        draft_reset(&d);
    }
    return rc;
}

static int make_all(struct list_run *run, struct findings *findings, struct err *err)
{
    int rc = list_manifest_check(run, err);

    if (rc == 0)
        rc = list_stage_settle(run, err);
    if (rc == 0)
        list_look(run);
    if (rc == 0 && !run->stopped)
        rc = check_names(run, err);
    if (rc == 0 && !run->stopped)
        rc = say_items(run, findings, err);
    if (rc == 0 && !run->stopped)
        rc = keep(run, err);
    if (rc == 0 && !run->stopped)
        rc = list_make_batches(run, err);
    if (rc == 0 && !run->stopped)
        rc = list_manifest_write(run, err);
    return rc;
}

int issue_list_make(struct authority *authority, const struct issue_wish *wish,
                    struct issue_list *list, const struct issue_list_watch *watch,
                    struct issue_list_result *result, struct findings *findings, struct err *err)
{
    struct list_run run = {.authority = authority,
                           .wish = wish,
                           .list = list,
                           .watch = watch,
                           .result = result,
                           .staging_fd = -1};
    struct draft dates = {.usual_days = DAYS_DEVICE};
    int rc = draft_date(&dates, wish, authority, err);

    *result = (struct issue_list_result){0};
    if (rc == 0)
        rc = list_stage_open(&run, err);
    if (rc == 0)
        rc = make_all(&run, findings, err);
    result->stopped = run.stopped;
    list_stage_close(&run, rc != 0);
    return rc;
}
