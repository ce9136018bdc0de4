/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_NEW_H
#define COMCERT_CMD_NEW_H

#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/passphrase.h"
#include "pki/issue.h"

/* `comcert new`, one run of it. */
struct new_run {
    const struct args *args;
    struct console console;
    struct issue_wish wish;
    struct passphrase passphrase;     /* of the CA that signs; of a CA that is made */
    struct passphrase new_passphrase; /* of an intermediate that is made */
    struct authority *authority;      /* the CA that signs; NULL */
    struct findings notes;
    const char *kind;
    bool interrupted; /* by a signal, at a point from which a list can go on */
};

/* One for each kind: 0, or an ERR code and *err. What was made has been told. */
int new_self_signed(struct new_run *run, struct err *err);
int new_ca(struct new_run *run, struct err *err);
int new_intermediate(struct new_run *run, struct err *err);
int new_proof(struct new_run *run, struct err *err);
int new_device(struct new_run *run, struct err *err);
int new_csr(struct new_run *run, struct err *err);
int new_sign(struct new_run *run, struct err *err);
/* `new device --list`; sets run->interrupted if the user ended it. */
int new_list(struct new_run *run, const char *list, struct err *err);

/* Opens the CA of --ca. */
int new_open_ca(struct new_run *run, struct err *err);

/* Prints what was made: the files, the dates, the thumbprints; or one object. `what` is the
 * headline without full stop. */
int new_say(const struct new_run *run, const struct issued *made, const char *what,
            struct err *err);

/* Lines after it, indented, for people only; nothing with --quiet. */
void new_say_next(const struct new_run *run, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* The lines that the job file gets; NULL: none. */
void new_say_job(const struct new_run *run, const char *cert_file, const char *key_file);

#endif
