/* SPDX-License-Identifier: MIT */
#include "cmd/demo.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/str.h"
#include "base/wait.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/describe.h"
#include "cmd/watch.h"
#include "pki/root.h"
#include "run/emuhost.h"
#include "run/prepare.h"
#include "run/report.h"
#include "run/session.h"

/* The whole path of the main job, in one process: a job that is built in, and a device that is
 * emulated. */
struct demo {
    struct console console;
    struct prepared prepared;
    struct profile *device_profile;
    struct emuhost *host;
    struct session session;
    struct watch watch;
    size_t uploads, same; /* bodies that the device stored; of them, as they were sent */
};

static void title(const struct demo *d, const char *text)
{
    fprintf(d->console.people, "\n%s== %s%s\n", console_style(&d->console, STYLE_BOLD), text,
            console_style(&d->console, STYLE_PLAIN));
    fflush(d->console.people);
}

/* --- the job -------------------------------------------------------------------------------- */

static const char *embedded_text(const char *name)
{
    for (const struct embedded *e = embedded_demo; e->name != NULL; e++) {
        if (strcmp(e->name, name) == 0)
            return e->text;
    }
    return NULL;
}

static const char *root_text(void)
{
    for (const struct known_root *r = root_table(); r->name != NULL; r++) {
        if (strcmp(r->name, "DigiCert Global Root G2") == 0)
            return r->pem;
    }
    return NULL;
}

static int take_credential(struct job *job, enum slot slot, const char *name, const char *text,
                           struct findings *findings, struct err *err)
{
    struct job_credential *jc = &job->credentials[slot];
    struct passphrase_source none = {0};

    jc->path = str_copy(name);
    if (text == NULL || jc->path == NULL ||
        credential_decode(name, text, strlen(text), job_credential_place(job, slot), &none,
                          &jc->credential, findings) != 0)
        return err_set(err, ERR_INTERNAL, "the built-in %s cannot be used", name);
    return 0;
}

int demo_make_job(struct job *job, const char *key, struct findings *findings, struct err *err)
{
    int rc;

    job->profile = str_copy("bench");
    job->preset = PRESET_AZURE;
    job->hub = str_copy("demo-hub");
    job->device_id = str_copy("demo-device");
    if (job->profile == NULL || job->hub == NULL || job->device_id == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    rc = take_credential(job, SLOT_SERVER_CA, "DigiCertGlobalRootG2.pem", root_text(), findings,
                         err);
    if (rc == 0)
        rc = take_credential(job, SLOT_DEVICE_CERT, "demo-device.crt", embedded_text("device-cert"),
                             findings, err);
    if (rc == 0)
        rc = take_credential(job, SLOT_DEVICE_KEY, "demo-device.key", embedded_text(key), findings,
                             err);
    return rc;
}

static int prepare(struct prepared *p, const char *key, const char *device, struct err *err)
{
    struct prepare_options options = {.now = time(NULL)};
    int rc;

    prepared_init(p);
    rc = demo_make_job(&p->job, key, &p->findings, err);
    if (rc == 0 && (p->job.device = str_copy(device)) == NULL)
        rc = err_set(err, ERR_NOMEM, "out of memory");
    return rc == 0 ? prepare_plan(p, &options, err) : rc;
}

/* --- the load ------------------------------------------------------------------------------- */

/* Holds what the device stored against what the plan says was sent. */
static void compare(void *ctx, size_t device, const struct emulator_event *e)
{
    struct demo *d = ctx;
    const struct plan *plan = d->prepared.plan;

    (void)device;
    if (e->type != EMULATOR_STORED)
        return;
    d->uploads++;
    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange *x = &plan->exchanges[i];

        if (x->kind == EXCHANGE_UPLOAD && x->slot == e->slot && x->body.len == e->body->len &&
            memcmp(x->body.data, e->body->data, e->body->len) == 0)
            d->same++;
    }
}

static int start_device(struct demo *d, struct err *err)
{
    struct emuhost_options options = {.device.echo_eol = EOL_CRLF, .rate_limit = true};
    struct findings findings = {0};
    int rc = profile_load("bench", NULL, (struct place){0}, &d->device_profile, &findings);

    findings_reset(&findings);
    if (rc != 0)
        return err_set(err, ERR_INTERNAL, "the built-in profile cannot be used");
    options.profile = d->device_profile;
    rc = emuhost_create(&options, 1, &d->host, err);
    if (rc == 0)
        emuhost_observe(d->host, compare, d);
    return rc;
}

