/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_PEM_H
#define COMCERT_PKI_PEM_H

#include "pki/intake.h"
#include "pki/text.h"

/* Takes in everything that stands in armour in the text, or, if there is no armour at all, base64
 * that is clearly DER; says everything that is odd about it. False if the text holds neither, which
 * is not said. */
bool pem_take(struct intake *in, struct text *text);

#endif
