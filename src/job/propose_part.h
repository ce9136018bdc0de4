/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_PROPOSE_PART_H
#define COMCERT_JOB_PROPOSE_PART_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "job/check_part.h"
#include "pki/credential.h"

/* The parts of propose_folder. */

struct folder_file {
    char *path;
    const char *name;              /* the last part of path */
    struct credential *credential; /* without its private key; NULL: holds nothing usable */
    bool locked;                   /* what it holds is encrypted */
    bool pkcs12;
    size_t oddities; /* warnings about its form */
};

struct folder {
    struct folder_file *files; /* by name */
    size_t count;
    size_t skipped;
};

enum { NO_FILE = -1 };

/* Index of the file, or NO_FILE, and the sentence that gives the reason. */
struct choice {
    int file;
    struct buf why;
};

/* Fills *out, which is zero. */
int folder_read(const char *path, struct folder *out, struct err *err);
void folder_reset(struct folder *folder);

/* c is as check_begin leaves it, for a job without credentials. */
void propose_device(const struct folder *folder, const struct check *c, struct choice *cert,
                    struct choice *key);

/* The file that holds the private key of this one's certificate, or NO_FILE. */
int propose_key(const struct folder *folder, size_t cert);

/* An encrypted file that has the name of this one but for the extension; rather a key than PKCS#12.
 * NO_FILE if there is none. */
int propose_locked_key(const struct folder *folder, size_t cert);

/* True if the file's name without its extension is this text. */
bool propose_is_stem(const char *text, const char *name);

/* c->cert is the device certificate that was chosen, or NULL. */
void propose_root(const struct folder *folder, const struct check *c, struct choice *root);

/* The file's name, safe to show. */
struct words folder_name(const struct folder *folder, size_t i);

/* --- propose_rank.c ------------------------------------------------------------------------- */

enum { RANKS = 6 };

/* A file that may be chosen. */
struct candidate {
    size_t file;
    const char *sha256; /* of the certificate that it is judged by */
    long rank[RANKS];   /* the more important first; the greater, the better */
    size_t notes;       /* that much may be said about it: decides between copies */

    /* Of a device certificate only. */
    int key; /* the file with its private key, or NO_FILE */
    int has_key, named;
    bool in_time;
};

/* NULL for an empty list. The first of several that are alike. */
const struct candidate *propose_best(const struct candidate *list, size_t count);

/* Adds "; x.pem would do as well", or how many would; copies of one certificate count once. */
void propose_add_others(struct buf *why, const struct folder *folder, const struct candidate *list,
                        size_t count, const struct candidate *best);

/* Adds "; but the device certificate expired on 2025-01-01": the gravest of the findings, if one is
 * a warning or an error. Those of code `but` have been told; NULL: none. */
void propose_add_worst(struct buf *why, const struct findings *findings, const char *but);

#endif
