/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PKI_ISSUE_H
#define COMCERT_PKI_ISSUE_H

#include <stdbool.h>
#include <time.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/secret.h"
#include "pki/credential.h"

/*
 * Makes keys and certificates: one call, one thing, written to files that appear together or not at
 * all. Everything here blocks: an RSA key takes from 50 ms to several seconds, opening an encrypted
 * CA key a few tenths of one, and files are synced. Safe in threads, as long as each thread has an
 * authority of its own.
 *
 * What is made: X.509 v3, serial numbers of 126 random bits, SHA-256 signatures (SHA-384 by a
 * P-384 key), subject key identifier and authority key identifier, subject CN=<name> and nothing
 * else. Certificates begin two days before they are made: a device whose clock is slow, or has lost
 * its time zone, must not refuse what was made for it this morning.
 *   device  basicConstraints critical CA:FALSE; keyUsage critical digitalSignature (RSA:
 *           keyEncipherment too); extendedKeyUsage clientAuth
 *   CA      basicConstraints critical CA:TRUE (intermediate: pathlen 0); keyUsage critical
 *           keyCertSign, cRLSign
 *
 * File names in the folder `out`: ID.key (0600), ID.crt, ID.chain.pem (only if there is an
 * intermediate: the certificate and its issuers without the root, which is what a device has to
 * present), ID.csr; the code's certificate of a proof of possession is CA.proof.pem. What is not a
 * letter, a digit or one of "-._" in an ID stands as %XX in the file name (its UTF-8 bytes in
 * hexadecimal), so do a dot or hyphen at the front, and the first letter of a name that Windows
 * keeps for itself (con, nul, com1...).
 */

enum new_key {
    NEW_KEY_RSA_2048, /* what every device can use: the default for devices */
    NEW_KEY_RSA_3072, /* the default for a CA */
    NEW_KEY_RSA_4096,
    NEW_KEY_EC_P256,
    NEW_KEY_EC_P384,
    NEW_KEY_COUNT
};

/* "rsa:2048", "ec:p256"... */
const char *new_key_name(enum new_key key);
/* The key of that name, or -1. */
int new_key_of_name(const char *name);

/* How long things last if nobody says. */
enum {
    DAYS_DEVICE = 5 * 365,
    DAYS_INTERMEDIATE = 10 * 365,
    DAYS_CA = 20 * 365,
    DAYS_PROOF = 30,
    DAYS_MAX = 100 * 365
};

struct issue_wish {
    const char *id;   /* the device ID (or the CA's name): becomes the common name, verbatim */
    enum new_key key; /* not for a proof or a request that is signed */
    int days;         /* exactly so many: refused if the issuer does not last as long; 0: as many as
                         above, or until the issuer ends */
    time_t now;
    const char
        *out;     /* folder; created (0755, one level) if it is not there; NULL: the current one */
    bool force;   /* files of these names are replaced; otherwise one is ERR_BUSY */
    bool reissue; /* although the issuer's index has a certificate for this name that is valid */
};

/* What was made. Zero-initialise; issued_reset frees. */
struct issued {
    char *id;        /* the common name */
    char *cert_file; /* each NULL where there is none */
    char *key_file;
    char *chain_file; /* what the device has to present, where that is more than cert_file */
    char *csr_file;
    char *issuer;              /* the issuer's common name; NULL for what is self-signed */
    char serial[48];           /* of the certificate; "" if there is none. Hex, upper case */
    char sha1[41], sha256[65]; /* thumbprints, ready to paste */
    time_t not_before, not_after;
    bool shortened; /* it ends with its issuer, not after the usual number of days */
};

/* The file for the job's device-cert: chain_file if there is one, else cert_file. */
const char *issued_present_file(const struct issued *made);
void issued_reset(struct issued *made);

/* Why nothing can be issued to this device ID (ERR_VALUE): empty, over 64 characters (the limit of
 * a common name), or a character that Azure's device IDs cannot have. 0 if it can. */
int issue_check_id(const char *id, struct err *err) ATTR_MUST_USE;

