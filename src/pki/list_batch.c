/* SPDX-License-Identifier: MIT */
#include "pki/list_part.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/parallel.h"

/* What a SIGKILL costs at most, against three syncs: about a second's work of one processor. */
static const size_t batch_sizes[NEW_KEY_COUNT] = {
    [NEW_KEY_RSA_2048] = 32, [NEW_KEY_RSA_3072] = 16, [NEW_KEY_RSA_4096] = 8,
    [NEW_KEY_EC_P256] = 512, [NEW_KEY_EC_P384] = 256,
};

enum { BATCH_MAX = 512 };

struct batch {
    struct list_run *run;
    struct list_item *items[BATCH_MAX];
    struct draft drafts[BATCH_MAX];
    struct err errs[BATCH_MAX];
    bool placed[BATCH_MAX];
    size_t count;
};

/* --- keys and signatures, by all processors --------------------------------------------------- */

/* The key that an earlier run has left. */
static int take_own_key(struct draft *d, struct err *err)
{
    struct findings findings = {0};
    struct credential *c = NULL;
    struct place where = {.file = d->key_file};
    int rc = credential_read(d->key_file, where, NULL, &c, &findings);
    EVP_PKEY *key;

    if (rc != 0)
        (void)authority_say(&findings, NULL, err);
    findings_reset(&findings);
    if (rc == 0) {
        key = keygen_open(&c->pkcs8, err);
        d->subject = key != NULL ? keygen_public_half(key) : NULL;
        EVP_PKEY_free(key);
        if (d->subject == NULL)
            rc = err_set(err, ERR_NOMEM, "out of memory for a key");
    }
    credential_destroy(c);
    return rc;
}

static int make(struct list_run *run, struct list_item *item, struct draft *d, size_t worker,
                struct err *err)
{
    int rc;

    *d = (struct draft){.kind = CERTIFY_DEVICE, .id = item->id, .usual_days = DAYS_DEVICE};
    if (run->signers[worker] == NULL)
        run->signers[worker] = keygen_open(&run->authority->pkcs8, err);
    if (run->signers[worker] == NULL)
        return ERR_NOMEM;
    rc = draft_date(d, run->wish, run->authority, err);
    if (rc == 0)
        rc = draft_name(d, run->wish, run->authority, DRAFT_KEY | DRAFT_CERT | DRAFT_CHAIN, err);
    if (rc == 0)
        rc = item->own_key ? take_own_key(d, err) : draft_key(d, run->wish->key, NULL, err);
    secret_reset(&d->key.pkcs8); /* what is to be written stands in key_pem */
    return rc != 0 ? rc : draft_sign(d, run->authority, run->signers[worker], err);
}

static void make_piece(void *ctx, size_t i, size_t worker)
{
    struct batch *b = ctx;

    (void)make(b->run, b->items[i], &b->drafts[i], worker, &b->errs[i]);
}

static bool make_tick(void *ctx, size_t begun)
{
    struct batch *b = ctx;

    return list_tick(b->run, b->run->done + begun);
}

/* --- files ------------------------------------------------------------------------------------ */

static int stage_part(const struct batch *b, size_t i, const char *ending, unsigned mode,
                      const struct secret *bytes, struct err *err)
{
    char *path;
    int rc;

    if (bytes->len == 0)
        return 0;
    path = list_stage_file(b->run, i, ending);
    rc = path == NULL ? err_set(err, ERR_NOMEM, "out of memory")
                      : file_write_unsynced(path, mode, bytes->data, bytes->len, err);
    free(path);
    return rc;
}

static void stage_piece(void *ctx, size_t i, size_t worker)
{
    struct batch *b = ctx;
    struct draft *d = &b->drafts[i];
    struct err *err = &b->errs[i];

    (void)worker;
    if (stage_part(b, i, ".key", 0600, &d->key_pem, err) == 0 &&
        stage_part(b, i, ".crt", 0644, &d->cert_pem, err) == 0)
        (void)!stage_part(b, i, ".pem", 0644, &d->chain_pem, err);
    secret_reset(&d->key_pem);
}

