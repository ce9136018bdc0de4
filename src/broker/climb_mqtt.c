/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/time.h>

#include "base/date.h"
#include "broker/climb_session.h"

/* IoT Hub honours at most 1177 s, AWS 1200; no probe lasts as long as this. */
enum { KEEPALIVE_S = 60, QOS_ACKNOWLEDGED = 1 };

#define DISCONNECT_LIMIT USEC_PER_SEC

static bool has_connack(const struct mqtt *m)
{
    return m->connack >= 0;
}

static bool has_suback(const struct mqtt *m)
{
    return m->granted >= 0;
}

static bool has_puback(const struct mqtt *m)
{
    return m->acknowledged;
}

static bool has_message(const struct mqtt *m)
{
    return m->came_back;
}

static bool has_ended(const struct mqtt *m)
{
    return m->ended;
}

/* --- CONNECT -------------------------------------------------------------------------------- */

static bool make_login(struct climb *c)
{
    struct tls_options options = climb_login_options(c);
    struct err err = {0};

    if (!c->account->tls || tls_context_create(&options, &c->login, &err) == 0)
        return true;
    climb_fact(c, FACT_REASON, err.text);
    return climb_fail(c, SYMPTOM_CERT_UNUSABLE, "", err.remedy);
}

static int make_client(struct mqtt *m)
{
    const struct probe_account *a = m->climb->account;
    const char *id = a->client_id != NULL && a->client_id[0] != '\0' ? a->client_id : NULL;
    const char *password =
        a->password != NULL && a->password->len > 0 ? (const char *)a->password->data : NULL;
    int rc = mosquitto_lib_init();

    m->client = rc == MOSQ_ERR_SUCCESS ? mosquitto_new(id, true, m) : NULL;
    if (m->client == NULL)
        return rc != MOSQ_ERR_SUCCESS ? rc : MOSQ_ERR_ERRNO;
    rc = mosquitto_int_option(m->client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
    /* As it is: the library's defaults would want a file of CAs. */
    if (rc == MOSQ_ERR_SUCCESS && m->climb->login != NULL)
        rc = mosquitto_int_option(m->client, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
    if (rc == MOSQ_ERR_SUCCESS && m->climb->login != NULL)
        rc = mosquitto_void_option(m->client, MOSQ_OPT_SSL_CTX,
                                   tls_context_ssl_ctx(m->climb->login));
    if (rc == MOSQ_ERR_SUCCESS && (a->username != NULL || password != NULL))
        rc = mosquitto_username_pw_set(m->client, a->username, password);
    mqtt_listen(m);
    return rc;
}

static enum symptom symptom_of_connack(int code)
{
    switch (code) {
    case 1:
        return SYMPTOM_CONNACK_VERSION;
    case 2:
        return SYMPTOM_CONNACK_ID;
    case 3:
        return SYMPTOM_CONNACK_UNAVAILABLE;
    case 4:
        return SYMPTOM_CONNACK_PASSWORD;
    case 5:
        return SYMPTOM_CONNACK_DENIED;
    default:
        return SYMPTOM_CONNACK_OTHER;
    }
}

static void say_connected(struct mqtt *m)
{
    const struct climb *c = m->climb;
    const struct tls_seen *seen = mqtt_seen(m);
    bool password = c->account->password != NULL && c->account->password->len > 0;

    climb_say(m->climb, PROBE_OK, "the broker accepts %s%s (CONNACK 0)%s",
              c->facts.values[FACT_ID][0] != '\0' ? "client ID " : "a client without ID",
              c->facts.values[FACT_ID],
              seen != NULL && seen->shown ? ", with its certificate" : "");
    if (seen == NULL && password)
        climb_say(m->climb, PROBE_NOTE,
                  "the password went over the network in clear text, as the device's will: use TLS "
                  "(mqtt.tls, port 8883) wherever others share the network");
}

static bool connect_client(struct mqtt *m)
{
    struct climb *c = m->climb;
    char words[32];
    int rc;

    if (!make_login(c))
        return false;
    rc = make_client(m);
    if (rc != MOSQ_ERR_SUCCESS)
        return mqtt_local(m, rc);
    m->rc =
        mosquitto_connect(m->client, c->addresses[c->chosen].text, c->account->port, KEEPALIVE_S);
    if (m->rc != MOSQ_ERR_SUCCESS && m->rc != MOSQ_ERR_TLS && m->rc != MOSQ_ERR_CONN_LOST)
        return mqtt_local(m, m->rc);
    m->ended = m->rc != MOSQ_ERR_SUCCESS;
    if (!mqtt_run_until(m, has_connack, climb_deadline(c)))
        return mqtt_late(m, SYMPTOM_TIMEOUT);
    if (m->connack < 0)
        return mqtt_lost(m);
    if (m->connack == 0) {
        say_connected(m);
        return true;
    }
    snprintf(words, sizeof words, "CONNACK %d", m->connack);
    return climb_fail(c, symptom_of_connack(m->connack), words, NULL);
}

/* --- after it ------------------------------------------------------------------------------- */

static bool subscribe(struct mqtt *m)
{
    struct climb *c = m->climb;
    int rc = mosquitto_subscribe(m->client, &m->sub_mid, c->options->watch, QOS_ACKNOWLEDGED);

    if (rc != MOSQ_ERR_SUCCESS)
        return mqtt_local(m, rc);
    if (!mqtt_run_until(m, has_suback, climb_deadline(c)))
        return mqtt_late(m, SYMPTOM_TIMEOUT);
    if (m->granted < 0)
        return mqtt_lost(m);
    if (m->granted >= SUBACK_REFUSED)
        return climb_fail(c, SYMPTOM_DENIED, "SUBACK 128", NULL);
    climb_say(c, PROBE_OK, "granted (which does not yet mean that messages come)");
    return true;
}

static void make_message(struct mqtt *m)
{
    struct timeval now;
    char date[DATE_SIZE];

    m->message = m->climb->options->message;
    if (m->message == NULL) {
        gettimeofday(&now, NULL);
        date_write(date, now.tv_sec);
        snprintf(m->own_message, sizeof m->own_message,
                 "{\"probe\":\"comcert\",\"time\":\"%s\",\"microsecond\":%ld}", date,
                 (long)now.tv_usec);
        m->message = m->own_message;
    }
    m->message_len = strlen(m->message);
}

/* What the acknowledgement proves, and how to see more. */
static const char *worth_of_puback(const struct climb *c)
{
    if (c->kind == BROKER_AZURE)
        return "the hub has it: `az iot hub monitor-events` shows it";
    if (c->options->watch != NULL)
        return "whether it was passed on shows when it comes back";
    return "that is no proof that it was passed on: an MQTT 3.1.1 broker also acknowledges what it "
           "drops for want of rights; only a message that is seen to come back is";
}

static bool publish(struct mqtt *m)
{
    struct climb *c = m->climb;
    int rc;

    make_message(m);
    rc = mosquitto_publish(m->client, &m->mid, c->account->topic, (int)m->message_len, m->message,
                           QOS_ACKNOWLEDGED, false);
    if (rc != MOSQ_ERR_SUCCESS)
        return mqtt_local(m, rc);
    if (!mqtt_run_until(m, has_puback, climb_deadline(c)))
        return mqtt_late(m, SYMPTOM_TIMEOUT);
    if (!m->acknowledged)
        return mqtt_lost(m);
    climb_say(c, PROBE_OK, "%zu bytes to %s acknowledged (PUBACK); %s", m->message_len,
              c->facts.values[FACT_TOPIC], worth_of_puback(c));
    return true;
}

static bool watch(struct mqtt *m)
{
    struct climb *c = m->climb;

    if (!mqtt_run_until(m, has_message, climb_deadline(c)))
        return mqtt_late(m, SYMPTOM_NOT_BACK);
    if (!m->came_back)
        return mqtt_lost(m);
    climb_say(c, PROBE_OK, "the very message came back: publishing and reading both work");
    return true;
}

static bool disconnect(struct mqtt *m)
{
    if (mosquitto_disconnect(m->client) == MOSQ_ERR_SUCCESS)
        (void)mqtt_run_until(m, has_ended, clock_now() + DISCONNECT_LIMIT);
    climb_say(m->climb, PROBE_OK, "taken leave of");
    return true;
}

bool climb_mqtt(struct climb *c, bool (*begin)(struct climb *c, enum probe_rung rung))
{
    static const struct {
        enum probe_rung rung;
        bool (*climb)(struct mqtt *);
    } rungs[] = {
        {PROBE_CONNECT, connect_client}, {PROBE_SUBSCRIBE, subscribe},
        {PROBE_PUBLISH, publish},        {PROBE_WATCH, watch},
        {PROBE_DISCONNECT, disconnect},
    };
    struct mqtt m = {.climb = c, .connack = -1, .granted = -1, .sub_mid = -1, .mid = -1};

    for (size_t i = 0; i < sizeof rungs / sizeof rungs[0]; i++) {
        if (begin(c, rungs[i].rung) && !rungs[i].climb(&m))
            return false;
    }
    return true;
}
