/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <libconfig.h>
#include <libserialport.h>
#include <openssl/crypto.h>

#include "cmd/cmd.h"

const char *version_text(void)
{
    return COMCERT_VERSION;
}

void version_print(FILE *f)
{
    fprintf(f, "comcert %s\n", version_text());
    fprintf(f, "%s\n", OpenSSL_version(OPENSSL_VERSION));
    fprintf(f, "libserialport %s\n", sp_get_package_version_string());
    fprintf(f, "libconfig %d.%d.%d\n", LIBCONFIG_VER_MAJOR, LIBCONFIG_VER_MINOR,
            LIBCONFIG_VER_REVISION);
    fprintf(f, "jansson %s\n", jansson_version_str());
}
