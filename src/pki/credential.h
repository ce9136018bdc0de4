/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_CREDENTIAL_H
#define COMCERT_PKI_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/secret.h"
#include "pki/slot.h"

/*
 * What one file holds, decoded: certificates, a private key, or both. PEM in every shape that can
 * be read without guessing, DER, and PKCS#12; everything about the file that a device might stumble
 * over is a finding, because what travels is never the file's own bytes but clean PEM re-encoded
 * from the DER (RFC 7468, 64 columns).
 *
 * Finding codes of this room (severity as listed; E error, W warning, N note):
 *   file-missing E, file-unreadable E, file-empty E, file-too-large E (1 MiB),
 *   pem-bom W, pem-utf16 W, pem-crlf N, pem-cr-only W, pem-extra-text W (text outside the armour;
 *   says so if it holds '*', 0x7F, 0x1A or 0x04), pem-line-length N, pem-whitespace W,
 *   pem-blank-line W, pem-nul W, pem-label W (X509 CERTIFICATE, TRUSTED CERTIFICATE, PKCS#8 body
 *   under RSA PRIVATE KEY), pem-glued W, pem-armour W if what is inside can be read, else E,
 *   pem-nbsp W, pem-escaped W (literal \n text, C strings), pem-label-mismatch W, pem-damaged E
 *   (base64 or DER broken; names the known root that it resembles; or a key whose numbers do not
 *   belong together), cert-resembles-root E (parses, but is a known root with characters changed:
 *   the only error with which *out is set, so that it can be shown),
 *   not-pem E (HTML page, PDF, OpenSSH or PuTTY key, plain text ... named for what it is),
 *   is-csr E, is-crl E, is-pkcs7 E, is-public-key E (these five are W beside something usable),
 *   der-input N, pkcs12-input N, pkcs12-legacy W, key-encrypted E (no passphrase given),
 *   passphrase-wrong E, kdf-cost E (over a million iterations or 64 MiB, read before it is spent),
 *   key-several E (more than one private key in a file), key-unsupported E, key-readable W.
 */
struct credential;

/* How a passphrase is got when a file needs one. ask fills `out`; it may be called again when the
 * passphrase was wrong, with attempt counting up from 0, and answers ERR_MISSING when it has no
 * (further) passphrase to offer. A source whose ask is NULL has none. May block. */
struct passphrase_source {
    int (*ask)(void *ctx, const char *file, int attempt, struct secret *out, struct err *err);
    void *ctx;
};

/* Reads and decodes a file. `where` is where the user named the file (copied into findings; its key
 * is kept). On failure *out is NULL and an error finding says why. */
int credential_read(const char *path, struct place where, const struct passphrase_source *source,
                    struct credential **out, struct findings *findings) ATTR_MUST_USE;

struct known_root;

/* The same, and tells which known root something damaged in the file resembles (*resembles; NULL
 * for none), whether or not *out is set. */
int credential_read_resembling(const char *path, struct place where,
                               const struct passphrase_source *source, struct credential **out,
                               const struct known_root **resembles,
                               struct findings *findings) ATTR_MUST_USE;

/* The same for bytes in memory (pasted text, fuzzers); `name` stands for the file. */
int credential_decode(const char *name, const void *bytes, size_t n, struct place where,
                      const struct passphrase_source *source, struct credential **out,
                      struct findings *findings) ATTR_MUST_USE;

/* Wipes the private key. c can still be described and compared, but not encoded for
 * SLOT_DEVICE_KEY: for whoever looks at many files and needs the keys of none. */
void credential_forget_key(struct credential *c);

/* Accepts NULL. */
void credential_destroy(struct credential *c);

enum key_type { KEY_RSA, KEY_EC, KEY_ED25519, KEY_ED448, KEY_OTHER };

struct key_info {
    enum key_type type;
    int bits;
    char name[32];    /* "RSA 2048", "EC P-256", "Ed25519" */
    bool ec_explicit; /* explicit curve parameters: small TLS libraries refuse them */
    char sha256[65];  /* of the public key's SubjectPublicKeyInfo, hex: tells keys apart, is no
                         secret */
};

