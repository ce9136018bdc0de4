/* SPDX-License-Identifier: MIT */
#include "pki/kdf.h"

#include <inttypes.h>
#include <string.h>

#define MAX_ITERATIONS UINT64_C(1000000)
#define MAX_MEMORY     (UINT64_C(64) << 20)
/* scrypt's N * r * p; with N = 16384, r = 8, p = 1, OpenSSL's own choice, it is 2^17 and takes 50
 * ms. */
#define MAX_WORK (UINT64_C(1) << 22)

#define PKCS5(arc) "\x2A\x86\x48\x86\xF7\x0D\x01\x05" arc
#define PKCS12_PBE "\x2A\x86\x48\x86\xF7\x0D\x01\x0C\x01"
#define OID_PBKDF2 PKCS5("\x0C")
#define OID_PBES2  PKCS5("\x0D")
#define OID_SCRYPT "\x2B\x06\x01\x04\x01\xDA\x47\x04\x0B"
#define OID_RC2    "\x2A\x86\x48\x86\xF7\x0D\x03\x02"
#define OID_DES    "\x2B\x0E\x03\x02\x07"

bool kdf_iterations_affordable(struct intake *in, uint64_t iterations, const char *what)
{
    if (iterations <= MAX_ITERATIONS)
        return true;
    intake_say(
        in, SEVERITY_ERROR, "kdf-cost",
        "Write it again with fewer: openssl pkcs8 -topk8 (or pkcs12 -export) with -iter 100000",
        "What is in %s asks for %" PRIu64 " rounds to try one passphrase; more than "
        "%" PRIu64 " are not spent.",
        what, iterations, MAX_ITERATIONS);
    return false;
}

/* scrypt: SEQUENCE { salt, N, r, p, ... } */
static bool scrypt_affordable(struct intake *in, struct der params, const char *what)
{
    struct der body;
    uint64_t n, r, p;

    if (!der_take(&params, DER_SEQUENCE, &body) || !der_skip(&body) ||
        !der_take_number(&body, &n) || !der_take_number(&body, &r) || !der_take_number(&body, &p))
        return true; /* broken: OpenSSL will say so without spending anything */
    /* Each below 2^24, so that the products cannot overflow. */
    if ((n | r | p) >> 24 == 0 && n * r <= MAX_MEMORY / 128 && p * r <= MAX_MEMORY / 128 &&
        n * r * p <= MAX_WORK)
        return true;
    intake_say(in, SEVERITY_ERROR, "kdf-cost",
               "Write it again with less: openssl pkcs8 -topk8 -scrypt",
               "What is in %s asks for more memory or time than is spent to try one passphrase "
               "(scrypt, N=%" PRIu64 " r=%" PRIu64 " p=%" PRIu64 "; up to 64 MiB).",
               what, n, r, p);
    return false;
}

/* PBES2: SEQUENCE { SEQUENCE { kdf, params }, SEQUENCE { cipher, params } } */
static bool pbes2_open(struct der params, struct der *kdf, struct der *kdf_params,
                       struct der *cipher)
{
    struct der body, first, second;

    if (!der_take(&params, DER_SEQUENCE, &body) || !der_take(&body, DER_SEQUENCE, &first) ||
        !der_take(&body, DER_SEQUENCE, &second) || !der_take(&first, DER_OID, kdf) ||
        !der_take(&second, DER_OID, cipher))
        return false;
    *kdf_params = first;
    return true;
}

/* PBKDF2, PBES1 and the PKCS#12 schemes all have SEQUENCE { salt, INTEGER iterations, ... } */
static bool salted_affordable(struct intake *in, struct der params, const char *what)
{
    struct der body;
    uint64_t iterations;

    if (!der_take(&params, DER_SEQUENCE, &body) || !der_skip(&body) ||
        !der_take_number(&body, &iterations))
        return true;
    return kdf_iterations_affordable(in, iterations, what);
}

bool kdf_affordable(struct intake *in, struct der algorithm, const char *what)
{
    struct der oid, kdf, params, cipher;

    if (!der_take(&algorithm, DER_OID, &oid))
        return true;
    if (!DER_IS(oid, OID_PBES2))
        return salted_affordable(in, algorithm, what);
    if (!pbes2_open(algorithm, &kdf, &params, &cipher))
        return true;
    if (DER_IS(kdf, OID_SCRYPT))
        return scrypt_affordable(in, params, what);
    return salted_affordable(in, params, what);
}

bool kdf_is_legacy(struct der algorithm)
{
    struct der oid, kdf, params, cipher;
    size_t prefix = sizeof PKCS12_PBE - 1;

    if (!der_take(&algorithm, DER_OID, &oid))
        return false;
    if (DER_IS(oid, OID_PBES2))
        return pbes2_open(algorithm, &kdf, &params, &cipher) &&
               (DER_IS(cipher, OID_RC2) || DER_IS(cipher, OID_DES));
    /* PKCS#12: 1, 2 RC4; 3, 4 triple DES, which OpenSSL still has; 5, 6 RC2. */
    if (oid.n == prefix + 1 && memcmp(oid.p, PKCS12_PBE, prefix) == 0)
        return oid.p[prefix] != 3 && oid.p[prefix] != 4;
    /* PBES1: DES and RC2 with MD2, MD5 or SHA-1. */
    return oid.n == 9 && memcmp(oid.p, PKCS5(""), 8) == 0 && oid.p[8] < 0x0C;
}
