/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "base/config.h"
#include "base/str.h"
#include "job/manifest_part.h"

enum { MAX_COLUMNS = 32 };

static const struct manifest_column own[] = {
    {.name = "device-id", .key = "mqtt.device-id"},
    {.name = "server-ca", .key = "certificates.server-ca", .is_path = true},
    {.name = "device-cert", .key = "certificates.device-cert", .is_path = true},
    {.name = "device-key", .key = "certificates.device-key", .is_path = true},
    {.name = "port", .key = "port.device"},
    {.name = "equipment"},
    {.name = "sha1"},
    {.name = "sha256"},
    {.name = "not-after"},
};

enum { OWN = sizeof own / sizeof own[0] };

const struct manifest_column *manifest_columns(void)
{
    static struct manifest_column all[MAX_COLUMNS + 1];
    size_t n = OWN;

    if (all[0].name != NULL)
        return all;
    for (const struct config_key *k = jobfile_schema(); k->path != NULL && n < MAX_COLUMNS; k++) {
        if (str_starts(k->path, "mqtt.") && k->type != CONFIG_GROUP)
            all[n++] = (struct manifest_column){
                .name = k->path,
                .key = k->path,
                .is_path = strcmp(k->path, "mqtt.password-file") == 0,
                .is_bool = k->type == CONFIG_BOOL,
            };
    }
    memcpy(all, own, sizeof own);
    return all;
}

const struct manifest_column *manifest_column_find(const char *name)
{
    for (const struct manifest_column *c = manifest_columns(); c->name != NULL; c++) {
        if (strcasecmp(c->name, name) == 0)
            return c;
    }
    return NULL;
}

bool manifest_is_secret_name(const char *name)
{
    return strcasestr(name, "password") != NULL || strcasestr(name, "passphrase") != NULL ||
           strcasestr(name, "passwd") != NULL || strcasestr(name, "secret") != NULL;
}

bool manifest_is_secret(const char *text)
{
    return strstr(text, "-----BEGIN") != NULL || strstr(text, "PRIVATE KEY") != NULL ||
           strcasestr(text, "SharedAccessKey=") != NULL ||
           strcasestr(text, "SharedAccessSignature") != NULL;
}
