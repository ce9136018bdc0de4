/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "broker/climb.h"
#include "pki/validity.h"

/* What TLS 1.3 has to say about a certificate comes within this, if it comes at all. */
#define SETTLE USEC_PER_SEC

/* A certificate that ends sooner than this is worth a note. */
enum { SOON_DAYS = 30, SECONDS_PER_DAY = 86400 };

/* --- one handshake -------------------------------------------------------------------------- */

struct trial {
    struct tls_context *tls;
    const struct tls_seen *seen;
    enum tls_end end;
    char words[256];
};

/* False if it could not even be begun, which has been told. */
static bool attempt(struct climb *c, const struct tls_options *options, usec settle,
                    struct trial *t)
{
    struct err err = {0};
    enum symptom symptom;
    int fd;

    *t = (struct trial){0};
    if (tls_context_create(options, &t->tls, &err) != 0) {
        climb_fact(c, FACT_REASON, err.text);
        return climb_fail(c, err.code == ERR_VALUE ? SYMPTOM_CERT_UNUSABLE : SYMPTOM_LOCAL, "",
                          err.remedy);
    }
    fd = climb_open(c, &symptom);
    if (fd < 0) {
        tls_context_destroy(t->tls);
        return climb_fail(c, symptom, c->facts.values[FACT_REASON], NULL);
    }
    t->end = tls_handshake(t->tls, fd, climb_deadline(c), settle, t->words, sizeof t->words);
    t->seen = tls_context_seen(t->tls);
    close(fd);
    climb_note_server(c, t->seen);
    c->asked |= t->seen->asked;
    return true;
}

/* "TLSv1.3; certificate for DNS:x, issued by CN=R11,O=..., 61 days left". */
static void describe_server(const struct tls_seen *seen, char *out, size_t size)
{
    const struct tls_peer *leaf = &seen->chain[0];
    struct cert_info days = {.not_before = leaf->not_before, .not_after = leaf->not_after};
    char left[64];
    int n;

    if (seen->chain_count == 0) {
        snprintf(out, size, "%s", seen->version);
        return;
    }
    n = snprintf(out, size, "%s; certificate for %s, issued by %s, %s", seen->version,
                 leaf->names[0] != '\0' ? leaf->names : leaf->subject, leaf->issuer,
                 validity_left(&days, time(NULL), left, sizeof left));
    if (seen->chain_count > 1 && n > 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, "; chain ends at %s",
                 seen->chain[seen->chain_count - 1].issuer);
}

static void note_days(struct climb *c, const struct tls_seen *seen)
{
    long long left;

    if (seen->chain_count == 0)
        return;
    left = (long long)(seen->chain[0].not_after - time(NULL)) / SECONDS_PER_DAY;
    if (left >= 0 && left < SOON_DAYS)
        climb_say(c, PROBE_NOTE,
                  "the server's certificate ends in %lld days: if the broker's "
                  "operator does not renew it by then, no device connects",
                  left);
}

/* --- by this machine's own roots ------------------------------------------------------------ */

/* Without a root in common: a broker with a CA of its own; or, at a public cloud, nothing good. */
static const char *worth_of_distrust(const struct climb *c, enum tls_verdict verdict)
{
    if (verdict != TLS_UNKNOWN_ISSUER && verdict != TLS_SELF_SIGNED)
        return ": the next rung tells whether the device will";
    if (c->kind == BROKER_OTHER)
        return ", which is as it should be for a broker with a CA of its own: the next rung counts";
    return ", though the certificates of such a cloud lead to roots that machines know: either "
           "this "
           "one has none, or something on the way (a firewall that looks into TLS) shows a "
           "certificate of its own";
}

static bool judge_system(struct climb *c, const struct trial *t)
{
    char server[STEP_TEXT_MAX - 256];

    /* What comes after the server has been judged is about our certificate, a rung further on. */
    if (!t->seen->peer)
        return climb_fail(c, climb_meaning(c, t->tls, t->end), t->words, NULL);
    c->system_judged = true;
    c->system_verdict = t->seen->verdict;
    describe_server(t->seen, server, sizeof server);
    if (t->seen->verdict == TLS_TRUSTED) {
        climb_say(c, PROBE_OK, "%s", server);
        return true;
    }
    if (c->account->server_ca == NULL)
        return climb_fail(c, climb_verdict(t->seen->verdict), t->seen->verdict_words, NULL);
    climb_say(c, PROBE_NOTE, "%s. This machine's own roots do not trust it (%s)%s", server,
              t->seen->verdict_words, worth_of_distrust(c, t->seen->verdict));
    return true;
}

bool climb_tls_system(struct climb *c)
{
    struct tls_options options = {.host = c->account->host, .learn = true};
    struct trial t;
    bool goes_on;

    if (!attempt(c, &options, 0, &t))
        return false;
    goes_on = judge_system(c, &t);
    if (goes_on)
        note_days(c, t.seen);
    tls_context_destroy(t.tls);
    return goes_on;
}

/* --- as the device -------------------------------------------------------------------------- */