/* The same for the name of a CA: any text of 1 to 64 printable characters. */
int issue_check_ca_name(const char *name, struct err *err) ATTR_MUST_USE;

/* What is legal in an ID and will be trouble all the same ('*' ends uploads, '#' and '+' break
 * MQTT...): warnings `device-id-special`. */
void issue_id_findings(const char *id, struct findings *findings);

/* The name that the files of an ID begin with: escaped as said above. NULL when memory runs out;
 * the caller frees. */
char *issue_file_stem(const char *id);

/* A key and a certificate that it signs itself: for Azure's "X.509 self-signed", which goes by the
 * thumbprint. */
int issue_self_signed(const struct issue_wish *wish, struct issued *made,
                      struct err *err) ATTR_MUST_USE;

/* A CA of one's own: NAME.crt and NAME.key, and an empty index NAME.issued. The key is encrypted
 * with the passphrase (PKCS#8, PBES2: AES-256-CBC, PBKDF2 with SHA-256, 600,000 rounds); NULL: it
 * is not. An empty passphrase is ERR_VALUE. */
int issue_ca(const struct issue_wish *wish, const struct secret *passphrase, struct issued *made,
             struct err *err) ATTR_MUST_USE;

/* A key and a certificate request: the key stays where it is, the request goes to somebody's CA. */
int issue_csr(const struct issue_wish *wish, struct issued *made, struct err *err) ATTR_MUST_USE;

/* --- a CA at work ------------------------------------------------------------------------------
 */

/* A CA whose key has been opened, with its index of what it issued. */
struct authority;

/*
 * Opens a CA. `path` is its certificate file, with its key beside it (the same name, ending in
 * .key) or in the same file; or a folder with one CA in it. In a folder, CAs that were made here
 * are known by their index (NAME.issued); if there is none, every certificate is looked at. The
 * passphrase source is asked when the key is encrypted.
 *
 * ERR_MISSING, ERR_VALUE... in plain words with a remedy: no CA in the folder, several (which), a
 * device's certificate, an expired one, a key that is not there or belongs to another, a wrong
 * passphrase. `notes` (may be NULL) receives warnings, such as a key that others can read.
 *
 * use_index false: nothing is looked up or written down, for a CA in a folder that cannot be
 * written. Otherwise the index must be writable: ERR_ACCESS.
 */
int authority_open(const char *path, const struct passphrase_source *source, time_t now,
                   bool use_index, struct authority **out, struct findings *notes,
                   struct err *err) ATTR_MUST_USE;

/* Wipes. Accepts NULL. */
void authority_close(struct authority *authority);

/* The CA's own certificate; it lives as long as the authority. */
const struct cert_info *authority_cert(const struct authority *authority);
const char *authority_cert_file(const struct authority *authority);

/* A key and certificate for a device. */
int issue_device(struct authority *authority, const struct issue_wish *wish, struct issued *made,
                 struct err *err) ATTR_MUST_USE;

/* A CA below this one, for nothing but devices (pathlen 0). */
int issue_intermediate(struct authority *authority, const struct issue_wish *wish,
                       const struct secret *passphrase, struct issued *made,
                       struct err *err) ATTR_MUST_USE;

/* Proof of possession: a certificate for the cloud's verification code (wish->id). Its key is not
 * kept: nobody needs it. */
int issue_proof(struct authority *authority, const struct issue_wish *wish, struct issued *made,
                struct err *err) ATTR_MUST_USE;

/* The common name that a certificate request asks for (*id; the caller frees). Its own signature
 * has been verified. ERR_VALUE if it is no request, if the signature does not fit, if it names
 * nothing, or for a key that is too weak. */
int issue_read_request(const char *csr_file, char **id, struct err *err) ATTR_MUST_USE;

/* A certificate for the key of a request. wish->id NULL: for the name that it asks for; else for
 * that ID, whatever it asks for. Extensions that it asks for are never taken over. */
int issue_sign(struct authority *authority, const char *csr_file, const struct issue_wish *wish,
               struct issued *made, struct err *err) ATTR_MUST_USE;

#endif
