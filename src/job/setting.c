/* SPDX-License-Identifier: MIT */
#include "job/setting.h"

#include <string.h>

static const struct setting_info settings[SETTING_COUNT] = {
    [SETTING_BROKER] = {"broker", "mqtt.broker", "Broker", false},
    [SETTING_PORT] = {"port", "mqtt.port", "Port", false},
    [SETTING_TLS] = {"tls", "mqtt.tls", "Use SSL", false},
    [SETTING_CLIENT_ID] = {"client-id", "mqtt.client-id", "Client ID", false},
    [SETTING_USERNAME] = {"username", "mqtt.username", "Username", false},
    [SETTING_PASSWORD] = {"password", "mqtt.password-file", "Password", true},
    [SETTING_TOPIC] = {"topic", "mqtt.topic", "Topic", false},
};

const struct setting_info *setting_info(enum setting setting)
{
    return &settings[setting];
}

int setting_of_name(const char *name)
{
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings[i].name, name) == 0)
            return i;
    }
    return -1;
}