/* What the two judgements say together. */
static const char *compare(const struct climb *c, const struct tls_seen *seen)
{
    enum tls_verdict verdict = seen->verdict;

    /* Neither an issuer that the server sent, nor one that is trusted. */
    if (verdict == TLS_UNKNOWN_ISSUER && seen->chain_count == 1 &&
        !(c->system_judged && c->system_verdict == TLS_TRUSTED))
        return "The server did not send the certificate of that issuer along: if it is an "
               "intermediate CA, it is the server that has to be set up to send it.";
    if (!c->system_judged || (verdict != TLS_UNKNOWN_ISSUER && verdict != TLS_SELF_SIGNED &&
                              verdict != TLS_BAD_SIGNATURE))
        return NULL;
    if (c->system_verdict == TLS_TRUSTED)
        return "This machine's own roots do trust the server: it is the right one, and the file "
               "in the slot is the wrong one.";
    if (c->kind != BROKER_OTHER)
        return "This machine's own roots do not trust the server either: something on the way (a "
               "firewall that looks into TLS) may be showing a certificate of its own.";
    return NULL;
}

/* A device may know no newer version than 1.2. Of no matter for the ladder. */
static void try_tls12(struct climb *c)
{
    struct tls_options options = {.host = c->account->host, .learn = true, .only_tls12 = true};
    struct tls_context *tls;
    enum symptom symptom;
    char words[64];
    int fd;

    if (tls_context_create(&options, &tls, NULL) != 0)
        return;
    fd = climb_open(c, &symptom);
    if (fd >= 0 &&
        tls_handshake(tls, fd, climb_deadline(c), 0, words, sizeof words) == TLS_END_ALERT &&
        !tls_context_seen(tls)->peer)
        climb_say(c, PROBE_NOTE,
                  "the server does not take TLS 1.2 from here: a device that knows no 1.3 cannot "
                  "connect");
    if (fd >= 0)
        close(fd);
    tls_context_destroy(tls);
}

bool climb_tls_device(struct climb *c)
{
    struct tls_options options = {.host = c->account->host, .server_ca = c->account->server_ca};
    char server[STEP_TEXT_MAX - 256];
    bool goes_on = true, newest = false;
    struct trial t;

    if (!attempt(c, &options, 0, &t))
        return false;
    if (!t.seen->peer || t.seen->verdict != TLS_TRUSTED) {
        goes_on = climb_fail(c, climb_meaning(c, t.tls, t.end), t.words, compare(c, t.seen));
    } else {
        describe_server(t.seen, server, sizeof server);
        climb_say(c, PROBE_OK,
                  "the server CA of this job is the right one, and the certificate is for %s%s%s",
                  c->facts.values[FACT_HOST], c->system_judged ? "" : ": ",
                  c->system_judged ? "" : server);
        newest = strcmp(t.seen->version, "TLSv1.3") == 0;
        if (!c->system_judged)
            note_days(c, t.seen);
    }
    tls_context_destroy(t.tls);
    if (newest)
        try_tls12(c);
    return goes_on;
}

/* --- the device's certificate --------------------------------------------------------------- */

struct tls_options climb_login_options(const struct climb *c)
{
    const struct probe_account *a = c->account;
    bool both = a->device_cert != NULL && a->device_key != NULL;

    return (struct tls_options){
        .host = a->host,
        .server_ca = a->server_ca,
        .device_cert = both ? a->device_cert : NULL,
        .device_key = both ? a->device_key : NULL,
    };
}

static void say_certificate(struct climb *c, const struct tls_seen *seen)
{
    if (!seen->asked)
        climb_say(c, PROBE_NOTE,
                  "the server does not ask for a client certificate: whether this one is good "
                  "cannot be told, and user name and password have to do");
    else if (!seen->shown)
        climb_say(c, PROBE_NOTE,
                  "the server asks for a client certificate, and goes on without one (%s)",
                  climb_login_options(c).device_cert == NULL
                      ? "the job has none, or no key for it"
                      : "this one's kind of key is none that it takes, so that it was not shown");
    else if (strcmp(seen->version, "TLSv1.3") == 0)
        climb_say(c, PROBE_OK,
                  "shown, nothing said against it (in %s a refusal may come as late as the answer "
                  "to CONNECT)",
                  seen->version);
    else
        climb_say(c, PROBE_OK, "shown, and the server went on (%s)", seen->version);
}

bool climb_certificate(struct climb *c)
{
    struct tls_options options = climb_login_options(c);
    struct trial t;
    bool goes_on = true;

    if (!attempt(c, &options, c->limit < SETTLE ? c->limit : SETTLE, &t))
        return false;
    if (t.end == TLS_END_DONE)
        say_certificate(c, t.seen);
    else
        goes_on = climb_fail(c, climb_meaning(c, t.tls, t.end), t.words,
                             t.end == TLS_END_UNTRUSTED ? climb_server_differs : NULL);
    tls_context_destroy(t.tls);
    return goes_on;
}

/* --- for the rungs above -------------------------------------------------------------------- */

bool climb_speaks_tls(struct climb *c)
{
    struct tls_options options = {.host = c->account->host, .learn = true};
    struct tls_context *tls;
    enum symptom symptom;
    char words[64];
    bool speaks;
    int fd;

    if (tls_context_create(&options, &tls, NULL) != 0)
        return false;
    fd = climb_open(c, &symptom);
    if (fd >= 0) {
        (void)tls_handshake(tls, fd, climb_deadline(c), 0, words, sizeof words);
        close(fd);
    }
    speaks = tls_context_seen(tls)->peer;
    tls_context_destroy(tls);
    return speaks;
}
