/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_AZCLI_PART_H
#define COMCERT_JOB_AZCLI_PART_H

#include "job/azcli.h"

/* What the script is made of. */
struct azcli {
    const struct job *job;
    const struct azcli_options *options;
    enum azcli_auth auth;
    const struct cert_info *leaf; /* NULL: no certificate */
    const char *device_option;    /* how it is given to az */
    const char *domain;           /* ".azure-devices.net" */
    struct buf host, hub;         /* "my-hub.azure-devices.net", "my-hub" */
    struct buf device;            /* its ID; without the module, if the job is a module's */
    struct buf stem;              /* of names of files: the device ID without special characters */
    struct buf ca_name;           /* what the CA is called in the hub */
};

void azcli_add_script(struct buf *out, const struct azcli *a);

#endif
