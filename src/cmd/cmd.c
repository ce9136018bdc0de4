/* SPDX-License-Identifier: MIT */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/console.h"
#include "pki/pki.h"

static const enum option_id load_options[] = {
    OPT_PORT,    OPT_BAUD,  OPT_FRAME,           OPT_FLOW,
    OPT_SET,     OPT_ONLY,  OPT_RECOVER,         OPT_ACCEPT_ASSUMED,
    OPT_DRY_RUN, OPT_TRACE, OPT_PASSPHRASE_FILE, OPT_PASSPHRASE_FD,
    OPT_JSON,    OPT_QUIET, OPT_NO_COLOR,        OPT_COUNT,
};
static const enum option_id check_options[] = {
    OPT_AT,
    OPT_LIST,
    OPT_PORT,
    OPT_BAUD,
    OPT_FRAME,
    OPT_FLOW,
    OPT_SET,
    OPT_ONLY,
    OPT_RECOVER,
    OPT_ACCEPT_ASSUMED,
    OPT_DRY_RUN,
    OPT_PASSPHRASE_FILE,
    OPT_PASSPHRASE_FD,
    OPT_JSON,
    OPT_QUIET,
    OPT_NO_COLOR,
    OPT_COUNT,
};
static const enum option_id emulate_options[] = {
    OPT_PROFILE,       OPT_LINK,     OPT_STORE,    OPT_DETACH,     OPT_BAUD,
    OPT_NO_RATE_LIMIT, OPT_ECHO,     OPT_ECHO_EOL, OPT_ECHO_DELAY, OPT_LATENCY,
    OPT_FIFO,          OPT_AWAY,     OPT_COLOUR,   OPT_LENIENT,    OPT_FAULT,
    OPT_GO_LIVE,       OPT_SETTINGS, OPT_SET,      OPT_QUIET,      OPT_COUNT,
};
static const enum option_id show_options[] = {
    OPT_AT, OPT_PASSPHRASE_FILE, OPT_PASSPHRASE_FD, OPT_JSON, OPT_NO_COLOR, OPT_COUNT,
};
static const enum option_id list_options[] = {OPT_JSON, OPT_NO_COLOR, OPT_COUNT};
static const enum option_id demo_options[] = {OPT_TUI, OPT_NO_COLOR, OPT_COUNT};
static const enum option_id tui_options[] = {
    OPT_PORT, OPT_BAUD, OPT_FRAME, OPT_FLOW, OPT_SET, OPT_NO_COLOR, OPT_COUNT,
};
static const enum option_id probe_options[] = {
    OPT_SET,     OPT_PUBLISH,  OPT_MESSAGE,         OPT_WATCH,         OPT_NO_CONNECT,
    OPT_TIMEOUT, OPT_YES,      OPT_PASSPHRASE_FILE, OPT_PASSPHRASE_FD, OPT_JSON,
    OPT_QUIET,   OPT_NO_COLOR, OPT_COUNT,
};
static const enum option_id new_options[] = {
    OPT_DEVICE,
    OPT_LIST,
    OPT_NAME,
    OPT_CODE,
    OPT_CA,
    OPT_KEY,
    OPT_DAYS,
    OPT_OUT,
    OPT_FORCE,
    OPT_REISSUE,
    OPT_NO_INDEX,
    OPT_PASSPHRASE_FILE,
    OPT_PASSPHRASE_FD,
    OPT_NEW_PASSPHRASE_FILE,
    OPT_NEW_PASSPHRASE_FD,
    OPT_NO_PASSPHRASE,
    OPT_JSON,
    OPT_QUIET,
    OPT_NO_COLOR,
    OPT_COUNT,
};
static const enum option_id settings_options[] = {
    OPT_HUB,   OPT_HOSTNAME,  OPT_ENDPOINT,    OPT_DEVICE,     OPT_MODULE,
    OPT_TOPIC, OPT_SERVER_CA, OPT_DEVICE_CERT, OPT_DEVICE_KEY, OPT_PROFILE,
    OPT_JOB,   OPT_JSON,      OPT_NO_COLOR,    OPT_COUNT,
};
static const enum option_id sas_options[] = {
    OPT_HUB,          OPT_DEVICE,   OPT_MODULE, OPT_POLICY,    OPT_DPS,
    OPT_REGISTRATION, OPT_KEY_FILE, OPT_KEY_FD, OPT_GROUP_KEY, OPT_TTL,
    OPT_EXPIRY,       OPT_JSON,     OPT_QUIET,  OPT_NO_COLOR,  OPT_COUNT,
};
static const enum option_id az_options[] = {
    OPT_RESOURCE_GROUP,  OPT_LOCATION,      OPT_CA,    OPT_AT,       OPT_SET,
    OPT_PASSPHRASE_FILE, OPT_PASSPHRASE_FD, OPT_QUIET, OPT_NO_COLOR, OPT_COUNT,
};
static const enum option_id no_options[] = {OPT_COUNT};

