/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/describe.h"
#include "cmd/jobargs.h"
#include "cmd/watch.h"
#include "run/report.h"
#include "run/session.h"

/* One load from job to verdict. */
struct load {
    struct console console;
    struct passphrase passphrase;
    struct prepared prepared;
    struct trace *trace;
    struct session session;
    struct watch watch;
};

/* The end of a load that failed before the device was spoken to. */
static int refuse(struct load *l, int status, const struct err *err)
{
    struct verdict v = {.exit_status = status};

    if (err != NULL && err->code != ERR_NONE) {
        console_error(err);
        v.state = (char *)err->text;
        v.remedy = err->remedy[0] != '\0' ? (char *)err->remedy : NULL;
    }
    if (l->console.json)
        console_json(json_result(l->prepared.plan, NULL, v.state != NULL ? &v : NULL,
                                 &l->prepared.findings, status, l->prepared.job.device));
    return status;
}

static int print_dry_run(struct load *l)
{
    /* The plan is the result here, so it goes where results go. */
    struct console c = l->console;

    if (c.json)
        return console_json(json_plan(l->prepared.plan)) ? refuse(l, EXIT_STATUS_OK, NULL)
                                                         : EXIT_STATUS_INTERNAL;
    c.people = stdout;
    describe_plan(&c, l->prepared.plan);
    return EXIT_STATUS_OK;
}

static void print_verdict(struct load *l, const struct verdict *v)
{
    const struct console *c = &l->console;

    if (c->quiet && v->exit_status == EXIT_STATUS_OK)
        return;
    if (v->exit_status == EXIT_STATUS_OK)
        describe_manual(c, l->prepared.plan);
    console_verdict(c, v);
}

static int conclude(struct load *l)
{
    struct verdict v;
    struct err err = {0};
    int status;

    if (verdict_make(l->prepared.plan, l->session.loader, READER_SHELL, &v, &err) != 0) {
        console_error(&err);
        return EXIT_STATUS_INTERNAL;
    }
    status = v.exit_status;
    print_verdict(l, &v);
    if (l->console.json &&
        !console_json(json_result(l->prepared.plan, l->session.loader, &v, &l->prepared.findings,
                                  status, port_info(l->session.port)->name)) &&
        status == EXIT_STATUS_OK)
        status = EXIT_STATUS_INTERNAL;
    verdict_reset(&v);
    return status;
}

/* A trace that is not complete is told, and spoils a success. */
static int close_trace(struct load *l, int status)
{
    struct err err = {0};

    if (trace_close(l->trace, &err) != 0) {
        console_error(&err);
        status = status == EXIT_STATUS_OK ? EXIT_STATUS_INTERNAL : status;
    }
    l->trace = NULL;
    return status;
}

static void announce(const struct load *l, const struct port_info *info)
{
    const struct plan *plan = l->prepared.plan;

    if (l->console.quiet)
        return;
    fputs("loading over ", stderr);
    print_safe(stderr, info->name);
    fprintf(stderr, " at %ld %s, profile %s\n", plan->line.baud, plan->line.frame,
            plan->profile->id);
    if (info->note[0] != '\0') {
        fputs("  note: ", stderr);
        print_wrapped(stderr, 8, 8, info->note);
    }
}

static void cancel(struct load *l)
{
    runner_cancel(l->session.runner);
    watch_cancelled(&l->watch);
}

static int run(struct load *l, int stop_fd)
{
    const struct plan *plan = l->prepared.plan;
    struct port *port;
    struct err err = {0};
    int rc = port_open(l->prepared.job.device, &plan->line, &port, &err);

    if (rc != 0)
        return refuse(l, rc == ERR_USAGE ? EXIT_STATUS_USAGE : EXIT_STATUS_PORT, &err);
    if (l->trace != NULL && trace_begin(l->trace, &err) != 0) {
        port_close(port);
        return refuse(l, EXIT_STATUS_INTERNAL, &err);
    }
    announce(l, port_info(port));
    l->watch = watch_make(&l->console, &l->session, l->trace);
    if (session_start(&l->session, plan, port, watch_event, &l->watch, &err) != 0)
        return refuse(l, EXIT_STATUS_INTERNAL, &err);
    while (runner_run(l->session.runner, stop_fd))
        cancel(l);
    progress_clear(&l->watch.progress);
    return conclude(l);
}

static int open_and_run(struct load *l, const struct args *args)
{
    const char *path = args_value(args, OPT_TRACE);
    struct err err = {0};
    int fd, status, rc = 0;

    /* Before the port: a trace that cannot be written must not cost a reset of the device. */
    if (path != NULL)
        rc = trace_open(path, version_text(), l->prepared.plan, l->prepared.job.device, &l->trace,
                        &err);
    if (rc != 0)
        return refuse(l, rc == ERR_USAGE ? EXIT_STATUS_USAGE : EXIT_STATUS_UNFIT, &err);
    if (signals_start_ending(&fd, &err) != 0) {
        status = refuse(l, EXIT_STATUS_INTERNAL, &err);
    } else {
        status = run(l, fd);
        session_end(&l->session);
        signals_stop();
    }
    return close_trace(l, status);
}

static int load(struct load *l, const struct args *args)
{
    struct prepare_options options = {
        .now = time(NULL),
        .only = args_value(args, OPT_ONLY),
        .recover = args_has(args, OPT_RECOVER),
    };
    struct err err = {0};
    int rc = jobargs_read(args, &l->passphrase, &l->prepared, &err);

    if (rc == 0 && !l->passphrase.interrupted)
        rc = prepare_plan(&l->prepared, &options, &err);
    if (l->passphrase.interrupted)
        return EXIT_STATUS_INTERRUPTED;
    passphrase_reset(&l->passphrase); /* it has done its work */
    console_findings(&l->console, &l->prepared.findings);
    if (rc != 0) {
        int status = console_error(&err);

        err.code = ERR_NONE; /* told */
        return refuse(l, status, &err);
    }
    if (!prepared_is_fit(&l->prepared)) {
        int status = jobargs_unfit_status(&l->prepared.findings);

        if (status != EXIT_STATUS_USAGE)
            fprintf(stderr, "%sNot fit to send%s: no port was opened, nothing was sent.\n",
                    console_style(&l->console, STYLE_BAD), console_style(&l->console, STYLE_PLAIN));
        return refuse(l, status, NULL);
    }
    if (args_has(args, OPT_DRY_RUN))
        return print_dry_run(l);
    if (l->prepared.job.device == NULL) {
        err_set(&err, ERR_USAGE, "no port: name one with --port, or port.device in the job");
        err_remedy(&err, "`comcert ports` lists the ports of this machine");
        return refuse(l, EXIT_STATUS_USAGE, &err);
    }
    return open_and_run(l, args);
}

int cmd_load(const struct args *args)
{
    struct load l = {.console = console_make(args, stderr)};
    int status;

    prepared_init(&l.prepared);
    status = load(&l, args);
    prepared_reset(&l.prepared);
    passphrase_reset(&l.passphrase);
    return status;
}
