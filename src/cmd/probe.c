/* SPDX-License-Identifier: MIT */
#include "broker/probe.h"

#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/wait.h"
#include "broker/probe_job.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/jobargs.h"
#include "job/check.h"
#include "job/preset.h"
#include "run/report.h"

enum { TIMEOUT_MAX_S = 600, TITLE_WIDTH = 15, TEXT_COLUMN = 2 + 5 + TITLE_WIDTH + 1 };

/* One probe from job to exit status. */
struct probing {
    struct console console;
    struct passphrase passphrase;
    struct prepared prepared; /* the job and its findings; there is no plan */
    struct probe_account account;
    struct probe_options options;
    struct probe *probe;
    bool failed; /* a rung did: */
    struct probe_event failure;
};

/* --- what is said --------------------------------------------------------------------------- */

static struct json_rung rung_of(const struct probe_event *e)
{
    return (struct json_rung){
        .name = probe_rung_name(e->rung),
        .outcome = probe_outcome_name(e->outcome),
        .text = e->text,
        .symptom = e->symptom,
        .remedy = e->remedy,
        .detail = e->detail,
        .elapsed = e->elapsed,
    };
}

/* The objects' end. */
static int finish(const struct probing *p, int status)
{
    struct json_rung failed = rung_of(&p->failure);
    bool stands = status == EXIT_STATUS_OK;

    if (p->console.json &&
        !console_json(json_probe_result(status, stands, p->failed ? &failed : NULL)) && stands)
        return EXIT_STATUS_INTERNAL;
    return status;
}

static void print_rung(const struct probing *p, const struct probe_event *e)
{
    static const struct {
        const char *word;
        enum style style;
    } looks[] = {
        [PROBE_OK] = {"ok", STYLE_GOOD},    [PROBE_NOTE] = {"note", STYLE_WARN},
        [PROBE_SKIPPED] = {"-", STYLE_DIM}, [PROBE_FAILED] = {"FAIL", STYLE_BAD},
        [PROBE_UNTRIED] = {"-", STYLE_DIM},
    };
    const struct console *c = &p->console;
    struct buf text = {0};

    fprintf(c->people, "  %s%-4s%s %-*s ", console_style(c, looks[e->outcome].style),
            looks[e->outcome].word, console_style(c, STYLE_PLAIN), TITLE_WIDTH,
            probe_rung_title(e->rung));
    buf_add_str(&text, e->outcome == PROBE_UNTRIED ? "not tried" : e->text);
    if (e->detail[0] != '\0')
        buf_printf(&text, " [%s]", e->detail);
    if (e->outcome == PROBE_OK)
        buf_printf(&text, " (%lld ms)", (long long)((e->elapsed + 500) / USEC_PER_MS));
    print_wrapped(c->people, TEXT_COLUMN, TEXT_COLUMN, text.data != NULL ? text.data : "");
    if (e->remedy[0] != '\0') {
        fprintf(c->people, "%*sfix: ", TEXT_COLUMN, "");
        print_wrapped(c->people, TEXT_COLUMN + 5, TEXT_COLUMN + 5, e->remedy);
    }
    buf_reset(&text);
}

static void on_event(struct probing *p, const struct probe_event *e)
{
    struct json_rung rung = rung_of(e);

    if (e->outcome == PROBE_FAILED) {
        p->failed = true;
        p->failure = *e;
    }
    if (e->outcome == PROBE_END)
        return;
    if (p->console.json)
        console_json(json_rung(&rung));
    if (e->outcome == PROBE_BEGUN || !p->console.text ||
        (p->console.quiet && e->outcome != PROBE_FAILED) ||
        (e->outcome != PROBE_FAILED && !probe_is_asked(&p->options, e->rung)))
        return;
    print_rung(p, e);
    console_flush(p->console.people);
}

static int conclude(const struct probing *p, bool stands)
{
    const struct console *c = &p->console;

    if (c->text && !c->quiet) {
        fprintf(c->people, "%s%s%s ", console_style(c, stands ? STYLE_GOOD : STYLE_BAD),
                stands ? "OK" : "NOT OK", console_style(c, STYLE_PLAIN));
        print_wrapped(c->people, stands ? 3 : 7, 3,
                      probe_verdict(&p->options, stands ? NULL : &p->failure));
    }
    return finish(p, stands ? EXIT_STATUS_OK : EXIT_STATUS_PROBE);
}

/* --- before it starts ----------------------------------------------------------------------- */

static int read_options(struct probing *p, const struct args *args, struct err *err)
{
    struct probe_options *o = &p->options;
    long seconds;
    int rc = args_number(args, OPT_TIMEOUT, 1, TIMEOUT_MAX_S,
                         (long)(PROBE_RUNG_LIMIT / USEC_PER_SEC), &seconds, err);

    *o = (struct probe_options){
        .system_roots = true,
        .connect = !args_has(args, OPT_NO_CONNECT),
        .publish = args_has(args, OPT_PUBLISH) || args_has(args, OPT_MESSAGE),
        .message = args_value(args, OPT_MESSAGE),
        .rung_limit = seconds * USEC_PER_SEC,
    };
    if (rc == 0 && !o->connect && (o->publish || args_has(args, OPT_WATCH)))
        return err_set(err, ERR_USAGE, "nothing can be published with --no-connect");
    return rc;
}

