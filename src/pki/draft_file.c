/* SPDX-License-Identifier: MIT */
#include "pki/draft.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

static char *file_of(const char *folder, const char *stem, const char *ending)
{
    struct buf out = {0};

    if (folder != NULL && folder[0] != '\0')
        buf_printf(&out, "%s%s", folder, str_ends(folder, "/") ? "" : "/");
    buf_printf(&out, "%s%s", stem, ending);
    return buf_take(&out);
}

int draft_name(struct draft *d, const struct issue_wish *wish, const struct authority *a, int which,
               struct err *err)
{
    bool chain = a != NULL && a->chain.len > 0;
    char *stem = issue_file_stem(d->id);
    bool lost = stem == NULL;

    if (!lost && (which & DRAFT_KEY) != 0)
        lost |= (d->key_file = file_of(wish->out, stem, ".key")) == NULL;
    if (!lost && (which & DRAFT_CERT) != 0)
        lost |= (d->cert_file = file_of(wish->out, stem, ".crt")) == NULL;
    if (!lost && (which & DRAFT_CHAIN) != 0 && chain)
        lost |= (d->chain_file = file_of(wish->out, stem, ".chain.pem")) == NULL;
    if (!lost && (which & DRAFT_CSR) != 0)
        lost |= (d->csr_file = file_of(wish->out, stem, ".csr")) == NULL;
    free(stem);
    return lost ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

static bool is_same_file(const char *one, const char *other)
{
    struct stat x, y;

    return one != NULL && stat(one, &x) == 0 && stat(other, &y) == 0 && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

/* True if the index of a CA has this stem. */
static bool has_index(const struct draft *d, const struct issue_wish *wish)
{
    char *stem = issue_file_stem(d->id);
    char *index = stem != NULL ? file_of(wish->out, stem, ".issued") : NULL;
    bool has = index != NULL && file_is_there(index);

    free(stem);
    free(index);
    return has;
}

/* Names are compared as whoever builds a chain compares them: without regard to capitals. */
static bool is_name_of(const struct authority *a, const char *id)
{
    const char *name = authority_cert(a)->common_name;

    return name != NULL && strcasecmp(name, id) == 0 &&
           X509_NAME_entry_count(X509_get_subject_name(a->x509)) == 1;
}

int draft_check_not_ca(const struct draft *d, const struct issue_wish *wish,
                       const struct authority *a, struct err *err)
{
    if (a != NULL && is_name_of(a, d->id))
        err_set(err, ERR_BUSY,
                "%s is the name of the CA itself: a certificate with this name would seem to have "
                "signed itself",
                d->id);
    else if (a != NULL && is_same_file(d->cert_file, a->cert_file))
        err_set(err, ERR_BUSY, "%s is the certificate of the CA itself", d->cert_file);
    else if (d->kind == CERTIFY_DEVICE && has_index(d, wish))
        err_set(err, ERR_BUSY, "a CA has its files under the name %s in this folder", d->id);
    else
        return 0;
    err_remedy(err, "choose another name, or another folder (--out)");
    return ERR_BUSY;
}

static int check_free(const char *file, struct err *err)
{
    if (file == NULL || !file_is_there(file))
        return 0;
    err_set(err, ERR_BUSY, "%s exists already", file);
    err_remedy(err, "choose another folder (--out), or replace what is there: --force");
    return ERR_BUSY;
}

int draft_prepare(struct draft *d, const struct issue_wish *wish, const struct authority *a,
                  int which, struct err *err)
{
    int rc = draft_name(d, wish, a, which, err);

    if (rc == 0 && which != 0)
        rc = draft_check_not_ca(d, wish, a, err);
    if (rc == 0 && wish->out != NULL && wish->out[0] != '\0')
        rc = file_make_folder(wish->out, err);
    if (rc != 0 || wish->force)
        return rc;
    if ((rc = check_free(d->key_file, err)) == 0 && (rc = check_free(d->cert_file, err)) == 0 &&
        (rc = check_free(d->chain_file, err)) == 0)
        rc = check_free(d->csr_file, err);
    return rc;
}

static void add_part(struct file_part *parts, size_t *count, const char *file, unsigned mode,
                     const struct secret *bytes)
{
    if (file != NULL && bytes->len > 0)
        parts[(*count)++] = (struct file_part){file, mode, bytes->data, bytes->len};
}

void draft_drop_old_chain(const struct draft *d)
{
    char *chain;

    if (d->cert_file == NULL || d->chain_file != NULL || !str_ends(d->cert_file, ".crt"))
        return;
    chain = authority_beside(d->cert_file, ".chain.pem");
    if (chain != NULL)
        unlink(chain);
    free(chain);
}

int draft_write(struct draft *d, bool replace, struct err *err)
{
    struct file_part parts[FILE_PARTS_MAX];
    size_t count = 0;
    int rc;

    /* The key first: a key without its certificate can be mended, the other way round it cannot. */
    add_part(parts, &count, d->key_file, 0600, &d->key_pem);
    add_part(parts, &count, d->cert_file, 0644, &d->cert_pem);
    add_part(parts, &count, d->chain_file, 0644, &d->chain_pem);
    add_part(parts, &count, d->csr_file, 0644, &d->csr_pem);
    rc = file_write_all(parts, count, replace, err);
    if (rc == ERR_BUSY)
        err_remedy(err, "choose another folder (--out), or replace what is there: --force");
    if (rc == 0 && replace)
        draft_drop_old_chain(d);
    return rc;
}

static char *take(char **text)
{
    char *taken = *text;

    *text = NULL;
    return taken;
}

int draft_result(struct draft *d, const struct authority *a, struct issued *made, struct err *err)
{
    const char *issuer = NULL;

    issued_reset(made);
    if (a != NULL) {
        issuer = authority_cert(a)->common_name;
        if (issuer == NULL)
            issuer = authority_cert(a)->subject;
    }
    made->id = str_copy(d->id);
    made->issuer = str_copy(issuer);
    if (made->id == NULL || (issuer != NULL && made->issuer == NULL))
        return err_set(err, ERR_NOMEM, "out of memory");
    made->key_file = take(&d->key_file);
    made->cert_file = take(&d->cert_file);
    made->chain_file = take(&d->chain_file);
    made->csr_file = take(&d->csr_file);
    memcpy(made->serial, d->serial, sizeof d->serial);
    memcpy(made->sha1, d->sha1, sizeof made->sha1);
    memcpy(made->sha256, d->sha256, sizeof made->sha256);
    made->not_before = d->not_before;
    made->not_after = d->not_after;
    made->shortened = d->shortened;
    return 0;
}

const char *issued_present_file(const struct issued *made)
{
    return made->chain_file != NULL ? made->chain_file : made->cert_file;
}

void issued_reset(struct issued *made)
{
    free(made->id);
    free(made->cert_file);
    free(made->key_file);
    free(made->chain_file);
    free(made->csr_file);
    free(made->issuer);
    *made = (struct issued){0};
}
