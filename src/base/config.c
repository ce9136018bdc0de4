/* SPDX-License-Identifier: MIT */
#include "base/config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/config_scan.h"
#include "base/config_tree.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/str.h"

/* How many named settings below group begin in this line. */
static unsigned named_in_line(const config_setting_t *group, unsigned line)
{
    unsigned found = 0;

    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *s = config_setting_get_elem(group, (unsigned)i);

        found += config_setting_name(s) != NULL && config_setting_source_line(s) == line;
        if (config_setting_is_aggregate(s))
            found += named_in_line(s, line);
    }
    return found;
}

/* The text of line number `line`. */
static const char *find_line(const char *text, unsigned line, size_t *len)
{
    while (line > 1 && (text = strchr(text, '\n')) != NULL) {
        text++;
        line--;
    }
    *len = text != NULL ? strcspn(text, "\n") : 0;
    return text;
}

/*
 * libconfig gives a duplicate's line but not its name. What it read before that stands in the tree:
 * if k settings of the line are there, the (k+1)th name of the line is the duplicate.
 */
static char *duplicate_name(const config_t *tree, const char *text, unsigned line)
{
    static const char start[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*";
    static const char more[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz*-_0123456789";
    unsigned before = named_in_line(config_root_setting(tree), line);
    size_t len;
    const char *p = find_line(text, line, &len);
    const char *end = p != NULL ? p + len : NULL;

    while (p != NULL && p < end && *p != '#') {
        size_t n = strspn(p, more);
        const char *after = p + n + strspn(p + n, " \t");

        if (*p == '"') {
            for (p++; p < end && *p != '"'; p++)
                p += *p == '\\' && (p[1] == '"' || p[1] == '\\');
            p++;
        } else if (n > 0 && strchr(start, *p) != NULL && (*after == '=' || *after == ':')) {
            if (before-- == 0)
                return strndup(p, n);
            p = after;
        } else {
            p += n > 0 ? n : 1;
        }
    }
    return NULL;
}

static int add_scan_fault(const char *name, const struct err *fault, struct findings *findings)
{
    const char *code = fault->code == ERR_VALUE ? "config-value" : "config-syntax";

    findings_add(findings, SEVERITY_ERROR, code, (struct place){.file = name, .line = fault->line},
                 fault->remedy, "%s", fault->text);
    return fault->code;
}

static int add_parse_fault(const struct config *c, const char *text, struct findings *findings)
{
    struct place place = {.file = c->name, .line = config_error_line(&c->tree)};
    const char *what = config_error_text(&c->tree);

    if (what != NULL && strstr(what, "duplicate") != NULL) {
        char *name = duplicate_name(&c->tree, text, (unsigned)place.line);

        findings_add(findings, SEVERITY_ERROR, "config-duplicate", place, "Keep one of the two.",
                     "%s%s%s stands twice in the same group", name != NULL ? "`" : "a setting",
                     name != NULL ? name : "", name != NULL ? "`" : "");
        free(name);
        return ERR_SYNTAX;
    }
    findings_add(findings, SEVERITY_ERROR, "config-syntax", place,
                 "Look at this line and the one before it: settings are written name = value, "
                 "groups name: { }.",
                 "the file cannot be understood from here on");
    return ERR_SYNTAX;
}

static struct config *config_alloc(const char *name)
{
    struct config *c = calloc(1, sizeof *c);

    if (c == NULL)
        return NULL;
    c->name = str_copy(name);
    if (c->name == NULL) {
        free(c);
        return NULL;
    }
    config_init(&c->tree);
    /* How config_print writes: as the examples in the manual stand. */
    config_set_options(&c->tree, CONFIG_OPTION_COLON_ASSIGNMENT_FOR_GROUPS);
    return c;
}

int config_new(const char *name, struct config **out, struct err *err)
{
    *out = config_alloc(name);
    return *out != NULL ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

/* text is ended by a NUL beyond n. */
static int parse(const char *name, const char *text, size_t n, struct config **out,
                 struct findings *findings)
{
    struct config *c;
    struct err err;
    int rc;

    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) { /* Notepad's mark for UTF-8 */
        text += 3;
        n -= 3;
    }
    rc = config_scan(text, n, &err);
    if (rc != 0)
        return add_scan_fault(name, &err, findings);
    c = config_alloc(name);
    if (c == NULL) {
        findings->lost = true;
        return ERR_NOMEM;
    }
    if (config_read_string(&c->tree, text) != CONFIG_TRUE) {
        rc = add_parse_fault(c, text, findings);
        config_free(c);
        return rc;
    }
    *out = c;
    return 0;
}

int config_load(const char *path, struct config **out, struct findings *findings)
{
    struct secret text = {0};
    struct err err;
    int rc;

    *out = NULL;
    rc = file_read(path, CONFIG_MAX_BYTES, &text, &err);
    if (rc != 0)
        findings_add(findings, SEVERITY_ERROR, "config-unreadable", (struct place){.file = path},
                     NULL, "%s", err.text);
    else
        rc = parse(path, (const char *)text.data, text.len, out, findings);
    secret_reset(&text);
    return rc;
}

int config_parse(const char *name, const char *text, size_t n, struct config **out,
                 struct findings *findings)
{
    struct secret copy = {0};
    int rc;

    *out = NULL;
    if (n > CONFIG_MAX_BYTES) {
        findings_add(findings, SEVERITY_ERROR, "config-unreadable", (struct place){.file = name},
                     NULL, "the text is larger than %zu KiB", CONFIG_MAX_BYTES / 1024);
        return ERR_VALUE;
    }
    rc = secret_set(&copy, text, n, NULL);
    if (rc != 0)
        findings->lost = true;
    else
        rc = parse(name, (const char *)copy.data, n, out, findings);
    secret_reset(&copy);
    return rc;
}

static const config_setting_t *look_up(const struct config *c, const char *path)
{
    return config_lookup(&c->tree, path);
}

bool config_tree_is_int(const config_setting_t *s)
{
    return config_setting_type(s) == CONFIG_TYPE_INT || config_setting_type(s) == CONFIG_TYPE_INT64;
}

bool config_has(const struct config *c, const char *path)
{
    return look_up(c, path) != NULL;
}

const char *config_string(const struct config *c, const char *path)
{
    const config_setting_t *s = look_up(c, path);

    return s != NULL ? config_setting_get_string(s) : NULL;
}

long config_int(const struct config *c, const char *path, long absent)
{
    const config_setting_t *s = look_up(c, path);
    long long n;

    if (s == NULL || !config_tree_is_int(s))
        return absent;
    n = config_setting_get_int64(s);
    return n >= LONG_MIN && n <= LONG_MAX ? (long)n : absent;
}

bool config_bool(const struct config *c, const char *path, bool absent)
{
    const config_setting_t *s = look_up(c, path);

    if (s == NULL || config_setting_type(s) != CONFIG_TYPE_BOOL)
        return absent;
    return config_setting_get_bool(s) != 0;
}

size_t config_count(const struct config *c, const char *path)
{
    const config_setting_t *s = look_up(c, path);

    if (s == NULL)
        return 0;
    return config_setting_is_aggregate(s) ? (size_t)config_setting_length(s) : 1;
}

const char *config_string_at(const struct config *c, const char *path, size_t i)
{
    const config_setting_t *s = look_up(c, path);

    if (s == NULL || i > INT_MAX)
        return NULL;
    if (config_setting_is_aggregate(s))
        return config_setting_get_string_elem(s, (int)i);
    return i == 0 ? config_setting_get_string(s) : NULL;
}

bool config_is_bool(const struct config *c, const char *path)
{
    const config_setting_t *s = look_up(c, path);

    return s != NULL && config_setting_type(s) == CONFIG_TYPE_BOOL;
}

struct place config_place(const struct config *c, const char *path)
{
    const config_setting_t *s = look_up(c, path);

    return (struct place){
        .key = path,
        .file = c->name,
        .line = s != NULL ? (int)config_setting_source_line(s) : 0,
    };
}

const char *config_name(const struct config *c)
{
    return c->name;
}

void config_free(struct config *c)
{
    if (c == NULL)
        return;
    config_destroy(&c->tree);
    free(c->name);
    free(c);
}
