/* SPDX-License-Identifier: MIT */
#include "broker/dictionary.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

const char *symptom_name(enum symptom symptom)
{
    static const char *const names[SYMPTOM_COUNT] = {
        [SYMPTOM_NAME_UNKNOWN] = "name-unknown",
        [SYMPTOM_NAME_SERVER] = "name-server",
        [SYMPTOM_TIMEOUT] = "timeout",
        [SYMPTOM_REFUSED] = "refused",
        [SYMPTOM_BLOCKED] = "blocked",
        [SYMPTOM_UNREACHABLE] = "unreachable",
        [SYMPTOM_CLOSED] = "closed",
        [SYMPTOM_RESET] = "reset",
        [SYMPTOM_NOT_TLS] = "not-tls",
        [SYMPTOM_NOT_MQTT] = "not-mqtt",
        [SYMPTOM_HTTP] = "http",
        [SYMPTOM_SSH] = "ssh",
        [SYMPTOM_FLOOD] = "flood",
        [SYMPTOM_TLS_PORT] = "tls-port",
        [SYMPTOM_TLS_VERSION] = "tls-version",
        [SYMPTOM_TLS_SLOW] = "tls-slow",
        [SYMPTOM_TLS_OTHER] = "tls-other",
        [SYMPTOM_WRONG_ROOT] = "wrong-root",
        [SYMPTOM_INTERMEDIATE] = "intermediate",
        [SYMPTOM_SELF_SIGNED] = "self-signed",
        [SYMPTOM_LOOKALIKE_ROOT] = "lookalike-root",
        [SYMPTOM_SERVER_EXPIRED] = "server-expired",
        [SYMPTOM_SERVER_NOT_YET] = "server-not-yet-valid",
        [SYMPTOM_WRONG_HOST] = "wrong-host",
        [SYMPTOM_SERVER_PURPOSE] = "server-purpose",
        [SYMPTOM_SERVER_WEAK] = "server-weak",
        [SYMPTOM_SERVER_OTHER] = "server-untrusted",
        [SYMPTOM_CERT_MISSING] = "certificate-missing",
        [SYMPTOM_CERT_KIND] = "certificate-kind",
        [SYMPTOM_CERT_UNUSABLE] = "certificate-unusable",
        [SYMPTOM_ALERT_HANDSHAKE] = "handshake-failure",
        [SYMPTOM_ALERT_BAD_CERT] = "bad-certificate",
        [SYMPTOM_ALERT_UNSUPPORTED] = "unsupported-certificate",
        [SYMPTOM_ALERT_REVOKED] = "certificate-revoked",
        [SYMPTOM_ALERT_EXPIRED] = "certificate-expired",
        [SYMPTOM_ALERT_CERT_UNKNOWN] = "certificate-unknown",
        [SYMPTOM_ALERT_UNKNOWN_CA] = "unknown-ca",
        [SYMPTOM_ALERT_DENIED] = "access-denied",
        [SYMPTOM_ALERT_SIGNATURE] = "key-mismatch",
        [SYMPTOM_ALERT_NAME] = "unrecognized-name",
        [SYMPTOM_ALERT_OTHER] = "alert",
        [SYMPTOM_CONNACK_VERSION] = "connack-1",
        [SYMPTOM_CONNACK_ID] = "connack-2",
        [SYMPTOM_CONNACK_UNAVAILABLE] = "connack-3",
        [SYMPTOM_CONNACK_PASSWORD] = "connack-4",
        [SYMPTOM_CONNACK_DENIED] = "connack-5",
        [SYMPTOM_CONNACK_OTHER] = "connack-other",
        [SYMPTOM_DENIED] = "denied",
        [SYMPTOM_NOT_BACK] = "not-back",
        [SYMPTOM_LOCAL] = "local",
        [SYMPTOM_DIED] = "died",
    };

    return names[symptom];
}

enum broker_kind broker_kind_of(const char *host)
{
    static const struct {
        const char *end;
        enum broker_kind kind;
    } ends[] = {
        {".azure-devices.net", BROKER_AZURE}, {".azure-devices.us", BROKER_AZURE},
        {".azure-devices.cn", BROKER_AZURE},  {".azure-devices-provisioning.net", BROKER_AZURE},
        {".amazonaws.com", BROKER_AWS},       {".amazonaws.com.cn", BROKER_AWS},
        {".hivemq.cloud", BROKER_HIVEMQ},
    };
    size_t n = strlen(host);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t len = strlen(ends[i].end);

        if (n > len && strcasecmp(host + n - len, ends[i].end) == 0)
            return ends[i].kind;
    }
    return BROKER_OTHER;
}

static const struct dictionary_row *find(enum probe_rung rung, enum symptom symptom,
                                         enum broker_kind kind)
{
    for (size_t i = 0; i < dictionary_row_count; i++) {
        const struct dictionary_row *r = &dictionary_rows[i];

        if (r->symptom == symptom && (r->rung < 0 || r->rung == (int)rung) &&
            (r->kind < 0 || r->kind == (int)kind))
            return r;
    }
    return NULL;
}

/* The fact that {name} at p stands for, with the length of it all; NULL if there is none. */
static const char *fact_at(const char *p, const struct facts *facts, size_t *len)
{
    static const char *const names[FACT_COUNT] = {
        "{host}",   "{port}",  "{id}",      "{topic}", "{limit}", "{now}",
        "{issuer}", "{names}", "{culprit}", "{date}",  "{cas}",   "{reason}",
    };

    for (enum fact f = 0; f < FACT_COUNT; f++) {
        if (str_starts(p, names[f])) {
            *len = strlen(names[f]);
            return facts->values[f] != NULL ? facts->values[f] : "";
        }
    }
    *len = 1;
    return NULL;
}

/* Adds the n characters at text with facts put in; false if one of them is not known. */
static bool fill(struct buf *out, const char *text, size_t n, const struct facts *facts)
{
    bool known = true;

    for (size_t i = 0, len; i < n; i += len) {
        const char *value = fact_at(text + i, facts, &len);

        if (value == NULL) {
            buf_add_char(out, text[i]);
        } else {
            buf_add_str(out, value);
            known &= value[0] != '\0';
        }
    }
    return known;
}

static void expand(struct buf *out, const char *text, const struct facts *facts)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "[");

        fill(out, text, n, facts);
        text += n;
        if (*text == '[') {
            struct buf part = {0};

            n = strcspn(++text, "]");
            if (fill(&part, text, n, facts) && part.data != NULL)
                buf_add_str(out, part.data);
            buf_reset(&part);
            text += n + (text[n] == ']');
        }
    }
}

void dictionary_explain(enum probe_rung rung, enum symptom symptom, enum broker_kind kind,
                        const struct facts *facts, struct buf *cause, struct buf *remedy)
{
    const struct dictionary_row *row = find(rung, symptom, kind);

    if (row == NULL)
        return;
    expand(cause, row->cause, facts);
    if (row->remedy != NULL)
        expand(remedy, row->remedy, facts);
}