const struct command commands[] = {
    {"tui", "[JOB]", 0, 1, "the wizard: from the port to a loaded device, step by step",
     "Opens with everything filled in that the job says. Also `comcert` alone, on a\n"
     "terminal. The exit status is that of the last load, 0 if there was none.",
     tui_options, NULL, cmd_tui},
    {"load", "JOB", 1, 1, "check a job, then load one device over its port",
     "Checks the job, makes the plan, opens the port, loads the device, and says what\n"
     "state it is in. Nothing is opened and nothing is sent while the check finds an\n"
     "error.",
     load_options, NULL, cmd_load},
    {"check", "JOB", 1, 1, "say what is wrong with a job, and what would be sent",
     "Touches no port. What a load would need accepted (--accept-assumed) is shown as\n"
     "a warning. With --list, every row of the list is checked as a job of its own,\n"
     "its values over the job's, and then the rows against each other.",
     check_options, NULL, cmd_check},
    {"demo", "", 0, 0, "load an emulated device; needs no files and no hardware", NULL,
     demo_options, NULL, cmd_demo},
    {"emulate", "", 0, 0, "be a device, on a pty, to rehearse on",
     "Prints the name of the pty and plays the device until it is interrupted.", emulate_options,
     emulate_help, cmd_emulate},
    {"ports", "", 0, 0, "list the serial ports, with USB identity, stable name and holder", NULL,
     list_options, NULL, cmd_ports},
    {"profile", "list|show|check [NAME]", 1, 2,
     "device families: list them, show one, check a file",
     "list          the profiles that are built in\n"
     "show NAME     every key of a profile with its provenance and source\n"
     "check FILE    what is wrong with a profile file",
     list_options, NULL, cmd_profile},
    {"show", "FILE...", 1, 4096, "say what is in PEM, DER and PKCS#12 files",
     "Subject, issuer, dates, key, thumbprints and the slot that each file fits. A\n"
     "private key is named, never shown.",
     show_options, NULL, cmd_show},
    {"new", "KIND [FILE]", 1, 2, "make keys and certificates: for a device, or a CA of your own",
     "KIND is self-signed, ca, intermediate, device, proof, csr or sign.", new_options, new_help,
     cmd_new},
    {"settings", "azure|aws", 1, 1, "the settings of a cloud's device, as a job and as a sheet",
     "Prints what to type into the vendor's window, field by field, with notes where\n"
     "its guide is out of date, and the text of a job file. Needs --hub (azure) or\n"
     "--endpoint (aws), and --device.",
     settings_options, NULL, cmd_settings},
    {"sas", "", 0, 0, "make a token: the password of an Azure device that has a key",
     "Prints the token alone on standard output; what it is good for, and until when,\n"
     "on standard error. Works offline. Needs --hub and --device, or --dps and\n"
     "--registration; and the key by --key-file or --key-fd.",
     sas_options, NULL, cmd_sas},
    {"az", "JOB", 1, 1, "print the Azure commands that register a job's device",
     "Prints a shell script for Azure's command-line program, az; runs nothing. What\n"
     "may be billed waits for a variable, what deletes is commented out.",
     az_options, NULL, cmd_az},
    {"probe", "JOB", 1, 1, "try a job's settings and credentials against the real broker",
     "Name, port, TLS, certificate, MQTT login: one rung after the other, with what a\n"
     "failure means and what to do. Touches no serial port. A device that is connected\n"
     "under the same client ID is thrown off.",
     probe_options, NULL, cmd_probe},
    {"completion", "bash", 1, 1, "print a completion script for a shell",
     "Load it with:  source <(comcert completion bash)", no_options, NULL, cmd_completion},
    {0},
};

