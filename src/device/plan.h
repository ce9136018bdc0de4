/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_PLAN_H
#define COMCERT_DEVICE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/finding.h"
#include "base/secret.h"
#include "device/profile.h"
#include "device/template.h"
#include "job/job.h"

/*
 * A plan is job x profile: the ordered list of exchanges that load one device, each fully expanded
 * into bytes before a port is opened. --dry-run prints it, the loader executes it.
 */

enum exchange_kind {
    EXCHANGE_RECOVER, /* --recover: end an upload that an earlier run may have left open */
    EXCHANGE_STEP,    /* prepare, finish */
    EXCHANGE_SETTING, /* a command, then success */
    EXCHANGE_UPLOAD   /* command, prompt, body, end of body, success */
};

struct exchange {
    enum exchange_kind kind;
    char *name;  /* "recover", "prepare-1", "client-id", "device-key" */
    int slot;    /* enum slot of an upload, else -1 */
    int setting; /* enum setting of a setting, else -1 */

    bool confidential;          /* a key or a password: see TRANSFER.md section 8 */
    enum provenance provenance; /* of the command */
    const char *source;         /* of that; belongs to the profile */

    struct secret command;  /* as sent, line end included; wiped with the plan */
    size_t command_eol_len; /* how many bytes of it are the line end */
    char *prompt;           /* NULL: none */
    struct secret body; /* as sent: line ends turned into the profile's; without the terminator */
    char *terminator;   /* bytes that end the body; "" if its length does */
    enum eol body_eol;

    texts ok, fail; /* patterns, expanded; own copies, ended by NULL */
    char *report;   /* expanded pattern, or NULL */
    enum digest digest;
    char expected_digest[65]; /* upper-case hex, or decimal for DIGEST_SIZE; "" */

    int tries;                                   /* for a step */
    usec prompt_timeout, settle, result_timeout; /* for settings and steps: result_timeout */
};

/* A setting that this profile has no command for: somebody has to type it in the maker's software.
 */
struct manual_step {
    enum setting setting;
    const char *where; /* "WA Manager, Edit Device window"; or "the device's own software" */
    const char *field; /* "Broker IP" */
    const char *value; /* belongs to the job; NULL for the password */
};

struct plan {
    const struct profile *profile; /* not owned; must outlive the plan */
    struct line_settings line;     /* complete: defaults < profile < job */
    struct exchange *exchanges;
    size_t count;
    struct manual_step *manual;
    size_t manual_count;

    struct { /* the profile's abort, if it may be sent: documented, or accepted */
        bool usable;
        enum provenance provenance;
    } abort;
    struct { /* the profile's sync query: the same */
        bool usable;
        enum provenance provenance;
    } sync;
    int retries;
    size_t window; /* unechoed bytes in flight: fixed by profile or job; 0: learned, at most 48 */
    long rate_percent;

    char **accepted; /* names of the assumed commands that are in this plan and were accepted */
    size_t accepted_count;

    usec line_time; /* of all bytes out, at the line's speed */
    usec limit;     /* nothing can take longer than this, whatever the device does: see below */
};

enum { PLAN_COMMAND_MAX = 2048 }; /* bytes of a command, line end included */

/* What the loader grants at most, however slowly the line takes the bytes: for a command or a body
 * that much, or so many times its line time if that is longer; to recover; and for everything that
 * has no limit of its own (settling, quiet between attempts, judging an echo) in each attempt.
 *
 * plan.limit is the sum over all exchanges. One attempt is: command, prompt, settle, body, result,
 * abort and sync with their own timeouts and the time to send them, slack. Uploads count retries +
 * 1 attempts, steps their tries. */
#define PLAN_SEND_LIMIT_MIN (30 * USEC_PER_SEC)
#define PLAN_SEND_LIMIT_FACTOR                                                                     \
    20 /* a retry, or a slow pace, goes at a tenth of the line's speed at the least */
#define PLAN_RECOVER_LIMIT (30 * USEC_PER_SEC)
#define PLAN_SLACK         (3 * USEC_PER_SEC)

struct plan_options {
    const char *only;  /* comma-separated names of slots and settings; NULL: everything */
    bool recover;      /* put EXCHANGE_RECOVER first */
    bool is_pty;       /* what the port is known to be: `bench` is refused where it is not one */
    bool port_unknown; /* no port named (check): that refusal is left out */
};

/*
 * Expands the plan. All causes that speak against it are findings, at once: value-unsafe,
 * wrong-slot (each unless findings has it from check_job already), value-missing, value-too-long,
 * pem-terminator (the terminator, 0x7F or a forbidden byte is in a body), size-limit, size-large
 * (W, over 4000 bytes), window-too-short, slot-unsupported, assumed-not-accepted (one for each,
 * with its source), emulator-only, only-unknown, plan-empty, line-assumed (W: speed or line ends of
 * the profile are assumed), terminator-unused (W: the job has one, the profile's bodies end by
 * length), recover-unsupported, secret-memory. Settings without a command become manual steps.
 *
 * The names that a job accepts (job_accepts) are those of slots and settings, "prepare" or
 * "prepare-1", "finish" or "finish-1", "abort", "sync", and the id of an emulator-only profile.
 * An abort or sync that is neither documented nor accepted is no finding: it is not used.
 *
 * The job must have its credentials and must stay alive while the plan lives. On ERR_VALUE or
 * ERR_NOMEM *out is NULL.
 *
 * Order: recover, prepare steps, settings, server CA, device certificate, private key (the last two
 * one after the other), finish steps.
 */
int plan_create(const struct job *job, const struct profile *profile,
                const struct plan_options *options, struct plan **out,
                struct findings *findings) ATTR_MUST_USE;

/* Wipes. Accepts NULL. */
void plan_destroy(struct plan *plan);

/* SHA-256, in hex, of all that the plan puts on the line, names included, but for recovering: two
 * plans with the same one send the same. "" when memory runs out. */
void plan_digest(const struct plan *plan, char out[65]);

/* Bytes that an exchange puts on the line. */
size_t exchange_size(const struct exchange *x);

#endif
