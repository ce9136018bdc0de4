/* SPDX-License-Identifier: MIT */
#include "base/config_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

const struct config_key *config_schema_find(const struct config_key *schema, const char *path)
{
    for (; schema->path != NULL; schema++) {
        if (strcmp(schema->path, path) == 0)
            return schema;
    }
    return NULL;
}

const char *config_schema_last(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL ? dot + 1 : path;
}

/* Length of the path of the group that a key stands in. */
static size_t group_len(const char *path)
{
    const char *last = config_schema_last(path);

    return last == path ? 0 : (size_t)(last - path) - 1;
}

bool config_schema_is_child(const char *path, const char *group)
{
    return group_len(path) == strlen(group) && strncmp(path, group, strlen(group)) == 0;
}

/* "`certificates`", "`proof`" for proof[], "the top of the file". */
static void add_group(struct buf *out, const char *path)
{
    size_t n = group_len(path);

    if (n == 0)
        buf_add_str(out, "the top of the file");
    else
        buf_printf(out, "`%.*s`", (int)(n > 2 && path[n - 1] == ']' ? n - 2 : n), path);
}

/* Says into which groups a key of exactly this name belongs; false if into none. */
static bool add_home(const struct config_key *schema, const char *name, struct buf *out)
{
    bool any = false;

    for (; schema->path != NULL; schema++) {
        if (strcmp(config_schema_last(schema->path), name) != 0)
            continue;
        buf_add_str(out, any ? " or " : "It belongs into ");
        add_group(out, schema->path);
        any = true;
    }
    if (any)
        buf_add_char(out, '.');
    return any;
}

/* The word that `name` begins ("password" for password-file) or ends ("key" for device-key), if
 * there is but one; people shorten more often than they misspell. */
static const char *completed(const char *name, const char *const *words)
{
    const char *found = NULL;

    if (strlen(name) < 2)
        return NULL;
    for (; *words != NULL; words++) {
        size_t n = strlen(*words), want = strlen(name);

        if (!(want >= 3 && str_starts(*words, name)) &&
            !(n > want && (*words)[n - want - 1] == '-' && str_ends(*words, name)))
            continue;
        if (found != NULL)
            return NULL;
        found = *words;
    }
    return found;
}

/* The row whose last component is nearest to name; group NULL: of all rows. */
static const struct config_key *nearest(const struct config_key *schema, const char *group,
                                        const char *name)
{
    const struct config_key *found = NULL;
    const char **words;
    const char *word;
    size_t n = 0, rows = 0;

    while (schema[rows].path != NULL)
        rows++;
    words = calloc(rows + 1, sizeof *words);
    if (words == NULL)
        return NULL;
    for (size_t i = 0; i < rows; i++) {
        if (group == NULL || config_schema_is_child(schema[i].path, group))
            words[n++] = config_schema_last(schema[i].path);
    }
    word = str_nearest(name, words);
    if (word == NULL && group != NULL)
        word = completed(name, words);
    for (size_t i = 0; word != NULL && i < rows && found == NULL; i++) {
        if (config_schema_last(schema[i].path) == word)
            found = &schema[i];
    }
    free(words);
    return found;
}

static void add_keys(const struct config_key *schema, const char *group, struct buf *out)
{
    const char *between = "Known here: ";

    for (; schema->path != NULL; schema++) {
        if (config_schema_is_child(schema->path, group)) {
            buf_printf(out, "%s%s", between, config_schema_last(schema->path));
            between = ", ";
        }
    }
    buf_add_char(out, '.');
}

void config_schema_suggest(const struct config_key *schema, const char *group, const char *name,
                           struct buf *out)
{
    const struct config_key *key;

    if (add_home(schema, name, out))
        return;
    key = nearest(schema, group, name);
    if (key != NULL) {
        buf_printf(out, "Did you mean `%s`?", config_schema_last(key->path));
        return;
    }
    key = nearest(schema, NULL, name);
    if (key != NULL) {
        buf_printf(out, "Did you mean `%s`? It belongs into ", config_schema_last(key->path));
        add_group(out, key->path);
        buf_add_char(out, '.');
        return;
    }
    add_keys(schema, group, out);
}

const char *config_type_name(enum config_type type)
{
    static const char *const names[] = {
        [CONFIG_GROUP] = "a group in { }",
        [CONFIG_STRING] = "a text in double quotes",
        [CONFIG_INT] = "a whole number",
        [CONFIG_BOOL] = "true or false",
        [CONFIG_STRINGS] = "a text in double quotes, or several in [ ]",
        [CONFIG_BOOL_OR_STRINGS] = "true, false, or texts in [ ]",
        [CONFIG_GROUPS] = "a list of groups: ( { }, { } )",
    };

    return names[type];
}
