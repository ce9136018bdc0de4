/* SPDX-License-Identifier: MIT */
#include "pki/tls_context.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "base/str.h"
#include "pki/inspect.h"

void tls_record_clear(struct tls_context *tls)
{
    tls->seen = (struct tls_seen){.alert = -1};
    tls->stranger = STRANGER_UNKNOWN;
    tls->looked = false;
}

static struct tls_context *context_of(const SSL *ssl)
{
    return SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
}

/* --- the server's certificate --------------------------------------------------------------- */

static enum tls_verdict verdict_of(int error)
{
    switch (error) {
    case X509_V_OK:
        return TLS_TRUSTED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return TLS_UNKNOWN_ISSUER;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return TLS_SELF_SIGNED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        return TLS_INTERMEDIATE;
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
        return TLS_BAD_SIGNATURE;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return TLS_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return TLS_NOT_YET_VALID;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return TLS_WRONG_HOST;
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_INVALID_CA:
    case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
        return TLS_WRONG_PURPOSE;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        return TLS_WEAK;
    default:
        return TLS_OTHER;
    }
}

static void copy_text(char *out, size_t size, const char *text)
{
    str_escape_to(out, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

static void describe(struct tls_peer *peer, X509 *x509)
{
    struct cert_info info = {0};

    if (!inspect_cert(x509, &info)) {
        inspect_reset(&info);
        return;
    }
    copy_text(peer->subject, sizeof peer->subject, info.subject);
    copy_text(peer->issuer, sizeof peer->issuer, info.issuer);
    copy_text(peer->names, sizeof peer->names, info.sans);
    peer->not_before = info.not_before;
    peer->not_after = info.not_after;
    inspect_reset(&info);
}

static void describe_chain(struct tls_seen *seen, X509_STORE_CTX *x)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(x);
    int n = chain != NULL ? sk_X509_num(chain) : 0;

    if (n <= (int)seen->chain_count)
        return;
    for (int i = (int)seen->chain_count; i < n && i < TLS_CHAIN_MAX; i++) {
        describe(&seen->chain[i], sk_X509_value(chain, i));
        seen->chain_count = (size_t)i + 1;
    }
}

static int on_verify(int ok, X509_STORE_CTX *x)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_context *tls = context_of(ssl);
    struct tls_seen *seen = &tls->seen;
    int error = X509_STORE_CTX_get_error(x);

    seen->peer = true;
    snprintf(seen->version, sizeof seen->version, "%s", SSL_get_version(ssl));
    describe_chain(seen, x);
    /* The first thing that is wrong counts: what comes after it mostly follows from it. */
    if (!ok && seen->verdict == TLS_TRUSTED) {
        seen->verdict = verdict_of(error);
        seen->culprit = X509_STORE_CTX_get_error_depth(x);
        snprintf(seen->verdict_words, sizeof seen->verdict_words, "%s",
                 X509_verify_cert_error_string(error));
    }
    return ok || tls->learn;
}

/* --- our own, and what the server says ------------------------------------------------------ */

static void list_cas(struct tls_seen *seen, const SSL *ssl)
{
    const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(ssl);
    struct buf all = {0};

    for (int i = 0; names != NULL && i < sk_X509_NAME_num(names); i++) {
        char *one = X509_NAME_oneline(sk_X509_NAME_value(names, i), NULL, 0);

        buf_printf(&all, "%s%s", i > 0 ? "; " : "", one != NULL ? one + (one[0] == '/') : "");
        OPENSSL_free(one);
    }
    copy_text(seen->accepted_cas, sizeof seen->accepted_cas, all.data);
    buf_reset(&all);
}

/* The server asks for a certificate. */
static int on_request(SSL *ssl, void *arg)
{
    struct tls_context *tls = arg;

    tls->seen.asked = true;
    list_cas(&tls->seen, ssl);
    return 1;
}

/* A session ticket: in TLS 1.3 it comes only after the server has judged our certificate. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
    (void)session;
    context_of(ssl)->seen.confirmed = true;
    return 0;
}

bool tls_record_first(struct tls_context *tls, const void *bytes, size_t n)
{
    const unsigned char *first = bytes;

    tls->looked = true;
    tls->seen.heard =
        n > 0 && first[0] >= SSL3_RT_CHANGE_CIPHER_SPEC && first[0] <= SSL3_RT_APPLICATION_DATA;
    if (n > 0 && !tls->seen.heard)
        tls->stranger = tls_stranger_of(bytes, n);
    return tls->seen.heard;
}

/* An empty list of certificates, as is sent where the server takes none like ours, fits into this
 * with all heads of RFC 8446 section 4.4.2; no certificate does. */
enum { EMPTY_CERTIFICATE = 8 };

static void on_message(int write, int version, int type, const void *bytes, size_t n, SSL *ssl,
                       void *arg)
{
    struct tls_context *tls = arg;

    (void)version;
    (void)ssl;
    if (!write && type == SSL3_RT_HEADER && !tls->looked)
        (void)tls_record_first(tls, bytes, n);
    if (write && type == SSL3_RT_HANDSHAKE && n > 0 &&
        *(const unsigned char *)bytes == SSL3_MT_CERTIFICATE)
        tls->seen.shown = n > EMPTY_CERTIFICATE;
}

static void on_start(struct tls_context *tls, SSL *ssl)
{
    tls_record_clear(tls);
    /* Whoever made the connection may have given an address as name, or a name that is not the
     * server's because it was told an address. */
    (void)SSL_set_tlsext_host_name(ssl, tls->host_is_address ? NULL : tls->host);
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct tls_context *tls = context_of(ssl);
    struct tls_seen *seen = &tls->seen;

    if ((where & SSL_CB_HANDSHAKE_START) != 0 && !seen->established)
        on_start(tls, (SSL *)ssl);
    if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
        seen->established = true;
        snprintf(seen->version, sizeof seen->version, "%s", SSL_get_version(ssl));
        snprintf(seen->cipher, sizeof seen->cipher, "%s", SSL_get_cipher(ssl));
        seen->confirmed |= SSL_version(ssl) < TLS1_3_VERSION;
    }
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT &&
        (value & 0xFF) != SSL3_AD_CLOSE_NOTIFY && (value & 0xFF) != TLS1_AD_USER_CANCELLED)
        seen->alert = value & 0xFF;
}

void tls_record_start(struct tls_context *tls)
{
    SSL_CTX *ctx = tls->ctx;

    SSL_CTX_set_app_data(ctx, tls);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_cert_cb(ctx, on_request, tls);
    SSL_CTX_set_info_callback(ctx, on_info);
    SSL_CTX_set_msg_callback(ctx, on_message);
    SSL_CTX_set_msg_callback_arg(ctx, tls);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ctx, on_session);
}
