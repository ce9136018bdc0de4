/* SPDX-License-Identifier: MIT */
#include "cmd/sas_args.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "job/token.h"

enum { DEFAULT_TTL = 3600, YEAR = 366 * 24 * 60 * 60, TTL_MAX_YEARS = 100 };

/* --- the command line ----------------------------------------------------------------------- */

static int need(const struct args *args, enum option_id id, const char *why, struct err *err)
{
    return args_has(args, id)
               ? 0
               : err_set(err, ERR_USAGE, "--%s is needed %s", option_info(id)->name, why);
}

static int refuse_beside(const struct args *args, enum option_id id, enum option_id other,
                         struct err *err)
{
    if (!args_has(args, id) || !args_has(args, other))
        return 0;
    return err_set(err, ERR_USAGE, "--%s and --%s exclude each other", option_info(id)->name,
                   option_info(other)->name);
}

static int refuse_excluded(const struct args *args, struct err *err)
{
    static const enum option_id pairs[][2] = {
        {OPT_DPS, OPT_HUB},         {OPT_DPS, OPT_DEVICE},       {OPT_DPS, OPT_MODULE},
        {OPT_DPS, OPT_POLICY},      {OPT_GROUP_KEY, OPT_POLICY}, {OPT_GROUP_KEY, OPT_MODULE},
        {OPT_KEY_FILE, OPT_KEY_FD}, {OPT_TTL, OPT_EXPIRY},
    };
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof pairs / sizeof pairs[0]; i++)
        rc = refuse_beside(args, pairs[i][0], pairs[i][1], err);
    return rc;
}

static int read_target(const struct args *args, struct sas_asked *asked, struct err *err)
{
    struct sas_resource *r = &asked->resource;
    bool dps = args_has(args, OPT_DPS);
    int rc = 0;

    if (dps) {
        rc = need(args, OPT_REGISTRATION, "with --dps", err);
    } else {
        rc = need(args, OPT_HUB, "(or --dps)", err);
        if (rc == 0 && !args_has(args, OPT_POLICY))
            rc = need(args, OPT_DEVICE, "unless the token is for a whole hub (--policy)", err);
        if (rc == 0 && args_has(args, OPT_MODULE))
            rc = need(args, OPT_DEVICE, "with --module", err);
        if (rc == 0 && args_has(args, OPT_REGISTRATION) && !args_has(args, OPT_GROUP_KEY))
            rc = err_set(err, ERR_USAGE, "--registration goes with --dps or --group-key");
    }
    if (rc != 0)
        return rc;
    *r = (struct sas_resource){
        .host = args_value(args, OPT_HUB),
        .device = args_value(args, OPT_DEVICE),
        .module = args_value(args, OPT_MODULE),
        .policy = args_value(args, OPT_POLICY),
        .scope = args_value(args, OPT_DPS),
        .registration = dps ? args_value(args, OPT_REGISTRATION) : NULL,
    };
    if (args_has(args, OPT_GROUP_KEY))
        asked->registration =
            args_has(args, OPT_REGISTRATION) ? args_value(args, OPT_REGISTRATION) : r->device;
    return 0;
}

static int read_expiry(const struct args *args, time_t now, struct sas_asked *asked,
                       struct err *err)
{
    long ttl, expiry;
    char date[DATE_SIZE];
    int rc = args_number(args, OPT_TTL, 1, (long)YEAR * TTL_MAX_YEARS, DEFAULT_TTL, &ttl, err);

    if (rc == 0)
        rc = args_number(args, OPT_EXPIRY, 1, SAS_EXPIRY_MAX, 0, &expiry, err);
    if (rc != 0) {
        if (args_has(args, OPT_EXPIRY))
            err_remedy(err, "Give seconds since 1970, not milliseconds: date -d tomorrow +%%s");
        return rc;
    }
    asked->expiry = expiry > 0 ? expiry : (long long)now + ttl;
    if (asked->expiry > now)
        return 0;
    date_write(date, (time_t)asked->expiry);
    return err_set(err, ERR_USAGE, "--expiry %ld is in the past: %s", expiry, date);
}

