/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/shell.h"
#include "base/str.h"
#include "job/azcli_part.h"

/* The commands are those of the extension azure-iot; long options, so that they can be read. */

static void add(struct buf *out, const char *text)
{
    buf_add_str(out, text);
    buf_add_char(out, '\n');
}

static void add_section(struct buf *out, const char *title)
{
    buf_printf(out, "\n# --- %s\n", title);
}

/* NAME='value' */
static void add_variable(struct buf *out, const char *name, const char *value)
{
    buf_printf(out, "%s=", name);
    shell_quote(out, value);
    buf_add_char(out, '\n');
}

static void add_foreign(struct buf *out, const char *text)
{
    str_escape(out, text, strlen(text));
}

/* --- head ----------------------------------------------------------------------------------- */

static const char *auth_text(enum azcli_auth auth)
{
    static const char *const texts[] = {
        [AZCLI_SELF_SIGNED] = "by its self-signed certificate, known by the thumbprint",
        [AZCLI_CA_SIGNED] = "by a certificate of a CA that the hub is shown",
        [AZCLI_SHARED_KEY] = "by a shared key, from which tokens are made",
    };

    return texts[auth];
}

static void add_head(struct buf *out, const struct azcli *a)
{
    add(out, "#!/bin/sh");
    buf_add_str(out, "# Azure commands for device ");
    add_foreign(out, a->device.data);
    buf_add_str(out, " at ");
    add_foreign(out, a->host.data);
    if (a->job->file != NULL) {
        buf_add_str(out, ", from ");
        add_foreign(out, a->job->file);
    }
    buf_printf(out, "\n# The device proves who it is %s.\n", auth_text(a->auth));
    add(out,
        "# As it stands, this script registers the device if it is not registered, and shows it.");
    add(out, "# It makes no hub unless CREATE_HUB=yes is set. What deletes is commented out.");
    add(out, "# Sign in first: az login");
    if (strcmp(a->domain, ".azure-devices.us") == 0)
        add(out, "# This hub is in Azure Government: az cloud set --name AzureUSGovernment");
    else if (strcmp(a->domain, ".azure-devices.cn") == 0)
        add(out, "# This hub is in Azure China: az cloud set --name AzureChinaCloud");
    add(out, "set -eu\n");
    add_variable(out, "HUB", a->hub.data);
    add_variable(out, "HUB_HOST", a->host.data);
    add_variable(out, "DEVICE", a->device.data);
    add_variable(out, "RG",
                 a->options->resource_group != NULL ? a->options->resource_group : a->hub.data);
    add_variable(out, "LOCATION",
                 a->options->location != NULL ? a->options->location : "westeurope");
}

static void add_extension(struct buf *out)
{
    add_section(out, "the extension for IoT; the old one is in its way");
    add(out, "# az extension remove --name azure-cli-iot-ext");
    add(out, "az extension add --name azure-iot");
}

static void add_hub(struct buf *out)
{
    add_section(out, "the hub, if there is none yet: CREATE_HUB=yes sh THIS-SCRIPT");
    add(out,
        "# F1 is free and has a daily quota of messages. Without --sku it would be S1, which is");
    add(out, "# billed from the day it is made until it is deleted, used or not.");
    add(out, "if [ \"${CREATE_HUB:-no}\" = yes ]; then");
    add(out, "    az group create --name \"$RG\" --location \"$LOCATION\"");
    add(out,
        "    az iot hub create --name \"$HUB\" --resource-group \"$RG\" --location \"$LOCATION\" "
        "\\\n        --sku F1 --partition-count 2");
    add(out, "fi");
    add(out, "HOST=$(az iot hub show --name \"$HUB\" --query properties.hostName --output tsv)");
    add(out, "if [ \"$HOST\" != \"$HUB_HOST\" ]; then");
    add(out, "    echo \"the hub's host name is $HOST; the job has $HUB_HOST\" >&2");
    add(out, "fi");
}

/* --- the CA --------------------------------------------------------------------------------- */

