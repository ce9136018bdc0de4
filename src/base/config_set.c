/* SPDX-License-Identifier: MIT */
#include "base/config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/config_schema.h"
#include "base/config_tree.h"
#include "base/str.h"

static int out_of_memory(struct err *err)
{
    return err_set(err, ERR_NOMEM, "out of memory");
}

static int unknown_key(const struct config_key *schema, const char *path, struct err *err)
{
    const char *last = config_schema_last(path);
    char *group = strndup(path, last == path ? 0 : (size_t)(last - path) - 1);
    struct buf remedy = {0};
    int rc = err_set(err, ERR_USAGE, "there is no key `%s`", path);

    if (group != NULL)
        config_schema_suggest(schema, group, last, &remedy);
    if (!remedy.failed && remedy.data != NULL)
        err_remedy(err, "%s", remedy.data);
    buf_reset(&remedy);
    free(group);
    return rc;
}

/* The group in which path stands, made where the file has none; NULL if something else is in its
 * place or memory runs out. */
static config_setting_t *enter_group(struct config *c, const char *path)
{
    config_setting_t *group = config_root_setting(&c->tree);
    const char *dot;

    for (; (dot = strchr(path, '.')) != NULL && group != NULL; path = dot + 1) {
        char *name = strndup(path, (size_t)(dot - path));
        config_setting_t *next = name != NULL ? config_setting_get_member(group, name) : NULL;

        if (name != NULL && next == NULL)
            next = config_setting_add(group, name, CONFIG_TYPE_GROUP);
        free(name);
        group = next != NULL && config_setting_is_group(next) ? next : NULL;
    }
    return group;
}

/* Replaces `name` in group by an empty setting of this libconfig type. */
static config_setting_t *renew(config_setting_t *group, const char *name, int type)
{
    if (config_setting_get_member(group, name) != NULL)
        config_setting_remove(group, name);
    return config_setting_add(group, name, type);
}

static int set_text(config_setting_t *group, const char *name, const char *value, struct err *err)
{
    config_setting_t *s = renew(group, name, CONFIG_TYPE_STRING);

    return s != NULL && config_setting_set_string(s, value) ? 0 : out_of_memory(err);
}

static int set_int(config_setting_t *group, const char *name, const char *value, struct err *err)
{
    config_setting_t *s;
    char *end;
    long n;

    errno = 0;
    n = strtol(value, &end, 10);
    if (end == value || *end != '\0' || errno != 0 || n > 999999999 || n < -999999999)
        return err_set(err, ERR_USAGE, "`%s` must be a whole number of at most nine digits", name);
    s = renew(group, name, CONFIG_TYPE_INT);
    return s != NULL && config_setting_set_int(s, (int)n) ? 0 : out_of_memory(err);
}

static bool is_bool(const char *value)
{
    return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
}

static int set_bool(config_setting_t *group, const char *name, const char *value, struct err *err)
{
    config_setting_t *s;

    if (!is_bool(value))
        return err_set(err, ERR_USAGE, "`%s` must be true or false", name);
    s = renew(group, name, CONFIG_TYPE_BOOL);
    return s != NULL && config_setting_set_bool(s, value[0] == 't') ? 0 : out_of_memory(err);
}

/* Commas separate; blanks around the parts do not count; an empty value is an empty list. */
static int set_list(config_setting_t *group, const char *name, const char *value, struct err *err)
{
    config_setting_t *list = renew(group, name, CONFIG_TYPE_ARRAY);

    if (list == NULL)
        return out_of_memory(err);
    while (*value != '\0') {
        size_t n;
        char *part;
        bool ok;

        value += strspn(value, ", ");
        n = strcspn(value, ",");
        part = strndup(value, n);
        for (size_t end = n; part != NULL && end > 0 && part[end - 1] == ' '; end--)
            part[end - 1] = '\0';
        ok = part != NULL && (*part == '\0' || config_setting_set_string_elem(list, -1, part));
        free(part);
        if (!ok)
            return out_of_memory(err);
        value += n;
    }
    return 0;
}

static int set_value(config_setting_t *group, const struct config_key *key, const char *value,
                     struct err *err)
{
    const char *name = config_schema_last(key->path);

    switch (key->type) {
    case CONFIG_STRING:
        return set_text(group, name, value, err);
    case CONFIG_INT:
        return set_int(group, name, value, err);
    case CONFIG_BOOL:
        return set_bool(group, name, value, err);
    case CONFIG_BOOL_OR_STRINGS:
        return is_bool(value) ? set_bool(group, name, value, err)
                              : set_list(group, name, value, err);
    case CONFIG_STRINGS:
        return set_list(group, name, value, err);
    case CONFIG_GROUP:
    case CONFIG_GROUPS:
        break;
    }
    return err_set(err, ERR_USAGE, "`%s` is a group; set the keys in it", key->path);
}

int config_set(struct config *c, const struct config_key *schema, const char *assignment,
               struct err *err)
{
    const char *equals = strchr(assignment, '=');
    const struct config_key *key;
    config_setting_t *group;
    char *path;
    int rc;

    if (equals == NULL || equals == assignment) {
        rc = err_set(err, ERR_USAGE, "--set needs KEY=VALUE");
        err_remedy(err, "For example --set mqtt.client-id=pump-7.");
        return rc;
    }
    path = strndup(assignment, (size_t)(equals - assignment));
    if (path == NULL)
        return out_of_memory(err);
    key = config_schema_find(schema, path);
    if (key == NULL)
        rc = unknown_key(schema, path, err);
    else if (key->secret)
        rc = err_set(err, ERR_USAGE, "`%s` is a secret and may not stand on a command line", path);
    else if (strstr(path, "[]") != NULL)
        rc =
            err_set(err, ERR_USAGE, "`%s` is part of a list and can only be given in a file", path);
    else if ((group = enter_group(c, path)) == NULL)
        rc = err_set(err, ERR_USAGE, "%s has something other than a group before `%s`", c->name,
                     config_schema_last(path));
    else
        rc = set_value(group, key, equals + 1, err);
    free(path);
    return rc;
}
