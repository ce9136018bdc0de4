/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/describe.h"
#include "cmd/passphrase.h"
#include "cmd/jobargs.h"
#include "run/report.h"

/* Answers false if the file is not fit to be sent anywhere. */
static bool show_file(const struct console *c, const char *path, struct passphrase *passphrase,
                      time_t now)
{
    struct passphrase_source source = passphrase_source(passphrase);
    struct place where = {.file = path};
    struct findings findings = {0};
    struct credential *cr = NULL;
    bool fit = credential_read(path, where, &source, &cr, &findings) == 0;

    if (cr != NULL && c->text)
        describe_credential(c, path, cr, now);
    if (cr != NULL && c->json)
        fit &= console_json(json_credential(path, cr));
    console_findings(c, &findings);
    fit &= findings_worst(&findings) != SEVERITY_ERROR;
    findings_reset(&findings);
    credential_destroy(cr);
    return fit;
}

int cmd_show(const struct args *args)
{
    struct console c = console_make(args, stdout);
    struct passphrase passphrase = {0};
    const char *at = args_value(args, OPT_AT);
    time_t now = time(NULL);
    struct err err = {0};
    int rc = passphrase_init(&passphrase, args, &err);
    int status = EXIT_STATUS_OK;

    if (rc == 0 && at != NULL)
        rc = parse_date(at, &now, &err);
    if (rc != 0)
        status = console_error(&err);
    for (size_t i = 0; rc == 0 && i < args->operand_count && !passphrase.interrupted; i++) {
        if (i > 0 && c.text)
            fputc('\n', c.people);
        if (!show_file(&c, args->operands[i], &passphrase, now))
            status = EXIT_STATUS_UNFIT;
    }
    if (passphrase.interrupted)
        status = EXIT_STATUS_INTERRUPTED;
    passphrase_reset(&passphrase);
    return status;
}