const struct exit_row exit_rows[] = {
    {EXIT_STATUS_OK, "everything that has a command was loaded; the rest is listed to do by hand"},
    {EXIT_STATUS_INTERNAL, "internal error, or the output could not be written"},
    {EXIT_STATUS_USAGE, "the command line is wrong"},
    {EXIT_STATUS_UNFIT, "not fit to send: a file, a finding, an assumption that is not accepted"},
    {EXIT_STATUS_PORT, "the port could not be opened, or went away"},
    {EXIT_STATUS_REFUSED, "the device refused, or bytes were damaged on the line"},
    {EXIT_STATUS_NO_ANSWER, "no answer in time"},
    {EXIT_STATUS_PROBE, "the broker could not be reached, or refused (probe)"},
    {EXIT_STATUS_INTERRUPTED, "interrupted"},
    {0, NULL},
};

static wizard_run *wizard;

enum { HELP_WIDTH = 80, OPTION_WIDTH = 28 };

static void print_usage(FILE *f)
{
    fputs("comcert loads MQTT settings and TLS credentials into devices over a serial port.\n\n"
          "Usage:\n",
          f);
    for (const struct command *c = commands; c->name != NULL; c++) {
        char words[64];

        snprintf(words, sizeof words, "%s %s", c->name, c->operands);
        fprintf(f, "  comcert %-29s ", words);
        print_broken(f, HELP_WIDTH, 40, 40, c->summary);
    }
    fputs("  comcert                        on a terminal: the wizard\n"
          "  comcert --help | --version\n"
          "  comcert COMMAND --help\n",
          f);
}

static void print_help(FILE *f)
{
    print_usage(f);
    fputs("\nExit status:\n", f);
    for (const struct exit_row *r = exit_rows; r->meaning != NULL; r++) {
        fprintf(f, "  %3d  ", r->status);
        print_broken(f, HELP_WIDTH, 7, 7, r->meaning);
    }
    fputs("\nTry:  comcert demo\n", f);
}

static void print_option(FILE *f, enum option_id id)
{
    const struct option_info *o = option_info(id);
    char left[64], right[160];

    snprintf(left, sizeof left, "%c%c%c --%s%s%s%s", o->letter != 0 ? '-' : ' ',
             o->letter != 0 ? o->letter : ' ', o->letter != 0 ? ',' : ' ', o->name,
             o->value == VALUE_OPTIONAL   ? "[="
             : o->value == VALUE_REQUIRED ? " "
                                          : "",
             o->meta != NULL ? o->meta : "", o->value == VALUE_OPTIONAL ? "]" : "");
    snprintf(right, sizeof right, "%s%s", o->help, o->repeatable ? " (repeatable)" : "");
    if (strlen(left) <= OPTION_WIDTH)
        fprintf(f, "  %-*s ", OPTION_WIDTH, left);
    else
        fprintf(f, "  %s\n%*s", left, OPTION_WIDTH + 3, "");
    print_broken(f, HELP_WIDTH, OPTION_WIDTH + 3, OPTION_WIDTH + 3, right);
}

static void print_command_help(FILE *f, const struct command *c)
{
    bool any = c->options[0] != OPT_COUNT;

    fprintf(f, "Usage: comcert %s%s%s%s\n\n%s%s%s\n\nOptions:\n", c->name,
            any ? " [OPTION...]" : "", c->operands[0] != '\0' ? " " : "", c->operands, c->summary,
            c->details != NULL ? ".\n\n" : "", c->details != NULL ? c->details : "");
    for (const enum option_id *o = c->options; *o != OPT_COUNT; o++)
        print_option(f, *o);
    print_option(f, OPT_HELP);
    if (c->help != NULL)
        c->help(f);
}

