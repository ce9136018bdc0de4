/* SPDX-License-Identifier: MIT */
#include "job/propose_part.h"

#include <stdlib.h>
#include <string.h>

#include "pki/root.h"

/* Whose name a certificate bears. A file's name is only a hint: AWS makes all certificates out to
 * "AWS IoT Certificate". */
enum { NAMED_OTHERWISE, NAMED_BY_FILE, NAMED_BY_CERT };

enum { KEY_NONE, KEY_BY_NAME, KEY_MATCHES };

struct device {
    const struct folder *folder;
    const struct check *check;
    struct candidate *list;
    size_t count;
};

static const struct credential *credential_of(const struct device *d, size_t file)
{
    return d->folder->files[file].credential;
}

static const struct cert_info *leaf_of(const struct device *d, size_t file)
{
    const struct credential *c = credential_of(d, file);

    return credential_cert(c, credential_leaf(c));
}

static void judge(const struct device *d, const struct candidate *k, struct findings *findings)
{
    struct check c = *d->check;

    c.findings = findings;
    c.cert = credential_of(d, k->file);
    c.leaf = credential_leaf(c.cert);
    if (k->has_key == KEY_MATCHES)
        c.key = credential_of(d, (size_t)k->key);
    check_device_cert(&c);
    check_chain(&c);
}

static int name_of(const struct device *d, size_t file)
{
    const char *id = d->check->id, *name = d->folder->files[file].name;
    const char *common_name = leaf_of(d, file)->common_name;

    if (id == NULL)
        return NAMED_OTHERWISE;
    if (common_name != NULL && strcmp(common_name, id) == 0)
        return NAMED_BY_CERT;
    return propose_is_stem(id, name) ? NAMED_BY_FILE : NAMED_OTHERWISE;
}

static bool issued_another(const struct device *d, size_t file)
{
    const struct credential *c = credential_of(d, file);
    size_t leaf = credential_leaf(c);

    for (size_t i = 0; i < d->folder->count; i++) {
        const struct credential *other = credential_of(d, i);

        for (size_t k = 0; other != NULL && k < credential_cert_count(other); k++) {
            if (strcmp(credential_cert(other, k)->sha256, leaf_of(d, file)->sha256) != 0 &&
                credential_issued_by(other, k, c, leaf))
                return true;
        }
    }
    return false;
}

static bool signs_certs(const struct cert_info *cert)
{
    return cert->key_usage != NULL && strstr(cert->key_usage, "keyCertSign") != NULL;
}

/* Whether it can be a device's own at all. openssl req -x509 marks all that it makes as a CA,
 * though not as one that signs; what signed nothing here and has its key beside it may be a
 * device's. Without a key, a broker's certificate is told from a device's by its use. */
static bool is_possible(const struct device *d, const struct candidate *k)
{
    const struct cert_info *leaf = leaf_of(d, k->file);

    if (root_by_sha256(leaf->sha256) != NULL)
        return false;
    if (leaf->is_ca)
        return k->has_key != KEY_NONE && leaf->self_issued &&
               (k->named == NAMED_BY_CERT || !signs_certs(leaf)) && !issued_another(d, k->file);
    return k->has_key != KEY_NONE || !leaf->has_eku || leaf->eku_client;
}

static void rank(const struct device *d, struct candidate *k)
{
    struct findings f = {0};

    judge(d, k, &f);
    k->in_time =
        findings_get(&f, "cert-expired") == NULL && findings_get(&f, "cert-not-yet-valid") == NULL;
    k->notes = findings_count(&f, SEVERITY_NOTE) + d->folder->files[k->file].oddities;
    k->rank[0] = k->named;
    k->rank[1] = k->in_time;
    k->rank[2] = k->has_key;
    k->rank[3] = -(long)findings_count(&f, SEVERITY_ERROR) - f.lost;
    k->rank[4] = -(long)findings_count(&f, SEVERITY_WARNING);
    k->rank[5] = !leaf_of(d, k->file)->is_ca;
    findings_reset(&f);
}

static void consider(struct device *d, size_t file)
{
    const struct credential *c = credential_of(d, file);
    struct candidate k = {.file = file, .key = NO_FILE};

    if (c == NULL || credential_cert_count(c) == 0)
        return;
    k.sha256 = leaf_of(d, file)->sha256;
    k.named = name_of(d, file);
    k.key = propose_key(d->folder, file);
    k.has_key = k.key != NO_FILE ? KEY_MATCHES : KEY_NONE;
    if (k.key == NO_FILE && (k.key = propose_locked_key(d->folder, file)) != NO_FILE)
        k.has_key = KEY_BY_NAME;
    if (!is_possible(d, &k))
        return;
    rank(d, &k);
    d->list[d->count++] = k;
}

/* --- the choice ------------------------------------------------------------------------------- */

static bool same_cert(const struct candidate *a, const struct candidate *b)
{
    return strcmp(a->sha256, b->sha256) == 0;
}

/* How many certificates there are besides that of k. */
static size_t count_others(const struct device *d, const struct candidate *k)
{
    size_t n = 0;

    for (size_t i = 0; i < d->count; i++) {
        bool first = !same_cert(&d->list[i], k);

        for (size_t j = 0; j < i && first; j++)
            first = !same_cert(&d->list[i], &d->list[j]);
        n += first;
    }
    return n;
}

