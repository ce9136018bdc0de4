/* SPDX-License-Identifier: MIT */
#include "run/emuhost.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/signals.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "cmd/golive.h"
#include "cmd/jobargs.h"

void emulate_help(FILE *f)
{
    fputs("\nFaults:\n", f);
    for (enum fault k = FAULT_NONE + 1; k < (enum fault)FAULT_COUNT; k++) {
        fprintf(f, "  %-14s ", fault_name(k));
        print_broken(f, 80, 17, 17, fault_help(k));
    }
}

static int parse_ms(const struct args *args, enum option_id id, usec *out, struct err *err)
{
    long ms;
    int rc = args_number(args, id, 0, 60000, 0, &ms, err);

    *out = ms * USEC_PER_MS;
    return rc;
}

static int parse_echo(const struct args *args, struct emulator_options *o, struct err *err)
{
    static const char *const modes[] = {"on", "off", "commands", NULL};   /* as enum echo_mode */
    static const char *const eols[] = {"none", "cr", "lf", "crlf", NULL}; /* as enum eol */
    int mode, eol;
    int rc = args_word(args, OPT_ECHO, modes, &mode, err);

    if (rc == 0)
        rc = args_word(args, OPT_ECHO_EOL, eols, &eol, err);
    if (rc != 0)
        return rc;
    o->echo = mode < 0 ? ECHO_ON : (enum echo_mode)mode;
    o->echo_eol = eol < 0 ? EOL_CRLF : (enum eol)eol;
    return 0;
}

/* True if the text ends in "xTIMES". */
static bool says_times(const char *text)
{
    const char *x = strrchr(text, 'x');

    return x != NULL && x[1] != '\0' && x[1 + strspn(x + 1, "0123456789")] == '\0';
}

static int parse_faults(const struct args *args, struct emulator_options *o, struct err *err)
{
    for (size_t i = 0; args_value_at(args, OPT_FAULT, i) != NULL; i++) {
        int rc;

        if (i == EMULATOR_FAULTS_MAX)
            return err_set(err, ERR_USAGE, "at most %d faults at a time", EMULATOR_FAULTS_MAX);
        rc = emulator_fault_parse(args_value_at(args, OPT_FAULT, i), &o->faults[i], err);
        if (rc != 0)
            return rc;
        if (o->faults[i].times == 0 && says_times(args_value_at(args, OPT_FAULT, i)))
            return err_set(err, ERR_USAGE, "--fault %s: xTIMES counts from 1; always is without it",
                           args_value_at(args, OPT_FAULT, i));
        o->fault_count = i + 1;
    }
    return 0;
}

static int parse(const struct args *args, struct emuhost_options *o, struct err *err)
{
    long fifo;
    int rc = args_number(args, OPT_BAUD, 50, 4000000, 0, &o->baud, err);

    if (rc == 0)
        rc = args_number(args, OPT_FIFO, 0, 1048576, 0, &fifo, err);
    if (rc == 0)
        rc = parse_echo(args, &o->device, err);
    if (rc == 0)
        rc = parse_ms(args, OPT_ECHO_DELAY, &o->device.echo_delay, err);
    if (rc == 0)
        rc = parse_ms(args, OPT_LATENCY, &o->device.latency, err);
    if (rc == 0)
        rc = parse_ms(args, OPT_AWAY, &o->device.away_per_line, err);
    if (rc == 0)
        rc = parse_faults(args, &o->device, err);
    if (rc != 0)
        return rc;
    o->device.fifo = (size_t)fifo;
    o->device.colour = args_has(args, OPT_COLOUR);
    o->device.lenient = args_has(args, OPT_LENIENT);
    o->rate_limit = !args_has(args, OPT_NO_RATE_LIMIT);
    o->device.keep = args_has(args, OPT_GO_LIVE);
    if (args_has(args, OPT_SETTINGS) && !args_has(args, OPT_GO_LIVE))
        return err_set(err, ERR_USAGE, "--settings is for --go-live");
    if (args_has(args, OPT_SET) && !args_has(args, OPT_SETTINGS))
        return err_set(err, ERR_USAGE, "--set overrides a key of a job: name one with --settings");
    o->link = args_value(args, OPT_LINK);
    o->store = args_value(args, OPT_STORE);
    return 0;
}

static const char *name_of(const struct emulator_event *e)
{
    if (e->slot >= 0)
        return slot_name((enum slot)e->slot);
    return e->setting >= 0 ? setting_info((enum setting)e->setting)->name : "a command";
}

static void tell(const struct emulator_event *e)
{
    switch (e->type) {
    case EMULATOR_STORED:
        printf("stored %s, %zu bytes\n", name_of(e), e->body != NULL ? e->body->len : e->n);
        break;
    case EMULATOR_SETTING:
        printf("set %s", name_of(e));
        if (e->text[0] != '\0') {
            fputs(" = ", stdout);
            print_safe(stdout, e->text);
        }
        putchar('\n');
        break;
    case EMULATOR_REFUSED:
        printf("refused %s: ", name_of(e));
        print_safe(stdout, e->text);
        putchar('\n');
        break;
    case EMULATOR_HUNG_UP:
        puts("hung up");
        break;
    case EMULATOR_OVERRUN:
        printf("receive FIFO full: %zu bytes lost\n", e->n);
        break;
    case EMULATOR_SETTLED:
        break;
    }
    fflush(stdout);
}

