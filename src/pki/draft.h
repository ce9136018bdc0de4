/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_DRAFT_H
#define COMCERT_PKI_DRAFT_H

#include "pki/authority.h"
#include "pki/certify.h"
#include "pki/keygen.h"

/* Inside this room: something to be issued, from the wish to the files. In this order: dates,
 * files, key, signature, index, files written. */
struct draft {
    enum certify_kind kind;
    const char *id;
    int usual_days;
    struct fresh_key key;
    EVP_PKEY *subject;     /* whose key the certificate is for; the fresh key's or a request's */
    struct secret key_pem; /* empty: there is no key to be written */
    X509 *x509;
    struct secret cert_pem, chain_pem, csr_pem;
    char *key_file, *cert_file, *chain_file, *csr_file; /* NULL: not written */
    char serial[SERIAL_TEXT];
    char sha1[41], sha256[65];
    time_t not_before, not_after;
    bool shortened;
};

void draft_reset(struct draft *d);

/* When it begins and ends. a NULL: it signs itself. */
int draft_date(struct draft *d, const struct issue_wish *wish, const struct authority *a,
               struct err *err) ATTR_MUST_USE;

enum {
    DRAFT_KEY = 1,
    DRAFT_CERT = 2,
    DRAFT_CHAIN = 4, /* if there is anything between it and the root */
    DRAFT_CSR = 8
};

/* Names the files of the ID in the wish's folder. */
int draft_name(struct draft *d, const struct issue_wish *wish, const struct authority *a, int which,
               struct err *err) ATTR_MUST_USE;

/* ERR_BUSY if the files of this ID are a CA's, which nothing for a device may replace or be taken
 * for, or if the ID is the CA's own name: its certificate would seem to have signed itself. */
int draft_check_not_ca(const struct draft *d, const struct issue_wish *wish,
                       const struct authority *a, struct err *err) ATTR_MUST_USE;

/* Names the files, checks that they are no CA's, and makes the folder; ERR_BUSY if a file of them
 * is there and may not be replaced. */
int draft_prepare(struct draft *d, const struct issue_wish *wish, const struct authority *a,
                  int which, struct err *err) ATTR_MUST_USE;

/* A key of its own, as it will be written; passphrase NULL: plain. */
int draft_key(struct draft *d, enum new_key kind, const struct secret *passphrase,
              struct err *err) ATTR_MUST_USE;

/* Signs: with the CA's key (`signer`, opened by the caller), or with its own (a NULL, signer NULL).
 * Whatever serial number the index knows is not used. Again on a draft that was signed: another
 * number. */
int draft_sign(struct draft *d, const struct authority *a, EVP_PKEY *signer,
               struct err *err) ATTR_MUST_USE;

/* Writes the drafts into the CA's index, all or none. ERR_BUSY if one's name has a certificate that
 * is valid, unless reissue. Does nothing if the CA has no index. */
int draft_record(struct draft *const *drafts, size_t count, struct authority *a,
                 const struct issue_wish *wish, struct err *err) ATTR_MUST_USE;

/* ERR_BUSY, said, if the index has a valid certificate for this name. The index is read as it is.
 */
int draft_check_name(const char *id, const struct authority *a, time_t now,
                     struct err *err) ATTR_MUST_USE;

/* All files, or none. */
int draft_write(struct draft *d, bool replace, struct err *err) ATTR_MUST_USE;

/* What an earlier issuer's certificate came with would be taken for this one's: its chain file goes
 * if there is none now. */
void draft_drop_old_chain(const struct draft *d);

/* Hands the draft's names and numbers over. */
int draft_result(struct draft *d, const struct authority *a, struct issued *made,
                 struct err *err) ATTR_MUST_USE;

#endif
