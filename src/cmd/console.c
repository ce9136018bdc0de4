/* SPDX-License-Identifier: MIT */
#include "cmd/console.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cmd/cmd.h"
#include "run/report.h"

static bool terminal_is_dumb(void)
{
    const char *term = getenv("TERM");

    return term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0;
}

/* https://no-color.org: present and not empty, whatever its value. */
static bool no_color_asked(void)
{
    const char *value = getenv("NO_COLOR");

    return value != NULL && value[0] != '\0';
}

struct console console_make(const struct args *args, FILE *people)
{
    struct console c = {
        .json = args_has(args, OPT_JSON),
        .quiet = args_has(args, OPT_QUIET),
        .people = people,
    };

    c.text = !c.json || people != stdout;
    c.live = isatty(STDERR_FILENO) && !terminal_is_dumb();
    c.colour = isatty(fileno(c.people)) && !terminal_is_dumb() && !no_color_asked() &&
               !args_has(args, OPT_NO_COLOR);
    return c;
}

const char *console_style(const struct console *c, enum style style)
{
    static const char *const codes[] = {
        [STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m",  [STYLE_DIM] = "\033[2m",
        [STYLE_GOOD] = "\033[32m", [STYLE_WARN] = "\033[33m", [STYLE_BAD] = "\033[1;31m",
    };

    return c->colour ? codes[style] : "";
}

/* Texts of findings and errors have a backslash where they escaped something themselves, so that
 * one stays as it is. */
void print_safe(FILE *f, const char *text)
{
    struct buf b = {0};

    while (*text != '\0') {
        size_t n = strcspn(text, "\\");

        str_escape(&b, text, n);
        text += n;
        if (*text == '\\') {
            buf_add_char(&b, '\\');
            text++;
        }
    }
    if (b.data != NULL)
        fputs(b.data, f);
    buf_reset(&b);
}

static void print_place(FILE *f, const char *file, int line, const char *key)
{
    if (file != NULL && file[0] != '\0') {
        print_safe(f, file);
        if (line > 0)
            fprintf(f, ":%d", line);
        fputs(": ", f);
    } else if (key != NULL && key[0] != '\0') {
        print_safe(f, key);
        fputs(": ", f);
    }
}

static void print_finding(const struct console *c, const struct finding *finding)
{
    static const enum style styles[] = {
        [SEVERITY_NOTE] = STYLE_DIM,
        [SEVERITY_WARNING] = STYLE_WARN,
        [SEVERITY_ERROR] = STYLE_BAD,
    };
    FILE *f = c->people;

    fprintf(f, "%s%s%s %s: ", console_style(c, styles[finding->severity]),
            severity_name(finding->severity), console_style(c, STYLE_PLAIN), finding->code);
    print_place(f, finding->file, finding->line, finding->key);
    print_safe(f, finding->what);
    fputc('\n', f);
    if (finding->remedy != NULL && finding->remedy[0] != '\0') {
        fputs("    fix: ", f);
        print_safe(f, finding->remedy);
        fputc('\n', f);
    }
}

void console_findings(const struct console *c, struct findings *findings)
{
    findings_sort(findings);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->items[i];

        if (c->json)
            console_json(json_finding(f));
        if (c->text && (!c->quiet || f->severity == SEVERITY_ERROR))
            print_finding(c, f);
    }
    if (findings->lost)
        fputs("comcert: out of memory: findings are missing\n", stderr);
}

int console_error(const struct err *err)
{
    fputs("comcert: ", stderr);
    print_place(stderr, err->file, err->line, NULL);
    print_safe(stderr, err->text);
    fputc('\n', stderr);
    if (err->remedy[0] != '\0') {
        fputs("    fix: ", stderr);
        print_safe(stderr, err->remedy);
        fputc('\n', stderr);
    }
    if (err->code == ERR_USAGE)
        return EXIT_STATUS_USAGE;
    return err->code == ERR_NOMEM || err->code == ERR_INTERNAL ? EXIT_STATUS_INTERNAL
                                                               : EXIT_STATUS_UNFIT;
}

bool console_json(char *json)
{
    if (json == NULL) {
        fputs("comcert: out of memory\n", stderr);
        return false;
    }
    puts(json);
    /* Whoever reads the objects wants them now, not when a buffer is full. */
    fflush(stdout);
    free(json);
    return true;
}
