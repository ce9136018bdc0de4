/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/date.h"
#include "base/file.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/sas_args.h"

/* --- the key -------------------------------------------------------------------------------- */

static int read_key_fd(const struct args *args, struct secret *text, struct err *err)
{
    long fd;
    int rc = args_number(args, OPT_KEY_FD, 0, 65535, -1, &fd, err);

    if (rc == 0 && fcntl((int)fd, F_GETFD) < 0)
        return err_set(err, ERR_USAGE, "--key-fd %ld: that descriptor is not open", fd);
    return rc == 0 ? file_read_line_fd((int)fd, SAS_KEY_MAX_TEXT, text, err) : rc;
}

static int read_key_text(const struct args *args, struct secret *text, struct findings *findings,
                         struct err *err)
{
    const char *path = args_value(args, OPT_KEY_FILE);
    struct stat st;

    if (path == NULL)
        return read_key_fd(args, text, err);
    if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
        err_set(err, ERR_USAGE, "--key-file: this is a pipe, not a file");
        err_remedy(err, "Hand it over as a descriptor: --key-fd 3 3< <(COMMAND)");
        return ERR_USAGE;
    }
    return sas_key_read_text(path, text, findings, err);
}

/* The bytes to sign with. What is wrong with the text is a finding, and 0 is answered. */
static int read_key(const struct args *args, const struct sas_asked *asked, struct secret *key,
                    struct findings *findings, struct err *err)
{
    struct place where = {.file = args_value(args, OPT_KEY_FILE)};
    struct secret text = {0}, group = {0};
    int rc;

    if (where.file == NULL)
        where.key = "--key-fd";
    rc = read_key_text(args, &text, findings, err);
    if (rc == 0 && sas_key_decode(&text, where, key, findings) == 0 &&
        asked->registration != NULL) {
        secret_move(&group, key);
        rc = sas_derive(&group, asked->registration, key, err);
    }
    secret_reset(&group);
    secret_reset(&text);
    return rc;
}

/* --- what is said --------------------------------------------------------------------------- */

static int append(struct secret *out, const char *text, struct err *err)
{
    return secret_append(out, text, strlen(text), err);
}

/* A token has no character that JSON would escape. */
static int as_object(struct secret *token, long long expiry, struct err *err)
{
    struct secret object = {0};
    char date[DATE_SIZE], tail[96];
    int rc;

    date_write(date, (time_t)expiry);
    snprintf(tail, sizeof tail, "\",\"expiry\":%lld,\"expires\":\"%s\"}", expiry, date);
    rc = append(&object, "{\"type\":\"sas\",\"token\":\"", err);
    if (rc == 0)
        rc = secret_append(&object, token->data, token->len, err);
    if (rc == 0)
        rc = append(&object, tail, err);
    if (rc == 0)
        secret_move(token, &object);
    secret_reset(&object);
    return rc;
}

static void add_life(struct buf *out, long long seconds)
{
    static const struct {
        long seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        long long n = seconds / units[i].seconds;

        if (n >= 2 || (n == 1 && seconds % units[i].seconds == 0) || units[i].seconds == 1) {
            buf_printf(out, "%s%lld %s%s", seconds % units[i].seconds != 0 ? "about " : "", n,
                       units[i].name, n == 1 ? "" : "s");
            return;
        }
    }
}

static void describe(const struct console *c, const struct sas_asked *asked, time_t now)
{
    const struct sas_resource *r = &asked->resource;
    struct buf b = {0};
    char date[DATE_SIZE];

    if (c->quiet)
        return;
    date_write(date, (time_t)asked->expiry);
    buf_add_str(&b, "token for ");
    if (r->scope != NULL)
        buf_printf(&b, "registration %s at provisioning scope %s", r->registration, r->scope);
    else if (r->device == NULL)
        buf_printf(&b, "the whole of %s", r->host);
    else
        buf_printf(&b, "device %s%s%s at %s", r->device, r->module != NULL ? ", module " : "",
                   r->module != NULL ? r->module : "", r->host);
    if (r->policy != NULL)
        buf_printf(&b, ", with the rights of policy %s", r->policy);
    buf_printf(&b, "; good until %s (", date);
    add_life(&b, asked->expiry - now);
    buf_add_str(&b, ") by the hub's clock");
    if (b.data != NULL)
        print_wrapped(c->people, 0, 4, b.data);
    buf_reset(&b);
}

static int make(const struct console *c, const struct sas_asked *asked, const struct secret *key,
                time_t now, struct err *err)
{
    struct secret token = {0};
    int rc = sas_token(&asked->resource, key, asked->expiry, &token, err);

    if (rc == 0 && c->json)
        rc = as_object(&token, asked->expiry, err);
    if (rc == 0)
        rc = append(&token, "\n", err);
    if (rc == 0 && console_write(token.data, token.len))
        describe(c, asked, now);
    secret_reset(&token);
    return rc;
}

int cmd_sas(const struct args *args)
{
    struct console c = console_make(args, stderr);
    time_t now = time(NULL);
    struct findings findings = {0};
    struct secret key = {0};
    struct sas_asked asked;
    struct err err = {0};
    int status = EXIT_STATUS_OK;
    int rc = sas_asked_read(args, now, &asked, &findings, &err);

    setvbuf(stdout, NULL, _IONBF, 0); /* a buffer would keep a copy of the token */
    if (rc == 0)
        rc = read_key(args, &asked, &key, &findings, &err);
    console_findings(&c, &findings);
    if (rc == 0 && findings_worst(&findings) == SEVERITY_ERROR)
        status = EXIT_STATUS_UNFIT;
    else if (rc == 0)
        rc = make(&c, &asked, &key, now, &err);
    if (rc != 0)
        status = console_error(&err);
    secret_reset(&key);
    findings_reset(&findings);
    sas_asked_reset(&asked);
    return status;
}
