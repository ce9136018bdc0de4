/* SPDX-License-Identifier: MIT */
#include "cmd/console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

static int first_error;

void console_flush(FILE *f)
{
    if (fflush(f) != 0 && first_error == 0)
        first_error = errno;
}

bool console_write(const void *bytes, size_t n)
{
    if (fwrite(bytes, 1, n, stdout) == n)
        return true;
    if (first_error == 0)
        first_error = errno;
    return false;
}

int console_failed(void)
{
    return first_error;
}

/* --- text ----------------------------------------------------------------------------------- */

void print_safe(FILE *f, const char *text)
{
    struct buf b = {0};

    str_safe(&b, text);
    if (b.data != NULL)
        fputs(b.data, f);
    buf_reset(&b);
}

void print_broken(FILE *f, size_t width, size_t column, size_t indent, const char *text)
{
    struct buf b = {0};

    str_wrap(&b, width, column, indent, text);
    if (b.data != NULL)
        fputs(b.data, f);
    fputc('\n', f);
    buf_reset(&b);
}

static size_t width_of(FILE *f)
{
    struct winsize size;

    if (!isatty(fileno(f)))
        return 0;
    if (ioctl(fileno(f), TIOCGWINSZ, &size) != 0 || size.ws_col < 20)
        return 80;
    return size.ws_col;
}

void print_wrapped(FILE *f, size_t column, size_t indent, const char *text)
{
    print_broken(f, width_of(f), column, indent, text);
}

static void print_remedy(FILE *f, const char *head, const char *remedy)
{
    if (remedy == NULL || remedy[0] == '\0')
        return;
    fputs(head, f);
    print_wrapped(f, strlen(head), strlen(head), remedy);
}

static void print_finding(const struct console *c, const struct finding *finding)
{
    static const enum style styles[] = {
        [SEVERITY_NOTE] = STYLE_DIM,
        [SEVERITY_WARNING] = STYLE_WARN,
        [SEVERITY_ERROR] = STYLE_BAD,
    };
    const char *severity = severity_name(finding->severity);
    struct buf b = {0};

    fprintf(c->people, "%s%s%s ", console_style(c, styles[finding->severity]), severity,
            console_style(c, STYLE_PLAIN));
    buf_printf(&b, "%s: ", finding->code);
    finding_add_text(&b, finding);
    print_wrapped(c->people, strlen(severity) + 1, 4, b.data != NULL ? b.data : finding->code);
    print_remedy(c->people, "    fix: ", finding->remedy);
    buf_reset(&b);
}

void console_verdict(const struct console *c, const struct verdict *v)
{
    const char *word = v->exit_status == EXIT_STATUS_OK ? "OK" : "NOT OK";

    fprintf(c->people, "%s%s%s ",
            console_style(c, v->exit_status == EXIT_STATUS_OK ? STYLE_GOOD : STYLE_BAD), word,
            console_style(c, STYLE_PLAIN));
    print_wrapped(c->people, strlen(word) + 1, 3, v->state);
    print_remedy(c->people, "   next: ", v->remedy);
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
    struct buf b = {0};

    fputs("comcert: ", stderr);
    place_add_text(&b, (struct place){NULL, err->file, err->line}, err->text);
    print_wrapped(stderr, 9, 4, b.data != NULL ? b.data : err->text);
    print_remedy(stderr, "    fix: ", err->remedy);
    buf_reset(&b);
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
    console_flush(stdout);
    free(json);
    return true;
}
