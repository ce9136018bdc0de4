/* SPDX-License-Identifier: MIT */
#include "device/profile.h"

#include <string.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/console.h"
#include "run/report.h"

/* A profile and its file as keys and values. */
struct view {
    const struct console *console;
    const struct profile *profile;
    const struct config *config;
};

/* --- values as text ------------------------------------------------------------------------- */

static void add_quoted(struct buf *out, const char *text)
{
    buf_add_char(out, '"');
    str_escape(out, text, strlen(text));
    buf_add_char(out, '"');
}

static void add_value(struct buf *out, const struct config *config, const char *path,
                      enum config_type type)
{
    if (type == CONFIG_STRING && config_string(config, path) != NULL) {
        add_quoted(out, config_string(config, path));
    } else if (type == CONFIG_INT) {
        buf_printf(out, "%ld", config_int(config, path, 0));
    } else if (type == CONFIG_BOOL || config_is_bool(config, path)) {
        buf_add_str(out, config_bool(config, path, false) ? "true" : "false");
    } else {
        size_t n = config_count(config, path);

        for (size_t i = 0; i < n; i++) {
            buf_add_str(out, i > 0 ? ", " : "");
            add_quoted(out, config_string_at(config, path, i));
        }
    }
}

static bool show_key(const struct view *v, const char *path, enum config_type type)
{
    const char *source;
    const char *provenance = provenance_name(profile_provenance(v->profile, path, &source));
    bool assumed = strcmp(provenance, provenance_name(ASSUMED)) == 0;
    struct buf value = {0};
    bool ok = true;

    add_value(&value, v->config, path, type);
    if (v->console->json)
        ok = console_json(
            json_profile_key(path, value.data != NULL ? value.data : "", provenance, source));
    if (v->console->text) {
        FILE *f = v->console->people;

        fprintf(f, "  %-28s %s\n  %28s %s%s%s: ", path, value.data != NULL ? value.data : "", "",
                console_style(v->console, assumed ? STYLE_WARN : STYLE_GOOD), provenance,
                console_style(v->console, STYLE_PLAIN));
        print_safe(f, source);
        fputc('\n', f);
    }
    buf_reset(&value);
    return ok;
}

/* The keys of "prepare[]" for each of its groups: "prepare.[0].send". */
static bool show_groups(const struct view *v, const char *list)
{
    size_t len = strlen(list), count = config_count(v->config, list);
    bool ok = true;

    for (size_t i = 0; i < count; i++) {
        for (const struct config_key *k = profile_schema(); k->path != NULL; k++) {
            char path[128];

            if (strncmp(k->path, list, len) != 0 || strncmp(k->path + len, "[].", 3) != 0)
                continue;
            snprintf(path, sizeof path, "%s.[%zu].%s", list, i, k->path + len + 3);
            if (config_has(v->config, path))
                ok &= show_key(v, path, k->type);
        }
    }
    return ok;
}

/* Keys that say something about the profile, not about the device. */
static bool is_heading(const char *path)
{
    static const char *const headings[] = {"schema", "id",    "title", "maker",
                                           "source", "proof", NULL};

    for (size_t i = 0; headings[i] != NULL; i++) {
        if (strcmp(path, headings[i]) == 0)
            return true;
    }
    return false;
}

static bool show_keys(const struct view *v)
{
    bool ok = true;

    for (const struct config_key *k = profile_schema(); k->path != NULL; k++) {
        if (is_heading(k->path) || strstr(k->path, "[]") != NULL || k->type == CONFIG_GROUP ||
            !config_has(v->config, k->path))
            continue;
        ok &= k->type == CONFIG_GROUPS ? show_groups(v, k->path) : show_key(v, k->path, k->type);
    }
    return ok;
}

/* --- show, check, list ---------------------------------------------------------------------- */

static void show_heading(const struct console *c, const struct profile *p)
{
    FILE *f = c->people;

    fprintf(f, "%s%s%s  ", console_style(c, STYLE_BOLD), p->id, console_style(c, STYLE_PLAIN));
    print_safe(f, p->title != NULL ? p->title : "");
    fputs("\n  maker   ", f);
    print_safe(f, p->maker != NULL ? p->maker : "not told");
    fputs("\n  source  ", f);
    print_safe(f, p->source != NULL ? p->source : "not told");
    if (p->emulator_only)
        fputs("\n  for emulated devices: no real device has this dialect", f);
    fputs("\n\n", f);
}

static int read_config(const struct profile *p, struct config **config, struct findings *findings)
{
    const char *text = profile_builtin_text(p->id);

    if (p->file == NULL && text != NULL)
        return config_parse(p->id, text, strlen(text), config, findings);
    return config_load(p->file, config, findings);
}

static int show(const struct console *c, const char *name, bool keys)
{
    struct place where = {0};
    struct findings findings = {0};
    struct profile *profile = NULL;
    struct config *config = NULL;
    int status = EXIT_STATUS_UNFIT;

    if (profile_load(name, NULL, where, &profile, &findings) == 0 &&
        read_config(profile, &config, &findings) == 0) {
        struct view v = {c, profile, config};
        bool ok = true;

        if (keys && c->text)
            show_heading(c, profile);
        if (keys)
            ok = (!c->json || console_json(json_profile(profile))) && show_keys(&v);
        status = ok ? EXIT_STATUS_OK : EXIT_STATUS_INTERNAL;
    }
    console_findings(c, &findings);
    if (!keys && c->text)
        fprintf(c->people, "%s\n",
                status == EXIT_STATUS_OK ? "The profile is in order."
                                         : "The profile cannot be used.");
    findings_reset(&findings);
    config_free(config);
    profile_destroy(profile);
    return status;
}

static int list(const struct console *c)
{
    struct place where = {0};
    struct findings findings = {0};
    int status = EXIT_STATUS_OK;

    for (const char *const *id = profile_builtin_ids(); *id != NULL; id++) {
        struct profile *p = NULL;

        if (profile_load(*id, NULL, where, &p, &findings) != 0) {
            status = EXIT_STATUS_INTERNAL;
            continue;
        }
        if (c->text)
            fprintf(c->people, "%-12s %s (%s)\n", p->id, p->title, p->maker);
        if (c->json && !console_json(json_profile(p)))
            status = EXIT_STATUS_INTERNAL;
        profile_destroy(p);
    }
    console_findings(c, &findings);
    findings_reset(&findings);
    return status;
}

static int usage(const char *what)
{
    struct err err;

    err_set(&err, ERR_USAGE, "%s", what);
    return console_error(&err);
}

int cmd_profile(const struct args *args)
{
    static const char *const words[] = {"list", "show", "check", NULL};
    struct console c = console_make(args, stdout);
    const char *what = args->operands[0];
    const char *near = str_nearest(what, words);
    bool named = args->operand_count > 1;

    if (strcmp(what, "list") == 0)
        return named ? usage("`profile list` takes no name") : list(&c);
    if (strcmp(what, "show") == 0)
        return named ? show(&c, args->operands[1], true)
                     : usage("`profile show` needs the name or the file of a profile");
    if (strcmp(what, "check") == 0)
        return named ? show(&c, args->operands[1], false)
                     : usage("`profile check` needs a profile file");
    fputs("comcert: `profile` knows list, show and check, not `", stderr);
    print_safe(stderr, what);
    fprintf(stderr, "`%s%s%s\n", near != NULL ? "; did you mean `" : "", near != NULL ? near : "",
            near != NULL ? "`?" : "");
    return EXIT_STATUS_USAGE;
}
