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

/* --- what it means -------------------------------------------------------------------------- */

enum symptom climb_alert(const struct tls_seen *seen)
{
    static const struct {
        int alert;
        enum symptom symptom;
    } table[] = {
        {40, SYMPTOM_ALERT_HANDSHAKE},   {42, SYMPTOM_ALERT_BAD_CERT},
        {43, SYMPTOM_ALERT_UNSUPPORTED}, {44, SYMPTOM_ALERT_REVOKED},
        {45, SYMPTOM_ALERT_EXPIRED},     {46, SYMPTOM_ALERT_CERT_UNKNOWN},
        {48, SYMPTOM_ALERT_UNKNOWN_CA},  {49, SYMPTOM_ALERT_DENIED},
        {51, SYMPTOM_ALERT_SIGNATURE},   {70, SYMPTOM_TLS_VERSION},
        {71, SYMPTOM_ALERT_HANDSHAKE},   {112, SYMPTOM_ALERT_NAME},
        {116, SYMPTOM_CERT_MISSING},
    };

    if (seen->asked && !seen->shown &&
        (seen->alert == 40 || seen->alert == 42 || seen->alert == 46))
        return SYMPTOM_CERT_MISSING;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].alert == seen->alert)
            return table[i].symptom;
    }
    return SYMPTOM_ALERT_OTHER;
}

static enum symptom symptom_of_verdict(enum tls_verdict verdict)
{
    static const enum symptom symptoms[] = {
        [TLS_UNKNOWN_ISSUER] = SYMPTOM_WRONG_ROOT, [TLS_INTERMEDIATE] = SYMPTOM_INTERMEDIATE,
        [TLS_SELF_SIGNED] = SYMPTOM_SELF_SIGNED,   [TLS_BAD_SIGNATURE] = SYMPTOM_LOOKALIKE_ROOT,
        [TLS_EXPIRED] = SYMPTOM_SERVER_EXPIRED,    [TLS_NOT_YET_VALID] = SYMPTOM_SERVER_NOT_YET,
        [TLS_WRONG_HOST] = SYMPTOM_WRONG_HOST,     [TLS_WRONG_PURPOSE] = SYMPTOM_SERVER_PURPOSE,
        [TLS_WEAK] = SYMPTOM_SERVER_WEAK,          [TLS_OTHER] = SYMPTOM_SERVER_OTHER,
    };

    return symptoms[verdict];
}

static enum symptom symptom_of_stranger(enum tls_stranger stranger)
{
    return stranger == STRANGER_HTTP  ? SYMPTOM_HTTP
           : stranger == STRANGER_SSH ? SYMPTOM_SSH
                                      : SYMPTOM_NOT_TLS;
}

static enum symptom symptom_of_end(const struct tls_context *tls, enum tls_end end)
{
    switch (end) {
    case TLS_END_TIMEOUT:
        return SYMPTOM_TIMEOUT;
    case TLS_END_CLOSED:
        return SYMPTOM_CLOSED;
    case TLS_END_RESET:
        return SYMPTOM_RESET;
    case TLS_END_ALERT:
        return climb_alert(tls_context_seen(tls));
    case TLS_END_UNTRUSTED:
        return symptom_of_verdict(tls_context_seen(tls)->verdict);
    case TLS_END_NOT_TLS:
        return symptom_of_stranger(tls_context_stranger(tls));
    case TLS_END_VERSION:
        return SYMPTOM_TLS_VERSION;
    default:
        return SYMPTOM_TLS_OTHER;
    }
}

static void fact_name(struct climb *c, enum fact fact, const char *escaped)
{
    /* Escaped already. */
    snprintf(c->fact_text[fact], sizeof c->fact_text[fact], "%s", escaped);
    c->facts.values[fact] = c->fact_text[fact];
}

static void note_server(struct climb *c, const struct tls_seen *seen)
{
    char date[48] = "";

    fact_name(c, FACT_CAS, seen->accepted_cas);
    if (seen->chain_count == 0)
        return;
    fact_name(c, FACT_ISSUER, seen->chain[seen->chain_count - 1].issuer);
    fact_name(c, FACT_NAMES,
              seen->chain[0].names[0] != '\0' ? seen->chain[0].names : seen->chain[0].subject);
    if (seen->culprit >= 0 && (size_t)seen->culprit < seen->chain_count) {
        const struct tls_peer *culprit = &seen->chain[seen->culprit];

        fact_name(c, FACT_CULPRIT, culprit->subject);
        validity_date(seen->verdict == TLS_NOT_YET_VALID ? culprit->not_before : culprit->not_after,
                      date, sizeof date);
        climb_fact(c, FACT_DATE, date);
    }
}

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
    note_server(c, t->seen);
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

static bool judge_system(struct climb *c, const struct trial *t)
{
    char server[STEP_TEXT_MAX - 256];

    /* What comes after the server has been judged is about our certificate, a rung further on. */
    if (!t->seen->peer)
        return climb_fail(c, symptom_of_end(t->tls, t->end), t->words, NULL);
    c->system_judged = true;
    c->system_verdict = t->seen->verdict;
    describe_server(t->seen, server, sizeof server);
    if (t->seen->verdict == TLS_TRUSTED) {
        climb_say(c, PROBE_OK, "%s", server);
        return true;
    }
    if (c->account->server_ca == NULL)
        return climb_fail(c, symptom_of_verdict(t->seen->verdict), t->seen->verdict_words, NULL);
    climb_say(c, PROBE_NOTE,
              "%s. This machine's own roots do not trust it (%s), which is as it "
              "should be for a broker with a CA of its own: the next rung counts",
              server, t->seen->verdict_words);
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
static const char *compare(const struct climb *c, enum tls_verdict verdict)
{
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
        goes_on = climb_fail(c, symptom_of_end(t.tls, t.end), t.words, compare(c, t.seen->verdict));
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

static void say_certificate(struct climb *c, const struct tls_seen *seen)
{
    if (!seen->asked)
        climb_say(c, PROBE_NOTE,
                  "the server does not ask for a client certificate: whether this one is good "
                  "cannot be told, and user name and password have to do");
    else if (!seen->shown)
        climb_say(c, PROBE_NOTE,
                  "the server asks for a client certificate, and goes on without one (the job has "
                  "none, or no key for it)");
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
    const struct probe_account *a = c->account;
    bool both = a->device_cert != NULL && a->device_key != NULL;
    struct tls_options options = {
        .host = a->host,
        .server_ca = a->server_ca,
        .device_cert = both ? a->device_cert : NULL,
        .device_key = both ? a->device_key : NULL,
    };
    struct trial t;
    bool goes_on = true;

    if (!attempt(c, &options, c->limit < SETTLE ? c->limit : SETTLE, &t))
        return false;
    if (t.end == TLS_END_DONE)
        say_certificate(c, t.seen);
    else
        goes_on = climb_fail(c, symptom_of_end(t.tls, t.end), t.words, NULL);
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
