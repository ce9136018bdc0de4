/* SPDX-License-Identifier: MIT */
#include "broker/climb_session.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/wait.h"

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

void mqtt_listen(struct mqtt *m)
{
    mosquitto_connect_callback_set(m->client, on_connect);
    mosquitto_disconnect_callback_set(m->client, on_disconnect);
    mosquitto_subscribe_callback_set(m->client, on_subscribe);
    mosquitto_publish_callback_set(m->client, on_publish);
    mosquitto_message_callback_set(m->client, on_message);
}

/* --- the loop ------------------------------------------------------------------------------- */

const struct tls_seen *mqtt_seen(const struct mqtt *m)
{
    return m->climb->login != NULL ? tls_context_seen(m->climb->login) : NULL;
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
    const struct tls_seen *seen = mqtt_seen(m);
    bool writes = mosquitto_want_write(m->client) && (seen == NULL || seen->established);

    return (short)(POLLIN | (writes ? POLLOUT : 0));
}

static void move(struct mqtt *m, short revents)
{
    m->rc = MOSQ_ERR_SUCCESS;
    if ((revents & ~POLLOUT) != 0)
        m->rc = mosquitto_loop_read(m->client, 1);
    if (m->rc == MOSQ_ERR_SUCCESS && (revents & POLLOUT) != 0)
        m->rc = mosquitto_loop_write(m->client, 1);
    m->ended |= m->rc != MOSQ_ERR_SUCCESS;
}

bool mqtt_run_until(struct mqtt *m, bool (*come)(const struct mqtt *), usec deadline)
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

/* --- why it ended --------------------------------------------------------------------------- */

/* It was us who hung up: the server is not the one of the rungs before. */
static bool is_distrusted(const struct tls_seen *seen)
{
    return seen != NULL && seen->peer && seen->verdict != TLS_TRUSTED;
}

static enum symptom symptom_of_loss(struct mqtt *m)
{
    const struct tls_seen *seen = mqtt_seen(m);
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

bool mqtt_lost(struct mqtt *m)
{
    const struct tls_seen *seen = mqtt_seen(m);
    char words[160] = "";

    if (is_distrusted(seen)) {
        climb_note_server(m->climb, seen);
        return climb_fail(m->climb, symptom_of_loss(m), seen->verdict_words, climb_server_differs);
    }
    if (seen != NULL && seen->alert >= 0)
        snprintf(words, sizeof words, "TLS alert %d, %s", seen->alert, tls_alert_name(seen->alert));
    return climb_fail(m->climb, symptom_of_loss(m), words, NULL);
}

bool mqtt_late(struct mqtt *m, enum symptom symptom)
{
    const struct tls_seen *seen = mqtt_seen(m);

    if (seen != NULL && !seen->established)
        symptom = SYMPTOM_TLS_SLOW;
    return climb_fail(m->climb, symptom, "", NULL);
}

bool mqtt_local(struct mqtt *m, int rc)
{
    int sys = errno;

    climb_fact(m->climb, FACT_REASON,
               rc == MOSQ_ERR_ERRNO ? strerror(sys) : mosquitto_strerror(rc));
    return climb_fail(m->climb, rc == MOSQ_ERR_ERRNO ? climb_no_connection(sys) : SYMPTOM_LOCAL, "",
                      NULL);
}