/* What was read and is wrong stops the probe; what concerns the serial side (port, profile, plan)
 * is not even looked at. */
static int read_job(struct probing *p, const struct args *args, struct err *err)
{
    struct prepared *job = &p->prepared;
    int rc = jobargs_read(args, &p->passphrase, job, err);

    if (rc != 0 || p->passphrase.interrupted || job->job.file == NULL)
        return rc;
    rc = preset_apply(&job->job, err);
    if (rc == 0)
        check_job(&job->job, time(NULL), &job->findings);
    probe_account_of_job(&job->job, &p->account);
    if (args_has(args, OPT_WATCH)) {
        p->options.watch = args_value(args, OPT_WATCH);
        if (p->options.watch == NULL)
            p->options.watch = p->account.topic != NULL ? p->account.topic : "";
    }
    return rc;
}

/* Brokers let one connection live for each client ID, and it is the newest. Asks only where there
 * is somebody to answer; false: no CONNECT. */
static bool may_connect(const struct probing *p, const struct args *args)
{
    const char *id = p->account.client_id;
    char answer[16] = "";

    if (id == NULL || id[0] == '\0')
        return true;
    console_flush(stdout);
    if (!p->console.quiet) {
        fprintf(stderr, "%swarning%s ",
                p->console.colour ? console_style(&p->console, STYLE_WARN) : "",
                console_style(&p->console, STYLE_PLAIN));
        fputs("a device that is connected as ", stderr);
        print_safe(stderr, id);
        fputs(" at this moment will be thrown off by the login\n", stderr);
    }
    if (args_has(args, OPT_YES) || p->console.json || !isatty(STDIN_FILENO) ||
        !isatty(STDERR_FILENO))
        return true;
    fputs("Log in all the same? (no: only what comes before it is tried) [y/N] ", stderr);
    fflush(stderr);
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static void announce(const struct probing *p)
{
    const struct probe_account *a = &p->account;

    if (!p->console.text || p->console.quiet)
        return;
    fputs("probing ", p->console.people);
    print_safe(p->console.people, a->host);
    fprintf(p->console.people, ", port %d, %s\n", a->port, a->tls ? "TLS" : "without TLS");
}

/* --- running -------------------------------------------------------------------------------- */

/* Until the end, or a signal: then false. */
static bool follow(struct probing *p, int stop_fd, bool *stands)
{
    for (;;) {
        struct pollfd fds[] = {
            {.fd = stop_fd, .events = POLLIN},
            {.fd = probe_fd(p->probe), .events = POLLIN},
        };
        struct probe_event event;

        (void)wait_until(fds, 2, USEC_NEVER);
        if (fds[0].revents != 0)
            return false;
        while (probe_next(p->probe, &event)) {
            on_event(p, &event);
            *stands = event.outcome == PROBE_END && event.stands;
        }
        if (probe_has_ended(p->probe))
            return true;
    }
}

static int run(struct probing *p, int stop_fd)
{
    struct err err = {0};
    bool stands = false, whole;

    if (probe_start(&p->account, &p->options, &p->probe, &err) != 0)
        return finish(p, console_error(&err));
    announce(p);
    whole = follow(p, stop_fd, &stands);
    probe_destroy(p->probe);
    if (whole)
        return conclude(p, stands);
    if (p->console.text && !p->console.quiet)
        fputs("interrupted\n", p->console.people);
    return finish(p, EXIT_STATUS_INTERRUPTED);
}

static int probe(struct probing *p, const struct args *args)
{
    struct err err = {0};
    int fd, status;
    int rc = read_options(p, args, &err);

    if (rc == 0)
        rc = read_job(p, args, &err);
    if (p->passphrase.interrupted)
        return EXIT_STATUS_INTERRUPTED;
    passphrase_reset(&p->passphrase);
    console_findings(&p->console, &p->prepared.findings);
    if (rc != 0)
        return finish(p, console_error(&err));
    if (findings_worst(&p->prepared.findings) == SEVERITY_ERROR) {
        fprintf(stderr, "Not fit to be tried: nothing went over the network.\n");
        return finish(p, jobargs_unfit_status(&p->prepared.findings));
    }
    p->options.connect = p->options.connect && may_connect(p, args);
    if (signals_start_ending(&fd, &err) != 0)
        return finish(p, console_error(&err));
    status = run(p, fd);
    signals_stop();
    return status;
}

int cmd_probe(const struct args *args)
{
    struct probing p = {.console = console_make(args, stdout)};
    int status;

    prepared_init(&p.prepared);
    status = probe(&p, args);
    prepared_reset(&p.prepared);
    passphrase_reset(&p.passphrase);
    return status;
}
