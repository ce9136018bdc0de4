/* SPDX-License-Identifier: MIT */
#include "cmd/args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmd/cmd.h"

static bool takes(const struct command *command, enum option_id id)
{
    if (id == OPT_HELP || id == OPT_VERSION)
        return true;
    for (const enum option_id *o = command->options; *o != OPT_COUNT; o++) {
        if (*o == id)
            return true;
    }
    return false;
}

/* The option of this command with that long name, or OPT_COUNT. */
static enum option_id find_long(const struct command *command, const char *name, size_t len)
{
    for (enum option_id id = 0; id < OPT_COUNT; id++) {
        const char *known = option_info(id)->name;

        if (strncmp(known, name, len) == 0 && known[len] == '\0' && takes(command, id))
            return id;
    }
    return OPT_COUNT;
}

static enum option_id find_letter(const struct command *command, char letter)
{
    for (enum option_id id = 0; id < OPT_COUNT; id++) {
        if (letter != 0 && option_info(id)->letter == letter && takes(command, id))
            return id;
    }
    return OPT_COUNT;
}

/* What the user may have meant: a near miss, or the only option that begins like this. */
static const char *suggestion(const struct command *command, const char *name)
{
    const char *words[OPT_COUNT + 1];
    const char *begins = NULL;
    size_t n = 0, beginning = 0;
    const char *near;

    for (enum option_id id = 0; id < OPT_COUNT; id++) {
        if (!takes(command, id))
            continue;
        words[n++] = option_info(id)->name;
        if (str_starts(option_info(id)->name, name)) {
            begins = option_info(id)->name;
            beginning++;
        }
    }
    words[n] = NULL;
    near = str_nearest(name, words);
    return near != NULL ? near : beginning == 1 ? begins : NULL;
}

static int unknown_option(const struct command *command, const char *name, size_t len,
                          struct err *err)
{
    char word[64];
    const char *near;

    snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1), name);
    near = suggestion(command, word);
    if (near != NULL)
        return err_set(err, ERR_USAGE, "`%s` has no option --%s; did you mean --%s?", command->name,
                       word, near);
    return err_set(err, ERR_USAGE, "`%s` has no option --%s", command->name, word);
}

static int add(struct args *args, enum option_id id, const char *value, struct err *err)
{
    const struct option_info *o = option_info(id);

    if (!o->repeatable && args_has(args, id)) {
        if (o->value == VALUE_NONE) /* a switch twice means no more than once */
            return 0;
        return err_set(err, ERR_USAGE, "--%s is given twice", o->name);
    }
    args->given[args->given_count++] = (struct given){id, value};
    return 0;
}

/* "--name", "--name=value", "--name value". Moves *i over the value. */
static int parse_long(struct args *args, const char *word, int argc, char **argv, int *i,
                      struct err *err)
{
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
    enum option_id id = find_long(args->command, word, len);
    const char *value = equals != NULL ? equals + 1 : NULL;
    const struct option_info *o;

    if (id == OPT_COUNT)
        return unknown_option(args->command, word, len, err);
    o = option_info(id);
    if (o->value == VALUE_NONE && value != NULL)
        return err_set(err, ERR_USAGE, "--%s takes no value", o->name);
    if (o->value == VALUE_REQUIRED && value == NULL) {
        if (*i + 1 >= argc)
            return err_set(err, ERR_USAGE, "--%s needs a value: --%s %s", o->name, o->name,
                           o->meta);
        value = argv[++*i];
    }
    return add(args, id, value, err);
}

/* "-nq", "-p DEV", "-pDEV". */
static int parse_short(struct args *args, const char *letters, int argc, char **argv, int *i,
                       struct err *err)
{
    for (; *letters != '\0'; letters++) {
        enum option_id id = find_letter(args->command, *letters);
        const char *value = NULL;
        int rc;

        if (id == OPT_COUNT)
            return err_set(err, ERR_USAGE, "`%s` has no option -%c", args->command->name,
                           *letters > ' ' && *letters < 0x7F ? *letters : '?');
        if (option_info(id)->value == VALUE_REQUIRED) {
            value = letters[1] != '\0' ? letters + 1 : *i + 1 < argc ? argv[++*i] : NULL;
            if (value == NULL)
                return err_set(err, ERR_USAGE, "-%c needs a value: -%c %s", *letters, *letters,
                               option_info(id)->meta);
        }
        rc = add(args, id, value, err);
        if (rc != 0 || value != NULL)
            return rc;
    }
    return 0;
}

