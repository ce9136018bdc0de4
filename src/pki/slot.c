/* SPDX-License-Identifier: MIT */
#include "pki/slot.h"

#include <string.h>

static const struct {
    const char *name, *title, *key;
} slots[SLOT_COUNT] = {
    [SLOT_SERVER_CA] = {"server-ca", "server CA", "certificates.server-ca"},
    [SLOT_DEVICE_CERT] = {"device-cert", "device certificate", "certificates.device-cert"},
    [SLOT_DEVICE_KEY] = {"device-key", "private key", "certificates.device-key"},
};

const char *slot_name(enum slot slot)
{
    return slots[slot].name;
}

const char *slot_title(enum slot slot)
{
    return slots[slot].title;
}

const char *slot_key(enum slot slot)
{
    return slots[slot].key;
}

int slot_of_name(const char *name)
{
    for (int i = 0; i < SLOT_COUNT; i++) {
        if (strcmp(slots[i].name, name) == 0)
            return i;
    }
    return -1;
}
