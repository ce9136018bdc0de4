/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/jobargs.h"
#include "job/azcli.h"
#include "job/check.h"
#include "job/preset.h"

static bool is_fit(const struct findings *findings)
{
    if (findings->lost)
        return false;
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->items[i].severity == SEVERITY_ERROR &&
            !azcli_is_of_later(&findings->items[i]))
            return false;
    }
    return true;
}

static int read_ca(const struct args *args, struct passphrase *passphrase, struct credential **ca,
                   struct findings *findings, struct err *err)
{
    struct passphrase_source source = passphrase_source(passphrase);
    const char *path = args_value(args, OPT_CA);
    struct place where = {.key = "--ca", .file = path};

    if (path != NULL && path[0] == '\0')
        return err_set(err, ERR_USAGE, "--ca names no file: its value is empty");
    if (path != NULL && credential_read(path, where, &source, ca, findings) != 0 &&
        findings_worst(findings) != SEVERITY_ERROR)
        return err_set(err, ERR_INTERNAL, "%s could not be read", path);
    return 0;
}

static int judge(const struct args *args, struct prepared *p, struct err *err)
{
    const char *at = args_value(args, OPT_AT);
    time_t now = time(NULL);
    int rc = at != NULL ? parse_date(at, &now, err) : 0;

    if (rc == 0)
        rc = preset_apply(&p->job, err);
    if (rc == 0)
        check_job(&p->job, now, &p->findings);
    return rc;
}

static int print(const struct job *job, const struct azcli_options *options, struct err *err)
{
    struct buf script = {0};
    int rc = azcli_check(job, options, err);

    if (rc == 0) {
        azcli_print(job, options, &script);
        if (script.failed)
            rc = err_set(err, ERR_NOMEM, "out of memory");
    }
    if (rc == 0)
        fputs(script.data, stdout);
    buf_reset(&script);
    return rc;
}

/* A job that could not be read has no file's name, and its findings are all there is to say. */
static int conclude(const struct args *args, struct prepared *p, const struct credential *ca)
{
    struct console c = console_make(args, stderr);
    struct azcli_options options = {
        .resource_group = args_value(args, OPT_RESOURCE_GROUP),
        .location = args_value(args, OPT_LOCATION),
        .ca = ca,
    };
    struct err err = {0};

    console_findings(&c, &p->findings);
    if (p->job.file == NULL || !is_fit(&p->findings))
        return jobargs_unfit_status(&p->findings);
    return print(&p->job, &options, &err) == 0 ? EXIT_STATUS_OK : console_error(&err);
}

int cmd_az(const struct args *args)
{
    struct passphrase passphrase = {0};
    struct credential *ca = NULL;
    struct prepared p;
    struct err err = {0};
    int status;
    int rc;

    prepared_init(&p);
    rc = jobargs_read(args, &passphrase, &p, &err);
    if (rc == 0 && !passphrase.interrupted)
        rc = read_ca(args, &passphrase, &ca, &p.findings, &err);
    if (rc == 0 && p.job.file != NULL)
        rc = judge(args, &p, &err);
    if (rc != 0)
        status = console_error(&err);
    else if (passphrase.interrupted)
        status = EXIT_STATUS_INTERRUPTED;
    else
        status = conclude(args, &p, ca);
    credential_destroy(ca);
    prepared_reset(&p);
    passphrase_reset(&passphrase);
    return status;
}
