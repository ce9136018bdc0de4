/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_AZCLI_H
#define COMCERT_JOB_AZCLI_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "job/job.h"

/*
 * The commands of Azure's own command-line program (az with the extension azure-iot) that make a
 * job's hub and device, as a script for a POSIX shell.
 *
 * The script can be run as it stands, and twice: it registers what is not there yet, and shows it.
 * What is billed is done only if a variable says so; what does not end by itself, disables or
 * deletes is commented out. Every value is quoted: a device ID may hold ' $ * and !.
 */

/* How the device of this job proves who it is. */
enum azcli_auth {
    AZCLI_SELF_SIGNED, /* a self-signed certificate, known by its thumbprint */
    AZCLI_CA_SIGNED,   /* a certificate of a CA that the hub is shown */
    AZCLI_SHARED_KEY   /* no certificate */
};

enum azcli_auth azcli_auth(const struct job *job);

struct azcli_options {
    const char *resource_group; /* NULL: named after the hub */
    const char *location;       /* NULL: "westeurope" */
    const struct credential
        *ca; /* the CA of a CA-signed device, to upload; NULL: a variable asks */
};

/* True for what was found in what the cloud is not told, such as the server's CA, or in what can
 * only be had once the device is registered, such as a token: no reason to wait. */
bool azcli_is_of_later(const struct finding *f);

/* ERR_VALUE, with a remedy, if the job is not for Azure IoT Hub, or hub or device ID are not known,
 * or the CA did not issue the device's certificate. */
int azcli_check(const struct job *job, const struct azcli_options *options,
                struct err *err) ATTR_MUST_USE;

/* Adds the script. The job has its preset applied and its credentials read, and passes azcli_check.
 * Memory that runs out shows in out->failed. */
void azcli_print(const struct job *job, const struct azcli_options *options, struct buf *out);

#endif
