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

/* The same for other options: a file and a descriptor. */
int passphrase_init_from(struct passphrase *p, const struct args *args, enum option_id file_option,
                         enum option_id fd_option, struct err *err) ATTR_MUST_USE;

/* A passphrase for a key that is made: the one that was given, or what is typed twice the same on
 * the user's terminal. `what` names the key in the prompt. ERR_USAGE if there is neither; the
 * caller adds which options would give it. May block. */
int passphrase_choose(struct passphrase *p, const char *what, struct secret *out,
                      struct err *err) ATTR_MUST_USE;

/* Wipes. */
void passphrase_reset(struct passphrase *p);

struct passphrase_source passphrase_source(struct passphrase *p);

#endif
