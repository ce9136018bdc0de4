/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "job/check.h"
#include "job/jobfile.h"
#include "job/preset.h"
#include "job/sheet.h"
#include "run/report.h"

/* --- the command line ----------------------------------------------------------------------- */

static const enum option_id azure_only[] = {OPT_HUB, OPT_HOSTNAME, OPT_MODULE, OPT_COUNT};
static const enum option_id aws_only[] = {OPT_ENDPOINT, OPT_TOPIC, OPT_COUNT};

static int check_options(const struct args *args, enum preset preset, struct err *err)
{
    const enum option_id *wrong = preset == PRESET_AZURE ? aws_only : azure_only;

    for (; *wrong != OPT_COUNT; wrong++) {
        if (args_has(args, *wrong))
            return err_set(err, ERR_USAGE, "--%s goes with `settings %s` only",
                           option_info(*wrong)->name, preset == PRESET_AZURE ? "aws" : "azure");
    }
    if (preset == PRESET_AZURE && !args_has(args, OPT_HUB) && !args_has(args, OPT_HOSTNAME))
        return err_set(err, ERR_USAGE, "`settings azure` needs --hub (or --hostname)");
    if (preset == PRESET_AWS && !args_has(args, OPT_ENDPOINT))
        return err_set(err, ERR_USAGE, "`settings aws` needs --endpoint");
    if (!args_has(args, OPT_DEVICE))
        return err_set(err, ERR_USAGE, "`settings` needs --device");
    if (args_has(args, OPT_JOB) && args_has(args, OPT_JSON))
        return err_set(err, ERR_USAGE, "--job and --json exclude each other");
    return args_refuse_empty(args, err);
}

static int read_preset(const char *word, enum preset *out, struct err *err)
{
    int preset = preset_of_name(word);

    if (preset != PRESET_AZURE && preset != PRESET_AWS)
        return err_set(err, ERR_USAGE, "there are settings of azure and of aws, not of `%s`", word);
    *out = (enum preset)preset;
    return 0;
}

static int set(char **field, const char *text, struct err *err)
{
    if (text == NULL)
        return 0;
    free(*field);
    *field = str_copy(text);
    return *field != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int fill_files(const struct args *args, struct job *job, struct err *err)
{
    static const enum option_id options[SLOT_COUNT] = {
        [SLOT_SERVER_CA] = OPT_SERVER_CA,
        [SLOT_DEVICE_CERT] = OPT_DEVICE_CERT,
        [SLOT_DEVICE_KEY] = OPT_DEVICE_KEY,
    };
    const char *profile = args_value(args, OPT_PROFILE);
    int rc = set(&job->profile, profile != NULL ? profile : "infinite", err);

    for (int i = 0; rc == 0 && i < SLOT_COUNT; i++)
        rc = set(&job->credentials[i].path, args_value(args, options[i]), err);
    return rc;
}

static int read_job(const struct args *args, struct job *job, struct err *err)
{
    struct sheet_wish wish = {
        .hub = args_value(args, OPT_HUB),
        .hostname = args_value(args, OPT_HOSTNAME),
        .endpoint = args_value(args, OPT_ENDPOINT),
        .device = args_value(args, OPT_DEVICE),
        .module = args_value(args, OPT_MODULE),
        .topic = args_value(args, OPT_TOPIC),
    };
    int rc = read_preset(args->operands[0], &wish.preset, err);

    if (rc == 0)
        rc = check_options(args, wish.preset, err);
    if (rc == 0)
        rc = sheet_fill(job, &wish, err);
    return rc == 0 ? fill_files(args, job, err) : rc;
}

/* --- the sheet ------------------------------------------------------------------------------ */

enum { LABEL = 26 };

static void print_row(const struct console *c, const struct sheet_row *row)
{
    struct buf value = {0};

    fprintf(c->people, "  %s%-*s%s", console_style(c, STYLE_BOLD), LABEL - 2, row->label,
            console_style(c, STYLE_PLAIN));
    if (row->value != NULL) {
        /* Never broken: it is to be copied. */
        str_escape(&value, row->value, strlen(row->value));
        fprintf(c->people, "%s\n", value.data != NULL ? value.data : "");
    }
    if (row->value != NULL && row->what != NULL)
        fprintf(c->people, "%*s", LABEL, "");
    if (row->what != NULL)
        print_wrapped(c->people, LABEL, LABEL, row->what);
    else if (row->value == NULL)
        fputs("(empty)\n", c->people);
    buf_reset(&value);
}

static void print_notes(const struct console *c, const struct sheet_row *row)
{
    for (size_t i = 0; i < row->note_count; i++) {
        const char *source = sheet_source_name(row->notes[i].source);

        fprintf(c->people, "%*s%s%s:%s ", LABEL, "", console_style(c, STYLE_DIM), source,
                console_style(c, STYLE_PLAIN));
        print_wrapped(c->people, LABEL + strlen(source) + 2, LABEL + 2, row->notes[i].text);
    }
}

static void print_sheet(const struct console *c, const struct sheet *sheet)
{
    const char *where = NULL;

    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_row *row = &sheet->rows[i];
        const char *here = row->slot >= 0 ? sheet_boxes : sheet_window;

        if (here != where)
            fprintf(c->people, "%sTo be entered in %s\n", where != NULL ? "\n" : "", here);
        where = here;
        print_row(c, row);
        print_notes(c, row);
    }
}

static void print_all(const struct console *c, const struct sheet *sheet, const char *text)
{
    print_sheet(c, sheet);
    fputs("\nThe same as a job file (--job prints it alone)\n\n", c->people);
    fputs(text, c->people);
}

static bool print_objects(const struct sheet *sheet, const char *text)
{
    bool good = true;

    for (size_t i = 0; i < sheet->count; i++)
        good &= console_json(json_sheet_row(&sheet->rows[i]));
    return good && console_json(json_job_text(text));
}

static int print(const struct args *args, const struct job *job, struct err *err)
{
    struct console c = console_make(args, stdout);
    struct sheet sheet = {0};
    struct buf text = {0};
    int rc = jobfile_print(job, ".", &text, err);

    if (rc == 0)
        rc = sheet_make(job, &sheet, err);
    if (rc == 0 && args_has(args, OPT_JOB))
        fputs(text.data, stdout);
    else if (rc == 0 && c.json)
        rc = print_objects(&sheet, text.data) ? 0 : err_set(err, ERR_NOMEM, "out of memory");
    else if (rc == 0)
        print_all(&c, &sheet, text.data);
    sheet_reset(&sheet);
    buf_reset(&text);
    return rc;
}

int cmd_settings(const struct args *args)
{
    struct console c = console_make(args, stderr);
    struct findings findings = {0};
    struct err err = {0};
    struct job job;
    int status = EXIT_STATUS_OK;
    int rc;

    job_init(&job);
    rc = read_job(args, &job, &err);
    if (rc == 0) {
        check_settings_alone(&job, time(NULL), &findings);
        console_findings(&c, &findings);
        if (findings_worst(&findings) == SEVERITY_ERROR)
            status = EXIT_STATUS_UNFIT;
        else
            rc = print(args, &job, &err);
    }
    if (rc != 0)
        status = console_error(&err);
    findings_reset(&findings);
    job_reset(&job);
    return status;
}