static int usage_error(const struct command *c, const struct err *err)
{
    fprintf(stderr, "comcert: %s\n", err->text);
    if (c != NULL)
        fprintf(stderr, "Usage: comcert %s%s%s%s   (comcert %s --help)\n", c->name,
                c->options[0] != OPT_COUNT ? " [OPTION...]" : "", c->operands[0] != '\0' ? " " : "",
                c->operands, c->name);
    else
        fputs("Try: comcert --help\n", stderr);
    return err->code == ERR_NOMEM ? EXIT_STATUS_INTERNAL : EXIT_STATUS_USAGE;
}

static int unknown_command(const char *name)
{
    const char *words[32];
    const char *near;
    char safe[64];
    struct err err;
    size_t n = 0;

    for (const struct command *c = commands; c->name != NULL; c++)
        words[n++] = c->name;
    words[n] = NULL;
    near = str_nearest(name, words);
    str_escape_to(safe, sizeof safe, name, strlen(name));
    err_set(&err, ERR_USAGE, "there is no %s `%s`%s%s%s", name[0] == '-' ? "option" : "command",
            safe, near != NULL ? "; did you mean `" : "", near != NULL ? near : "",
            near != NULL ? "`?" : "");
    return usage_error(NULL, &err);
}

static int run_command(const struct command *c, int argc, char **argv)
{
    struct args args;
    struct err err = {0};
    int status;

    if (args_parse(&args, c, argc, argv, &err) != 0) {
        status = usage_error(c, &err);
    } else if (args_has(&args, OPT_HELP)) {
        print_command_help(stdout, c);
        status = EXIT_STATUS_OK;
    } else if (args_has(&args, OPT_VERSION)) {
        version_print(stdout);
        status = EXIT_STATUS_OK;
    } else {
        status = c->run(&args);
        if (status == EXIT_STATUS_USAGE)
            fprintf(stderr, "Usage: comcert %s [OPTION...] %s   (comcert %s --help)\n", c->name,
                    c->operands, c->name);
    }
    args_reset(&args);
    return status;
}

static int dispatch(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;

    if (name == NULL && wizard != NULL && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return cmd_tui_alone();
    if (name == NULL) {
        print_usage(stderr);
        return EXIT_STATUS_USAGE;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(stdout);
        return EXIT_STATUS_OK;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        version_print(stdout);
        return EXIT_STATUS_OK;
    }
    for (const struct command *c = commands; c->name != NULL; c++) {
        if (strcmp(c->name, name) == 0)
            return run_command(c, argc - 2, argv + 2);
    }
    return unknown_command(name);
}

/* A port that is opened must never become standard output: descriptors 0 to 2 that the parent had
 * closed are filled with one that cannot be written, so that printing fails and is told. */
static void fill_standard_fds(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= 2);
    if (fd > 2)
        close(fd);
}

/* Silent success is worse than none: what was printed must have arrived. */
static int finish_output(int status)
{
    int sys;

    console_flush(stdout);
    sys = console_failed();
    if (sys != 0 || ferror(stdout)) {
        fprintf(stderr, "comcert: cannot write standard output: %s\n",
                sys != 0 ? strerror(sys) : "an earlier write failed");
        return status == EXIT_STATUS_OK ? EXIT_STATUS_INTERNAL : status;
    }
    /* There is nowhere left to say why. */
    if (status == EXIT_STATUS_OK && (fflush(stderr) != 0 || ferror(stderr)))
        return EXIT_STATUS_INTERNAL;
    return status;
}

wizard_run *cmd_wizard(void)
{
    return wizard;
}

int cmd_main(int argc, char **argv, wizard_run *with)
{
    struct err err = {0};
    int status;

    wizard = with;
    fill_standard_fds();
    signal(SIGPIPE, SIG_IGN);
    if (pki_start(&err) != 0) {
        fprintf(stderr, "comcert: %s\n", err.text);
        return EXIT_STATUS_INTERNAL;
    }
    status = finish_output(dispatch(argc, argv));
    pki_stop();
    return status;
}