static bool any_valid(const struct device *d)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->list[i].in_time && d->list[i].has_key != KEY_NONE)
            return true;
    }
    return false;
}

static struct words id_of(const struct device *d)
{
    return words_of(d->check->id != NULL ? d->check->id : "");
}

static void say_whose(const struct device *d, const struct candidate *k, struct buf *why)
{
    const struct cert_info *leaf = leaf_of(d, k->file);
    const char *name = leaf->common_name != NULL ? leaf->common_name : leaf->subject;

    buf_printf(why, "%s is ", folder_name(d->folder, k->file).s);
    if (k->named == NAMED_BY_FILE)
        buf_printf(why, "named after the device ID, but made out to \"%s\"", words_of(name).s);
    else if (k->named == NAMED_BY_CERT)
        buf_printf(why, "made out to the device ID \"%s\"", id_of(d).s);
    else if (d->check->id == NULL)
        buf_printf(why, "a device certificate, made out to \"%s\"", words_of(name).s);
    else
        buf_printf(why, "made out to \"%s\", not to the device ID \"%s\"", words_of(name).s,
                   id_of(d).s);
}

static void say_worst(const struct device *d, const struct candidate *k, struct buf *why)
{
    struct findings f = {0};

    judge(d, k, &f);
    propose_add_worst(why, &f, "cn-mismatch");
    findings_reset(&f);
}

/* True, with the reason, if even the best must not be proposed: another device's identity is worse
 * than none. */
static bool is_refused(const struct device *d, const struct candidate *best, struct buf *why)
{
    size_t others = count_others(d, best);

    if (d->check->id == NULL)
        return false;
    if (best->named == NAMED_OTHERWISE && others > 0) {
        buf_printf(why, "none of the %zu device certificates is made out to the device ID \"%s\"",
                   others + 1, id_of(d).s);
        return true;
    }
    if (best->named != NAMED_OTHERWISE && !best->in_time && any_valid(d)) {
        say_whose(d, best, why);
        say_worst(d, best, why);
        buf_add_str(why, ", and the others are not the device's");
        return true;
    }
    return false;
}

static void say_key(const struct candidate *k, struct buf *why)
{
    static const char *const words[] = {
        [KEY_NONE] = ", but its private key is not in the folder",
        [KEY_BY_NAME] = ", and an encrypted file of the same name lies beside it",
        [KEY_MATCHES] = ", and its private key is in the folder",
    };

    buf_add_str(why, words[k->has_key]);
}

static void say_chosen(const struct device *d, const struct candidate *best, struct buf *why)
{
    say_whose(d, best, why);
    say_key(best, why);
    say_worst(d, best, why);
    propose_add_others(why, d->folder, d->list, d->count, best);
}

/* The first file that is encrypted; NO_FILE. */
static int first_locked(const struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++) {
        if (folder->files[i].locked)
            return (int)i;
    }
    return NO_FILE;
}

static void say_locked(const struct folder *folder, struct buf *why)
{
    int locked = first_locked(folder);

    if (locked != NO_FILE)
        buf_printf(why, "; %s is encrypted: choose it by hand to be asked for its passphrase",
                   folder_name(folder, (size_t)locked).s);
}

static void choose_key(const struct device *d, const struct candidate *k, struct choice *key)
{
    struct words cert = folder_name(d->folder, k->file);
    struct words name = k->key != NO_FILE ? folder_name(d->folder, (size_t)k->key) : cert;

    key->file = k->key;
    if (k->has_key == KEY_BY_NAME)
        buf_printf(&key->why,
                   "%s is encrypted and could not be compared: it is proposed for its name, which "
                   "is that of %s",
                   name.s, cert.s);
    else if (k->has_key == KEY_MATCHES && k->key == (int)k->file)
        buf_printf(&key->why, "%s holds the private key as well", cert.s);
    else if (k->has_key == KEY_MATCHES)
        buf_printf(&key->why, "%s is the private key of %s", name.s, cert.s);
    else
        buf_printf(&key->why, "no private key in the folder belongs to %s", cert.s);
    if (k->has_key == KEY_NONE)
        say_locked(d->folder, &key->why);
}

static void choose(struct device *d, struct choice *cert, struct choice *key)
{
    const struct candidate *best = propose_best(d->list, d->count);

    if (best == NULL) {
        buf_add_str(&cert->why, "no device certificate is in the folder");
        say_locked(d->folder, &cert->why);
    } else if (!is_refused(d, best, &cert->why)) {
        cert->file = (int)best->file;
        say_chosen(d, best, &cert->why);
        choose_key(d, best, key);
        return;
    }
    buf_add_str(&key->why, "without a device certificate no private key can be chosen");
}

void propose_device(const struct folder *folder, const struct check *c, struct choice *cert,
                    struct choice *key)
{
    struct device d = {.folder = folder, .check = c};

    d.list = calloc(folder->count + 1, sizeof *d.list);
    if (d.list == NULL) {
        cert->why.failed = true;
        return;
    }
    for (size_t i = 0; i < folder->count; i++)
        consider(&d, i);
    choose(&d, cert, key);
    free(d.list);
}
