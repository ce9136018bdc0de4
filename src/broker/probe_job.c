/* SPDX-License-Identifier: MIT */
#include "broker/probe_job.h"

#include <stdlib.h>
#include <string.h>

void probe_account_of_job(const struct job *job, struct probe_account *account)
{
    const char *port = job_value(job, SETTING_PORT);
    const char *tls = job_value(job, SETTING_TLS);

    *account = (struct probe_account){
        .host = job_value(job, SETTING_BROKER),
        .port = port != NULL ? atoi(port) : 0,
        .tls = tls == NULL || strcmp(tls, "true") == 0,
        .client_id = job_value(job, SETTING_CLIENT_ID),
        .username = job_value(job, SETTING_USERNAME),
        .password = &job->password,
        .topic = job_value(job, SETTING_TOPIC),
        .server_ca = job->credentials[SLOT_SERVER_CA].credential,
        .device_cert = job->credentials[SLOT_DEVICE_CERT].credential,
        .device_key = job->credentials[SLOT_DEVICE_KEY].credential,
    };
}
