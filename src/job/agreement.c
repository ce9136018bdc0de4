/* SPDX-License-Identifier: MIT */
#include "job/agreement.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job/check_part.h"
#include "pki/root.h"

enum { MOST = 5 };

struct maker {
    struct check check;
    struct agreements *out;
    bool failed;
};

static void add(struct maker *m, enum agreement_state state, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

static void add(struct maker *m, enum agreement_state state, const char *fmt, ...)
{
    char *text;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&text, fmt, ap) < 0)
        text = NULL;
    va_end(ap);
    if (text != NULL)
        m->out->items[m->out->count++] = (struct agreement){state, text};
    else
        m->failed = true;
}

/* What a part of check_job has to say. */
static void ask(struct maker *m, void (*part)(const struct check *), struct findings *said)
{
    struct check c = m->check;

    *said = (struct findings){0};
    c.findings = said;
    part(&c);
    m->failed |= said->lost;
}

/* Takes over the first of these codes (ended by NULL) that was said, at least so gravely. Where
 * check does not speak of an error it does not know. False if none was said. */
static bool take_said(struct maker *m, const struct findings *said, enum severity least,
                      const char *const *codes)
{
    const struct finding *f = NULL;

    for (; *codes != NULL && f == NULL; codes++) {
        f = findings_get(said, *codes);
        if (f != NULL && f->severity < least)
            f = NULL;
    }
    if (f != NULL)
        add(m, f->severity == SEVERITY_ERROR ? DISAGREES : CANNOT_TELL, "%s", f->what);
    return f != NULL;
}

static bool is_given(const struct maker *m, enum slot slot)
{
    const struct job_credential *c = &m->check.job->credentials[slot];

    return c->path != NULL || c->credential != NULL;
}

static const struct cert_info *leaf(const struct maker *m)
{
    return credential_cert(m->check.cert, m->check.leaf);
}

static void add_unusable(struct maker *m, const char *question, enum slot slot)
{
    add(m, CANNOT_TELL, "%s cannot be told: the file for the %s cannot be used", question,
        slot_title(slot));
}

static void compare_key(struct maker *m)
{
    static const char *const codes[] = {"key-mismatch", NULL};
    const struct check *c = &m->check;
    struct findings said;

    if (!is_given(m, SLOT_DEVICE_CERT) || !is_given(m, SLOT_DEVICE_KEY))
        return;
    if (c->cert == NULL || c->key == NULL) {
        add_unusable(m, "whether key and certificate match",
                     c->key == NULL ? SLOT_DEVICE_KEY : SLOT_DEVICE_CERT);
        return;
    }
    ask(m, check_pair, &said);
    if (!take_said(m, &said, SEVERITY_NOTE, codes))
        add(m, AGREES, "key matches certificate");
    findings_reset(&said);
}

static void compare_name(struct maker *m)
{
    static const char *const codes[] = {"cn-mismatch", "cn-missing", NULL};
    const struct check *c = &m->check;
    const char *title = c->job->device_id != NULL ? "device ID" : "client ID";
    struct findings said;

    if (!is_given(m, SLOT_DEVICE_CERT) || c->id == NULL)
        return;
    if (c->cert == NULL) {
        add_unusable(m, "whose certificate it is", SLOT_DEVICE_CERT);
        return;
    }
    ask(m, check_device_cert, &said);
    if (!take_said(m, &said, SEVERITY_NOTE, codes)) {
        const char *name = leaf(m)->common_name;

        if (name != NULL && strcmp(name, c->id) == 0)
            add(m, AGREES, "certificate's CN is the %s", title);
        else
            add(m, CANNOT_TELL,
                "certificate's CN is \"%s\", the %s is \"%s\": whether they must be the same, the "
                "broker decides",
                words_of(name != NULL ? name : "").s, title, words_of(c->id).s);
    }
    findings_reset(&said);
}

static bool issued_by_root(const struct maker *m, size_t i)
{
    const struct check *c = &m->check;

    for (size_t j = 0; c->root != NULL && j < credential_cert_count(c->root); j++) {
        if (credential_issued_by(c->cert, i, c->root, j))
            return true;
    }
    return false;
}

