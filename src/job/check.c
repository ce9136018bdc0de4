/* SPDX-License-Identifier: MIT */
#include "job/check.h"

#include <string.h>

#include "job/check_part.h"

const char *const azure_domains[] = {
    ".azure-devices.net",
    ".azure-devices.us",
    ".azure-devices.cn",
    NULL,
};

static const char *const aws_domains[] = {".amazonaws.com", ".amazonaws.com.cn", NULL};

static bool in_domains(const char *host, const char *const *domains)
{
    for (; host != NULL && *domains != NULL; domains++) {
        if (host_ends(host, *domains))
            return true;
    }
    return false;
}

static void find_cloud(struct check *c)
{
    bool azure = in_domains(c->broker, azure_domains);
    bool aws = in_domains(c->broker, aws_domains);

    c->cloud_host = azure || aws;
    if (azure)
        c->cloud = host_ends(c->broker, azure_domains[0]) ? CLOUD_AZURE : CLOUD_AZURE_SOVEREIGN;
    else if (aws)
        c->cloud = CLOUD_AWS;
    else if (c->job->preset == PRESET_AZURE)
        c->cloud = CLOUD_AZURE;
    else if (c->job->preset == PRESET_AWS)
        c->cloud = CLOUD_AWS;
}

bool check_is_azure(const struct check *c)
{
    return c->cloud == CLOUD_AZURE || c->cloud == CLOUD_AZURE_SOVEREIGN;
}

struct place check_id_place(const struct check *c)
{
    if (c->job->device_id == NULL)
        return job_setting_place(c->job, SETTING_CLIENT_ID);
    return (struct place){
        .key = "mqtt.device-id", .file = c->job->file, .line = c->job->device_id_line};
}

struct check check_begin(const struct job *job, time_t now, struct findings *findings)
{
    struct check c = {
        .job = job,
        .findings = findings,
        .now = now,
        .broker = job_value(job, SETTING_BROKER),
        .id = job->device_id != NULL ? job->device_id : job_value(job, SETTING_CLIENT_ID),
    };

    find_cloud(&c);
    return c;
}

void check_job(const struct job *job, time_t now, struct findings *findings)
{
    struct check c = check_begin(job, now, findings);

    check_slots(&c);
    check_pair(&c);
    check_root(&c);
    check_device_cert(&c);
    check_chain(&c);
    check_settings(&c);
    if (check_is_azure(&c)) {
        check_azure(&c);
        check_azure_username(&c);
        check_azure_password(&c);
    } else if (c.cloud == CLOUD_AWS) {
        check_aws(&c);
    }
}

void check_settings_alone(const struct job *job, time_t now, struct findings *findings)
{
    struct check c = check_begin(job, now, findings);

    c.alone = true;
    check_settings(&c);
    if (check_is_azure(&c)) {
        check_azure(&c);
        check_azure_username(&c);
    } else if (c.cloud == CLOUD_AWS) {
        check_aws(&c);
    }
}