static int start_loader(struct demo *d, struct err *err)
{
    const struct plan *plan = d->prepared.plan;
    struct port *port;
    int rc = port_open(d->prepared.job.device, &plan->line, &port, err);

    if (rc != 0)
        return rc;
    d->watch = watch_make(&d->console, &d->session, NULL);
    return session_start(&d->session, plan, port, watch_event, &d->watch, err);
}

/* Both sides in one loop. */
static void run_loop(struct demo *d, int stop_fd)
{
    while (runner_active(d->session.runner) > 0) {
        struct pollfd fds[3] = {{.fd = stop_fd, .events = POLLIN}};
        usec first, second;
        size_t n = 1 + runner_pollfds(d->session.runner, fds + 1, 1, &first);
        char byte;

        n += emuhost_pollfds(d->host, fds + n, 1, &second);
        if (wait_until(fds, n, first < second ? first : second) > 0 && fds[0].revents != 0 &&
            read(stop_fd, &byte, 1) == 1) {
            runner_cancel(d->session.runner);
            watch_cancelled(&d->watch);
        }
        emuhost_dispatch(d->host);
        runner_dispatch(d->session.runner);
    }
    progress_clear(&d->watch.progress);
}

static int conclude(struct demo *d, struct err *err)
{
    const struct console *c = &d->console;
    struct verdict v;
    char text[160];
    int status;

    if (verdict_make(d->prepared.plan, d->session.loader, READER_SHELL, &v, err) != 0)
        return console_error(err);
    status = v.exit_status;
    console_verdict(c, &v);
    verdict_reset(&v);
    if (status != EXIT_STATUS_OK)
        return status;
    if (d->uploads != SLOT_COUNT || d->same != d->uploads) {
        fputs("What the device stored is not what was sent.\n", c->people);
        return EXIT_STATUS_INTERNAL;
    }
    snprintf(text, sizeof text,
             "What the device stored was compared with what was sent: %zu of %zu equal, byte for "
             "byte.",
             d->same, d->uploads);
    fprintf(c->people, "%sOK%s ", console_style(c, STYLE_GOOD), console_style(c, STYLE_PLAIN));
    print_wrapped(c->people, 3, 3, text);
    return EXIT_STATUS_OK;
}

static int demo_load(struct demo *d, int stop_fd)
{
    struct err err = {0};
    int rc = start_device(d, &err);

    if (rc == 0)
        rc = prepare(&d->prepared, "device-key", emuhost_name(d->host, 0), &err);
    if (rc != 0)
        return console_error(&err);
    title(d, "The check: what is known before a byte is sent");
    console_findings(&d->console, &d->prepared.findings);
    if (!prepared_is_fit(&d->prepared))
        return EXIT_STATUS_INTERNAL;
    describe_job(&d->console, &d->prepared.job, time(NULL));
    title(d, "The plan");
    describe_plan_short(&d->console, d->prepared.plan);
    title(d, "The load, over a pty at the speed of a real line");
    rc = start_loader(d, &err);
    if (rc != 0)
        return console_error(&err);
    run_loop(d, stop_fd);
    return conclude(d, &err);
}

static int demo_refusal(struct demo *d)
{
    struct console errors = d->console;
    struct prepared bad;
    struct err err = {0};
    int rc = prepare(&bad, "other-key", emuhost_name(d->host, 0), &err);
    int status = EXIT_STATUS_INTERNAL;

    title(d, "The same with a key that belongs to another certificate");
    if (rc != 0) {
        status = console_error(&err);
    } else if (!prepared_is_fit(&bad)) {
        errors.quiet = true;
        console_findings(&errors, &bad.findings);
        fputs("Refused: no port was opened, nothing was sent. `comcert load` exits with 3.\n",
              d->console.people);
        status = EXIT_STATUS_OK;
    }
    prepared_reset(&bad);
    return status;
}

int cmd_demo(const struct args *args)
{
    struct demo d = {.console = console_make(args, stdout)};
    struct err err = {0};
    int fd, status;

    if (args_has(args, OPT_TUI))
        return cmd_tui_demo(args);
    fputs("This machine plays both parts: comcert, and a device on a pty.\n", stdout);
    if (signals_start_ending(&fd, &err) != 0)
        return console_error(&err);
    status = demo_load(&d, fd);
    if (status == EXIT_STATUS_OK)
        status = demo_refusal(&d);
    if (status == EXIT_STATUS_OK) {
        title(&d, "Next");
        fputs("comcert emulate        a device to rehearse on with your own files\n"
              "comcert check JOB      what is wrong with a job, and what would be sent\n"
              "comcert load JOB       load a device\n",
              stdout);
    }
    session_end(&d.session);
    emuhost_destroy(d.host);
    prepared_reset(&d.prepared);
    profile_destroy(d.device_profile);
    signals_stop();
    return status;
}
