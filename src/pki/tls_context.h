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
    struct tls_seen seen;
    enum tls_stranger stranger;
};

/* Makes ctx note what happens on its connections in tls->seen. */
void tls_record_start(struct tls_context *tls);

/* As if nothing had been seen. */
void tls_record_clear(struct tls_context *tls);

#endif
