/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_ARGS_H
#define COMCERT_CMD_ARGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/* One list of all options; a command names those that it takes. Help, usage, completion words and
 * the test of the manual all come from it. */
enum option_id {
    OPT_PORT,
    OPT_BAUD,
    OPT_FRAME,
    OPT_FLOW,
    OPT_SET,
    OPT_ONLY,
    OPT_ACCEPT_ASSUMED,
    OPT_RECOVER,
    OPT_AT,
    OPT_LIST,
    OPT_DRY_RUN,
    OPT_TRACE,
    OPT_PASSPHRASE_FILE,
    OPT_PASSPHRASE_FD,
    OPT_PROFILE,
    OPT_LINK,
    OPT_STORE,
    OPT_DETACH,
    OPT_ECHO,
    OPT_ECHO_EOL,
    OPT_ECHO_DELAY,
    OPT_LATENCY,
    OPT_FIFO,
    OPT_AWAY,
    OPT_NO_RATE_LIMIT,
    OPT_COLOUR,
    OPT_LENIENT,
    OPT_FAULT,
    OPT_GO_LIVE,
    OPT_SETTINGS,
    OPT_TUI,
    OPT_PUBLISH,
    OPT_MESSAGE,
    OPT_WATCH,
    OPT_NO_CONNECT,
    OPT_TIMEOUT,
    OPT_YES,
    OPT_DEVICE,
    OPT_NAME,
    OPT_CODE,
    OPT_CA,
    OPT_KEY,
    OPT_DAYS,
    OPT_OUT,
    OPT_NEW_PASSPHRASE_FILE,
    OPT_NEW_PASSPHRASE_FD,
    OPT_NO_PASSPHRASE,
    OPT_REISSUE,
    OPT_NO_INDEX,
    OPT_FORCE,
    OPT_HUB,
    OPT_HOSTNAME,
    OPT_ENDPOINT,
    OPT_MODULE,
    OPT_TOPIC,
    OPT_SERVER_CA,
    OPT_DEVICE_CERT,
    OPT_DEVICE_KEY,
    OPT_JOB,
    OPT_POLICY,
    OPT_DPS,
    OPT_REGISTRATION,
    OPT_KEY_FILE,
    OPT_KEY_FD,
    OPT_GROUP_KEY,
    OPT_TTL,
    OPT_EXPIRY,
    OPT_RESOURCE_GROUP,
    OPT_LOCATION,
    OPT_JSON,
    OPT_QUIET,
    OPT_NO_COLOR,
    OPT_HELP,
    OPT_VERSION,
    OPT_COUNT
};

enum option_value { VALUE_NONE, VALUE_REQUIRED, VALUE_OPTIONAL };

struct option_info {
    const char *name;        /* "port" */
    char letter;             /* 'p'; 0: none */
    enum option_value value; /* an optional value follows '=' only */
    const char *meta;        /* "DEV" */
    bool repeatable;
    const char *help;
};

const struct option_info *option_info(enum option_id id);

struct command;

/* A command line, parsed. Strings are argv's own. */
struct args {
    const struct command *command;
    struct given {
        enum option_id id;
        const char *value; /* NULL: none */
    } * given;
    size_t given_count;
    const char **operands;
    size_t operand_count;
};

/* Parses what follows the command's name. ERR_USAGE for an option that the command does not have
 * (with a suggestion), a value too many or missing, the same option twice, operands too many or too
 * few. --help and --version are always known and suspend the counting of operands. */
int args_parse(struct args *args, const struct command *command, int argc, char **argv,
               struct err *err) ATTR_MUST_USE;

void args_reset(struct args *args);

bool args_has(const struct args *args, enum option_id id);
/* The value, or NULL. */
const char *args_value(const struct args *args, enum option_id id);
/* Value number i of a repeatable option, or NULL past the end. */
const char *args_value_at(const struct args *args, enum option_id id, size_t i);

/* The value as a number from min to max; `absent` without the option. ERR_USAGE. */
int args_number(const struct args *args, enum option_id id, long min, long max, long absent,
                long *out, struct err *err) ATTR_MUST_USE;

/* Where the value stands in words (ended by NULL); -1 without the option. ERR_USAGE with the words
 * and a suggestion. */
int args_word(const struct args *args, enum option_id id, const char *const *words, int *out,
              struct err *err) ATTR_MUST_USE;

/* ERR_USAGE for an option whose value is empty, which would be taken for one that is not given. */
int args_refuse_empty(const struct args *args, struct err *err) ATTR_MUST_USE;

#endif
