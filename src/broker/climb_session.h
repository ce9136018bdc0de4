/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BROKER_CLIMB_SESSION_H
#define COMCERT_BROKER_CLIMB_SESSION_H

#include <mosquitto.h>

#include "broker/climb.h"

enum { SUBACK_REFUSED = 128 };

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
};

/* Has the client note in m what comes. */
void mqtt_listen(struct mqtt *m);

/* Until that has come, the session has ended, or the time has come (then false). */
bool mqtt_run_until(struct mqtt *m, bool (*come)(const struct mqtt *), usec deadline);

/* What was seen of TLS; NULL without TLS. */
const struct tls_seen *mqtt_seen(const struct mqtt *m);

/* The rung failed, and here is how: the session has ended; it was too slow for this; the library
 * itself would not. All answer false. */
bool mqtt_lost(struct mqtt *m);
bool mqtt_late(struct mqtt *m, enum symptom symptom);
bool mqtt_local(struct mqtt *m, int rc);

#endif
