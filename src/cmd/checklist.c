/* SPDX-License-Identifier: MIT */
#include "run/checklist.h"

#include <stdlib.h>
#include <string.h>

#include "base/signals.h"
#include "cmd/checklist_print.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/jobargs.h"
#include "cmd/progress.h"
#include "run/report.h"

/* Everything that a check of a list holds. */
struct list_check {
    const struct args *args;
    struct console console;
    struct passphrase passphrase;
    struct job over;
    struct manifest *manifest;
    struct jobfile_base *base;
    struct findings findings; /* that concern no row */
    struct checklist list;
    struct progress progress;
    usec began;
};

static void show_progress(void *ctx, size_t done, size_t total)
{
    struct list_check *l = ctx;
    usec now = clock_now();
    usec left = done > 0 ? (now - l->began) / (usec)done * (usec)(total - done) : 0;

    if (now - l->began > USEC_PER_SEC / 2)
        progress_draw(&l->progress, "checked", done, total, left, now);
}

static int check_usage(const struct list_check *l, time_t *now, struct err *err)
{
    const char *at = args_value(l->args, OPT_AT);

    if (args_has(l->args, OPT_DRY_RUN))
        return err_set(err, ERR_USAGE, "--dry-run shows the bytes of one job, not of a list");
    if (args_value(l->args, OPT_LIST)[0] == '\0')
        return err_set(err, ERR_USAGE, "--list names no file: its value is empty");
    *now = time(NULL);
    return at != NULL ? parse_date(at, now, err) : 0;
}

/* Job file and list, both of them whatever is wrong with the other. False if there is nothing to
 * check. */
static bool read_files(struct list_check *l, struct err *err)
{
    const char **sets = calloc(l->args->given_count + 1, sizeof *sets);
    int job_rc, list_rc;

    if (sets == NULL) {
        err_set(err, ERR_NOMEM, "out of memory");
        return false;
    }
    job_rc = jobfile_base_read(l->args->operands[0], sets, jobargs_sets(l->args, sets), &l->base,
                               &l->findings);
    free(sets);
    /* What is only a warning about the job is said of its rows. */
    if (job_rc == 0)
        findings_reset(&l->findings);
    list_rc = manifest_read(args_value(l->args, OPT_LIST), &l->manifest, &l->findings);
    return job_rc == 0 && list_rc == 0;
}

static int run(struct list_check *l, time_t now, struct err *err)
{
    struct passphrase_source source = passphrase_source(&l->passphrase);
    struct checklist_options options = {
        .prepare =
            {
                .now = now,
                .only = args_value(l->args, OPT_ONLY),
                .recover = args_has(l->args, OPT_RECOVER),
                .lenient_assumed = true,
            },
        .over = &l->over,
        .passphrases = &source,
        .wake_fd = -1,
        .every_text = l->console.json,
        .progress = show_progress,
        .ctx = l,
    };
    int rc = signals_start_ending(&options.wake_fd, err);

    if (rc != 0)
        return rc;
    l->began = clock_now();
    rc = checklist_run(l->manifest, l->base, &options, &l->list, &l->findings, err);
    progress_clear(&l->progress);
    signals_stop();
    return rc;
}

static bool print_objects(const struct list_check *l, int status)
{
    for (size_t i = 0; i < l->list.row_count; i++) {
        char *text = json_checklist_row(l->manifest, &l->list, i, l->args->operands[0]);

        if (text == NULL)
            return console_json(NULL);
        /* Not one by one: they come all at once. */
        puts(text);
        free(text);
    }
    return console_json(json_checklist_result(&l->list, &l->findings, status));
}

static int report(struct list_check *l)
{
    bool fit = l->list.fit == l->list.row_count && l->list.row_count > 0 &&
               findings_worst(&l->findings) != SEVERITY_ERROR;
    int status = fit ? EXIT_STATUS_OK : jobargs_unfit_status(&l->findings);

    console_findings(&l->console, &l->findings);
    if (l->console.json && !print_objects(l, status))
        return EXIT_STATUS_INTERNAL;
    if (l->console.text && l->list.row_count > 0)
        checklist_print(&l->console, l->manifest, &l->list, l->args->operands[0]);
    return status;
}

static int check_list(struct list_check *l, struct err *err)
{
    time_t now;
    int rc = check_usage(l, &now, err);

    if (rc == 0)
        rc = jobargs_over(l->args, &l->over, err);
    if (rc == 0)
        rc = passphrase_init(&l->passphrase, l->args, err);
    if (rc != 0)
        return console_error(err);
    /* Nobody answers a thousand prompts. */
    l->passphrase.prompts = false;
    if (read_files(l, err))
        rc = run(l, now, err);
    else if (err->code != ERR_NONE)
        return console_error(err);
    if (l->list.interrupted)
        return EXIT_STATUS_INTERRUPTED;
    if (rc != 0 && rc != ERR_VALUE) {
        checklist_reset(&l->list);
        return console_error(err);
    }
    return report(l);
}

int cmd_check_list(const struct args *args)
{
    struct list_check l = {.args = args, .console = console_make(args, stdout)};
    struct err err = {0};
    int status;

    job_init(&l.over);
    l.progress = (struct progress){.console = &l.console, .unit = "rows"};
    status = check_list(&l, &err);
    checklist_reset(&l.list);
    findings_reset(&l.findings);
    manifest_free(l.manifest);
    jobfile_base_free(l.base);
    job_reset(&l.over);
    passphrase_reset(&l.passphrase);
    return status;
}
