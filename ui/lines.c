/* SPDX-License-Identifier: MIT */
#include "ui/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

void lines_reset(struct lines *l)
{
    for (size_t i = 0; i < l->count; i++)
        free(l->items[i].text);
    free(l->items);
    *l = (struct lines){0};
}

/* Takes the text, which may be NULL. */
static void add(struct lines *l, enum role role, int indent, int hanging, char *text)
{
    if (text != NULL && l->count == l->capacity) {
        size_t capacity = l->capacity > 0 ? 2 * l->capacity : 16;
        struct paragraph *items = reallocarray(l->items, capacity, sizeof *items);

        if (items != NULL) {
            l->items = items;
            l->capacity = capacity;
        }
    }
    if (text == NULL || l->count == l->capacity) {
        free(text);
        return;
    }
    l->items[l->count++] = (struct paragraph){role, indent, hanging, text};
}

void lines_add(struct lines *l, enum role role, int indent, const char *fmt, ...)
{
    va_list args;
    char *text = NULL;

    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    va_end(args);
    add(l, role, indent, 0, text);
}

void lines_add_hanging(struct lines *l, enum role role, int indent, int hanging, const char *text)
{
    add(l, role, indent, hanging, str_copy(text));
}

void lines_add_labelled(struct lines *l, enum role role, int indent, int width, const char *label,
                        const char *text)
{
    struct buf b = {0};
    int gap = width - text_columns(label);

    buf_printf(&b, "%s%*s%s", label, gap > 0 ? gap : 1, "", text);
    add(l, role, indent, width, buf_take(&b));
}

enum role role_of_severity(enum severity severity)
{
    static const enum role roles[] = {
        [SEVERITY_NOTE] = ROLE_NOTE,
        [SEVERITY_WARNING] = ROLE_WARN,
        [SEVERITY_ERROR] = ROLE_BAD,
    };

    return roles[severity];
}

void lines_add_finding(struct lines *l, int indent, const struct finding *f)
{
    enum role role = role_of_severity(f->severity);
    struct buf b = {0};

    buf_printf(&b, "%s %s", mark(role), f->what);
    add(l, role, indent, 2, buf_take(&b));
    if (f->remedy == NULL || f->remedy[0] == '\0')
        return;
    buf_printf(&b, "fix: %s", f->remedy);
    add(l, ROLE_DIM, indent + 2, 5, buf_take(&b));
}

static bool is_wanted(const struct finding *f, const char *key, const char *except)
{
    if (except != NULL && strcmp(f->code, except) == 0)
        return false;
    return key == NULL || (f->key != NULL && strcmp(f->key, key) == 0);
}

void lines_add_findings(struct lines *l, int indent, const struct findings *findings,
                        const char *key, const char *except)
{
    for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--) {
        for (size_t i = 0; i < findings->count; i++) {
            const struct finding *f = &findings->items[i];

            if ((int)f->severity == severity && is_wanted(f, key, except))
                lines_add_finding(l, indent, f);
        }
    }
}

int lines_draw(const struct lines *l, const struct canvas *c, int y, int x, int width)
{
    int rows = 0;

    for (size_t i = 0; i < l->count; i++) {
        const struct paragraph *p = &l->items[i];

        rows += draw_hanging(c, y + rows, x + p->indent, width - p->indent, p->hanging, p->role,
                             p->text);
    }
    return rows;
}
