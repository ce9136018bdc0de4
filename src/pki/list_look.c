/* SPDX-License-Identifier: MIT */
#include "pki/list_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/parallel.h"
#include "pki/validity.h"

static int refuse(struct list_item *item, const char *file, const char *why)
{
    err_set(&item->err, ERR_BUSY, "%s is there already, and %s", file, why);
    err_remedy(&item->err, "choose another folder (--out), move the file away, or make everything "
                           "anew: --force");
    return ERR_BUSY;
}

static struct credential *read_quietly(const char *file, struct list_item *item)
{
    struct findings findings = {0};
    struct credential *c = NULL;
    struct place where = {.file = file};

    if (credential_read(file, where, NULL, &c, &findings) != 0) {
        (void)authority_say(&findings, NULL, &item->err);
        c = NULL;
    }
    findings_reset(&findings);
    return c;
}

static const char *why_not_ours(const struct list_run *run, const struct list_item *item,
                                const struct credential *cert, const struct credential *key)
{
    const struct cert_info *info = credential_cert(cert, 0);

    if (info == NULL)
        return "holds no certificate";
    if (info->common_name == NULL || strcmp(info->common_name, item->id) != 0)
        return "is another device's";
    if (!credential_issued_by(cert, 0, run->authority->cert, run->authority->at))
        return "was not issued by this CA";
    if (credential_unfit(cert, 0, run->wish->now) != NULL)
        return "cannot be used any more";
    if (!credential_key_matches(key, cert, 0))
        return "its key does not belong to it";
    return NULL;
}

static void look_at_pair(struct list_run *run, struct list_item *item, const struct draft *d)
{
    struct credential *cert = read_quietly(d->cert_file, item);
    struct credential *key = cert != NULL ? read_quietly(d->key_file, item) : NULL;
    const char *why = key != NULL ? why_not_ours(run, item, cert, key) : NULL;

    if (why != NULL) {
        refuse(item, d->cert_file, why);
    } else if (key != NULL) {
        const struct cert_info *info = credential_cert(cert, 0);

        item->state = ITEM_KEEP;
        item->not_after = info->not_after;
        memcpy(item->sha1, info->sha1, sizeof item->sha1);
        memcpy(item->sha256, info->sha256, sizeof item->sha256);
        item->no_chain = d->chain_file != NULL && !file_is_there(d->chain_file);
    }
    credential_destroy(cert);
    credential_destroy(key);
}

/* A key whose certificate did not get as far as its file. It is never replaced: it may be in a
 * device by now. */
static void look_at_key(struct list_item *item, const struct draft *d)
{
    struct credential *key = read_quietly(d->key_file, item);
    const struct key_info *info = key != NULL ? credential_key(key) : NULL;

    item->own_key = info != NULL && ((info->type == KEY_RSA && info->bits >= 2048) ||
                                     (info->type == KEY_EC && info->bits >= 256));
    if (key != NULL && !item->own_key)
        refuse(item, d->key_file, "holds no key that a device can use");
    credential_destroy(key);
}

static void look(void *ctx, size_t i, size_t worker)
{
    struct list_run *run = ctx;
    struct list_item *item = &run->list->items[i];
    struct draft d = {.kind = CERTIFY_DEVICE, .id = item->id};
    bool key, cert;

    (void)worker;
    if (draft_name(&d, run->wish, run->authority, DRAFT_KEY | DRAFT_CERT | DRAFT_CHAIN,
                   &item->err) == 0 &&
        draft_check_not_ca(&d, run->wish, run->authority, &item->err) == 0 && !run->wish->force) {
        key = file_is_there(d.key_file);
        cert = file_is_there(d.cert_file);
        if (key && cert) {
            look_at_pair(run, item, &d);
        } else if (key) {
            look_at_key(item, &d);
        } else if (cert && run->wish->reissue) {
            item->replace = true;
        } else if (cert) {
            refuse(item, d.cert_file, "its key is not");
            err_remedy(&item->err, "put %s back, or have another made: --reissue", d.key_file);
        }
    }
    draft_reset(&d);
}

static bool tick(void *ctx, size_t begun)
{
    (void)begun;
    return list_tick(ctx, 0);
}

void list_look(struct list_run *run)
{
    (void)parallel_run(run->list->count, look, tick, run);
}
