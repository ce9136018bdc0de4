/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_SETTING_H
#define COMCERT_JOB_SETTING_H

#include <stdbool.h>

/* The MQTT settings that a device is given, in the order in which they are sent. */
enum setting {
    SETTING_BROKER,
    SETTING_PORT,
    SETTING_TLS,
    SETTING_CLIENT_ID,
    SETTING_USERNAME,
    SETTING_PASSWORD,
    SETTING_TOPIC,
    SETTING_COUNT
};

struct setting_info {
    const char *name;  /* "client-id": in job files, profiles and --only */
    const char *key;   /* "mqtt.client-id" */
    const char *title; /* "Client ID" */
    bool secret;       /* the password */
};

const struct setting_info *setting_info(enum setting setting);

/* The setting of that name, or -1. */
int setting_of_name(const char *name);

#endif
