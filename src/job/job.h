/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_JOB_H
#define COMCERT_JOB_JOB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "base/secret.h"
#include "job/line.h"
#include "job/setting.h"
#include "pki/credential.h"
#include "pki/slot.h"

enum preset { PRESET_NONE, PRESET_AZURE, PRESET_AWS };

/*
 * What one device is to carry: settings, credentials, which port, which profile. Plain values; all
 * strings are owned by the job and NULL where the user gave none. Made by jobfile or by the wizard;
 * completed by preset_apply and job_load_credentials.
 */
struct job {
    char *file;    /* the job file, for messages; NULL for a job made in the wizard */
    char *profile; /* a built-in profile's name, or the path of a profile file */
    int profile_line;

    char *device;              /* port name or selector */
    struct line_settings line; /* what the user set; the rest is unset */

    enum preset preset;
    char *hub; /* azure: hub name, or its full host name */
    int hub_line;
    char *device_id; /* azure, aws: device ID / thing name */
    int device_id_line;
    struct job_setting {
        char *value;           /* NULL: not given. Port and TLS as text: "8883", "true" */
        int line;              /* in file; 0 for a derived value */
        bool derived;          /* by the preset */
    } settings[SETTING_COUNT]; /* the password's value is always NULL */
    char *password_file;
    int password_line;
    struct secret password; /* read from password_file */

    struct job_credential {
        char *path; /* resolved against the job file; NULL: not given */
        int line;
        struct credential *credential;      /* NULL until job_load_credentials */
        const struct known_root *resembles; /* what the file was before it was damaged; or NULL */
    } credentials[SLOT_COUNT];

    struct {
        int retries;            /* -1: the profile's */
        long window;            /* unechoed bytes in flight; 0: learned, at most 48 */
        char *terminator;       /* NULL: the profile's. One or more bytes */
        long result_timeout_ms; /* 0: the profile's */
        long prompt_timeout_ms;
    } transfer;

    bool accept_all_assumed;
    char *accept_assumed; /* comma-separated names: "device-cert,device-key,abort" */
};

/* A job without any value; retries is -1. */
void job_init(struct job *job);

/* Frees and wipes everything; the job is as after job_init. */
void job_reset(struct job *job);

/* What a command line says over a job: of `over`, port, line and acceptance, where it has them.
 * ERR_NOMEM only. */
int job_overlay(struct job *job, const struct job *over, struct err *err) ATTR_MUST_USE;

/* Reads the credential file of one slot, or does nothing if the job names none; as
 * job_load_credentials. */
int job_load_credential(struct job *job, enum slot slot, const struct passphrase_source *source,
                        struct findings *findings);

/* The same for the password file. */
int job_load_password(struct job *job, struct findings *findings);

/* Reads every credential file and the password file that the job names. Findings say what is wrong
 * with each; ERR_VALUE if any could not be read. A PKCS#12 or combined file named for both device
 * slots is read for each. May block for a passphrase or a slow stick. */
int job_load_credentials(struct job *job, const struct passphrase_source *source,
                         struct findings *findings);

/* Reads a password file: all of it but a line end at its end and a byte order mark. Findings say
 * what is wrong with it, at `place`; then a negative code is answered. May block on a slow stick.
 */
int job_read_password(const char *path, struct place place, struct secret *out,
                      struct findings *findings) ATTR_MUST_USE;

/* True if the user accepted that the assumed command of this name ("device-key", "abort",
 * "client-id") may be sent. */
bool job_accepts(const struct job *job, const char *name);

/* The same, but "everything" is not enough: for what may do harm of its own, such as an abort
 * sequence that may store half a file. */
bool job_accepts_by_name(const struct job *job, const char *name);

/* The value of a setting as text, or NULL. The password's is never given here. */
const char *job_value(const struct job *job, enum setting setting);

/* Where a setting or credential stands in the job file. The key is a constant; the file is the
 * job's. */
struct place job_setting_place(const struct job *job, enum setting setting);
struct place job_credential_place(const struct job *job, enum slot slot);

#endif
