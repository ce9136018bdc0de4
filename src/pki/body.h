/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_BODY_H
#define COMCERT_PKI_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/secret.h"

/* What stands between the armour lines: headers, base64, and whatever crept in. */

enum body_fault {
    BODY_GOOD,
    BODY_EMPTY,
    BODY_STRANGE_CHAR, /* not base64; where and which is noted */
    BODY_AFTER_END,    /* characters after the '=' that ends base64 */
    BODY_COUNT         /* a number of characters that no encoder writes */
};

struct body {
    struct secret der;
    char dek[96]; /* DEK-Info's value; empty if the key is not encrypted in the old way */
    enum body_fault fault;
    size_t fault_line;
    char fault_char;
    /* Lines of first occurrence, 0 if there was none. */
    size_t white_line, nbsp_line, blank_line, width_line, header_line;
    size_t odd_widths;     /* how many lines but the last do not have 64 characters */
    size_t width;          /* of the first such line */
    bool begins_on_armour; /* on the BEGIN line, or ends on the END line */
    bool ends_on_armour;
    bool padding_wrong;
};

/* Reads n characters (from text.h), the first of which stands in line `line`. ERR_NOMEM is the only
 * failure; everything else is in *body, which need not be initialised. */
int body_read(struct body *body, const char *chars, size_t n, size_t line, struct err *err);

void body_reset(struct body *body);

#endif
