/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BROKER_PROBE_H
#define COMCERT_BROKER_PROBE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "pki/credential.h"

/*
 * Does a set of settings and credentials work, against the real broker, from this machine? A ladder
 * of rungs, from the name to the acknowledged message; the first that fails ends it and is
 * explained.
 *
 * It runs in a child process of its own, so that it can be stopped at any moment, in the middle of
 * a name look-up too, and so that nothing that libmosquitto or TLS copied of a key outlives it. The
 * parent has a descriptor to poll and events to fetch; nothing here blocks.
 */

/* The rungs, in the order in which they are climbed. */
enum probe_rung {
    PROBE_NAMES,       /* the host's addresses */
    PROBE_TCP,         /* a connection to the port */
    PROBE_TLS_SYSTEM,  /* what the server shows, judged by this machine's own roots */
    PROBE_TLS_DEVICE,  /* the same as the device will see it: by the server CA of its slot alone */
    PROBE_CERTIFICATE, /* the device's certificate and key */
    PROBE_CONNECT,     /* MQTT 3.1.1 CONNECT with client ID, user name and password */
    PROBE_SUBSCRIBE,   /* (watch) */
    PROBE_PUBLISH,     /* one message with acknowledgement (QoS 1) */
    PROBE_WATCH,       /* (watch) the message comes back */
    PROBE_DISCONNECT,
    PROBE_RUNG_COUNT
};

const char *probe_rung_name(enum probe_rung rung);  /* "tls-device": for scripts */
const char *probe_rung_title(enum probe_rung rung); /* "TLS as the device": for people */

enum probe_outcome {
    PROBE_BEGUN,   /* the rung is being tried; another event says how it went */
    PROBE_OK,      /* it stands */
    PROBE_NOTE,    /* it stands, or does not matter, but there is something to be said; or, after
                      the rung's outcome, something more about it */
    PROBE_SKIPPED, /* it does not apply here, or was not asked for: text says why */
    PROBE_FAILED,  /* the ladder ends here */
    PROBE_UNTRIED, /* not tried: a rung before it failed */
    PROBE_END      /* the last event: the whole ladder stands (stands is set) or does not */
};

const char *probe_outcome_name(enum probe_outcome outcome); /* "failed" */

/* All text is safe for a terminal: what came from outside has been escaped. Never a secret. */
struct probe_event {
    enum probe_rung rung;
    enum probe_outcome outcome;
    bool stands;       /* PROBE_END only */
    usec elapsed;      /* of this rung */
    char symptom[32];  /* PROBE_FAILED: stable word for what was seen: "unknown-ca"; else "" */
    char text[1024];   /* one or two sentences: what was seen; for a failure what that means */
    char remedy[1024]; /* what to do; "" if nothing */
    char detail[256];  /* how the other side or the library put it, one line; "" if nothing */
};

/* What is tried. All borrowed, and needed only until probe_start returns. */
struct probe_account {
    const char *host; /* a DNS name, or an IPv4 or IPv6 address without brackets */
    int port;         /* 1 to 65535 */
    bool tls;
    const char *client_id;         /* NULL is the same as "" */
    const char *username;          /* NULL: none */
    const struct secret *password; /* NULL or empty: none */
    const char *topic;             /* to publish to; NULL: none */

    /* NULL where the slot is empty. Without a server CA the system's roots are used, and said to
     * be; the certificate is shown only with its key. */
    const struct credential *server_ca;
    const struct credential *device_cert;
    const struct credential *device_key;
};

struct probe_options {
    bool system_roots;   /* climb PROBE_TLS_SYSTEM too: a device would not */
    bool connect;        /* go as far as CONNECT, which throws a device off that is connected under
                            the same client ID */
    bool publish;        /* and publish a message; needs a topic */
    const char *message; /* what to publish; NULL: a small JSON object with the time */
    const char *watch; /* filter to subscribe to, so that the message is seen to come back; implies
                          publish. NULL: not asked for */
    usec rung_limit;   /* for each rung; 0: PROBE_RUNG_LIMIT */
};

#define PROBE_RUNG_LIMIT (10 * USEC_PER_SEC)

/* True if the rung is climbed with these options, so that there is something to tell of it; the
 * disconnecting is told only when it fails. */
bool probe_is_asked(const struct probe_options *options, enum probe_rung rung);


/* The whole ladder in one sentence: it stands (NULL), or this PROBE_FAILED ended it. */
const char *probe_verdict(const struct probe_options *options, const struct probe_event *failure);

/* Whose broker a host is, by its name. */
enum broker_kind { BROKER_OTHER, BROKER_AZURE, BROKER_AWS, BROKER_HIVEMQ, BROKER_KIND_COUNT };
enum broker_kind broker_kind_of(const char *host);

struct probe;

/*
 * Starts the child. account and options must make sense: ERR_VALUE says what does not (no host, no
 * topic to publish to, a filter that the topic does not match, watching at Azure, a certificate
 * that is not its key's). ERR_NOMEM, ERR_IO, *out NULL.
 *
 * Forks. Call it from the thread that stays for as long as the probe runs, and while no other
 * thread is inside OpenSSL or a name look-up: the child uses both. The child closes every other
 * descriptor, ignores SIGINT and SIGHUP (whoever started it decides), and dies with its parent.
 */
int probe_start(const struct probe_account *account, const struct probe_options *options,
                struct probe **out, struct err *err) ATTR_MUST_USE;

/* Readable when there is an event to fetch, or the child has ended. Does not block. */
int probe_fd(const struct probe *p);

/* The next event, if there is one: true and *event filled. The last is PROBE_END, also when the
 * child dies of something else; then only false. */
bool probe_next(struct probe *p, struct probe_event *event);

/* True once PROBE_END was fetched, or after probe_stop. */
bool probe_has_ended(const struct probe *p);

/* Ends the child, at once and wherever it is; no event follows. */
void probe_stop(struct probe *p);

/* The same, and frees. Accepts NULL. */
void probe_destroy(struct probe *p);

#endif