struct watch {
    bool tell;
    struct golive *golive; /* NULL: it stays where it is */
};

static void observe(void *ctx, size_t device, const struct emulator_event *e)
{
    const struct watch *w = ctx;

    (void)device;
    if (w->tell)
        tell(e);
    if (w->golive != NULL)
        golive_observe(w->golive, e);
}

static int run(struct emuhost *host)
{
    struct err err = {0};
    int fd, rc = signals_start_ending(&fd, &err);

    if (rc == 0)
        rc = emuhost_run(host, fd, &err);
    signals_stop();
    if (rc != 0)
        console_error(&err);
    return rc == 0 ? EXIT_STATUS_OK : EXIT_STATUS_INTERNAL;
}

/* The child has no terminal and no standard streams: whoever reads them is not kept waiting. */
static int run_detached(struct emuhost *host)
{
    int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

    setsid();
    if (fd < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
        return EXIT_STATUS_INTERNAL;
    if (fd > 2)
        close(fd);
    return run(host);
}

/* Answers in the child only: the link and the pty are the child's, so the parent leaves without
 * taking them down. */
static int detach(struct emuhost *host, bool quiet)
{
    struct err err;
    pid_t pid;

    /* What was printed has arrived before there is nobody left to complain. */
    if (fflush(stdout) != 0)
        return EXIT_STATUS_INTERNAL;
    pid = fork();
    if (pid < 0) {
        err_set(&err, ERR_IO, "cannot go to the background");
        return console_error(&err);
    }
    if (pid > 0) {
        if (!quiet)
            fprintf(stderr, "the device is process %ld; end it with: kill %ld\n", (long)pid,
                    (long)pid);
        _exit(EXIT_STATUS_OK);
    }
    return run_detached(host);
}

/* A link to a device that is just ending is given a moment. */
static bool leads_somewhere(const char *link, struct stat *st)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000000};

    for (int i = 0; i < 50; i++) {
        if (lstat(link, st) != 0 || !S_ISLNK(st->st_mode) || stat(link, st) != 0)
            return false;
        nanosleep(&moment, NULL);
    }
    return true;
}

/* What is in the way, before a device is made. Links that lead nowhere are left-overs. */
static int check_paths(const struct emuhost_options *o, struct err *err)
{
    struct stat st;

    if (o->store != NULL && stat(o->store, &st) == 0 && !S_ISDIR(st.st_mode))
        return err_set(err, ERR_BUSY, "--store: %s exists and is not a folder", o->store);
    if (o->link != NULL && leads_somewhere(o->link, &st)) {
        err_set(err, ERR_BUSY, "--link: %s leads to %s that exists: another emulated device?",
                o->link, S_ISCHR(st.st_mode) ? "a terminal" : "something");
        err_remedy(err, "end that one first, choose another name, or remove the link");
        return ERR_BUSY;
    }
    return 0;
}

/* 0, or an exit status after what was wrong has been said. */
static int prepare_golive(const struct args *args, const struct emuhost_options *options,
                          struct emuhost *host, struct watch *watch)
{
    struct console console = console_make(args, stderr);
    struct findings findings = {0};
    struct err err = {0};
    int status = 0;
    int rc;

    if (!args_has(args, OPT_GO_LIVE))
        return 0;
    rc = golive_read_settings(args, options->profile, emuhost_emulator(host, 0), &findings, &err);
    if (rc == 0)
        rc = golive_create(host, watch->tell, &watch->golive, &err);
    console_findings(&console, &findings);
    if (rc != 0)
        status = err.code != ERR_NONE ? console_error(&err) : jobargs_unfit_status(&findings);
    findings_reset(&findings);
    return status;
}

static int play(const struct args *args, struct emuhost *host, struct watch *watch)
{
    puts(emuhost_name(host, 0));
    emuhost_observe(host, observe, watch);
    if (args_has(args, OPT_DETACH))
        return detach(host, args_has(args, OPT_QUIET));
    fflush(stdout);
    return run(host);
}

static int emulate(const struct args *args, const struct emuhost_options *options)
{
    struct watch watch = {.tell = !args_has(args, OPT_QUIET) && !args_has(args, OPT_DETACH)};
    struct emuhost *host;
    struct err err = {0};
    int status;

    if (check_paths(options, &err) != 0 || emuhost_create(options, 1, &host, &err) != 0) {
        console_error(&err);
        return EXIT_STATUS_PORT;
    }
    status = prepare_golive(args, options, host, &watch);
    if (status == 0)
        status = play(args, host, &watch);
    golive_destroy(watch.golive);
    emuhost_destroy(host);
    return status;
}

int cmd_emulate(const struct args *args)
{
    const char *name = args_value(args, OPT_PROFILE);
    struct console console = console_make(args, stderr);
    struct emuhost_options options = {0};
    struct findings findings = {0};
    struct profile *profile = NULL;
    struct place where = {.key = "--profile"};
    struct err err = {0};
    int status;

    if (parse(args, &options, &err) != 0) {
        status = console_error(&err);
    } else if (profile_load(name != NULL ? name : "infinite", NULL, where, &profile, &findings) !=
               0) {
        console_findings(&console, &findings);
        status = EXIT_STATUS_UNFIT;
    } else {
        options.profile = profile;
        status = emulate(args, &options);
    }
    findings_reset(&findings);
    profile_destroy(profile);
    return status;
}
