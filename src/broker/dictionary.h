/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BROKER_DICTIONARY_H
#define COMCERT_BROKER_DICTIONARY_H

#include "base/buf.h"
#include "broker/probe.h"

/*
 * What a failed rung means, in the words of somebody who stands beside the device, and what to do:
 * one table from (rung, what was seen, whose broker) to cause and remedy.
 */

enum symptom {
    SYMPTOM_NAME_UNKNOWN,
    SYMPTOM_NAME_SERVER,
    SYMPTOM_TIMEOUT,
    SYMPTOM_REFUSED,
    SYMPTOM_BLOCKED, /* this port is silent, another port of the same host is not */
    SYMPTOM_UNREACHABLE,
    SYMPTOM_CLOSED,
    SYMPTOM_RESET,
    SYMPTOM_NOT_TLS,
    SYMPTOM_NOT_MQTT,
    SYMPTOM_FLOOD, /* more than can be taken */
    SYMPTOM_HTTP,
    SYMPTOM_SSH,
    SYMPTOM_TLS_PORT, /* TLS where none was expected */
    SYMPTOM_TLS_VERSION,
    SYMPTOM_TLS_SLOW, /* begun, and not done in time */
    SYMPTOM_TLS_OTHER,
    /* the server's certificate */
    SYMPTOM_WRONG_ROOT,
    SYMPTOM_INTERMEDIATE,
    SYMPTOM_SELF_SIGNED,
    SYMPTOM_LOOKALIKE_ROOT,
    SYMPTOM_SERVER_EXPIRED,
    SYMPTOM_SERVER_NOT_YET,
    SYMPTOM_WRONG_HOST,
    SYMPTOM_SERVER_PURPOSE,
    SYMPTOM_SERVER_WEAK,
    SYMPTOM_SERVER_OTHER,
    /* ours */
    SYMPTOM_CERT_MISSING,
    SYMPTOM_CERT_KIND, /* there is one, and the server takes none of its kind */
    SYMPTOM_CERT_UNUSABLE,
    SYMPTOM_ALERT_HANDSHAKE,
    SYMPTOM_ALERT_BAD_CERT,
    SYMPTOM_ALERT_UNSUPPORTED,
    SYMPTOM_ALERT_REVOKED,
    SYMPTOM_ALERT_EXPIRED,
    SYMPTOM_ALERT_CERT_UNKNOWN,
    SYMPTOM_ALERT_UNKNOWN_CA,
    SYMPTOM_ALERT_DENIED,
    SYMPTOM_ALERT_SIGNATURE,
    SYMPTOM_ALERT_NAME,
    SYMPTOM_ALERT_OTHER,
    /* MQTT */
    SYMPTOM_CONNACK_VERSION,
    SYMPTOM_CONNACK_ID,
    SYMPTOM_CONNACK_UNAVAILABLE,
    SYMPTOM_CONNACK_PASSWORD,
    SYMPTOM_CONNACK_DENIED,
    SYMPTOM_CONNACK_OTHER,
    SYMPTOM_DENIED,
    SYMPTOM_NOT_BACK,
    SYMPTOM_LOCAL, /* something on this machine */
    SYMPTOM_DIED,  /* the probe itself ended */
    SYMPTOM_COUNT
};

/* "unknown-ca": stable, for scripts. */
const char *symptom_name(enum symptom symptom);

/* What rows put in where they say {host}; safe for a terminal; NULL or "" where not known. */
enum fact {
    FACT_HOST,
    FACT_PORT,
    FACT_ID,
    FACT_TOPIC,
    FACT_LIMIT, /* in whole seconds */
    FACT_NOW,   /* by this machine's clock */
    FACT_ISSUER,
    FACT_NAMES,
    FACT_CULPRIT, /* the certificate that is to blame */
    FACT_DATE,    /* of it */
    FACT_CAS,
    FACT_REASON,
    FACT_COUNT
};

struct facts {
    const char *values[FACT_COUNT];
};

/* Appends cause and remedy (nothing to the latter if there is none). There is a row for every
 * symptom. */
void dictionary_explain(enum probe_rung rung, enum symptom symptom, enum broker_kind kind,
                        const struct facts *facts, struct buf *cause, struct buf *remedy);

/* One row. A part in [brackets] is left out if a fact in it is not known. */
struct dictionary_row {
    enum symptom symptom;
    int rung; /* -1: any */
    int kind; /* -1: any */
    const char *cause;
    const char *remedy; /* NULL: none */
};

/* The table; the first row that fits counts, so that special ones stand before general ones. */
extern const struct dictionary_row dictionary_rows[];
extern const size_t dictionary_row_count;

#endif
