/* SPDX-License-Identifier: MIT */
#include "job/azcli.h"

#include <string.h>

#include "base/str.h"
#include "job/azcli_part.h"
#include "job/check_part.h"

/* --- what the job says ---------------------------------------------------------------------- */

static const struct credential *device_cert(const struct job *job)
{
    return job->credentials[SLOT_DEVICE_CERT].credential;
}

static const struct cert_info *leaf_of(const struct job *job)
{
    const struct credential *cert = device_cert(job);

    if (cert == NULL || credential_cert_count(cert) == 0)
        return NULL;
    return credential_cert(cert, credential_leaf(cert));
}

enum azcli_auth azcli_auth(const struct job *job)
{
    const struct cert_info *leaf = leaf_of(job);

    if (leaf == NULL)
        return AZCLI_SHARED_KEY;
    return leaf->self_issued ? AZCLI_SELF_SIGNED : AZCLI_CA_SIGNED;
}

static const char *domain_of(const char *host)
{
    for (size_t i = 0; host != NULL && azure_domains[i] != NULL; i++) {
        if (host_ends(host, azure_domains[i]))
            return azure_domains[i];
    }
    return NULL;
}

/* The hub's classic host name; NULL if the job does not tell the hub. */
static bool add_host(struct buf *out, const struct job *job)
{
    const char *broker = job_value(job, SETTING_BROKER);
    const char *name = job->hub != NULL ? job->hub : domain_of(broker) != NULL ? broker : NULL;
    const char *domain = domain_of(name);

    if (name == NULL)
        return false;
    if (domain == NULL) /* a short name: the broker knows which cloud it is in */
        domain = domain_of(broker) != NULL ? domain_of(broker) : azure_domains[0];
    buf_printf(out, "%.*s%s", (int)strcspn(name, "."), name, domain);
    return true;
}

static const char *id_of(const struct job *job)
{
    return job->device_id != NULL ? job->device_id : job_value(job, SETTING_CLIENT_ID);
}

bool azcli_is_of_later(const struct finding *f)
{
    return f->key != NULL && (strcmp(f->key, slot_key(SLOT_SERVER_CA)) == 0 ||
                              strcmp(f->key, setting_info(SETTING_PASSWORD)->key) == 0);
}

/* --- whether it can be done ----------------------------------------------------------------- */

static int refuse(struct err *err, const char *remedy, const char *what)
{
    err_set(err, ERR_VALUE, "%s", what);
    err_remedy(err, "%s", remedy);
    return ERR_VALUE;
}

static int check_cloud(const struct job *job, struct err *err)
{
    struct findings ignored = {0};
    struct check c = check_begin(job, 0, &ignored);

    if (check_is_azure(&c))
        return 0;
    if (c.cloud == CLOUD_AWS)
        return refuse(err,
                      "Register the certificate in the AWS IoT console, make it active, and attach "
                      "a policy to it.",
                      "the job is for AWS IoT, and there are commands for Azure IoT Hub only");
    return refuse(err, "Name the hub (hub = \"my-hub\") and the preset (preset = \"azure\").",
                  "the job is not for Azure IoT Hub, so there are no commands for it");
}

static bool issued_by_ca(const struct credential *cert, const struct credential *ca)
{
    size_t i = credential_leaf(cert), n = credential_cert_count(cert);

    for (size_t steps = 0; steps < n; steps++) {
        size_t next = 0;

        if (credential_issued_by(cert, i, ca, 0))
            return true;
        while (next < n && (next == i || !credential_issued_by(cert, i, cert, next)))
            next++;
        if (next == n)
            break;
        i = next;
    }
    return false;
}

/* The file goes to the hub as it is. */
static int check_ca(const struct job *job, const struct credential *ca, struct err *err)
{
    static const char which[] = "Name the file with the certificate of the CA that signed it.";

    if (ca == NULL)
        return 0;
    if (azcli_auth(job) != AZCLI_CA_SIGNED)
        return refuse(err, "Leave it out (--ca).",
                      "a CA is given, but the device of this job has no certificate of one");
    if (credential_key(ca) != NULL)
        return refuse(err, "Name a file with the CA's certificate alone.",
                      "the CA's file holds a private key, which must never be uploaded");
    if (credential_cert_count(ca) != 1)
        return refuse(err, which, "the hub takes a file with one certificate in it");
    if (!credential_cert(ca, 0)->is_ca)
        return refuse(err, which, "the certificate given for the CA is not a CA's");
    if (!issued_by_ca(device_cert(job), ca))
        return refuse(err, which, "this CA did not sign the device's certificate");
    return 0;
}

