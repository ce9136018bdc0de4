/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/demo.h"
#include "cmd/jobargs.h"
#include "run/wizard.h"

/* Hands a job to the wizard and tells how that went. */
static int run_wizard(struct job *job, struct findings *findings, bool rehearse, bool no_color)
{
    struct wizard_start start = {
        .job = job,
        .findings = findings,
        .rehearse = rehearse,
        .no_color = no_color,
        .version = version_text(),
    };
    struct err err = {0};
    int status = EXIT_STATUS_OK;

    if (cmd_wizard() == NULL)
        err_set(&err, ERR_USAGE, "this comcert was built without the wizard (UI=0)");
    else if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        err_set(&err, ERR_USAGE, "the wizard needs a terminal as standard input and output");
    if (err.code != ERR_NONE) {
        err_remedy(&err, "Use `comcert load JOB`, `comcert check JOB` or `comcert demo`.");
        return console_error(&err);
    }
    if (cmd_wizard()(&start, &status, &err) != 0)
        return console_error(&err);
    return status;
}

int cmd_tui(const struct args *args)
{
    struct console console = console_make(args, stderr);
    struct job job;
    struct findings findings = {0};
    struct err err = {0};
    int rc, status;

    job_init(&job);
    rc = jobargs_read_job(args, &job, &findings, &err);
    if (rc != 0) {
        status = console_error(&err);
    } else if (findings_worst(&findings) == SEVERITY_ERROR) {
        console_findings(&console, &findings);
        status = jobargs_unfit_status(&findings);
    } else {
        status = run_wizard(&job, &findings, false, args_has(args, OPT_NO_COLOR));
    }
    job_reset(&job);
    findings_reset(&findings);
    return status;
}

int cmd_tui_alone(void)
{
    struct job job;
    struct findings findings = {0};
    int status;

    job_init(&job);
    status = run_wizard(&job, &findings, false, false);
    job_reset(&job);
    return status;
}

int cmd_tui_demo(const struct args *args)
{
    struct job job;
    struct findings findings = {0};
    struct err err = {0};
    int status;

    job_init(&job);
    if (demo_make_job(&job, "device-key", &findings, &err) != 0)
        status = console_error(&err);
    else
        status = run_wizard(&job, &findings, true, args_has(args, OPT_NO_COLOR));
    job_reset(&job);
    findings_reset(&findings);
    return status;
}