/* Nothing was said against the chain. */
static void add_chain(struct maker *m)
{
    size_t i = check_chain_top(&m->check);
    const struct cert_info *top = credential_cert(m->check.cert, i);

    if (issued_by_root(m, i))
        add(m, AGREES, "chain reaches the server CA, %s", words_of(top->issuer).s);
    else if (i != m->check.leaf)
        add(m, AGREES, "chain reaches %s", words_of(top->subject).s);
}

static void compare_chain(struct maker *m)
{
    static const char *const codes[] = {"chain-broken", "chain-extra", "chain-incomplete", NULL};
    struct findings said;

    if (m->check.cert == NULL || leaf(m)->self_issued)
        return;
    ask(m, check_chain, &said);
    if (!take_said(m, &said, SEVERITY_NOTE, codes))
        add_chain(m);
    findings_reset(&said);
}

static const struct known_root *cloud_root(const struct maker *m)
{
    const struct check *c = &m->check;

    for (size_t i = 0; i < credential_cert_count(c->root); i++) {
        const struct known_root *root = root_by_sha256(credential_cert(c->root, i)->sha256);

        if (root != NULL && check_is_root_of_cloud(c, root))
            return root;
    }
    return NULL;
}

/* Nothing was said against the root. */
static void add_root(struct maker *m)
{
    const struct known_root *root = cloud_root(m);

    if (root != NULL)
        add(m, AGREES, "root is %s (%s)", m->check.cloud == CLOUD_AWS ? "AWS's" : "Azure's",
            root->name);
    else
        add(m, CANNOT_TELL, "whether %s vouches for the broker shows only when connecting",
            words_of(credential_cert(m->check.root, 0)->subject).s);
}

static void compare_root(struct maker *m)
{
    static const char *const codes[] = {
        "root-is-device-cert",  "root-not-ca",
        "root-is-device-ca",    "root-lookalike",
        "root-obsolete",        "root-wrong-cloud",
        "root-unknown",         "root-sovereign",
        "root-not-self-issued", NULL,
    };
    /* The right one, but not as it should be. Beside the root of today it is only a note. */
    static const char *const lesser[] = {"root-order", "root-extra-missing", NULL};
    struct findings said;

    if (m->check.root == NULL) {
        add_unusable(m, "whether the server CA is the broker's", SLOT_SERVER_CA);
        return;
    }
    ask(m, check_root, &said);
    if (!take_said(m, &said, SEVERITY_NOTE, codes) &&
        !take_said(m, &said, SEVERITY_WARNING, lesser))
        add_root(m);
    findings_reset(&said);
}

/* Without a broker it can only be the device's own. */
static void compare_root_alone(struct maker *m)
{
    static const char *const codes[] = {"root-is-device-cert", NULL};
    struct findings said;

    if (m->check.root == NULL)
        return;
    ask(m, check_root, &said);
    (void)take_said(m, &said, SEVERITY_NOTE, codes);
    findings_reset(&said);
}

static void compare_tls(struct maker *m)
{
    static const char *const codes[] = {"tls-off", NULL};
    struct findings said;

    if (job_value(m->check.job, SETTING_TLS) == NULL ||
        (m->check.root == NULL && m->check.cert == NULL && m->check.key == NULL))
        return;
    ask(m, check_settings, &said);
    if (!take_said(m, &said, SEVERITY_NOTE, codes))
        add(m, AGREES, "TLS is on");
    findings_reset(&said);
}

int agreements_make(const struct job *job, time_t now, struct agreements *out, struct err *err)
{
    struct findings unused = {0};
    struct maker m = {.check = check_begin(job, now, &unused), .out = out};

    *out = (struct agreements){.items = calloc(MOST, sizeof *out->items)};
    if (out->items == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    check_slots(&m.check);
    compare_key(&m);
    compare_name(&m);
    compare_chain(&m);
    if (m.check.broker == NULL && m.check.cloud == CLOUD_OTHER)
        compare_root_alone(&m);
    else if (is_given(&m, SLOT_SERVER_CA))
        compare_root(&m);
    compare_tls(&m);
    findings_reset(&unused);
    if (!m.failed)
        return 0;
    agreements_reset(out);
    return err_set(err, ERR_NOMEM, "out of memory");
}

void agreements_reset(struct agreements *a)
{
    for (size_t i = 0; i < a->count; i++)
        free(a->items[i].text);
    free(a->items);
    *a = (struct agreements){0};
}