static int place_part(const struct batch *b, size_t i, const char *ending, const char *path,
                      bool replace, struct err *err)
{
    char *staged = list_stage_file(b->run, i, ending);
    int rc;

    if (staged == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    rc = file_is_there(staged) ? file_place(staged, path, replace, err) : 0;
    free(staged);
    return rc;
}

/* The chain before the certificate: a pair with its certificate is complete. */
static int place(struct batch *b, size_t i, struct err *err)
{
    const struct draft *d = &b->drafts[i];
    bool force = b->run->wish->force, replace = force || b->items[i]->replace;
    int rc = place_part(b, i, ".key", d->key_file, force, err);

    if (rc == 0 && d->chain_file != NULL)
        rc = place_part(b, i, ".pem", d->chain_file, true, err);
    if (rc == 0)
        rc = place_part(b, i, ".crt", d->cert_file, replace, err);
    if (rc == 0 && replace)
        draft_drop_old_chain(d);
    b->placed[i] = rc == 0;
    return rc;
}

static int first_error(const struct batch *b, struct err *err)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->errs[i].code != ERR_NONE) {
            *err = b->errs[i];
            return (int)err->code;
        }
    }
    return 0;
}

static void tell(struct batch *b, size_t i)
{
    const struct issue_list_watch *watch = b->run->watch;
    struct draft *d = &b->drafts[i];
    struct list_item *item = b->items[i];
    struct issued made = {0};
    struct err unsaid;

    item->state = ITEM_DONE;
    item->not_after = d->not_after;
    memcpy(item->sha1, d->sha1, sizeof item->sha1);
    memcpy(item->sha256, d->sha256, sizeof item->sha256);
    b->run->result->made++;
    b->run->done++;
    if (watch->ready != NULL && draft_result(d, b->run->authority, &made, &unsaid) == 0)
        watch->ready(watch->ctx, &made, false);
    issued_reset(&made);
}

static int write_files(struct batch *b, struct err *err)
{
    int rc;

    (void)parallel_run(b->count, stage_piece, NULL, b);
    rc = first_error(b, err);
    if (rc == 0 && syncfs(b->run->staging_fd) != 0)
        rc = err_set_errno(err, errno, "cannot write to %s", b->run->staging);
    for (size_t i = 0; rc == 0 && i < b->count; i++) {
        rc = place(b, i, err);
        if (rc == 0)
            tell(b, i);
    }
    return rc;
}

/* --- one batch, all batches ------------------------------------------------------------------- */

static void take_back(struct batch *b)
{
    struct issue_index *index = b->run->authority->index;
    const char *serials[BATCH_MAX];
    size_t count = 0;
    struct err unsaid;

    for (size_t i = 0; i < b->count; i++) {
        if (!b->placed[i])
            serials[count++] = b->drafts[i].serial;
    }
    if (index == NULL || count == 0)
        return;
    /* If this fails the next run finds them in the note of what was in flight. */
    if (index_lock(index, &unsaid) == 0)
        (void)!index_void(index, serials, count, &unsaid);
    index_unlock(index);
}

static int issue(struct batch *b, struct err *err)
{
    struct draft *drafts[BATCH_MAX];
    int rc;

    /* After a stop, what was begun is finished. */
    b->count = parallel_run(b->count, make_piece, make_tick, b);
    for (size_t i = 0; i < b->count; i++)
        drafts[i] = &b->drafts[i];
    rc = first_error(b, err);
    if (rc == 0)
        rc = list_stage_note(b->run, drafts, b->count, err);
    if (rc == 0)
        rc = draft_record(drafts, b->count, b->run->authority, b->run->wish, err);
    if (rc != 0)
        return rc;
    rc = write_files(b, err);
    if (rc != 0)
        take_back(b);
    return rc;
}

static size_t gather(struct batch *b, size_t from)
{
    struct issue_list *list = b->run->list;
    size_t size = batch_sizes[b->run->wish->key];

    b->count = 0;
    for (; from < list->count && b->count < size; from++) {
        if (list->items[from].state == ITEM_NEW)
            b->items[b->count++] = &list->items[from];
    }
    return from;
}

int list_make_batches(struct list_run *run, struct err *err)
{
    struct batch *b = calloc(1, sizeof *b);
    int rc = b == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;

    for (size_t next = 0; rc == 0 && !run->stopped && next < run->list->count;) {
        memset(b, 0, sizeof *b);
        b->run = run;
        next = gather(b, next);
        if (b->count > 0)
            rc = issue(b, err);
        for (size_t i = 0; i < BATCH_MAX; i++)
            draft_reset(&b->drafts[i]);
        (void)list_tick(run, run->done);
    }
    free(b);
    for (size_t i = 0; i < sizeof run->signers / sizeof run->signers[0]; i++)
        EVP_PKEY_free(run->signers[i]);
    return rc;
}
