/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/str.h"
#include "run/checklist_part.h"

/* Server CAs that were read already: a list has one, or a few. */
enum { KEPT = 8 };

struct kept {
    char *path; /* NULL: free */
    int line;   /* where the job file names it, which its findings repeat */
    struct stat st;
    struct credential *credential;
    const struct known_root *resembles;
    struct findings findings;
};

struct row_checker {
    const struct manifest *m;
    const struct jobfile_base *base;
    struct prepare_options prepare;
    const struct job *over;
    const struct passphrase_source *passphrases;
    struct kept kept[KEPT];
    size_t next; /* to be replaced */
};

struct row_checker *row_checker_create(const struct manifest *m, const struct jobfile_base *base,
                                       const struct profile *profile,
                                       const struct checklist_options *options)
{
    struct row_checker *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    *c = (struct row_checker){
        .m = m,
        .base = base,
        .prepare = options->prepare,
        .over = options->over,
        .passphrases = options->passphrases,
    };
    c->prepare.profile = profile;
    return c;
}

static void forget(struct kept *k)
{
    credential_destroy(k->credential);
    findings_reset(&k->findings);
    free(k->path);
    *k = (struct kept){0};
}

void row_checker_destroy(struct row_checker *c)
{
    for (size_t i = 0; c != NULL && i < KEPT; i++)
        forget(&c->kept[i]);
    free(c);
}

/* --- credentials ---------------------------------------------------------------------------- */

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static struct kept *find_kept(struct row_checker *c, const struct job_credential *jc,
                              const struct stat *st)
{
    for (size_t i = 0; i < KEPT; i++) {
        struct kept *k = &c->kept[i];

        if (k->path != NULL && k->line == jc->line && strcmp(k->path, jc->path) == 0 &&
            same_file(&k->st, st))
            return k;
    }
    return NULL;
}

static struct kept *keep(struct row_checker *c, struct job *job, const struct stat *st)
{
    struct job_credential *jc = &job->credentials[SLOT_SERVER_CA];
    struct kept *k = &c->kept[c->next];

    c->next = (c->next + 1) % KEPT;
    forget(k);
    k->path = str_copy(jc->path);
    k->line = jc->line;
    k->st = *st;
    (void)job_load_credential(job, SLOT_SERVER_CA, c->passphrases, &k->findings);
    /* Only a CA's key may be in it besides, and nobody needs that. */
    if (jc->credential != NULL)
        credential_forget_key(jc->credential);
    k->credential = jc->credential;
    k->resembles = jc->resembles;
    return k;
}

/* The job is lent what is kept; take_back it before the job is reset. */
static void lend_server_ca(struct row_checker *c, struct job *job, struct findings *findings)
{
    struct job_credential *jc = &job->credentials[SLOT_SERVER_CA];
    struct kept *k = NULL;
    struct stat st;

    if (jc->path == NULL)
        return;
    if (stat(jc->path, &st) != 0) {
        (void)job_load_credential(job, SLOT_SERVER_CA, c->passphrases, findings);
        return;
    }
    k = find_kept(c, jc, &st);
    if (k == NULL)
        k = keep(c, job, &st);
    jc->credential = k->credential;
    jc->resembles = k->resembles;
    findings_copy(findings, &k->findings);
}

static void take_back(struct row_checker *c, struct job *job)
{
    struct job_credential *jc = &job->credentials[SLOT_SERVER_CA];

    for (size_t i = 0; i < KEPT; i++) {
        if (jc->credential != NULL && c->kept[i].credential == jc->credential)
            jc->credential = NULL;
    }
}

static void load(struct row_checker *c, struct job *job, struct findings *findings)
{
    lend_server_ca(c, job, findings);
    (void)job_load_credential(job, SLOT_DEVICE_CERT, c->passphrases, findings);
    (void)job_load_credential(job, SLOT_DEVICE_KEY, c->passphrases, findings);
    (void)job_load_password(job, findings);
}

static const struct cert_info *device_cert(const struct job *job)
{
    const struct credential *c = job->credentials[SLOT_DEVICE_CERT].credential;

    return c != NULL && credential_cert_count(c) > 0 ? credential_cert(c, credential_leaf(c))
                                                     : NULL;
}

/* --- the manifest's thumbprints ------------------------------------------------------------- */

/* Without what portals and openssl put between the digits. Empty if it is no such number. */
static void clean_hex(const char *text, char *out, size_t digits)
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        if (strchr(": -", *text) != NULL)
            continue;
        if (!isxdigit((unsigned char)*text) || n == digits) {
            n = 0;
            break;
        }
        out[n++] = *text;
    }
    out[n == digits ? n : 0] = '\0';
}

