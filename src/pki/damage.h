/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_DAMAGE_H
#define COMCERT_PKI_DAMAGE_H

#include "pki/body.h"
#include "pki/intake.h"

/* A block that cannot be read. */
struct damage {
    const char *what; /* "line 3 of x.pem" */
    const char *text; /* its base64 */
    size_t n;
    bool is_private; /* may be a key: nothing of it is shown or compared */
    bool cut_off;    /* there is no END */
    bool in_armour;
};

/* Says why, as exactly as can be told, and which known root it resembles. */
void damage_say(struct intake *in, const struct damage *d, const struct body *body);

#endif
