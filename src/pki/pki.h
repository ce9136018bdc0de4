/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_PKI_H
#define COMCERT_PKI_PKI_H

#include "base/attr.h"
#include "base/err.h"

/*
 * Prepares OpenSSL for keys: allocation functions that wipe on free and realloc (OpenSSL leaves
 * copies of a decoded key on the ordinary heap), then a secure heap of 1 MiB. Must be the first use
 * of OpenSSL in the process, so main calls it before anything else. Also forbids core dumps and
 * ptrace (PR_SET_DUMPABLE). Never twice.
 */
int pki_start(struct err *err) ATTR_MUST_USE;

/* Releases the secure heap (which wipes it). */
void pki_stop(void);

#endif
