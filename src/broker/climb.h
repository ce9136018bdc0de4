/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BROKER_CLIMB_H
#define COMCERT_BROKER_CLIMB_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/attr.h"
#include "broker/dictionary.h"
#include "broker/probe.h"
#include "pki/tls.h"

/* Inside this room: the ladder, as it is climbed in the child. Everything here may block, and may
 * be killed at any moment. */

enum { ADDRESSES_MAX = 8, STEP_TEXT_MAX = 1024 };

struct climb {
    const struct probe_account *account;
    const struct probe_options *options;
    enum broker_kind kind;
    usec limit; /* for each rung */
    int out;    /* where events go */

    enum probe_rung rung; /* that is being tried */
    usec began;
    bool failed;

    struct address {
        struct sockaddr_storage sa;
        socklen_t len;
        char text[INET6_ADDRSTRLEN + 16];
    } addresses[ADDRESSES_MAX];
    size_t address_count;
    size_t chosen; /* the one that took a connection */

    enum tls_verdict system_verdict; /* what this machine's own roots think of the server */
    bool system_judged;
    bool asked;                /* the server wants a client certificate */
    struct tls_context *login; /* for CONNECT; NULL without TLS */

    char fact_text[FACT_COUNT][512];
    struct facts facts;
};

/* In the child of `parent`: climbs as far as it goes, tells how it went, and ends the process. */
_Noreturn void climb_run(const struct probe_account *account, const struct probe_options *options,
                         int out, pid_t parent);

/* True if that rung is asked for and makes sense for the account; else *why says why not. */
bool climb_wants(const struct climb *c, enum probe_rung rung, const char **why);

/* One event about the rung that is being tried. */
void climb_say(struct climb *c, enum probe_outcome outcome, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* The rung failed: what that means is in the dictionary; `detail` is how the other side put it
 * (safe; "" if it did not), `more` another sentence (NULL: none). Answers false. */
bool climb_fail(struct climb *c, enum symptom symptom, const char *detail, const char *more);

/* Sets a fact; text of any origin. */
void climb_fact(struct climb *c, enum fact fact, const char *text);

/* When the rung that is being tried has to be over. */
usec climb_deadline(const struct climb *c);

/* The rungs. Each says how it went, and answers whether the ladder goes on. */
bool climb_names(struct climb *c);
bool climb_tcp(struct climb *c);
bool climb_tls_system(struct climb *c);
bool climb_tls_device(struct climb *c);
bool climb_certificate(struct climb *c);
/* From CONNECT to DISCONNECT. */
bool climb_mqtt(struct climb *c, bool (*begin)(struct climb *c, enum probe_rung rung));

/* What this errno of connect means. */
enum symptom climb_no_connection(int sys);

/* A connected socket to the chosen address, or -1 with what was in the way in *symptom. */
int climb_open(struct climb *c, enum symptom *symptom);

/* TLS as the device's login needs it: without certificate or key it goes without both. */
struct tls_options climb_login_options(const struct climb *c);

/* What was seen, in the dictionary's terms: an alert of the server's, given what it was shown; our
 * own verdict on the server, which is not TLS_TRUSTED; the end of a handshake, which failed. */
enum symptom climb_alert(const struct climb *c, const struct tls_seen *seen);
enum symptom climb_verdict(enum tls_verdict verdict);
enum symptom climb_meaning(const struct climb *c, const struct tls_context *tls, enum tls_end end);

/* Sets the facts about the server's certificate. */
void climb_note_server(struct climb *c, const struct tls_seen *seen);

/* What is to be said of a verdict besides its cause, where the server had been found to be in order
 * a rung before. */
extern const char climb_server_differs[];

/* True if the port turns out to speak TLS. */
bool climb_speaks_tls(struct climb *c);

#endif
