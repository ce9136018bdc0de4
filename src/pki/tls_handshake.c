/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <openssl/err.h>

#include "base/str.h"
#include "base/wait.h"
#include "pki/tls_context.h"

/* One handshake on its way. */
struct attempt {
    struct tls_context *tls;
    SSL *ssl;
    int socket;
    usec deadline;
    int sys; /* errno of what the library could not read or write; 0: none */
    unsigned long error;
};

/* What does not begin like a TLS record has not to be read as one to know that it is none: it may
 * be shorter than a record's head, for which the library would wait. */
static bool is_stranger(struct attempt *a)
{
    unsigned char first[8];
    ssize_t n;

    /* Of a head that has been read in part the first byte is gone. */
    if (a->tls->looked || BIO_number_read(SSL_get_rbio(a->ssl)) > 0)
        return false;
    n = recv(a->socket, first, sizeof first, MSG_PEEK | MSG_DONTWAIT);
    return n > 0 && !tls_record_first(a->tls, first, (size_t)n);
}

/* Waits for what the library wants. False when the time has come. */
static bool wait_for(const struct attempt *a, int want, usec deadline)
{
    struct pollfd fd = {.fd = a->socket, .events = want == SSL_ERROR_WANT_WRITE ? POLLOUT : POLLIN};
    int ready;

    do
        ready = wait_until(&fd, 1, deadline);
    while (ready < 0);
    return ready > 0;
}

static enum tls_end end_of_error(struct attempt *a, int kind)
{
    const struct tls_seen *seen = &a->tls->seen;
    int reason = ERR_GET_REASON(a->error);

    if (seen->alert >= 0)
        return TLS_END_ALERT;
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
        return TLS_END_UNTRUSTED;
    if (a->sys == ECONNRESET || a->sys == EPIPE)
        return TLS_END_RESET;
    if (kind == SSL_ERROR_ZERO_RETURN || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING ||
        (kind == SSL_ERROR_SYSCALL && a->sys == 0))
        return TLS_END_CLOSED;
    if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_NO_PROTOCOLS_AVAILABLE ||
        reason == SSL_R_VERSION_TOO_LOW)
        return TLS_END_VERSION;
    if (reason == SSL_R_WRONG_VERSION_NUMBER)
        return TLS_END_NOT_TLS;
    return TLS_END_OTHER;
}

/* One step of the library's; true when the attempt is over, with how in *end. */
static bool step(struct attempt *a, int (*act)(SSL *), usec deadline, enum tls_end *end)
{
    int rc, kind;

    *end = TLS_END_NOT_TLS;
    if (is_stranger(a))
        return true;
    ERR_clear_error();
    errno = 0;
    rc = act(a->ssl);
    a->sys = errno;
    kind = SSL_get_error(a->ssl, rc);
    if (rc == 1) {
        *end = TLS_END_DONE;
        return true;
    }
    if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) {
        a->error = ERR_peek_error();
        *end = end_of_error(a, kind);
        return true;
    }
    /* Whoever never stops talking does not get more time by that. */
    *end = TLS_END_TIMEOUT;
    return clock_now() >= deadline || !wait_for(a, kind, deadline);
}

static int peek(SSL *ssl)
{
    char byte;

    return SSL_peek(ssl, &byte, 1);
}

/* What the server thinks of our certificate: TLS 1.3 has it say so after the handshake. */
static enum tls_end settle(struct attempt *a, usec until)
{
    enum tls_end end;

    until = until < a->deadline ? until : a->deadline;
    while (!a->tls->seen.confirmed) {
        if (step(a, peek, until, &end))
            return end == TLS_END_TIMEOUT ? TLS_END_DONE : end;
    }
    return TLS_END_DONE;
}

static void say(const struct attempt *a, enum tls_end end, char *words, size_t size)
{
    const struct tls_seen *seen = &a->tls->seen;
    const char *reason = a->error != 0 ? ERR_reason_error_string(a->error) : NULL;
    char text[160] = "";

    if (end == TLS_END_ALERT)
        snprintf(text, sizeof text, "TLS alert %d, %s", seen->alert, tls_alert_name(seen->alert));
    else if (end == TLS_END_UNTRUSTED)
        snprintf(text, sizeof text, "%s", seen->verdict_words);
    else if (end != TLS_END_DONE && reason != NULL)
        snprintf(text, sizeof text, "%s", reason);
    str_escape_to(words, size, text, strlen(text));
}

enum tls_end tls_handshake(struct tls_context *tls, int socket, usec deadline, usec settle_for,
                           char *words, size_t size)
{
    struct attempt a = {
        .tls = tls, .ssl = SSL_new(tls->ctx), .socket = socket, .deadline = deadline};
    enum tls_end end = TLS_END_OTHER;

    tls_record_clear(tls);
    words[0] = '\0';
    if (a.ssl == NULL || SSL_set_fd(a.ssl, socket) != 1) {
        snprintf(words, size, "out of memory");
    } else {
        SSL_set_connect_state(a.ssl);
        while (!step(&a, SSL_do_handshake, deadline, &end))
            ;
        if (end == TLS_END_DONE && tls->seen.asked && settle_for > 0)
            end = settle(&a, clock_now() + settle_for);
        say(&a, end, words, size);
        if (end == TLS_END_DONE)
            (void)SSL_shutdown(a.ssl);
    }
    SSL_free(a.ssl);
    ERR_clear_error();
    return end;
}
