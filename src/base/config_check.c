/* SPDX-License-Identifier: MIT */
#include "base/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/config_schema.h"
#include "base/config_tree.h"
#include "base/str.h"

/* One run of config_check. */
struct run {
    const struct config *config;
    const struct config_key *schema;
    struct findings *findings;
    bool failed;
};

/* Where the run is. A group in a list has a path of its own in the file ("proof.[2]") but shares
 * the rows of the schema with its neighbours ("proof[]"). */
struct spot {
    const config_setting_t *setting;
    const char *path;
    const char *schema_path;
    const struct config_key *key; /* NULL for the top and for groups in a list */
};

/* Values that came by --set have no line. */
static struct place place_of(const struct run *run, const struct spot *spot)
{
    int line = (int)config_setting_source_line(spot->setting);

    return (struct place){
        .key = spot->path, .file = line != 0 ? run->config->name : "--set", .line = line};
}

/* Adds a key as people read it: "`mqtt.prt`", or "prepare, entry 2: `send`" inside a list. */
static void add_key(struct buf *out, const char *path)
{
    const char *entry = strstr(path, ".[");
    char *end;
    unsigned long i;

    if (entry != NULL) {
        i = strtoul(entry + 2, &end, 10);
        if (end[0] == ']' && end[1] == '.') {
            buf_printf(out, "%.*s, entry %lu: ", (int)(entry - path), path, i + 1);
            path = end + 2;
        }
    }
    buf_printf(out, "`%s`", path);
}

static void bad_value(struct run *run, const struct spot *spot, const char *what,
                      const char *remedy)
{
    findings_add(run->findings, SEVERITY_ERROR, "config-value", place_of(run, spot), remedy,
                 "`%s` %s", config_schema_last(spot->path), what);
    run->failed = true;
}

static void check_text(struct run *run, const struct spot *spot, const char *value)
{
    const struct config_key *key = spot->key;
    long len = (long)strlen(value);
    struct buf what = {0}, remedy = {0};
    bool known = key->words == NULL;

    for (size_t i = 0; !known && key->words[i] != NULL; i++)
        known = strcmp(key->words[i], value) == 0;
    if (!known) {
        const char *near = str_nearest(value, key->words);

        buf_add_str(&what, "cannot have this value");
        if (near != NULL) {
            buf_printf(&remedy, "Did you mean \"%s\"?", near);
        } else {
            buf_add_str(&remedy, "It can be");
            for (size_t i = 0; key->words[i] != NULL; i++)
                buf_printf(&remedy, "%s \"%s\"", i > 0 ? "," : "", key->words[i]);
            buf_add_char(&remedy, '.');
        }
    } else if (key->max > 0 && len < key->min) {
        buf_add_str(&what, len == 0 ? "is empty" : "is too short");
        buf_add_str(&remedy, "Give it a value, or remove the line.");
    } else if (key->max > 0 && len > key->max) {
        buf_printf(&what, "has %ld bytes; at most %ld are possible", len, key->max);
        buf_add_str(&remedy, "Shorten it.");
    }
    if (what.failed || remedy.failed)
        run->findings->lost = true;
    else if (what.data != NULL)
        bad_value(run, spot, what.data, remedy.data);
    buf_reset(&what);
    buf_reset(&remedy);
}

static void check_int(struct run *run, const struct spot *spot)
{
    const struct config_key *key = spot->key;
    long long n = config_setting_get_int64(spot->setting);
    char what[96], remedy[96];

    if (key->min == key->max || (n >= key->min && n <= key->max))
        return;
    snprintf(what, sizeof what, "is %lld, which is out of range", n);
    snprintf(remedy, sizeof remedy, "It can be from %ld to %ld.", key->min, key->max);
    bad_value(run, spot, what, remedy);
}

static bool is_list_of(const config_setting_t *s, int type)
{
    if (!config_setting_is_list(s) && !config_setting_is_array(s))
        return false;
    for (int i = 0; i < config_setting_length(s); i++) {
        if (config_setting_type(config_setting_get_elem(s, (unsigned)i)) != type)
            return false;
    }
    return true;
}

static bool type_fits(enum config_type type, const config_setting_t *s)
{
    bool text = config_setting_type(s) == CONFIG_TYPE_STRING;
    bool yes_no = config_setting_type(s) == CONFIG_TYPE_BOOL;
    bool texts = text || is_list_of(s, CONFIG_TYPE_STRING);

    switch (type) {
    case CONFIG_GROUP:
        return config_setting_is_group(s);
    case CONFIG_STRING:
        return text;
    case CONFIG_INT:
        return config_tree_is_int(s);
    case CONFIG_BOOL:
        return yes_no;
    case CONFIG_STRINGS:
        return texts;
    case CONFIG_BOOL_OR_STRINGS:
        return yes_no || texts;
    case CONFIG_GROUPS:
        return config_setting_is_list(s) && is_list_of(s, CONFIG_TYPE_GROUP);
    }
    return false;
}

