/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_PKCS12_H
#define COMCERT_PKI_PKCS12_H

#include "pki/intake.h"

/* Adds what a PKCS#12 file holds. False if it is broken. */
bool pkcs12_take(struct intake *in, const unsigned char *der, size_t n, const char *what);

#endif
