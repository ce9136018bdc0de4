/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_DER_H
#define COMCERT_PKI_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Just enough DER to tell what a run of bytes is and to read the numbers that decide whether it is
 * safe to go on (iterations, memory) before OpenSSL is asked to do anything with it.
 */
struct der {
    const unsigned char *p;
    size_t n;
};

#define DER_INTEGER      0x02
#define DER_BIT_STRING   0x03
#define DER_OCTET_STRING 0x04
#define DER_OID          0x06
#define DER_UTC_TIME     0x17
#define DER_GENERAL_TIME 0x18
#define DER_SEQUENCE     0x30
#define DER_SET          0x31
#define DER_CONTEXT_0    0xA0

/* Takes one element from the front of `in`: its content in *content, `in` moves past it. False,
 * with nothing changed, if the element is not of this tag, does not fit, or has no definite length.
 */
bool der_take(struct der *in, unsigned tag, struct der *content);

/* Takes one element of any kind; false as above. */
bool der_skip(struct der *in);

/* The tag of the next element, or 0 at the end. */
unsigned der_peek(const struct der *in);

/* Takes a non-negative INTEGER; what does not fit becomes UINT64_MAX. */
bool der_take_number(struct der *in, uint64_t *value);

/* True if the content of an OID element is this dotted OID, given as its encoded bytes. */
bool der_is(struct der oid, const char *encoded, size_t n);
#define DER_IS(oid, encoded) der_is((oid), (encoded), sizeof(encoded) - 1)

/* How long the element at the front says it is, header included; 0 if that cannot be told. Does not
 * need the element to be complete. */
uint64_t der_claimed(const void *bytes, size_t n);

enum der_kind {
    DER_KIND_UNKNOWN,
    DER_KIND_CERT,
    DER_KIND_CSR,
    DER_KIND_CRL,
    DER_KIND_PKCS8,
    DER_KIND_PKCS8_ENCRYPTED,
    DER_KIND_PKCS1, /* RSAPrivateKey */
    DER_KIND_SEC1,  /* ECPrivateKey */
    DER_KIND_DSA,   /* the traditional DSA private key */
    DER_KIND_PUBLIC_KEY,
    DER_KIND_PKCS7,
    DER_KIND_PKCS12,
    DER_KIND_PARAMETERS /* a curve's OID, DH numbers */
};

/* What the first element is by its shape. Its content may still be broken deeper down. */
enum der_kind der_kind(const void *bytes, size_t n);

#endif