static int check_operands(const struct args *args, struct err *err)
{
    const struct command *c = args->command;

    if (args_has(args, OPT_HELP) || args_has(args, OPT_VERSION))
        return 0;
    if (args->operand_count < c->operands_min)
        return err_set(err, ERR_USAGE, "`%s` needs %s", c->name, c->operands);
    if (args->operand_count > c->operands_max)
        return err_set(err, ERR_USAGE, "`%s` does not know what to do with `%s`", c->name,
                       args->operands[c->operands_max]);
    return 0;
}

int args_parse(struct args *args, const struct command *command, int argc, char **argv,
               struct err *err)
{
    bool only_operands = false;

    *args = (struct args){.command = command};
    args->given = calloc((size_t)argc + OPT_COUNT, sizeof *args->given);
    args->operands = calloc((size_t)argc + 1, sizeof *args->operands);
    if (args->given == NULL || args->operands == NULL)
        return err_set(err, ERR_NOMEM, "out of memory for the command line");
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        int rc = 0;

        if (only_operands || word[0] != '-' || word[1] == '\0')
            args->operands[args->operand_count++] = word;
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else if (word[1] == '-')
            rc = parse_long(args, word + 2, argc, argv, &i, err);
        else
            rc = parse_short(args, word + 1, argc, argv, &i, err);
        if (rc != 0)
            return rc;
    }
    return check_operands(args, err);
}

void args_reset(struct args *args)
{
    free(args->given);
    free(args->operands);
    *args = (struct args){0};
}

const char *args_value_at(const struct args *args, enum option_id id, size_t i)
{
    for (size_t k = 0; k < args->given_count; k++) {
        if (args->given[k].id == id && i-- == 0)
            return args->given[k].value;
    }
    return NULL;
}

const char *args_value(const struct args *args, enum option_id id)
{
    return args_value_at(args, id, 0);
}

bool args_has(const struct args *args, enum option_id id)
{
    for (size_t k = 0; k < args->given_count; k++) {
        if (args->given[k].id == id)
            return true;
    }
    return false;
}

int args_number(const struct args *args, enum option_id id, long min, long max, long absent,
                long *out, struct err *err)
{
    const char *text = args_value(args, id);
    char *end;

    *out = absent;
    if (text == NULL)
        return 0;
    errno = 0;
    *out = strtol(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || *out < min || *out > max)
        return err_set(err, ERR_USAGE, "--%s wants a whole number from %ld to %ld, not `%s`",
                       option_info(id)->name, min, max, text);
    return 0;
}

int args_word(const struct args *args, enum option_id id, const char *const *words, int *out,
              struct err *err)
{
    const char *text = args_value(args, id);
    struct buf all = {0};
    const char *near;
    int rc;

    *out = -1;
    if (text == NULL)
        return 0;
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return 0;
        }
        buf_printf(&all, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    near = str_nearest(text, words);
    rc = err_set(err, ERR_USAGE, "--%s is one of %s, not `%s`%s%s%s", option_info(id)->name,
                 all.data != NULL ? all.data : "", text, near != NULL ? "; did you mean `" : "",
                 near != NULL ? near : "", near != NULL ? "`?" : "");
    buf_reset(&all);
    return rc;
}

int args_refuse_empty(const struct args *args, struct err *err)
{
    for (size_t i = 0; i < args->given_count; i++) {
        const struct given *g = &args->given[i];

        if (g->value != NULL && g->value[0] == '\0')
            return err_set(err, ERR_USAGE, "--%s names nothing: its value is empty",
                           option_info(g->id)->name);
    }
    return 0;
}
