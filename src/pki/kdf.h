/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_KDF_H
#define COMCERT_PKI_KDF_H

#include "pki/intake.h"

/* What opening something will cost, read before it is spent. */

/* False, and said, if a passphrase for an algorithm with these parameters (an AlgorithmIdentifier's
 * content) would cost too much to try. */
bool kdf_affordable(struct intake *in, struct der algorithm, const char *what);
bool kdf_iterations_affordable(struct intake *in, uint64_t iterations, const char *what);
/* True if the algorithm needs the legacy provider. */
bool kdf_is_legacy(struct der algorithm);

#endif