/* The commonest slip is one of quotes. */
static const char *type_remedy(enum config_type type, const config_setting_t *s)
{
    const char *text = config_setting_get_string(s);

    if (text != NULL && type == CONFIG_INT && *text != '\0' &&
        text[strspn(text, "0123456789")] == '\0')
        return "Remove the quotes.";
    if (text != NULL && type == CONFIG_BOOL &&
        (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
        return "Remove the quotes.";
    if (text == NULL && config_setting_is_scalar(s) &&
        (type == CONFIG_STRING || type == CONFIG_STRINGS))
        return "Put the value in double quotes.";
    return NULL;
}

static void check_group(struct run *run, const struct spot *group);

static void check_groups(struct run *run, const struct spot *list)
{
    for (int i = 0; i < config_setting_length(list->setting); i++) {
        struct buf path = {0}, schema_path = {0};

        buf_printf(&path, "%s.[%d]", list->path, i);
        buf_printf(&schema_path, "%s[]", list->schema_path);
        if (path.failed || schema_path.failed)
            run->findings->lost = true;
        else
            check_group(run, &(struct spot){
                                 .setting = config_setting_get_elem(list->setting, (unsigned)i),
                                 .path = path.data,
                                 .schema_path = schema_path.data,
                             });
        buf_reset(&path);
        buf_reset(&schema_path);
    }
}

static void check_texts(struct run *run, const struct spot *spot)
{
    if (!config_setting_is_aggregate(spot->setting)) {
        check_text(run, spot, config_setting_get_string(spot->setting));
        return;
    }
    for (int i = 0; i < config_setting_length(spot->setting); i++)
        check_text(run, spot, config_setting_get_string_elem(spot->setting, i));
}

static void check_setting(struct run *run, const struct spot *spot)
{
    const struct config_key *key = spot->key;

    if (!type_fits(key->type, spot->setting)) {
        findings_add(run->findings, SEVERITY_ERROR, "config-type", place_of(run, spot),
                     type_remedy(key->type, spot->setting), "`%s` must be %s",
                     config_schema_last(spot->path), config_type_name(key->type));
        run->failed = true;
    } else if (key->type == CONFIG_GROUP) {
        check_group(run, spot);
    } else if (key->type == CONFIG_GROUPS) {
        check_groups(run, spot);
    } else if (key->type == CONFIG_INT) {
        check_int(run, spot);
    } else if (config_setting_type(spot->setting) != CONFIG_TYPE_BOOL) {
        check_texts(run, spot);
    }
}

static void unknown_key(struct run *run, const struct spot *spot, const struct spot *group)
{
    const char *name = config_setting_name(spot->setting);
    struct buf title = {0}, remedy = {0};

    add_key(&title, spot->path);
    config_schema_suggest(run->schema, group->schema_path, name, &remedy);
    if (title.failed || remedy.failed)
        run->findings->lost = true;
    else
        findings_add(run->findings, SEVERITY_ERROR, "config-unknown-key", place_of(run, spot),
                     remedy.data, "%s is not a known key", title.data);
    buf_reset(&title);
    buf_reset(&remedy);
    run->failed = true;
}

static void check_member(struct run *run, const struct spot *group, const config_setting_t *s)
{
    const char *name = config_setting_name(s);
    struct buf path = {0}, schema_path = {0};
    struct spot spot = {.setting = s};

    buf_printf(&path, "%s%s%s", group->path, *group->path != '\0' ? "." : "", name);
    buf_printf(&schema_path, "%s%s%s", group->schema_path, *group->schema_path != '\0' ? "." : "",
               name);
    if (path.failed || schema_path.failed) {
        run->findings->lost = true;
    } else {
        spot.path = path.data;
        spot.schema_path = schema_path.data;
        spot.key = config_schema_find(run->schema, spot.schema_path);
        if (spot.key == NULL)
            unknown_key(run, &spot, group);
        else
            check_setting(run, &spot);
    }
    buf_reset(&path);
    buf_reset(&schema_path);
}

static void missing_key(struct run *run, const struct spot *group, const struct config_key *key)
{
    const char *name = config_schema_last(key->path);
    struct buf path = {0}, title = {0}, remedy = {0};

    buf_printf(&path, "%s%s%s", group->path, *group->path != '\0' ? "." : "", name);
    add_key(&title, path.data != NULL ? path.data : name);
    buf_printf(&remedy, "Add it%s%s.", key->help != NULL ? ": " : "",
               key->help != NULL ? key->help : "");
    if (path.failed || title.failed || remedy.failed)
        run->findings->lost = true;
    else
        findings_add(run->findings, SEVERITY_ERROR, "config-missing",
                     (struct place){.key = path.data,
                                    .file = run->config->name,
                                    .line = (int)config_setting_source_line(group->setting)},
                     remedy.data, "%s is missing", title.data);
    buf_reset(&path);
    buf_reset(&title);
    buf_reset(&remedy);
    run->failed = true;
}

static void check_group(struct run *run, const struct spot *group)
{
    for (int i = 0; i < config_setting_length(group->setting); i++)
        check_member(run, group, config_setting_get_elem(group->setting, (unsigned)i));
    for (const struct config_key *key = run->schema; key->path != NULL; key++) {
        if (key->required && config_schema_is_child(key->path, group->schema_path) &&
            config_setting_get_member(group->setting, config_schema_last(key->path)) == NULL)
            missing_key(run, group, key);
    }
}

int config_check(const struct config *c, const struct config_key *schema, struct findings *findings)
{
    struct run run = {.config = c, .schema = schema, .findings = findings};

    check_group(&run, &(struct spot){
                          .setting = config_root_setting(&c->tree),
                          .path = "",
                          .schema_path = "",
                      });
    return run.failed || findings->lost ? ERR_VALUE : 0;
}
