/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_PASSPHRASE_H
#define COMCERT_CMD_PASSPHRASE_H

#include "base/attr.h"
#include "base/err.h"
#include "base/secret.h"
#include "cmd/args.h"
#include "pki/credential.h"

/* Where passphrases come from: --passphrase-file, --passphrase-fd, or a prompt without echo on the
 * user's terminal. Never the command line, never the environment. */
struct passphrase {
    bool prompts; /* may ask on the terminal */
    bool fixed;   /* given by file or descriptor */
    struct secret value;
    char *file; /* the one that was asked for last: a PKCS#12 file is read for each of its slots */
    bool interrupted; /* the user pressed Ctrl-C at a prompt */
};

/* Reads what the options name. ERR_USAGE for both at once or a descriptor that is not open. */
int passphrase_init(struct passphrase *p, const struct args *args, struct err *err) ATTR_MUST_USE;

/* Wipes. */
void passphrase_reset(struct passphrase *p);

struct passphrase_source passphrase_source(struct passphrase *p);

#endif
