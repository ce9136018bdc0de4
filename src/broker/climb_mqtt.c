/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include <mosquitto.h>

#include "base/wait.h"
#include "broker/climb.h"

/* IoT Hub honours at most 1177 s, AWS 1200; no probe lasts as long as this. */
enum { KEEPALIVE_S = 60, QOS_ACKNOWLEDGED = 1, SUBACK_REFUSED = 128 };

#define DISCONNECT_LIMIT USEC_PER_SEC

/* One session, and what has been heard in it. */
struct mqtt {
    struct climb *climb;
    struct mosquitto *client;
    const char *message;
    size_t message_len;
    char own_message[96];

    int connack; /* -1: none yet */
    int granted; /* -1: none yet */
    int sub_mid; /* of SUBSCRIBE; -1: not sent yet */
    int mid;     /* of the message; -1: not sent yet */
    bool acknowledged;
    bool came_back;
    bool ended;
    bool looked; /* at the first bytes that came */
    enum tls_stranger stranger;
    int rc; /* the library's last */
    int sys;
};

/* --- what comes ----------------------------------------------------------------------------- */

static void on_connect(struct mosquitto *client, void *ctx, int rc)
{
    (void)client;
    ((struct mqtt *)ctx)->connack = rc;
}

static void on_disconnect(struct mosquitto *client, void *ctx, int rc)
{
    (void)client;
    (void)rc;
    ((struct mqtt *)ctx)->ended = true;
}

static void on_subscribe(struct mosquitto *client, void *ctx, int mid, int count, const int *qos)
{
    struct mqtt *m = ctx;

    (void)client;
    if (mid == m->sub_mid)
        m->granted = count > 0 ? qos[0] : SUBACK_REFUSED;
}

static void on_publish(struct mosquitto *client, void *ctx, int mid)
{
    struct mqtt *m = ctx;

    (void)client;
    m->acknowledged |= mid == m->mid;
}

/* A retained one is older than ours, and so is what comes before ours was sent. */
static void on_message(struct mosquitto *client, void *ctx, const struct mosquitto_message *message)
{
    struct mqtt *m = ctx;

    (void)client;
    m->came_back |=
        m->mid >= 0 && !message->retain && message->payloadlen == (int)m->message_len &&
        strcmp(message->topic, m->climb->account->topic) == 0 &&
        (m->message_len == 0 || memcmp(message->payload, m->message, m->message_len) == 0);
}

/* --- the loop ------------------------------------------------------------------------------- */

static const struct tls_seen *seen_of(const struct climb *c)
{
    return c->login != NULL ? tls_context_seen(c->login) : NULL;
}

/* What answers a CONNECT without being a broker is told by its first bytes. */
static void look(struct mqtt *m, int socket)
{
    unsigned char first[8];
    ssize_t n;

    if (m->looked || m->climb->account->tls)
        return;
    n = recv(socket, first, sizeof first, MSG_PEEK | MSG_DONTWAIT);
    m->looked = n > 0;
    if (n > 0)
        m->stranger = tls_stranger_of(first, (size_t)n);
}

/* While TLS is being set up the library wants to write and cannot: only what is read matters. */
static short wanted(const struct mqtt *m)
{
    const struct tls_seen *seen = seen_of(m->climb);
    bool writes = mosquitto_want_write(m->client) && (seen == NULL || seen->established);

    return (short)(POLLIN | (writes ? POLLOUT : 0));
}

static void move(struct mqtt *m, short revents)
{
    errno = 0;
    m->rc = MOSQ_ERR_SUCCESS;
    if ((revents & ~POLLOUT) != 0)
        m->rc = mosquitto_loop_read(m->client, 1);
    if (m->rc == MOSQ_ERR_SUCCESS && (revents & POLLOUT) != 0)
        m->rc = mosquitto_loop_write(m->client, 1);
    m->sys = errno;
    m->ended |= m->rc != MOSQ_ERR_SUCCESS;
}

/* Until that has come, the session has ended, or the time has come (then false). */
static bool run_until(struct mqtt *m, bool (*come)(const struct mqtt *), usec deadline)
{
    while (!come(m) && !m->ended) {
        struct pollfd p = {.fd = mosquitto_socket(m->client), .events = wanted(m)};
        int ready;

        /* Whoever never stops talking does not get more time by that. */
        if (clock_now() >= deadline)
            return false;
        if (p.fd < 0) {
            m->ended = true;
            return true;
        }
        ready = wait_until(&p, 1, deadline);
        if (ready == 0)
            return false;
        if ((p.revents & POLLIN) != 0)
            look(m, p.fd);
        if (ready > 0)
            move(m, p.revents);
    }
    return true;
}

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

/* --- why it ended --------------------------------------------------------------------------- */

/* It was us who hung up: the server is not the one of the rungs before. */
static bool is_distrusted(const struct tls_seen *seen)
{
    return seen != NULL && seen->peer && seen->verdict != TLS_TRUSTED;
}

static enum symptom symptom_of_loss(struct mqtt *m)
{
    const struct tls_seen *seen = seen_of(m->climb);
    bool connecting = m->connack < 0;