static void compare_hex(const struct row_checker *c, size_t row, const char *column,
                        const char *code, const char *actual, struct findings *findings)
{
    const char *listed = manifest_value(c->m, row, column);
    struct place place = {slot_key(SLOT_DEVICE_CERT), manifest_name(c->m),
                          manifest_line(c->m, row)};
    char clean[65];

    if (listed == NULL)
        return;
    clean_hex(listed, clean, strlen(actual));
    if (clean[0] == '\0')
        findings_add(findings, SEVERITY_ERROR, code, place,
                     "Copy the thumbprint again, or leave the cell empty.",
                     "the column %s does not hold %zu hexadecimal digits", column, strlen(actual));
    else if (strcasecmp(clean, actual) != 0)
        findings_add(findings, SEVERITY_ERROR, code, place,
                     "Find out which of the two belongs to this device: the certificate may have "
                     "been made anew after the list was.",
                     "the device certificate is not the one of the list: its thumbprint is not the "
                     "one in column %s",
                     column);
}

static void compare_listed(const struct row_checker *c, size_t row, const struct job *job,
                           struct findings *findings)
{
    const struct cert_info *cert = device_cert(job);

    if (cert == NULL)
        return;
    compare_hex(c, row, "sha256", "list-sha256-differs", cert->sha256, findings);
    compare_hex(c, row, "sha1", "list-sha1-differs", cert->sha1, findings);
}

/* --- identity ------------------------------------------------------------------------------- */

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static void from_hex(const char *hex, unsigned char *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
}

static void hash_name(const char *text, size_t n, unsigned char out[NAME_HASH_SIZE])
{
    char hex[65];

    pki_sha256_hex(text, n, hex);
    from_hex(hex, out, NAME_HASH_SIZE);
}

static void hash_folded(const char *text, unsigned char out[NAME_HASH_SIZE], const char *more)
{
    struct buf b = {0};

    buf_add_str(&b, text);
    for (size_t i = 0; i < b.len; i++)
        b.data[i] = (char)tolower((unsigned char)b.data[i]);
    if (more != NULL) {
        buf_add_char(&b, '\0');
        buf_add_str(&b, more);
    }
    if (b.data != NULL)
        hash_name(b.data, b.len, out);
    buf_reset(&b);
}

static void identify(const struct job *job, struct answer *out)
{
    const struct cert_info *cert = device_cert(job);
    const struct job_credential *jk = &job->credentials[SLOT_DEVICE_KEY];
    const char *cert_path = job->credentials[SLOT_DEVICE_CERT].path;
    const char *broker = job_value(job, SETTING_BROKER);
    const char *client = job_value(job, SETTING_CLIENT_ID);
    struct identity *id = &out->identity;

    if (cert != NULL) {
        out->has_cert = true;
        out->not_after = cert->not_after;
        from_hex(cert->sha256, id->cert, HASH_SIZE);
    }
    if (jk->credential != NULL && credential_key(jk->credential) != NULL)
        from_hex(credential_key(jk->credential)->sha256, id->key, HASH_SIZE);
    if (cert_path != NULL)
        hash_name(cert_path, strlen(cert_path), id->cert_file);
    if (jk->path != NULL)
        hash_name(jk->path, strlen(jk->path), id->key_file);
    if (job->device_id != NULL) {
        hash_name(job->device_id, strlen(job->device_id), id->device);
        hash_folded(job->device_id, id->device_fold, NULL);
    }
    if (client != NULL)
        hash_folded(broker != NULL ? broker : "", id->client, client);
    out->device = str_copy(job->device_id != NULL ? job->device_id : client);
}

/* --- a row ---------------------------------------------------------------------------------- */

static int overlay(const struct row_checker *c, size_t row, struct job *job, struct err *err)
{
    /* A port that the row names is this device's own; the command line's is everybody's. */
    char *own = manifest_value(c->m, row, "port") != NULL ? str_copy(job->device) : NULL;
    int rc = c->over != NULL ? job_overlay(job, c->over, err) : 0;

    if (own != NULL) {
        free(job->device);
        job->device = own;
    }
    return rc;
}

static int check(struct row_checker *c, size_t row, struct prepared *p, struct err *err)
{
    int rc;

    if (manifest_job(c->m, row, c->base, &p->job, &p->findings) != 0)
        return 0;
    rc = overlay(c, row, &p->job, err);
    if (rc != 0)
        return rc;
    load(c, &p->job, &p->findings);
    compare_listed(c, row, &p->job, &p->findings);
    return prepare_plan(p, &c->prepare, err);
}

int row_check(struct row_checker *c, size_t row, struct answer *out, struct err *err)
{
    struct prepared p;
    int rc;

    *out = (struct answer){.row = row};
    prepared_init(&p);
    rc = check(c, row, &p, err);
    manifest_place_findings(c->m, row, &p.findings);
    if (rc == 0) {
        out->fit = prepared_is_fit(&p);
        out->unaccepted = p.unaccepted;
        identify(&p.job, out);
        findings_sort(&p.findings);
    }
    if (out->device == NULL) {
        const char *listed = manifest_value(c->m, row, "device-id");

        out->device = str_copy(listed);
    }
    if (rc == 0 && p.findings.lost)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    findings_take(&out->findings, &p.findings);
    take_back(c, &p.job);
    prepared_reset(&p);
    return rc;
}
