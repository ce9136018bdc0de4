/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_ERR_H
#define COMCERT_BASE_ERR_H

#include "base/attr.h"

/*
 * One failed call, told to a person: what went wrong and why (text), where in the user's own file
 * (file, line; empty and 0 where there is none), and what to do about it (remedy; may be empty).
 *
 * Functions that can fail return 0 or one of these negative codes and fill a struct err that the
 * caller provides. Foreign errors (errno, OpenSSL, libserialport, libconfig) are converted where
 * they occur; text never holds a bare errno, and never a key, password or passphrase.
 */
enum err_code {
    ERR_NONE = 0,
    ERR_NOMEM = -1,       /* out of memory, secure memory included */
    ERR_IO = -2,          /* reading or writing failed for another reason than those below */
    ERR_MISSING = -3,     /* no such file, port, profile, key */
    ERR_ACCESS = -4,      /* permission denied */
    ERR_BUSY = -5,        /* somebody else holds it */
    ERR_SYNTAX = -6,      /* not of the form it should have */
    ERR_VALUE = -7,       /* well formed, but not a value that can be used */
    ERR_UNSUPPORTED = -8, /* this system, driver or build cannot do it */
    ERR_GONE = -9,        /* it was there and has gone away */
    ERR_USAGE = -10,      /* the command line is wrong */
    ERR_INTERNAL = -11    /* a fault of this program */
};

struct err {
    enum err_code code;
    int line;
    char file[256];
    char text[512];
    char remedy[256];
};

/* Fills err and returns code. err may be NULL. Clears place and remedy. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* As err_set, with the place in the user's file. line 0 means the file as a whole. */
int err_set_at(struct err *err, enum err_code code, const char *file, int line, const char *fmt,
               ...) ATTR_PRINTF(5, 6);

/* As err_set, for a failed system call: "<what>: <reason in words>". sys is errno, saved by the
 * caller before it called anything else; the code is derived from it. */
int err_set_errno(struct err *err, int sys, const char *fmt, ...) ATTR_PRINTF(3, 4);

/* Adds what to do about it; replaces an earlier remedy. err may be NULL. */
void err_remedy(struct err *err, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif
