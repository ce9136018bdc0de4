/* SPDX-License-Identifier: MIT */
#include "cmd/checklist_print.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum {
    FEW = 3,        /* rows that are told one by one ... */
    FEW_ERRORS = 8, /* ... and of errors, where their words differ */
    RANGES_MAX = 12
};

/* Findings of one code about one key. */
struct kind {
    const struct checklist_text *text; /* the first */
    size_t rows;                       /* in which it was found; a row may have it twice */
    bool alike;                        /* all in the same words */
};

struct printer {
    const struct console *c;
    const struct manifest *m;
    const struct checklist *list;
    const char *job_file;
    struct kind *kinds;
    size_t kind_count;
    size_t *kind_of; /* of each text */
};

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static size_t find_kind(struct printer *p, const struct checklist_text *t)
{
    size_t i = 0;

    while (i < p->kind_count &&
           (p->kinds[i].text->severity != t->severity || !same(p->kinds[i].text->code, t->code) ||
            !same(p->kinds[i].text->key, t->key)))
        i++;
    if (i == p->kind_count)
        p->kinds[p->kind_count++] = (struct kind){.text = t, .alike = true};
    return i;
}

static void count(struct printer *p)
{
    const struct checklist_text **first =
        calloc(p->list->text_count + 1, sizeof *first); /* that is used, of each kind */

    for (size_t i = 0; i < p->list->text_count; i++)
        p->kind_of[i] = find_kind(p, &p->list->texts[i]);
    for (size_t row = 0; row < p->list->row_count; row++) {
        const struct checklist_row *r = &p->list->rows[row];

        for (size_t i = 0; i < r->said_count; i++) {
            const struct checklist_text *t = &p->list->texts[r->said[i].text];
            size_t k = p->kind_of[r->said[i].text];

            p->kinds[k].rows++;
            if (first == NULL)
                p->kinds[k].alike = false;
            else if (first[k] == NULL)
                first[k] = t;
            else
                p->kinds[k].alike &= first[k] == t;
        }
    }
    free(first);
}

/* "row 12 (pump-12), list.csv:13"; the job file's line where it is about that. */
static void add_row(const struct printer *p, struct buf *b, size_t row,
                    const struct checklist_said *s)
{
    const char *device = p->list->rows[row].device;

    buf_printf(b, "row %zu", row + 1);
    if (device != NULL) {
        buf_add_str(b, " (");
        str_escape(b, device, strlen(device));
        buf_add_char(b, ')');
    }
    if (s->in_row)
        buf_printf(b, ", %s:%d", manifest_name(p->m), manifest_line(p->m, row));
    else if (s->line > 0)
        buf_printf(b, ", %s:%d", p->job_file, s->line);
}

static void print_head(const struct printer *p, const struct checklist_text *t, struct buf *b)
{
    static const enum style styles[] = {
        [SEVERITY_NOTE] = STYLE_DIM,
        [SEVERITY_WARNING] = STYLE_WARN,
        [SEVERITY_ERROR] = STYLE_BAD,
    };

    fprintf(p->c->people, "%s%s%s ", console_style(p->c, styles[t->severity]),
            severity_name(t->severity), console_style(p->c, STYLE_PLAIN));
    print_wrapped(p->c->people, strlen(severity_name(t->severity)) + 1, 4,
                  b->data != NULL ? b->data : t->code);
    buf_reset(b);
}

static void print_remedy(const struct printer *p, const char *remedy)
{
    if (remedy == NULL)
        return;
    fputs("    fix: ", p->c->people);
    print_wrapped(p->c->people, 9, 9, remedy);
}

/* --- one by one ----------------------------------------------------------------------------- */

static void print_each(const struct printer *p, size_t kind)
{
    const char *remedy = NULL;

    for (size_t row = 0; row < p->list->row_count; row++) {
        const struct checklist_row *r = &p->list->rows[row];

        for (size_t i = 0; i < r->said_count; i++) {
            const struct checklist_text *t = &p->list->texts[r->said[i].text];
            struct buf b = {0};

            if (p->kind_of[r->said[i].text] != kind)
                continue;
            if (remedy != NULL && !same(remedy, t->remedy))
                print_remedy(p, remedy);
            remedy = t->remedy;
            buf_printf(&b, "%s: ", t->code);
            add_row(p, &b, row, &r->said[i]);
            buf_printf(&b, ": %s", t->what != NULL ? t->what : "");
            print_head(p, t, &b);
        }
    }
    print_remedy(p, remedy);
}

/* --- together ------------------------------------------------------------------------------- */

static bool has_kind(const struct printer *p, size_t row, size_t kind)
{
    const struct checklist_row *r = &p->list->rows[row];

    for (size_t i = 0; i < r->said_count; i++) {
        if (p->kind_of[r->said[i].text] == kind)
            return true;
    }
    return false;
}

