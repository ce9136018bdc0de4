/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_SLOT_H
#define COMCERT_PKI_SLOT_H

#include "base/attr.h"

/* The three places in which a device keeps a credential for TLS, in the order in which they are
 * loaded: the two that must match each other travel one after the other. */
enum slot { SLOT_SERVER_CA, SLOT_DEVICE_CERT, SLOT_DEVICE_KEY, SLOT_COUNT };

/* "server-ca", "device-cert", "device-key": as in job files, profiles and on the command line. */
const char *slot_name(enum slot slot);

/* "server CA", "device certificate", "private key": in sentences. */
const char *slot_title(enum slot slot);

/* The config key of the file for this slot: "certificates.server-ca". */
const char *slot_key(enum slot slot);

/* The slot of that name, or -1. */
int slot_of_name(const char *name);

#endif