static int check_text(const char *text, const char *title, struct err *err)
{
    if (!has_control(text))
        return 0;
    return err_set(err, ERR_VALUE, "%s holds a control character", title);
}

int azcli_check(const struct job *job, const struct azcli_options *options, struct err *err)
{
    struct buf host = {0};
    int rc = check_cloud(job, err);

    if (rc == 0 && !add_host(&host, job))
        rc =
            refuse(err, "Name the hub (hub = \"my-hub\").", "the job does not say which hub it is");
    buf_reset(&host);
    if (rc == 0 && id_of(job) == NULL)
        rc = refuse(err, "Name the device (device-id = \"pump-7\").",
                    "the job does not say which device it is");
    if (rc == 0)
        rc = check_text(options->resource_group, "the resource group's name", err);
    if (rc == 0)
        rc = check_text(options->location, "the location's name", err);
    if (rc == 0 && options->ca != NULL)
        rc = check_text(credential_name(options->ca), "the name of the CA's file", err);
    if (rc == 0)
        rc = check_text(job->password_file, "the name of the password's file", err);
    return rc == 0 ? check_ca(job, options->ca, err) : rc;
}

/* --- the script ----------------------------------------------------------------------------- */

/* A file name that no shell and no option parser stumbles over. */
static void add_stem(struct buf *out, const char *id)
{
    for (const char *p = id; *p != '\0'; p++) {
        bool plain = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') ||
                     (*p >= '0' && *p <= '9') || *p == '_' || (p != id && (*p == '-' || *p == '.'));

        buf_add_char(out, plain ? *p : '_');
    }
}

/* A certificate's name in the hub: 1 to 64 letters, digits and - _ . */
static void add_ca_name(struct buf *out, const struct credential *ca)
{
    const char *name = ca != NULL ? credential_cert(ca, 0)->common_name : NULL;
    struct buf stem = {0};

    add_stem(&stem, name != NULL && name[0] != '\0' ? name : "device-ca");
    buf_printf(out, "%.64s", stem.data != NULL ? stem.data : "");
    out->failed |= stem.failed;
    buf_reset(&stem);
}

static bool begin(struct azcli *a, const struct job *job, const struct azcli_options *options)
{
    const char *domain, *device;

    *a = (struct azcli){
        .job = job, .options = options, .auth = azcli_auth(job), .leaf = leaf_of(job)};
    buf_printf(&a->device, "%.*s", (int)strcspn(id_of(job), "/"), id_of(job));
    device = a->device.data != NULL ? a->device.data : "";
    /* az reads "-x" as an option, "@x" as the name of a file. */
    a->device_option = device[0] == '-' || device[0] == '@' ? "--device-id=\"$DEVICE\""
                                                            : "--device-id \"$DEVICE\"";
    add_host(&a->host, job);
    domain = a->host.data != NULL ? domain_of(a->host.data) : NULL;
    a->domain = domain != NULL ? domain : azure_domains[0];
    buf_printf(&a->hub, "%.*s", a->host.data != NULL ? (int)strcspn(a->host.data, ".") : 0,
               a->host.data != NULL ? a->host.data : "");
    add_stem(&a->stem, device);
    add_ca_name(&a->ca_name, options->ca);
    return !a->device.failed && !a->host.failed && !a->hub.failed && !a->stem.failed &&
           !a->ca_name.failed;
}

void azcli_print(const struct job *job, const struct azcli_options *options, struct buf *out)
{
    struct azcli a;

    if (begin(&a, job, options))
        azcli_add_script(out, &a);
    else
        out->failed = true;
    buf_reset(&a.device);
    buf_reset(&a.host);
    buf_reset(&a.hub);
    buf_reset(&a.stem);
    buf_reset(&a.ca_name);
}