/* A certificate, described. Strings are UTF-8 from the certificate itself: escape before showing.
 */
struct cert_info {
    char *subject; /* RFC 2253 order, e.g. "CN=pump-7,O=Example" */
    char *issuer;
    char *common_name; /* the last CN of the subject; NULL if there is none */
    char *serial;      /* hex */
    char *sans;        /* "DNS:a.example, IP:192.0.2.1"; NULL if there are none */
    time_t not_before, not_after;
    int version;      /* 1 or 3 */
    bool is_ca;       /* basicConstraints CA:TRUE */
    bool self_issued; /* subject equals issuer */
    bool self_signed; /* and the signature verifies with its own key */
    bool has_eku;     /* extendedKeyUsage is there ... */
    bool eku_client;  /* ... and lists clientAuth (or anyExtendedKeyUsage) */
    bool eku_server;
    char *eku;           /* "clientAuth, serverAuth"; NULL if absent */
    char *key_usage;     /* "digitalSignature, keyEncipherment"; NULL if absent */
    char *signature;     /* "sha256WithRSAEncryption" */
    bool signature_weak; /* MD5 or SHA-1 */
    struct key_info key;
    char sha1[41]; /* thumbprints of the DER: upper-case hex without colons, ready to paste */
    char sha256[65];
};

/* Certificates in the file's order (PKCS#12: leaf first). */
size_t credential_cert_count(const struct credential *c);
const struct cert_info *credential_cert(const struct credential *c, size_t i);
/* NULL if there is no private key. */
const struct key_info *credential_key(const struct credential *c);
/* The name given at reading. */
const char *credential_name(const struct credential *c);

/* True if the private key of `key` belongs to certificate i of `cert` (compared by public key). */
bool credential_key_matches(const struct credential *key, const struct credential *cert, size_t i);

/* True if certificate i of c was issued by certificate j of issuer: names match and the signature
 * verifies. */
bool credential_issued_by(const struct credential *c, size_t i, const struct credential *issuer,
                          size_t j);

/* Index of the leaf among the certificates of c (the one that issued none of the others), or of the
 * first if that cannot be told. */
size_t credential_leaf(const struct credential *c);

/* Which slot the file fits by what is in it: a key, a CA certificate, a leaf; -1 if none. A file
 * with a certificate and its key fits both SLOT_DEVICE_CERT (answered) and SLOT_DEVICE_KEY. */
int credential_fits(const struct credential *c);

/* Why certificate i cannot be relied on as what it fits (a CA's, or a device's own), in a few
 * words: "expired 2025-03-01", "not valid before 2030-01-01", "for servers only: no clientAuth",
 * "key too short (RSA 1024)", "signed with MD5", ... The gravest reason alone; NULL if there is
 * none. The text stays until the thread's next call. */
const char *credential_unfit(const struct credential *c, size_t i, time_t now);

enum key_format { KEY_FORMAT_PKCS8, KEY_FORMAT_TRADITIONAL };

/*
 * The body for a slot: clean PEM, lines of 64 characters ended by LF, standard labels.
 * SLOT_DEVICE_CERT: the leaf, then (with `chain`) its issuers in order, the root left out.
 * SLOT_SERVER_CA: the first certificate, or (with `chain`) all of them.
 * SLOT_DEVICE_KEY: the key, unencrypted: PKCS#8 as `openssl pkey` writes it, or PKCS#1 / SEC1.
 * ERR_VALUE if c does not hold what the slot needs. Replaces the content of body.
 */
int credential_encode(const struct credential *c, enum slot slot, enum key_format format,
                      bool chain, struct secret *body, struct err *err) ATTR_MUST_USE;

/* The same judgement as a device's: does this body parse as what the slot needs? Strict: one PEM
 * block or more of the right label and nothing else. Used by the emulated device. */
bool credential_device_accepts(enum slot slot, const void *bytes, size_t n);

/* SHA-256 of bytes as upper-case hex. */
void pki_sha256_hex(const void *bytes, size_t n, char out[65]);

#endif
