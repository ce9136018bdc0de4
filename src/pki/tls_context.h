/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_TLS_CONTEXT_H
#define COMCERT_PKI_TLS_CONTEXT_H

#include <openssl/ssl.h>

#include "pki/tls.h"

/* Inside this room: what a context holds, and the callbacks that note what happens. */

struct tls_context {
    SSL_CTX *ctx;
    char host[256];
    bool host_is_address;
    bool learn;
    bool looked; /* at the first bytes that came on the latest connection */
    struct tls_seen seen;
    enum tls_stranger stranger;
};

/* Makes ctx note what happens on its connections in tls->seen. */
void tls_record_start(struct tls_context *tls);

/* The first bytes that came: false if they are not TLS (then the stranger is noted). */
bool tls_record_first(struct tls_context *tls, const void *bytes, size_t n);

/* As if nothing had been seen. */
void tls_record_clear(struct tls_context *tls);

#endif
