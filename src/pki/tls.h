/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_TLS_H
#define COMCERT_PKI_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "pki/credential.h"

/*
 * TLS as a client, with credentials that are in memory: no key ever becomes a file. One context for
 * one server; connections are made over sockets that the caller opens, or by a library that takes
 * an SSL_CTX. What happens on its connections is recorded in the context, also when somebody
 * else's code makes them.
 */

struct tls_options {
    const char *host; /* name or address that the server's certificate must bear; a name is sent as
                         SNI, an address is not (RFC 6066) */
    const struct credential *server_ca;   /* trust these certificates alone; NULL: the system's */
    const struct credential *device_cert; /* shown, with its intermediates, if the server asks; */
    const struct credential *device_key;  /* NULL for both: nothing is shown */
    bool only_tls12;                      /* as a device that knows no newer version */
    bool learn; /* a certificate that cannot be trusted is recorded, and the handshake goes on */
};

/* A certificate of the chain that the server sent (or that was found for it), escaped. */
struct tls_peer {
    char subject[160];
    char issuer[160];
    char names[256]; /* the names that it is for: "DNS:a.example, IP:192.0.2.1"; "" if none */
    time_t not_before, not_after;
};

/* How the certificate's judge put it, in the terms of those who must act. */
enum tls_verdict {
    TLS_TRUSTED,
    TLS_UNKNOWN_ISSUER, /* its root is not among those trusted */
    TLS_INTERMEDIATE,   /* what is trusted issued it, but is no root itself */
    TLS_SELF_SIGNED,    /* it vouches for itself, and is not trusted */
    TLS_BAD_SIGNATURE,  /* the issuer of that name did not sign it */
    TLS_EXPIRED,        /* it or one above it */
    TLS_NOT_YET_VALID,
    TLS_WRONG_HOST,
    TLS_WRONG_PURPOSE, /* not for servers, or one above it is no CA */
    TLS_WEAK,          /* key or hash below what is thought safe */
    TLS_OTHER
};

enum { TLS_CHAIN_MAX = 6 };

/* What was seen on the latest connection of a context. */
struct tls_seen {
    bool peer;                /* the server showed a certificate, and it was judged */
    enum tls_verdict verdict; /* of the first thing wrong with it */
    int culprit;              /* index in chain of the certificate that the verdict is about */
    char verdict_words[128];  /* OpenSSL's */
    struct tls_peer chain[TLS_CHAIN_MAX];
    size_t chain_count;
    bool heard;             /* the server has said something, in TLS */
    bool asked;             /* the server asked for a certificate */
    bool shown;             /* and was shown one: none goes out if it takes no such kind of key */
    char accepted_cas[512]; /* names of the CAs that it says it takes, escaped; "" if it does not
                               say */
    bool established;       /* the handshake was completed */
    bool confirmed;         /* the server has gone on after having seen our certificate */
    int alert;              /* number of the alert that it sent (RFC 8446 section 6); -1: none */
    char version[16];       /* "TLSv1.3"; "" before the server answered */
    char cipher[64];
};

/* How a handshake ended. */
enum tls_end {
    TLS_END_DONE,
    TLS_END_TIMEOUT,
    TLS_END_CLOSED, /* by the server, without a word */
    TLS_END_RESET,
    TLS_END_ALERT,     /* seen.alert */
    TLS_END_UNTRUSTED, /* seen.verdict: we would not go on */
    TLS_END_NOT_TLS,   /* the server talks, but not TLS; see tls_context_stranger */
    TLS_END_VERSION,   /* no version of TLS in common */
    TLS_END_OTHER      /* words */
};

struct tls_context;

/* Fits the credentials together. ERR_VALUE if they do not (the key is another certificate's, too
 * weak), ERR_NOMEM. The credentials are not needed afterwards. Reads the system's roots if they are
 * wanted, which may block as a file does. */
int tls_context_create(const struct tls_options *options, struct tls_context **out,
                       struct err *err) ATTR_MUST_USE;

/* Accepts NULL. Wipes the key. */
void tls_context_destroy(struct tls_context *tls);

/* The SSL_CTX, for a library that wants one; the context keeps owning it. What was seen so far is
 * forgotten, so that what is seen next is that library's connection. */
void *tls_context_ssl_ctx(struct tls_context *tls);

/* What was seen; valid as long as the context. */
const struct tls_seen *tls_context_seen(const struct tls_context *tls);

/* Makes a handshake over a connected socket that does not block, until `deadline` at the latest.
 * After a handshake in which our certificate was shown it waits for what the server thinks of it,
 * for at most `settle`: TLS 1.3 refuses late. Then the connection is closed in the way of TLS; the
 * socket stays the caller's. `words` (size bytes) takes how the library put a failure, one line,
 * escaped. Blocks. */
enum tls_end tls_handshake(struct tls_context *tls, int socket, usec deadline, usec settle,
                           char *words, size_t size);

/* What a peer said instead of TLS, by its first bytes. */
enum tls_stranger { STRANGER_UNKNOWN, STRANGER_HTTP, STRANGER_MQTT, STRANGER_SSH, STRANGER_TLS };
enum tls_stranger tls_stranger_of(const void *bytes, size_t n);
/* Of the latest handshake that ended with TLS_END_NOT_TLS. */
enum tls_stranger tls_context_stranger(const struct tls_context *tls);

/* "unknown ca", for an alert's number: as RFC 8446 calls it, with blanks. */
const char *tls_alert_name(int alert);

#endif
