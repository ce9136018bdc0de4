/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "pki/tls.h"

const char *tls_alert_name(int alert)
{
    /* RFC 8446 section 6, and those of older versions that are still sent. */
    static const struct {
        int number;
        const char *name;
    } names[] = {
        {0, "close notify"},
        {10, "unexpected message"},
        {20, "bad record mac"},
        {22, "record overflow"},
        {40, "handshake failure"},
        {42, "bad certificate"},
        {43, "unsupported certificate"},
        {44, "certificate revoked"},
        {45, "certificate expired"},
        {46, "certificate unknown"},
        {47, "illegal parameter"},
        {48, "unknown ca"},
        {49, "access denied"},
        {50, "decode error"},
        {51, "decrypt error"},
        {70, "protocol version"},
        {71, "insufficient security"},
        {80, "internal error"},
        {86, "inappropriate fallback"},
        {90, "user canceled"},
        {100, "no renegotiation"},
        {109, "missing extension"},
        {110, "unsupported extension"},
        {112, "unrecognized name"},
        {113, "bad certificate status response"},
        {115, "unknown psk identity"},
        {116, "certificate required"},
        {120, "no application protocol"},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].number == alert)
            return names[i].name;
    }
    return "one without a name";
}

enum tls_stranger tls_stranger_of(const void *bytes, size_t n)
{
    const unsigned char *b = bytes;

    if (n >= 4 &&
        (memcmp(b, "HTTP", 4) == 0 || memcmp(b, "<htm", 4) == 0 || memcmp(b, "<!DO", 4) == 0))
        return STRANGER_HTTP;
    if (n >= 4 && memcmp(b, "SSH-", 4) == 0)
        return STRANGER_SSH;
    if (n >= 2 && b[0] == 0x20 && b[1] == 0x02) /* CONNACK */
        return STRANGER_MQTT;
    if (n >= 2 && (b[0] == 0x15 || b[0] == 0x16) && b[1] == 0x03)
        return STRANGER_TLS;
    return STRANGER_UNKNOWN;
}
