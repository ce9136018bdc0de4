/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "broker/climb.h"
#include "pki/validity.h"

/* What was seen of TLS, in the dictionary's terms. */

const char climb_server_differs[] =
    "On the connection before, the server showed a certificate that was in order: several servers "
    "stand behind this name, and not all of them have it.";

enum symptom climb_alert(const struct climb *c, const struct tls_seen *seen)
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
        (seen->alert == 40 || seen->alert == 42 || seen->alert == 46 || seen->alert == 116))
        return climb_login_options(c).device_cert != NULL ? SYMPTOM_CERT_KIND
                                                          : SYMPTOM_CERT_MISSING;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].alert == seen->alert)
            return table[i].symptom;
    }
    return SYMPTOM_ALERT_OTHER;
}

enum symptom climb_verdict(enum tls_verdict verdict)
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

enum symptom climb_meaning(const struct climb *c, const struct tls_context *tls, enum tls_end end)
{
    switch (end) {
    case TLS_END_TIMEOUT:
        return tls_context_seen(tls)->heard ? SYMPTOM_TLS_SLOW : SYMPTOM_TIMEOUT;
    case TLS_END_CLOSED:
        return SYMPTOM_CLOSED;
    case TLS_END_RESET:
        return SYMPTOM_RESET;
    case TLS_END_ALERT:
        return climb_alert(c, tls_context_seen(tls));
    case TLS_END_UNTRUSTED:
        return climb_verdict(tls_context_seen(tls)->verdict);
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

void climb_note_server(struct climb *c, const struct tls_seen *seen)
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
