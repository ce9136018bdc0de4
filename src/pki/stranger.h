/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_STRANGER_H
#define COMCERT_PKI_STRANGER_H

#include "pki/intake.h"

/* Says what a file is that holds neither PEM, DER nor PKCS#12, as far as its first bytes tell. */
void stranger_say(struct intake *in, const unsigned char *bytes, size_t n);

#endif
