/* SPDX-License-Identifier: MIT */
#include "cmd/new.h"

#include <stdarg.h>
#include <string.h>

#include "base/str.h"
#include "pki/validity.h"
#include "run/report.h"

static bool is_silent(const struct new_run *run)
{
    return !run->console.text || run->console.quiet;
}

static void row(FILE *f, const char *name, const char *value, const char *note)
{
    fprintf(f, "  %-14s ", name);
    print_safe(f, value);
    fprintf(f, "%s\n", note);
}

static void say_dates(const struct new_run *run, const struct issued *made)
{
    const struct cert_info cert = {.not_before = made->not_before, .not_after = made->not_after};
    char day[48], left[48], note[96];

    snprintf(note, sizeof note, " (%s)%s", validity_left(&cert, run->wish.now, left, sizeof left),
             made->shortened ? ", when its CA ends" : "");
    row(run->console.people, "valid until", validity_date(made->not_after, day, sizeof day), note);
}

static void say_text(const struct new_run *run, const struct issued *made, const char *what)
{
    const struct console *c = &run->console;
    bool ca = strcmp(run->kind, "ca") == 0 || strcmp(run->kind, "intermediate") == 0;
    FILE *f = c->people;

    fprintf(f, "%s", console_style(c, STYLE_BOLD));
    print_safe(f, what);
    fprintf(f, "%s\n", console_style(c, STYLE_PLAIN));
    if (made->cert_file != NULL)
        row(f, "certificate", made->cert_file, "");
    if (made->chain_file != NULL)
        row(f, "chain", made->chain_file, "  (with the intermediate: this one goes to the device)");
    if (made->csr_file != NULL)
        row(f, "request", made->csr_file, "");
    if (made->key_file != NULL)
        row(f, "private key", made->key_file, ca ? "  (guard it)" : "");
    if (made->cert_file == NULL)
        return;
    if (made->issuer != NULL)
        row(f, "issued by", made->issuer, "");
    say_dates(run, made);
    row(f, "serial", made->serial, "");
    row(f, "SHA-1", made->sha1, "");
    row(f, "SHA-256", made->sha256, "");
}

int new_say(const struct new_run *run, const struct issued *made, const char *what, struct err *err)
{
    if (run->console.json && !console_json(json_new(run->kind, made)))
        return err_set(err, ERR_NOMEM, "out of memory");
    if (!is_silent(run))
        say_text(run, made, what);
    return 0;
}

void new_say_next(const struct new_run *run, const char *fmt, ...)
{
    struct buf text = {0};
    char line[1024];
    va_list args;

    if (is_silent(run))
        return;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    str_safe(&text, line);
    fputs("  ", run->console.people);
    print_wrapped(run->console.people, 2, 4, text.data != NULL ? text.data : "");
    buf_reset(&text);
}

/* As a string of a job file. */
static void quote_config(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *text);
    }
    buf_add_char(out, '"');
}

static void job_line(FILE *f, const char *key, const char *file)
{
    struct buf line = {0};

    if (file == NULL)
        return;
    quote_config(&line, file);
    fprintf(f, "    %s = ", key);
    print_safe(f, line.data != NULL ? line.data : "");
    fputc('\n', f);
    buf_reset(&line);
}

void new_say_job(const struct new_run *run, const char *cert_file, const char *key_file)
{
    FILE *f = run->console.people;

    if (is_silent(run))
        return;
    fputs("  In the job file, under certificates:\n", f);
    job_line(f, "device-cert", cert_file);
    job_line(f, "device-key", key_file);
}