static void add_ca_file(struct buf *out, const struct azcli *a)
{
    struct buf file = {0};

    if (a->options->ca != NULL) {
        const char *name = credential_name(a->options->ca);

        /* az reads "-x" as an option, "@x" as the name of a file with the name in it. */
        buf_printf(&file, "%s%s", name[0] == '-' || name[0] == '@' ? "./" : "", name);
        add_variable(out, "CA_FILE", file.data != NULL ? file.data : "");
        out->failed |= file.failed;
        buf_reset(&file);
        return;
    }
    buf_add_str(out, "# The file with the certificate of the CA: ");
    add_foreign(out, a->leaf->issuer);
    add(out, "\n# (--ca FILE fills it in.)");
    add(out, "CA_FILE=${CA_FILE:?set it to the certificate file of the CA}");
}

static void add_ca(struct buf *out, const struct azcli *a)
{
    add_section(out, "the CA that signed the device's certificate, and the proof that it is yours");
    add_ca_file(out, a);
    add_variable(out, "CA_NAME", a->ca_name.data);
    add(out,
        "if ! az iot hub certificate show --hub-name \"$HUB\" --name \"$CA_NAME\" >/dev/null 2>&1; "
        "then\n"
        "    az iot hub certificate create --hub-name \"$HUB\" --name \"$CA_NAME\" --path "
        "\"$CA_FILE\"\n"
        "fi\n"
        "VERIFIED=$(az iot hub certificate show --hub-name \"$HUB\" --name \"$CA_NAME\" \\\n"
        "    --query properties.isVerified --output tsv)\n"
        "if [ \"$VERIFIED\" != true ]; then\n"
        "    WORK=$(mktemp -d)\n"
        "    trap 'rm -rf \"$WORK\"' EXIT\n"
        "    # Every step changes the etag, so it is read anew before each.\n"
        "    ETAG=$(az iot hub certificate show --hub-name \"$HUB\" --name \"$CA_NAME\" \\\n"
        "        --query etag --output tsv)\n"
        "    CODE=$(az iot hub certificate generate-verification-code --hub-name \"$HUB\" \\\n"
        "        --name \"$CA_NAME\" --etag \"$ETAG\" --query properties.verificationCode --output "
        "tsv)\n"
        "    # Needs the CA's private key beside its certificate; asks for its passphrase.\n"
        "    comcert new proof --ca \"$CA_FILE\" --code \"$CODE\" --out \"$WORK\"\n"
        "    ETAG=$(az iot hub certificate show --hub-name \"$HUB\" --name \"$CA_NAME\" \\\n"
        "        --query etag --output tsv)\n"
        "    az iot hub certificate verify --hub-name \"$HUB\" --name \"$CA_NAME\" --etag "
        "\"$ETAG\" \\\n"
        "        --path \"$(echo \"$WORK\"/*.proof.pem)\"\n"
        "fi");
}

/* --- the device ----------------------------------------------------------------------------- */

static void add_create(struct buf *out, const struct azcli *a, const char *how)
{
    buf_printf(out,
               "if ! az iot hub device-identity show --hub-name \"$HUB\" %s >/dev/null 2>&1; then\n"
               "    az iot hub device-identity create --hub-name \"$HUB\" %s \\\n        %s\nfi\n",
               a->device_option, a->device_option, how);
}

static void add_self_signed(struct buf *out, const struct azcli *a)
{
    struct buf how = {0};

    add(out, "# The thumbprint is the SHA-256 of the certificate; one made anew has another.");
    buf_printf(&how, "--auth-method x509_thumbprint --primary-thumbprint %s", a->leaf->sha256);
    add_create(out, a, how.data != NULL ? how.data : "");
    out->failed |= how.failed;
    buf_reset(&how);
}

static void add_ca_signed(struct buf *out, const struct azcli *a)
{
    add(out, "# The hub compares the certificate's common name with the device ID; case counts.");
    add_create(out, a, "--auth-method x509_ca");
}

/* The connection string stays in the shell: it is in no argument and no other file. Both files are
 * new ones, with the mode of new ones, and the token of the job stays if there is no new one. */
