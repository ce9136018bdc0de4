/* SPDX-License-Identifier: MIT */
#include "job/propose_part.h"

#include <stdlib.h>
#include <string.h>

#include "pki/root.h"

/* How well a root suits the broker, the worst first. A broker outside the clouds hardly ever has a
 * certificate from a cloud's own root; the device's CA may be its CA too, but need not. */
enum { SUITS_OTHERS, SUITS_DEVICE_CA, SUITS_PRIVATE, SUITS_CLOUD };

enum { MAX_ABOVE = 16 };

struct roots {
    const struct folder *folder;
    const struct check *check;
    struct candidate *list;
    size_t count;
    int refused; /* a CA's certificate that cannot be the one; NO_FILE */

    /* What issued the device certificate, what issued that, and so on. */
    struct place_of_cert {
        const struct credential *c;
        size_t i;
    } above[MAX_ABOVE];
    size_t above_count;
};

static const struct credential *credential_of(const struct roots *r, size_t file)
{
    return r->folder->files[file].credential;
}

static const struct cert_info *first_of(const struct roots *r, size_t file)
{
    return credential_cert(credential_of(r, file), 0);
}

static bool is_listed(const struct roots *r, const struct cert_info *cert)
{
    for (size_t i = 0; i < r->above_count; i++) {
        if (strcmp(credential_cert(r->above[i].c, r->above[i].i)->sha256, cert->sha256) == 0)
            return true;
    }
    return false;
}

static bool is_device_ca(const struct roots *r, size_t file)
{
    return is_listed(r, first_of(r, file));
}

/* Adds every certificate of the folder that issued this one. */
static void climb(struct roots *r, const struct credential *c, size_t i)
{
    for (size_t k = 0; k < r->folder->count; k++) {
        const struct credential *other = credential_of(r, k);

        for (size_t j = 0; other != NULL && j < credential_cert_count(other); j++) {
            if (r->above_count < MAX_ABOVE && !is_listed(r, credential_cert(other, j)) &&
                credential_issued_by(c, i, other, j))
                r->above[r->above_count++] = (struct place_of_cert){other, j};
        }
    }
}

/* Intermediates may lie in files of their own. */
static void find_device_cas(struct roots *r)
{
    const struct check *c = r->check;

    if (c->cert == NULL || credential_cert(c->cert, c->leaf)->self_issued)
        return;
    climb(r, c->cert, c->leaf);
    for (size_t i = 0; i < r->above_count; i++)
        climb(r, r->above[i].c, r->above[i].i);
}

static void judge(const struct roots *r, size_t file, struct findings *findings)
{
    struct check c = *r->check;

    c.findings = findings;
    c.root = credential_of(r, file);
    check_root(&c);
}

/* Out of its time is bad; anything else that check calls an error is another broker's root, or no
 * root. */
static const struct finding *reason_against(const struct findings *f)
{
    for (size_t i = 0; i < f->count; i++) {
        if (f->items[i].severity == SEVERITY_ERROR &&
            strcmp(f->items[i].code, "root-expired") != 0 &&
            strcmp(f->items[i].code, "root-not-yet-valid") != 0)
            return &f->items[i];
    }
    return NULL;
}

/* In the order of the table, which has today's root first. */
static long preference(const struct known_root *root)
{
    return root != NULL ? root_table() - root : 0;
}

static long suitability(const struct roots *r, size_t file)
{
    const struct known_root *root = root_by_sha256(first_of(r, file)->sha256);

    if (root != NULL && check_is_root_of_cloud(r->check, root))
        return SUITS_CLOUD;
    if (root != NULL && root->role != ROOT_OTHER)
        return SUITS_OTHERS;
    return is_device_ca(r, file) ? SUITS_DEVICE_CA : SUITS_PRIVATE;
}

static void rank(const struct roots *r, struct candidate *k, const struct findings *f)
{
    const struct credential *c = credential_of(r, k->file);

    k->rank[0] = findings_count(f, SEVERITY_ERROR) == 0;
    k->rank[1] = suitability(r, k->file);
    k->rank[2] = -(long)findings_count(f, SEVERITY_WARNING);
    k->rank[3] = credential_key(c) == NULL;
    k->rank[4] = preference(root_by_sha256(first_of(r, k->file)->sha256));
    k->rank[5] = -(long)credential_cert_count(c);
    k->notes = r->folder->files[k->file].oddities;
}

/* A cloud's own hub knows nothing of a device's CA, however far above the device it stands. */
static bool is_refused(const struct roots *r, size_t file, const struct findings *f)
{
    return f->lost || reason_against(f) != NULL || (r->check->cloud_host && is_device_ca(r, file));
}

static void consider(struct roots *r, size_t file)
{
    const struct credential *c = credential_of(r, file);
    struct candidate k = {.file = file};
    struct findings f = {0};

    if (c == NULL || credential_cert_count(c) == 0)
        return;
    k.sha256 = first_of(r, file)->sha256;
    judge(r, file, &f);
    if (!is_refused(r, file, &f)) {
        rank(r, &k, &f);
        r->list[r->count++] = k;
    } else if (r->refused == NO_FILE && first_of(r, file)->is_ca) {
        r->refused = (int)file;
    }
    findings_reset(&f);
}

static void say_what(const struct roots *r, size_t file, struct buf *why)
{
    const struct cert_info *cert = first_of(r, file);
    const struct known_root *root = root_by_sha256(cert->sha256);

    buf_printf(why, "%s is ", folder_name(r->folder, file).s);
    if (root != NULL)
        buf_printf(why, "%s (%s)", root->name, root->note);
    else
        buf_printf(why, "the certificate of the CA %s", words_of(cert->subject).s);
    if (root == NULL && is_device_ca(r, file))
        buf_add_str(why, ", which issued the device certificate as well");
}

static void say_chosen(const struct roots *r, const struct candidate *best, struct buf *why)
{
    struct findings f = {0};

    say_what(r, best->file, why);
    judge(r, best->file, &f);
    propose_add_worst(why, &f, NULL);
    findings_reset(&f);
    propose_add_others(why, r->folder, r->list, r->count, best);
}

/* What comes closest, and why it is not the one. */
static void say_none(const struct roots *r, struct buf *why)
{
    struct findings f = {0};
    const struct finding *against;

    if (r->refused == NO_FILE) {
        buf_add_str(why, "no certificate of a CA is in the folder");
        return;
    }
    judge(r, (size_t)r->refused, &f);
    against = reason_against(&f);
    buf_printf(why, "no root for this broker is in the folder; of %s is to be said: %s",
               folder_name(r->folder, (size_t)r->refused).s,
               against != NULL ? against->what : "its CA issued the device certificate");
    findings_reset(&f);
}

void propose_root(const struct folder *folder, const struct check *c, struct choice *root)
{
    struct roots r = {.folder = folder, .check = c, .refused = NO_FILE};
    const struct candidate *best;

    r.list = calloc(folder->count + 1, sizeof *r.list);
    if (r.list == NULL) {
        root->why.failed = true;
        return;
    }
    find_device_cas(&r);
    for (size_t i = 0; i < folder->count; i++)
        consider(&r, i);
    best = propose_best(r.list, r.count);
    if (best != NULL) {
        root->file = (int)best->file;
        say_chosen(&r, best, &root->why);
    } else {
        say_none(&r, &root->why);
    }
    free(r.list);
}
