/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

enum { MAX_CLIENT_ID = 128, MAX_TOPIC = 256, MAX_SLASHES = 7 };

static void add(const struct check *c, enum severity severity, const char *code,
                enum setting setting, const char *remedy, const char *what)
{
    findings_add(c->findings, severity, code, job_setting_place(c->job, setting), remedy, "%s",
                 what);
}

/* {prefix}-ats.iot.{region}.amazonaws.com */
static void check_endpoint(const struct check *c)
{
    static const char find[] = "aws iot describe-endpoint --endpoint-type iot:Data-ATS names it.";
    const char *dot = c->broker != NULL ? strchr(c->broker, '.') : NULL;

    if (c->broker == NULL || strpbrk(c->broker, ":/ ") != NULL || has_control(c->broker))
        return; /* told already */
    if (dot == NULL)
        add(c, SEVERITY_ERROR, "aws-endpoint", SETTING_BROKER, find,
            "this is not an endpoint's full host name");
    else if (!c->cloud_host)
        add(c, SEVERITY_WARNING, "aws-endpoint", SETTING_BROKER, find,
            "this is not a host name of AWS; a domain of one's own works if it was set up so");
    else if (str_starts(dot, ".credentials.iot."))
        add(c, SEVERITY_ERROR, "aws-endpoint", SETTING_BROKER, find,
            "this is the endpoint for credentials, which does not speak MQTT");
    else if (!str_starts(dot, ".iot."))
        add(c, SEVERITY_ERROR, "aws-endpoint", SETTING_BROKER, find,
            "this host of AWS is not an IoT endpoint");
    else if (dot - c->broker < 4 || strncasecmp(dot - 4, "-ats", 4) != 0)
        add(c, SEVERITY_WARNING, "aws-endpoint", SETTING_BROKER, find,
            "the endpoint lacks -ats: the old one presents a chain that Amazon's roots do not "
            "cover");
}

static void check_port(const struct check *c)
{
    const char *port = job_value(c->job, SETTING_PORT);

    if (port == NULL || strcmp(port, "8883") == 0)
        return;
    if (strcmp(port, "443") == 0)
        add(c, SEVERITY_WARNING, "aws-port", SETTING_PORT, "Use port 8883.",
            "port 443 takes MQTT only from devices that send the ALPN name x-amzn-mqtt-ca");
    else
        findings_add(c->findings, c->cloud_host ? SEVERITY_ERROR : SEVERITY_WARNING, "aws-port",
                     job_setting_place(c->job, SETTING_PORT), "Use port 8883.",
                     "AWS IoT does not take MQTT on port %s", port);
}

static void check_client_id(const struct check *c)
{
    const char *client = job_value(c->job, SETTING_CLIENT_ID);
    const char *thing = c->job->device_id;

    if (client == NULL)
        return;
    if (strlen(client) > MAX_CLIENT_ID)
        findings_add(c->findings, SEVERITY_ERROR, "aws-client-id",
                     job_setting_place(c->job, SETTING_CLIENT_ID), "Choose a shorter one.",
                     "the client ID has %zu bytes; AWS IoT allows %d", strlen(client),
                     MAX_CLIENT_ID);
    if (client[0] == '$')
        add(c, SEVERITY_ERROR, "aws-client-id", SETTING_CLIENT_ID, "Choose one without it.",
            "the client ID begins with $, which AWS IoT does not allow");
    if (thing != NULL && strcmp(thing, client) != 0)
        add(c, SEVERITY_NOTE, "aws-thing-name", SETTING_CLIENT_ID,
            "Make them equal if the policy has ${iot:Connection.Thing.ThingName} in it.",
            "client ID and thing name differ");
}

static void check_topic(const struct check *c)
{
    const char *topic = job_value(c->job, SETTING_TOPIC);
    size_t slashes = 0;

    if (topic == NULL)
        return;
    for (const char *p = topic; *p != '\0'; p++)
        slashes += *p == '/';
    if (strlen(topic) > MAX_TOPIC)
        findings_add(c->findings, SEVERITY_ERROR, "aws-topic",
                     job_setting_place(c->job, SETTING_TOPIC), "Choose a shorter one.",
                     "the topic has %zu bytes; AWS IoT allows %d", strlen(topic), MAX_TOPIC);
    /* Amazon's own topics have prefixes that do not count. */
    if (slashes > MAX_SLASHES && topic[0] != '$')
        findings_add(c->findings, SEVERITY_ERROR, "aws-topic",
                     job_setting_place(c->job, SETTING_TOPIC), "Choose one with fewer levels.",
                     "the topic has %zu slashes; AWS IoT allows %d", slashes, MAX_SLASHES);
}

static void check_login(const struct check *c)
{
    if (job_value(c->job, SETTING_USERNAME) != NULL)
        add(c, SEVERITY_NOTE, "aws-username", SETTING_USERNAME,
            "Leave it out unless a custom authoriser wants it.",
            "AWS IoT needs no user name with a certificate");
    if (c->job->credentials[SLOT_DEVICE_CERT].path == NULL && c->cert == NULL &&
        c->job->password_file == NULL && c->broker != NULL)
        findings_add(c->findings, SEVERITY_WARNING, "aws-no-login",
                     job_credential_place(c->job, SLOT_DEVICE_CERT),
                     "Name certificate and key, unless the device has them already.",
                     "there is no device certificate, which AWS IoT knows a device by");
}

void check_aws(const struct check *c)
{
    check_endpoint(c);
    check_port(c);
    check_client_id(c);
    check_topic(c);
    if (!c->alone)
        check_login(c);
}
