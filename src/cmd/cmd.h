/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_CMD_H
#define COMCERT_CMD_CMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cmd/args.h"
#include "run/wizard.h"

/* The command line. This room is the only one that prints. */

enum exit_status {
    EXIT_STATUS_OK = 0,
    EXIT_STATUS_INTERNAL = 1,
    EXIT_STATUS_USAGE = 2,
    EXIT_STATUS_UNFIT = 3,
    EXIT_STATUS_PORT = 4,
    EXIT_STATUS_REFUSED = 5,
    EXIT_STATUS_NO_ANSWER = 6,
    EXIT_STATUS_PROBE = 7,
    EXIT_STATUS_INTERRUPTED = 130
};

struct command {
    const char *name;
    const char *operands; /* "JOB", "FILE..."; "" */
    size_t operands_min, operands_max;
    const char *summary;             /* one line in the usage */
    const char *details;             /* more of it in the help; NULL */
    const enum option_id *options;   /* ended by OPT_COUNT */
    void (*help)(FILE *f);           /* what the help ends with; NULL */
    int (*run)(const struct args *); /* answers the exit status */
};

/* Ends with a row whose name is NULL. */
extern const struct command commands[];

/* The whole program: parses, runs one command, makes sure that what was printed has arrived.
 * Without a command it is the wizard, on a terminal. wizard NULL: built without it. */
int cmd_main(int argc, char **argv, wizard_run *wizard);

/* The wizard that cmd_main was given. */
wizard_run *cmd_wizard(void);

/* The row of the manual's table for an exit status, as in `comcert --help`; NULL past the end. */
struct exit_row {
    int status;
    const char *meaning;
};
extern const struct exit_row exit_rows[]; /* ended by a NULL meaning */

/* One per file of that name. */
int cmd_tui(const struct args *args);
int cmd_load(const struct args *args);
int cmd_check(const struct args *args);
int cmd_check_list(const struct args *args); /* check --list; in checklist.c */
int cmd_demo(const struct args *args);
int cmd_emulate(const struct args *args);
int cmd_ports(const struct args *args);
int cmd_profile(const struct args *args);
int cmd_show(const struct args *args);
int cmd_probe(const struct args *args);
int cmd_new(const struct args *args);
int cmd_settings(const struct args *args);
int cmd_sas(const struct args *args);
int cmd_az(const struct args *args);
int cmd_completion(const struct args *args);

/* The wizard with nothing filled in, and with the demo's job. */
int cmd_tui_alone(void);
int cmd_tui_demo(const struct args *args);

/* The names of the emulator's faults, one a line, with what each does. */
void emulate_help(FILE *f);

/* What each kind of `new` makes. */
void new_help(FILE *f);

/* The program's version, and those of the libraries. */
const char *version_text(void);
void version_print(FILE *f);

#endif