    if (is_distrusted(seen))
        return climb_verdict(seen->verdict);
    if (seen != NULL && seen->alert >= 0)
        return climb_alert(m->climb, seen);
    if (m->stranger == STRANGER_HTTP)
        return SYMPTOM_HTTP;
    if (m->stranger == STRANGER_SSH)
        return SYMPTOM_SSH;
    if (m->stranger == STRANGER_TLS)
        return SYMPTOM_TLS_PORT;
    if (m->rc == MOSQ_ERR_NOMEM || m->rc == MOSQ_ERR_PAYLOAD_SIZE)
        return SYMPTOM_FLOOD;
    if (m->rc == MOSQ_ERR_PROTOCOL || m->rc == MOSQ_ERR_MALFORMED_PACKET ||
        (connecting && m->looked && m->stranger == STRANGER_UNKNOWN))
        return SYMPTOM_NOT_MQTT;
    if (connecting && seen == NULL && climb_speaks_tls(m->climb))
        return SYMPTOM_TLS_PORT;
    return SYMPTOM_CLOSED;
}

static bool lost(struct mqtt *m)
{
    const struct tls_seen *seen = seen_of(m->climb);
    char words[160] = "";

    if (is_distrusted(seen)) {
        climb_note_server(m->climb, seen);
        return climb_fail(m->climb, symptom_of_loss(m), seen->verdict_words, climb_server_differs);
    }
    if (seen != NULL && seen->alert >= 0)
        snprintf(words, sizeof words, "TLS alert %d, %s", seen->alert, tls_alert_name(seen->alert));
    return climb_fail(m->climb, symptom_of_loss(m), words, NULL);
}

static bool late(struct mqtt *m, enum symptom symptom)
{
    const struct tls_seen *seen = seen_of(m->climb);

    if (seen != NULL && !seen->established)
        symptom = SYMPTOM_TLS_SLOW;
    return climb_fail(m->climb, symptom, "", NULL);
}

/* The library itself would not. */
static bool local(struct mqtt *m, int rc)
{
    climb_fact(m->climb, FACT_REASON,
               rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc));
    return climb_fail(m->climb, SYMPTOM_LOCAL, "", NULL);
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
    mosquitto_connect_callback_set(m->client, on_connect);
    mosquitto_disconnect_callback_set(m->client, on_disconnect);
    mosquitto_subscribe_callback_set(m->client, on_subscribe);
    mosquitto_publish_callback_set(m->client, on_publish);
    mosquitto_message_callback_set(m->client, on_message);
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
    const struct tls_seen *seen = seen_of(c);
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
        return local(m, rc);
    m->rc =
        mosquitto_connect(m->client, c->addresses[c->chosen].text, c->account->port, KEEPALIVE_S);
    if (m->rc != MOSQ_ERR_SUCCESS && m->rc != MOSQ_ERR_TLS && m->rc != MOSQ_ERR_CONN_LOST)
        return local(m, m->rc);
    m->ended = m->rc != MOSQ_ERR_SUCCESS;
    if (!run_until(m, has_connack, climb_deadline(c)))
        return late(m, SYMPTOM_TIMEOUT);
    if (m->connack < 0)
        return lost(m);
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
        return local(m, rc);
    if (!run_until(m, has_suback, climb_deadline(c)))
        return late(m, SYMPTOM_TIMEOUT);
    if (m->granted < 0)
        return lost(m);
    if (m->granted >= SUBACK_REFUSED)
        return climb_fail(c, SYMPTOM_DENIED, "SUBACK 128", NULL);
    climb_say(c, PROBE_OK, "granted (which does not yet mean that messages come)");
    return true;
}

static void make_message(struct mqtt *m)
{
    struct timeval now;
    char date[CLOCK_DATE_SIZE];

    m->message = m->climb->options->message;
    if (m->message == NULL) {
        gettimeofday(&now, NULL);
        clock_date(date, now.tv_sec);
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
           "drops for want of rights; --watch tells";
}

static bool publish(struct mqtt *m)
{
    struct climb *c = m->climb;
    int rc;

    make_message(m);
    rc = mosquitto_publish(m->client, &m->mid, c->account->topic, (int)m->message_len, m->message,
                           QOS_ACKNOWLEDGED, false);
    if (rc != MOSQ_ERR_SUCCESS)
        return local(m, rc);
    if (!run_until(m, has_puback, climb_deadline(c)))
        return late(m, SYMPTOM_TIMEOUT);
    if (!m->acknowledged)
        return lost(m);
    climb_say(c, PROBE_OK, "%zu bytes to %s acknowledged (PUBACK); %s", m->message_len,
              c->facts.values[FACT_TOPIC], worth_of_puback(c));
    return true;
}

static bool watch(struct mqtt *m)
{
    struct climb *c = m->climb;

    if (!run_until(m, has_message, climb_deadline(c)))
        return late(m, SYMPTOM_NOT_BACK);
    if (!m->came_back)
        return lost(m);
    climb_say(c, PROBE_OK, "the very message came back: publishing and reading both work");
    return true;
}

static bool disconnect(struct mqtt *m)
{
    if (mosquitto_disconnect(m->client) == MOSQ_ERR_SUCCESS)
        (void)run_until(m, has_ended, clock_now() + DISCONNECT_LIMIT);
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