static int read_args(const struct args *args, time_t now, struct sas_asked *asked, struct err *err)
{
    int rc = args_refuse_empty(args, err);

    if (rc == 0)
        rc = refuse_excluded(args, err);
    if (rc == 0 && !args_has(args, OPT_KEY_FILE) && !args_has(args, OPT_KEY_FD))
        rc = err_set(err, ERR_USAGE, "the key is needed: --key-file FILE or --key-fd N");
    if (rc == 0)
        rc = read_target(args, asked, err);
    return rc == 0 ? read_expiry(args, now, asked, err) : rc;
}

/* --- names ---------------------------------------------------------------------------------- */

/* What is said of a job's key, told at the option that it came from. */
static const char *option_of(const char *key)
{
    if (key != NULL && strcmp(key, "mqtt.device-id") == 0)
        return "--device";
    if (key != NULL && strcmp(key, "mqtt.client-id") == 0)
        return "--module";
    return "--hub";
}

/* Which names a hub knows is judged as for a job. Only what speaks against a token counts here. */
static void take_judgement(const struct findings *from, bool device, struct findings *to)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct finding *f = &from->items[i];
        const char *option = option_of(f->key);
        bool of_hub = strcmp(option, "--hub") == 0;

        if (of_hub ? f->severity < SEVERITY_WARNING : f->severity < SEVERITY_ERROR || !device)
            continue;
        findings_add(to, f->severity, f->code, (struct place){.key = option}, f->remedy, "%s",
                     f->what);
    }
}

static int check_names(struct sas_asked *asked, time_t now, struct findings *findings,
                       struct err *err)
{
    struct sas_resource *r = &asked->resource;
    struct findings own = {0};
    int rc = token_host(r->host, r->device, r->module, now, &asked->host, &own, err);

    if (rc == 0) {
        take_judgement(&own, r->device != NULL, findings);
        r->host = asked->host;
    }
    findings_reset(&own);
    return rc;
}

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static void check_scope(const struct sas_asked *asked, struct findings *findings)
{
    const char *scope = asked->resource.scope;
    const char *id =
        asked->resource.registration != NULL ? asked->resource.registration : asked->registration;

    if (scope != NULL && scope[strspn(scope, LETTERS_DIGITS)] != '\0')
        findings_add(findings, SEVERITY_ERROR, "dps-scope", (struct place){.key = "--dps"},
                     "Copy the ID scope from the provisioning service's page: 0ne00000000.",
                     "an ID scope has letters and digits only");
    if (id != NULL && id[strspn(id, LETTERS_DIGITS "-._:")] != '\0')
        findings_add(findings, SEVERITY_ERROR, "dps-registration",
                     (struct place){.key = "--registration"}, "Give it exactly as the device will.",
                     "a registration ID has letters, digits and - . _ : only");
}

static void check_life(const struct sas_asked *asked, time_t now, struct findings *findings)
{
    if (asked->expiry - now > YEAR)
        findings_add(findings, SEVERITY_WARNING, "sas-long", (struct place){0},
                     "Make a shorter one, or use a certificate.",
                     "the token lasts for more than a year: so long it serves whoever reads it out "
                     "of the device");
    if (asked->resource.policy != NULL)
        findings_add(findings, SEVERITY_WARNING, "sas-policy", (struct place){.key = "--policy"},
                     "For a device, use the device's own key.",
                     "the token carries the rights of a policy of the hub: whoever reads it may be "
                     "able to act for other devices");
}

int sas_asked_read(const struct args *args, time_t now, struct sas_asked *asked,
                   struct findings *findings, struct err *err)
{
    int rc;

    *asked = (struct sas_asked){0};
    rc = read_args(args, now, asked, err);
    if (rc == 0 && asked->resource.scope == NULL)
        rc = check_names(asked, now, findings, err);
    if (rc == 0) {
        check_scope(asked, findings);
        check_life(asked, now, findings);
    }
    return rc;
}

void sas_asked_reset(struct sas_asked *asked)
{
    free(asked->host);
    *asked = (struct sas_asked){0};
}
