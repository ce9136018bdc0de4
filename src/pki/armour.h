/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ARMOUR_H
#define COMCERT_PKI_ARMOUR_H

#include <stdbool.h>
#include <stddef.h>

#include "pki/der.h"

/* The lines around a PEM block, in every state in which they can still be told. */

struct armour_label {
    const char *text;
    enum der_kind kind; /* what belongs under it; DER_KIND_UNKNOWN if that cannot be read here */
    bool odd;           /* other programs read it, small ones do not */
    bool is_private;
    const char *stranger; /* for kinds that cannot be read: what they are */
};

struct armour {
    bool end;                         /* END, not BEGIN */
    size_t start, stop;               /* where it stands in the text, hyphens included */
    const struct armour_label *label; /* never NULL */
    const char *fault; /* what is not as RFC 7468 wants it, as the end of "the BEGIN line ..."; or
                          NULL */
};

/* The next armour in chars (from text.h) at or after `from`; false if there is none. */
bool armour_next(const char *chars, size_t n, size_t from, struct armour *out);

#endif
