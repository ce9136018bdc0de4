/* SPDX-License-Identifier: MIT */
#include "cmd/jobargs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmd/cmd.h"
#include "job/jobfile.h"

int parse_date(const char *text, time_t *out, struct err *err)
{
    struct tm tm = {0};
    struct tm back;
    char end;

    if (strlen(text) == 10 &&
        sscanf(text, "%4d-%2d-%2d%c", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &end) == 3) {
        struct tm asked = tm;

        tm.tm_year -= 1900;
        tm.tm_mon -= 1;
        *out = timegm(&tm);
        /* timegm turns 31 February into 3 March. */
        if (gmtime_r(out, &back) != NULL && back.tm_mday == asked.tm_mday &&
            back.tm_mon == asked.tm_mon - 1 && back.tm_year == asked.tm_year - 1900)
            return 0;
    }
    return err_set(err, ERR_USAGE, "`%s` is not a date: write it as 2026-05-17", text);
}

/* --- the command line over the job ---------------------------------------------------------- */

/* Of a fresh job. */
static int override_line(struct job *job, const struct args *args, struct err *err)
{
    const char *frame = args_value(args, OPT_FRAME);
    long baud;
    int flow;
    int rc = args_number(args, OPT_BAUD, 50, 4000000, 0, &baud, err);

    if (rc == 0)
        rc = args_word(args, OPT_FLOW, flow_names, &flow, err);
    if (rc != 0)
        return rc;
    if (frame != NULL && !line_frame_is_valid(frame))
        return err_set(err, ERR_USAGE,
                       "--frame wants data bits 5 to 8, parity N, E or O and 1 or 2 stop bits, "
                       "like 8N1, not `%s`",
                       frame);
    if (baud > 0)
        job->line.baud = baud;
    if (frame != NULL)
        memcpy(job->line.frame, frame, sizeof job->line.frame);
    if (flow >= 0)
        job->line.flow = (enum flow)flow_of_name(flow_names[flow]);
    return 0;
}

/* Names that --accept-assumed knows: everything that has a command of its own. */
static int check_accepted(const char *list, struct err *err)
{
    const char *words[SLOT_COUNT + SETTING_COUNT + 2];
    size_t n = 0;

    for (enum slot s = 0; s < SLOT_COUNT; s++)
        words[n++] = slot_name(s);
    for (enum setting s = 0; s < SETTING_COUNT; s++)
        words[n++] = setting_info(s)->name;
    words[n++] = "abort";
    words[n] = NULL;
    if (list[strspn(list, ", ")] == '\0')
        return err_set(err, ERR_USAGE,
                       "--accept-assumed= names nothing; without `=` it accepts everything");
    for (const char *p = list; *p != '\0';) {
        size_t len = strcspn(p, ", ");
        char word[64];
        bool known = len == 0;

        snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), p);
        for (size_t i = 0; i < n; i++)
            known |= strcmp(words[i], word) == 0;
        if (!known) {
            const char *near = str_nearest(word, words);

            return err_set(err, ERR_USAGE, "--accept-assumed: nothing is called `%s`%s%s%s", word,
                           near != NULL ? "; did you mean `" : "", near != NULL ? near : "",
                           near != NULL ? "`?" : "");
        }
        p += len;
        p += strspn(p, ", ");
    }
    return 0;
}

static int override_accepted(struct job *job, const struct args *args, struct err *err)
{
    const char *list = args_value(args, OPT_ACCEPT_ASSUMED);
    int rc;

    job->accept_all_assumed = args_has(args, OPT_ACCEPT_ASSUMED) && list == NULL;
    if (list == NULL)
        return 0;
    rc = check_accepted(list, err);
    if (rc != 0)
        return rc;
    job->accept_assumed = str_copy(list);
    return job->accept_assumed != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

int jobargs_over(const struct args *args, struct job *over, struct err *err)
{
    const char *port = args_value(args, OPT_PORT);
    int rc = override_line(over, args, err);

    if (rc == 0)
        rc = override_accepted(over, args, err);
    if (rc == 0 && port != NULL && port[0] == '\0')
        return err_set(err, ERR_USAGE, "--port names no port: its value is empty");
    over->device = str_copy(port);
    if (rc == 0 && port != NULL && over->device == NULL)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    return rc;
}

size_t jobargs_sets(const struct args *args, const char **out)
{
    size_t n = 0;

    while (args_value_at(args, OPT_SET, n) != NULL) {
        out[n] = args_value_at(args, OPT_SET, n);
        n++;
    }
    return n;
}

int jobargs_read_job(const struct args *args, struct job *job, struct findings *findings,
                     struct err *err)
{
    const char **sets = calloc(args->given_count + 1, sizeof *sets);
    const char *path = args->operand_count > 0 ? args->operands[0] : NULL;
    struct job over;
    size_t n;
    int rc;

    if (sets == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    job_init(&over);
    n = jobargs_sets(args, sets);
    /* What is wrong with the command line is told before any file is looked at. */
    rc = jobargs_over(args, &over, err);
    if (rc == 0 && path == NULL && n > 0)
        rc = err_set(err, ERR_USAGE, "--set overrides a key of a job, and no job is named");
    if (rc == 0 && (path == NULL || jobfile_read(path, sets, n, job, findings) == 0))
        rc = job_overlay(job, &over, err);
    job_reset(&over);
    free(sets);
    return rc;
}

int jobargs_read(const struct args *args, struct passphrase *passphrase, struct prepared *p,
                 struct err *err)
{
    struct passphrase_source source = passphrase_source(passphrase);
    int rc = jobargs_read_job(args, &p->job, &p->findings, err);

    if (rc == 0)
        rc = passphrase_init(passphrase, args, err);
    /* Nothing is known of the credentials of a job that could not be read. */
    if (rc == 0 && p->job.file != NULL &&
        job_load_credentials(&p->job, &source, &p->findings) != 0 &&
        findings_worst(&p->findings) != SEVERITY_ERROR)
        rc = err_set(err, ERR_INTERNAL, "the credentials could not be read");
    return rc;
}

int jobargs_unfit_status(const struct findings *findings)
{
    return findings_get(findings, "config-set") != NULL ? EXIT_STATUS_USAGE : EXIT_STATUS_UNFIT;
}
