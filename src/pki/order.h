/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ORDER_H
#define COMCERT_PKI_ORDER_H

#include "pki/issue.h"

/*
 * One device's key and certificate, ordered on a form: what cannot be done is told by the entry of
 * the form that it comes from, so that it can be said there, and what wants a second word from the
 * user (replacing files, issuing again) can be told from what is wrong.
 */
enum order_part {
    ORDER_WHOLE, /* none in particular */
    ORDER_ID,
    ORDER_DAYS,
    ORDER_FOLDER,
    ORDER_CA,
    ORDER_PASSPHRASE,
    ORDER_FILES, /* they are there already (all are named): wish.force replaces them */
    ORDER_ISSUED /* the CA's index has one for this name (until when is said): wish.reissue */
};

struct order {
    struct issue_wish wish;
    const char *ca;                  /* file or folder, see authority_open; NULL: it signs itself */
    const struct secret *passphrase; /* of the CA's key; NULL or empty: none was given */
};

/* Days as they are typed: a whole number from 1 to DAYS_MAX, or nothing for the usual number (0).
 * ERR_VALUE. */
int order_read_days(const char *text, int *days, struct err *err) ATTR_MUST_USE;

/*
 * Makes it. On failure *at says what is in the way; nothing has been written then. Blocks, as all
 * of issue.h does; safe in threads. `notes` receives warnings.
 *
 * *ca is the CA's certificate, to be shown to the hub, which the caller destroys; NULL for what
 * signs itself, and for a CA whose file holds more than one certificate.
 */
int order_fill(const struct order *order, struct issued *made, struct credential **ca,
               struct findings *notes, enum order_part *at, struct err *err) ATTR_MUST_USE;

#endif