static void add_shared_key(struct buf *out, const struct azcli *a)
{
    add_create(out, a, "--auth-method shared_private_key");
    add_section(out, "its key, and a token made with it: the password of the job");
    buf_add_str(out, "KEY_FILE='");
    buf_add_str(out, a->stem.data);
    add(out, ".sas-key'");
    if (a->job->password_file != NULL) {
        add_variable(out, "TOKEN_FILE", a->job->password_file);
    } else {
        buf_printf(out, "TOKEN_FILE='%s.token'   # in the job: mqtt: { password-file = ... }\n",
                   a->stem.data);
    }
    add(out, "TTL=31536000   # seconds; after that the device needs a new token");
    add(out, "umask 077");
    buf_printf(out,
               "CONNECTION=$(az iot hub device-identity connection-string show --hub-name \"$HUB\" "
               "\\\n    %s --query connectionString --output tsv)\n",
               a->device_option);
    add(out, "printf '%s\\n' \"${CONNECTION##*SharedAccessKey=}\" >\"$KEY_FILE.new\"");
    add(out, "mv -- \"$KEY_FILE.new\" \"$KEY_FILE\"");
    buf_printf(out,
               "comcert sas --hub \"$HUB_HOST\" %s --key-file \"$KEY_FILE\" \\\n"
               "    --ttl \"$TTL\" >\"$TOKEN_FILE.new\"\n"
               "mv -- \"$TOKEN_FILE.new\" \"$TOKEN_FILE\"\n",
               a->device.data[0] == '-' ? "--device=\"$DEVICE\"" : "--device \"$DEVICE\"");
}

static void add_device(struct buf *out, const struct azcli *a)
{
    if (a->auth == AZCLI_CA_SIGNED)
        add_ca(out, a);
    add_section(out, "the device");
    switch (a->auth) {
    case AZCLI_SELF_SIGNED:
        add_self_signed(out, a);
        break;
    case AZCLI_CA_SIGNED:
        add_ca_signed(out, a);
        break;
    case AZCLI_SHARED_KEY:
        add_shared_key(out, a);
        break;
    }
}

/* --- afterwards ----------------------------------------------------------------------------- */

static void add_look(struct buf *out, const struct azcli *a)
{
    add_section(out, "look: is it registered as it should be?");
    buf_printf(out,
               "az iot hub device-identity show --hub-name \"$HUB\" %s \\\n"
               "    --query '{device:deviceId, status:status, auth:authentication.type, "
               "thumbprint:authentication.x509Thumbprint.primaryThumbprint}' \\\n"
               "    --output table\n",
               a->device_option);
    add_section(out, "watch what the device sends; ends with Ctrl-C");
    buf_printf(out, "# az iot hub monitor-events --hub-name \"$HUB\" %s --props all --timeout 0\n",
               a->device_option);
}

static void add_end(struct buf *out, const struct azcli *a)
{
    add_section(out, "shut the device out, and let it in again");
    buf_printf(out,
               "# az iot hub device-identity update --hub-name \"$HUB\" %s --set status=disabled\n"
               "# az iot hub device-identity update --hub-name \"$HUB\" %s --set status=enabled\n",
               a->device_option, a->device_option);
    add_section(out, "clean up; nothing here can be undone, the last lines delete everything");
    buf_printf(out, "# az iot hub device-identity delete --hub-name \"$HUB\" %s\n",
               a->device_option);
    if (a->auth == AZCLI_CA_SIGNED)
        add(out, "# az iot hub certificate delete --hub-name \"$HUB\" --name \"$CA_NAME\" --etag "
                 "\"$(az iot hub certificate show --hub-name \"$HUB\" --name \"$CA_NAME\" --query "
                 "etag --output tsv)\"");
    add(out, "# az iot hub delete --name \"$HUB\" --resource-group \"$RG\"");
    add(out, "# az group delete --name \"$RG\"");
}

void azcli_add_script(struct buf *out, const struct azcli *a)
{
    add_head(out, a);
    add_extension(out);
    add_hub(out);
    add_device(out, a);
    add_look(out, a);
    add_end(out, a);
}
