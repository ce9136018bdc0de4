/* SPDX-License-Identifier: MIT */
#include "pki/der.h"

#include <string.h>

/* Reads tag and length; returns the header's size, or 0. *length is not held against n. */
static size_t header(const unsigned char *p, size_t n, unsigned *tag, uint64_t *length)
{
    size_t count;

    /* Tags above 30 and indefinite lengths do not occur in anything that is looked at here. */
    if (n < 2 || (p[0] & 0x1F) == 0x1F)
        return 0;
    *tag = p[0];
    if (p[1] < 0x80) {
        *length = p[1];
        return 2;
    }
    count = p[1] & 0x7F;
    if (count == 0 || count > 4 || n < 2 + count)
        return 0;
    *length = 0;
    for (size_t i = 0; i < count; i++)
        *length = *length << 8 | p[2 + i];
    return 2 + count;
}

bool der_take(struct der *in, unsigned tag, struct der *content)
{
    unsigned found;
    uint64_t length;
    size_t head = header(in->p, in->n, &found, &length);

    if (head == 0 || found != tag || length > in->n - head)
        return false;
    *content = (struct der){in->p + head, (size_t)length};
    in->p += head + (size_t)length;
    in->n -= head + (size_t)length;
    return true;
}

bool der_skip(struct der *in)
{
    struct der content;

    return in->n > 0 && der_take(in, in->p[0], &content);
}

unsigned der_peek(const struct der *in)
{
    return in->n > 0 ? in->p[0] : 0;
}

bool der_take_number(struct der *in, uint64_t *value)
{
    struct der number;

    if (!der_take(in, DER_INTEGER, &number) || number.n == 0 || (number.p[0] & 0x80) != 0)
        return false;
    *value = 0;
    for (size_t i = 0; i < number.n; i++) {
        if (*value >> 56 != 0) {
            *value = UINT64_MAX;
            break;
        }
        *value = *value << 8 | number.p[i];
    }
    return true;
}

bool der_is(struct der oid, const char *encoded, size_t n)
{
    return oid.n == n && memcmp(oid.p, encoded, n) == 0;
}

uint64_t der_claimed(const void *bytes, size_t n)
{
    unsigned tag;
    uint64_t length;
    size_t head = header(bytes, n, &tag, &length);

    return head == 0 || tag != DER_SEQUENCE ? 0 : head + length;
}

/* SEQUENCE { SEQUENCE tbs, ... }: certificate, request or revocation list? */
static enum der_kind kind_of_signed(struct der tbs)
{
    struct der name, first;

    if (der_peek(&tbs) == DER_CONTEXT_0)
        return DER_KIND_CERT;
    if (der_peek(&tbs) == DER_SEQUENCE) /* no version, as in a version 1 list */
        return DER_KIND_CRL;
    if (!der_take(&tbs, DER_INTEGER, &first) || !der_take(&tbs, DER_SEQUENCE, &name))
        return DER_KIND_UNKNOWN;
    if (der_peek(&name) != DER_OID)
        return DER_KIND_CSR;
    if (!der_skip(&tbs))
        return DER_KIND_UNKNOWN;
    return der_peek(&tbs) == DER_SEQUENCE ? DER_KIND_CERT : DER_KIND_CRL;
}

/* SEQUENCE { INTEGER version, ... }: a private key or PKCS#12. */
static enum der_kind kind_of_versioned(struct der in)
{
    struct der version, content;
    size_t numbers = 0;

    if (!der_take(&in, DER_INTEGER, &version))
        return DER_KIND_UNKNOWN;
    if (der_peek(&in) == DER_OCTET_STRING)
        return DER_KIND_SEC1;
    if (der_take(&in, DER_SEQUENCE, &content)) {
        if (der_peek(&in) == DER_OCTET_STRING)
            return DER_KIND_PKCS8;
        return der_peek(&content) == DER_OID ? DER_KIND_PKCS12 : DER_KIND_UNKNOWN;
    }
    while (der_peek(&in) == DER_INTEGER && der_skip(&in))
        numbers++;
    if (numbers == 8)
        return DER_KIND_PKCS1;
    if (numbers == 5)
        return DER_KIND_DSA;
    if (numbers == 1 && version.n > 8)
        return DER_KIND_PUBLIC_KEY;
    return numbers >= 1 && version.n > 8 ? DER_KIND_PARAMETERS : DER_KIND_UNKNOWN;
}

/* Java and Windows write PKCS#12 and PKCS#7 with indefinite lengths, which der_take does not read:
 * their first bytes tell enough. */
static enum der_kind kind_of_indefinite(const unsigned char *p, size_t n)
{
    if (n < 8)
        return DER_KIND_UNKNOWN;
    if (memcmp(p + 2, "\x02\x01\x03\x30", 4) == 0)
        return DER_KIND_PKCS12;
    return p[2] == DER_OID ? DER_KIND_PKCS7 : DER_KIND_UNKNOWN;
}

enum der_kind der_kind(const void *bytes, size_t n)
{
    struct der in = {bytes, n}, outer, inner;

    if (n > 2 && in.p[0] == DER_SEQUENCE && in.p[1] == 0x80)
        return kind_of_indefinite(in.p, n);
    if (der_peek(&in) == DER_OID && der_take(&in, DER_OID, &outer))
        return DER_KIND_PARAMETERS;
    if (!der_take(&in, DER_SEQUENCE, &outer))
        return DER_KIND_UNKNOWN;
    if (der_peek(&outer) == DER_OID)
        return DER_KIND_PKCS7;
    if (der_peek(&outer) == DER_INTEGER)
        return kind_of_versioned(outer);
    if (!der_take(&outer, DER_SEQUENCE, &inner))
        return DER_KIND_UNKNOWN;
    if (der_peek(&inner) == DER_OID && der_peek(&outer) == DER_BIT_STRING)
        return DER_KIND_PUBLIC_KEY;
    if (der_peek(&inner) == DER_OID && der_peek(&outer) == DER_OCTET_STRING)
        return DER_KIND_PKCS8_ENCRYPTED;
    if (der_peek(&outer) == DER_SEQUENCE)
        return kind_of_signed(inner);
    return DER_KIND_UNKNOWN;
}