/* "9998 rows: 1-4999, 5001-9999" */
static void add_rows(const struct printer *p, struct buf *b, size_t kind)
{
    size_t n = p->list->row_count, rows = 0, ranges = 0, shown = 0;
    struct buf list = {0};

    for (size_t row = 0, end; row < n; row = end) {
        end = row + 1;
        if (!has_kind(p, row, kind))
            continue;
        while (end < n && has_kind(p, end, kind))
            end++;
        rows += end - row;
        if (ranges++ >= RANGES_MAX)
            continue;
        shown += end - row;
        buf_printf(&list, "%s%zu", ranges > 1 ? ", " : "", row + 1);
        if (end > row + 1)
            buf_printf(&list, "-%zu", end);
    }
    if (rows == n)
        buf_printf(b, "all %zu rows", rows);
    else
        buf_printf(b, "%zu rows: %s", rows, list.data != NULL ? list.data : "");
    if (rows > shown)
        buf_printf(b, " and %zu more", rows - shown);
    buf_reset(&list);
}

/* The first that has words of its own. */
static const struct checklist_said *find_example(const struct printer *p, size_t kind, size_t *row)
{
    for (*row = 0; *row < p->list->row_count; (*row)++) {
        const struct checklist_row *r = &p->list->rows[*row];

        for (size_t i = 0; i < r->said_count; i++) {
            const struct checklist_said *s = &r->said[i];

            if (p->kind_of[s->text] == kind && p->list->texts[s->text].what != NULL)
                return s;
        }
    }
    return NULL;
}

static void print_together(const struct printer *p, size_t kind)
{
    const struct checklist_text *t;
    const struct checklist_said *s;
    struct buf b = {0};
    size_t row;

    s = find_example(p, kind, &row);
    if (s == NULL)
        return;
    t = &p->list->texts[s->text];
    buf_printf(&b, "%s: ", t->code);
    add_rows(p, &b, kind);
    buf_add_str(&b, ": ");
    if (!p->kinds[kind].alike) {
        buf_add_str(&b, "for example ");
        add_row(p, &b, row, s);
        buf_add_str(&b, ": ");
    } else if (!s->in_row && s->line > 0) {
        buf_printf(&b, "%s:%d: ", p->job_file, s->line);
    }
    buf_add_str(&b, t->what);
    print_head(p, t, &b);
    print_remedy(p, t->remedy);
}

static void print_kinds(const struct printer *p, enum severity severity)
{
    size_t few = severity == SEVERITY_ERROR ? FEW_ERRORS : FEW;

    for (size_t k = 0; k < p->kind_count; k++) {
        const struct kind *kind = &p->kinds[k];

        if (kind->text->severity != severity || kind->rows == 0)
            continue;
        if (kind->rows <= FEW || (kind->rows <= few && !kind->alike))
            print_each(p, k);
        else
            print_together(p, k);
    }
}

static void conclude(const struct printer *p)
{
    const struct checklist *l = p->list;
    size_t unaccepted = 0, unfit = l->row_count - l->fit;

    for (size_t i = 0; i < l->row_count; i++)
        unaccepted = l->rows[i].unaccepted > unaccepted ? l->rows[i].unaccepted : unaccepted;
    fprintf(p->c->people, "%s%zu row%s: %zu fit to send", console_style(p->c, STYLE_BOLD),
            l->row_count, l->row_count == 1 ? "" : "s", l->fit);
    if (unaccepted > 0)
        fprintf(p->c->people, " once %zu assumed command%s accepted (--accept-assumed)", unaccepted,
                unaccepted == 1 ? " is" : "s are");
    fprintf(p->c->people, ", %zu not%s\n", unfit, console_style(p->c, STYLE_PLAIN));
}

void checklist_print(const struct console *c, const struct manifest *m,
                     const struct checklist *list, const char *job_file)
{
    struct printer p = {.c = c, .m = m, .list = list, .job_file = job_file};

    p.kinds = calloc(list->text_count + 1, sizeof *p.kinds);
    p.kind_of = calloc(list->text_count + 1, sizeof *p.kind_of);
    if (p.kinds != NULL && p.kind_of != NULL) {
        count(&p);
        print_kinds(&p, SEVERITY_ERROR);
        if (!c->quiet) {
            print_kinds(&p, SEVERITY_WARNING);
            print_kinds(&p, SEVERITY_NOTE);
        }
        if (!c->quiet || list->fit < list->row_count)
            conclude(&p);
    } else {
        fputs("comcert: out of memory: findings are missing\n", stderr);
    }
    free(p.kinds);
    free(p.kind_of);
}
