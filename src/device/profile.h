/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_PROFILE_H
#define COMCERT_DEVICE_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/finding.h"
#include "job/line.h"
#include "job/setting.h"
#include "pki/credential.h"
#include "pki/slot.h"

/*
 * A profile says how one family of devices is spoken to. It is data, never code: it can make the
 * program send bytes to the port that the user chose and nothing else.
 *
 * How well each thing is known is its provenance. A key that no proof covers is assumed.
 */
enum provenance { ASSUMED, SEEN, DOCUMENTED };

/* A line end as the device wants or sends it. */
enum eol { EOL_NONE, EOL_CR, EOL_LF, EOL_CRLF };

/* How the device knows that a body is complete. */
enum body_end { END_TERMINATOR, END_LENGTH, END_LENGTH_TERMINATOR };

/* What the device's report says about the body it stored. */
enum digest {
    DIGEST_NONE,
    DIGEST_SIZE,       /* {size} is the body's length in bytes, as sent */
    DIGEST_XOR16,      /* {digest}: XOR of byte pairs, first byte high (Quectel) */
    DIGEST_SHA256_SENT /* {digest}: SHA-256 of the body's bytes, as sent */
};

/* Patterns (pattern.h) or plain texts, ended by NULL; NULL if there are none. Owned by the profile.
 */
typedef char **texts;

/* Frees the list and its texts. Accepts NULL. */
void texts_free(texts list);

/* One command before the first or after the last upload. */
struct profile_step {
    char *send;   /* without line end */
    char *expect; /* pattern */
    int tries;    /* repeated after timeout_ms of no answer; at least 1 */
    long timeout_ms;
};

struct proof {
    char *key; /* "upload", "slots.device-key.command": covers everything below it */
    enum provenance provenance;
    char *source;
};

struct profile {
    char *id;
    char *title;
    char *maker;
    char *source;
    char *file;         /* where it was read from; NULL if built in */
    bool emulator_only; /* no real device has this dialect: only for ptys */

    struct line_settings line;
    enum eol command_eol;

    struct {
        texts boot;      /* lines that a device prints when it starts */
        long timeout_ms; /* for plain commands: settings and steps */
        texts ok, fail;  /* answers to plain commands */
    } answers;

    struct profile_step *prepare, *finish;
    size_t prepare_count, finish_count;

    struct {
        char *prompt; /* a token at the start of a line; NULL: none, the body follows the command */
        long prompt_timeout_ms;
        long settle_ms; /* from prompt to body */
        enum eol body_eol;
        bool body_last_eol; /* the last line of a body has its line end too */
        enum body_end end;
        char *terminator; /* one or more bytes; NULL under END_LENGTH */
        char *forbid;     /* bytes that must not occur in a body besides terminator and 0x7F */
        long max_bytes;   /* 0: unknown */
        long window_ms;   /* the device's own limit for a whole body; 0: none known */
        long result_timeout_ms;
        texts ok, fail;
        char *report; /* pattern of a line before ok that captures {size} or {digest}; NULL */
        enum digest digest;
        enum key_format key_format;
        bool chain; /* device-cert may hold leaf and intermediates, server-ca several roots */
        long rate_percent; /* of the line's speed where the device does not echo; 100 */
        int retries;
    } upload;

    char *slot_command[SLOT_COUNT];       /* template; NULL: this device has no such slot */
    char *setting_command[SETTING_COUNT]; /* template; NULL: no command, a manual step */

    struct {
        char *where;                /* "WA Manager, Edit Device window" */
        char *field[SETTING_COUNT]; /* "Broker IP"; NULL: the setting's own title */
    } manual;

    struct {
        char *send; /* gets the device out of an upload; NULL: no way is known */
        texts answers;
        long timeout_ms;
    } abort;

    struct {
        char *command; /* holds {nonce}; NULL: the device has no such query */
        char *ok;      /* answer when the last upload or setting was stored; holds {nonce} */
        char *fail;    /* answer when it was not; holds {nonce} */
        long timeout_ms;
    } sync;

    struct proof *proofs;
    size_t proof_count;
};

/* The schema of a profile file, as for jobfile_schema. */
struct config_key;
const struct config_key *profile_schema(void);

/* Loads a built-in profile by id ("infinite"), or a profile file by path (a name with a slash or a
 * dot). A relative path is taken from the folder of base_file if that is not NULL. `where` is where
 * the user named it. Everything wrong with the file is a finding; on failure *out is NULL. Built-in
 * ids that are nearly `name` are suggested. Implemented in profilefile.c, which reads files;
 * nothing else in this room does. */
int profile_load(const char *name, const char *base_file, struct place where, struct profile **out,
                 struct findings *findings) ATTR_MUST_USE;

/* The built-in ids, ended by NULL. */
const char *const *profile_builtin_ids(void);
/* The text of a built-in profile, or NULL. */
const char *profile_builtin_text(const char *id);

/* Accepts NULL. */
void profile_destroy(struct profile *p);

/* The provenance of a key of the profile ("slots.device-key.command"): the proof with the longest
 * key that covers it decides. *source (may be NULL) is set to its source, or to "no source". */
enum provenance profile_provenance(const struct profile *p, const char *key, const char **source);

/* "assumed", "seen", "documented". */
const char *provenance_name(enum provenance provenance);

/* The bytes of a line end, "" for EOL_NONE. */
const char *eol_bytes(enum eol eol);

#endif
