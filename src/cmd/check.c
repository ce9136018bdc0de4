/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/describe.h"
#include "cmd/jobargs.h"
#include "run/report.h"

static void describe(const struct console *c, const struct prepared *p, time_t now, bool full)
{
    if (!c->text || c->quiet)
        return;
    if (p->findings.count > 0)
        fputc('\n', c->people);
    describe_job(c, &p->job, now);
    if (full) {
        describe_plan(c, p->plan);
    } else {
        describe_plan_short(c, p->plan);
        describe_manual(c, p->plan);
    }
}

static void conclude(const struct console *c, const struct prepared *p)
{
    size_t errors = findings_count(&p->findings, SEVERITY_ERROR);
    size_t warnings = findings_count(&p->findings, SEVERITY_WARNING);

    if (!c->text || (c->quiet && errors == 0))
        return;
    if (!prepared_is_fit(p))
        fprintf(c->people, "%sNot fit to send%s: %zu error%s, %zu warning%s.\n",
                console_style(c, STYLE_BAD), console_style(c, STYLE_PLAIN), errors,
                errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
    else if (p->unaccepted > 0)
        fprintf(c->people,
                "%sFit to send once %zu assumed command%s accepted%s (--accept-assumed); %zu "
                "warning%s.\n",
                console_style(c, STYLE_WARN), p->unaccepted, p->unaccepted == 1 ? " is" : "s are",
                console_style(c, STYLE_PLAIN), warnings, warnings == 1 ? "" : "s");
    else
        fprintf(c->people, "%sFit to send%s: no errors, %zu warning%s.\n",
                console_style(c, STYLE_GOOD), console_style(c, STYLE_PLAIN), warnings,
                warnings == 1 ? "" : "s");
}

static int report(const struct args *args, struct prepared *p, time_t now)
{
    struct console c = console_make(args, stdout);
    int status = prepared_is_fit(p) ? EXIT_STATUS_OK : jobargs_unfit_status(&p->findings);

    console_findings(&c, &p->findings);
    if (status == EXIT_STATUS_OK) {
        describe(&c, p, now, args_has(args, OPT_DRY_RUN));
        if (c.json && !console_json(json_plan(p->plan)))
            status = EXIT_STATUS_INTERNAL;
    }
    conclude(&c, p);
    if (c.json && !console_json(json_result(p->plan, NULL, NULL, &p->findings, status, NULL)))
        status = EXIT_STATUS_INTERNAL;
    return status;
}

int cmd_check(const struct args *args)
{
    struct prepare_options options = {
        .now = time(NULL),
        .only = args_value(args, OPT_ONLY),
        .recover = args_has(args, OPT_RECOVER),
        .lenient_assumed = true,
    };
    const char *at = args_value(args, OPT_AT);
    struct passphrase passphrase = {0};
    struct prepared p;
    struct err err = {0};
    int rc = 0, status;

    if (args_has(args, OPT_LIST))
        return cmd_check_list(args);
    prepared_init(&p);
    if (at != NULL)
        rc = parse_date(at, &options.now, &err);
    if (rc == 0)
        rc = jobargs_read(args, &passphrase, &p, &err);
    if (rc == 0 && !passphrase.interrupted)
        rc = prepare_plan(&p, &options, &err);
    if (rc != 0) {
        status = console_error(&err);
    } else if (passphrase.interrupted) {
        status = EXIT_STATUS_INTERRUPTED;
    } else {
        status = report(args, &p, options.now);
    }
    prepared_reset(&p);
    passphrase_reset(&passphrase);
    return status;
}
