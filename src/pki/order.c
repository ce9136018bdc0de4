/* SPDX-License-Identifier: MIT */
#include "pki/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "pki/issue_part.h"

int order_read_days(const char *text, int *days, struct err *err)
{
    char *end;
    long n;

    text += strspn(text, " ");
    *days = 0;
    if (text[0] == '\0')
        return 0;
    n = strtol(text, &end, 10);
    end += strspn(end, " ");
    if (*end != '\0' || n < 1 || n > DAYS_MAX)
        return err_set(err, ERR_VALUE, "it is a whole number of days from 1 to %d", DAYS_MAX);
    *days = (int)n;
    return 0;
}

/* --- the CA ----------------------------------------------------------------------------------- */

struct offered {
    const struct secret *passphrase;
    bool wanted; /* there is a key that is encrypted, and it is not open yet */
};

static int offer(void *ctx, const char *file, int attempt, struct secret *out, struct err *err)
{
    struct offered *offered = ctx;
    const struct secret *passphrase = offered->passphrase;

    (void)file;
    offered->wanted = true;
    if (attempt > 0 || passphrase == NULL || passphrase->len == 0)
        return err_set(err, ERR_MISSING, "there is no further passphrase");
    offered->wanted = false;
    return secret_set(out, passphrase->data, passphrase->len, err);
}

static int open_ca(const struct order *o, struct authority **a, struct findings *notes,
                   enum order_part *at, struct err *err)
{
    struct offered offered = {.passphrase = o->passphrase};
    struct passphrase_source source = {.ask = offer, .ctx = &offered};
    int rc;

    *at = ORDER_CA;
    if (o->ca[0] == '\0') {
        rc = err_set(err, ERR_VALUE, "no CA is named");
        err_remedy(err, "name its certificate, or the folder in which it lies");
        return rc;
    }
    rc = authority_open(o->ca, &source, o->wish.now, true, a, notes, err);
    if (rc != 0 && offered.wanted) {
        *at = ORDER_PASSPHRASE;
        err_remedy(err, "type the passphrase of the CA's key");
    }
    return rc;
}

/* The certificate alone, as the hub wants it. */
static struct credential *read_ca(const struct authority *a)
{
    struct findings unsaid = {0};
    struct credential *ca = NULL;
    int rc = credential_read(authority_cert_file(a), (struct place){0}, NULL, &ca, &unsaid);

    findings_reset(&unsaid);
    if (rc != 0 || credential_key(ca) != NULL || credential_cert_count(ca) != 1) {
        credential_destroy(ca);
        return NULL;
    }
    return ca;
}

/* --- what is in the way ----------------------------------------------------------------------- */

static void add_if_there(struct buf *there, const char *file, size_t *count)
{
    if (file == NULL || !file_is_there(file))
        return;
    buf_printf(there, "%s%s", *count > 0 ? ", " : "", file);
    ++*count;
}

static int check_files(const struct draft *d, struct err *err)
{
    struct buf there = {0};
    size_t count = 0;
    int rc = 0;

    add_if_there(&there, d->key_file, &count);
    add_if_there(&there, d->cert_file, &count);
    add_if_there(&there, d->chain_file, &count);
    if (there.failed)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    else if (count > 0)
        rc = err_set(err, ERR_BUSY, "there already: %s", there.data);
    buf_reset(&there);
    return rc;
}

static int check_days(struct draft *d, const struct order *o, const struct authority *a,
                      struct err *err)
{
    int rc = draft_date(d, &o->wish, a, err);

    if (rc != 0 && a != NULL)
        err_remedy(err, "take fewer, or none: then it lasts as long as its CA at the most");
    return rc;
}

/* In the order in which the maker would come upon it, but each with the entry that it is of. */
static int check(const struct order *o, struct authority *a, enum order_part *at, struct err *err)
{
    struct draft d = {.id = o->wish.id, .usual_days = DAYS_DEVICE};
    int rc;

    *at = ORDER_DAYS;
    rc = check_days(&d, o, a, err);
    if (rc == 0 && a != NULL) {
        *at = ORDER_ISSUED;
        rc = issue_check_free_name(a, &o->wish, d.id, err);
        if (rc != 0 && rc != ERR_BUSY)
            *at = ORDER_CA;
    }
    if (rc == 0) {
        *at = ORDER_WHOLE;
        rc = draft_name(&d, &o->wish, a, DRAFT_KEY | DRAFT_CERT | DRAFT_CHAIN, err);
    }
    if (rc == 0 && !o->wish.force) {
        *at = ORDER_FILES;
        rc = check_files(&d, err);
    }
    draft_reset(&d);
    return rc;
}

/* What fails now has to do with where the files go, but for what no entry of a form can help. */
static enum order_part part_of(int rc)
{
    return rc == ERR_NOMEM || rc == ERR_INTERNAL || rc == ERR_BUSY ? ORDER_WHOLE : ORDER_FOLDER;
}

int order_fill(const struct order *o, struct issued *made, struct credential **ca,
               struct findings *notes, enum order_part *at, struct err *err)
{
    struct authority *a = NULL;
    int rc = issue_check_id(o->wish.id, err);

    *ca = NULL;
    *at = ORDER_ID;
    if (rc == 0 && o->ca != NULL)
        rc = open_ca(o, &a, notes, at, err);
    if (rc == 0)
        rc = check(o, a, at, err);
    if (rc == 0) {
        rc = a != NULL ? issue_device(a, &o->wish, made, err)
                       : issue_self_signed(&o->wish, made, err);
        *at = part_of(rc);
    }
    if (rc == 0 && a != NULL)
        *ca = read_ca(a);
    authority_close(a);
    return rc;
}
