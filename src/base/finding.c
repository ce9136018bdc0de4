/* SPDX-License-Identifier: MIT */
#include "base/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static void finding_free(struct finding *f)
{
    free(f->key);
    free(f->file);
    free(f->what);
    free(f->remedy);
}

/* Makes room for `extra` more; false when memory runs out. */
static bool reserve(struct findings *list, size_t extra)
{
    size_t wanted = list->count + extra;
    size_t capacity = list->capacity != 0 ? list->capacity : 8;
    struct finding *items;

    if (wanted <= list->capacity)
        return true;
    while (capacity < wanted)
        capacity *= 2;
    items = reallocarray(list->items, capacity, sizeof *items);
    if (items == NULL)
        return false;
    list->items = items;
    list->capacity = capacity;
    return true;
}

/* Copies text; NULL stays NULL. Sets *lost when memory runs out. */
static char *copy(const char *text, bool *lost)
{
    char *dup;

    if (text == NULL)
        return NULL;
    dup = strdup(text);
    if (dup == NULL)
        *lost = true;
    return dup;
}

void findings_add(struct findings *list, enum severity severity, const char *code,
                  struct place place, const char *remedy, const char *fmt, ...)
{
    struct finding f = {.severity = severity, .code = code, .line = place.line};
    bool lost = false;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&f.what, fmt, ap) < 0) {
        f.what = NULL;
        lost = true;
    }
    va_end(ap);
    f.key = copy(place.key, &lost);
    f.file = copy(place.file, &lost);
    f.remedy = copy(remedy, &lost);
    if (lost || !reserve(list, 1)) {
        finding_free(&f);
        list->lost = true;
        return;
    }
    list->items[list->count++] = f;
}

enum severity findings_worst(const struct findings *list)
{
    enum severity worst = list->lost ? SEVERITY_ERROR : SEVERITY_NOTE;

    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].severity > worst)
            worst = list->items[i].severity;
    }
    return worst;
}

size_t findings_count(const struct findings *list, enum severity severity)
{
    size_t n = 0;

    for (size_t i = 0; i < list->count; i++)
        n += list->items[i].severity == severity;
    return n;
}

const struct finding *findings_get(const struct findings *list, const char *code)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].code, code) == 0)
            return &list->items[i];
    }
    return NULL;
}

/* Insertion sort: stable, needs no memory, and a list has a few dozen entries at most. */
void findings_sort(struct findings *list)
{
    for (size_t i = 1; i < list->count; i++) {
        struct finding f = list->items[i];
        size_t j = i;

        for (; j > 0 && list->items[j - 1].severity < f.severity; j--)
            list->items[j] = list->items[j - 1];
        list->items[j] = f;
    }
}

void findings_take(struct findings *list, struct findings *from)
{
    if (from->count > 0 && reserve(list, from->count)) {
        memcpy(list->items + list->count, from->items, from->count * sizeof *from->items);
        list->count += from->count;
        from->count = 0;
    }
    list->lost |= from->lost || from->count > 0;
    findings_reset(from);
}

void findings_copy(struct findings *list, const struct findings *from)
{
    for (size_t i = 0; i < from->count; i++) {
        const struct finding *f = &from->items[i];

        findings_add(list, f->severity, f->code, (struct place){f->key, f->file, f->line},
                     f->remedy, "%s", f->what);
    }
    list->lost |= from->lost;
}

static bool is_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}

void place_add_text(struct buf *out, struct place place, const char *what)
{
    const char *first = is_given(place.file) ? place.file : is_given(place.key) ? place.key : NULL;

    if (first != NULL && !str_starts(what, first)) {
        buf_add_str(out, first);
        if (first == place.file && place.line > 0)
            buf_printf(out, ":%d", place.line);
        buf_add_str(out, ": ");
    }
    buf_add_str(out, what);
}

void finding_add_text(struct buf *out, const struct finding *finding)
{
    place_add_text(out, (struct place){finding->key, finding->file, finding->line}, finding->what);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_told(const struct findings *told, const struct finding *f)
{
    for (size_t i = 0; i < told->count; i++) {
        const struct finding *other = &told->items[i];

        if (strcmp(other->code, f->code) == 0 && same_text(other->file, f->file) &&
            other->line == f->line && same_text(other->what, f->what))
            return true;
    }
    return false;
}

void findings_take_new(struct findings *list, struct findings *from)
{
    size_t kept = 0;

    for (size_t i = 0; i < from->count; i++) {
        if (is_told(list, &from->items[i]))
            finding_free(&from->items[i]);
        else
            from->items[kept++] = from->items[i];
    }
    from->count = kept;
    findings_take(list, from);
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {
        [SEVERITY_NOTE] = "note",
        [SEVERITY_WARNING] = "warning",
        [SEVERITY_ERROR] = "error",
    };

    return names[severity];
}

void findings_reset(struct findings *list)
{
    for (size_t i = 0; i < list->count; i++)
        finding_free(&list->items[i]);
    free(list->items);
    *list = (struct findings){0};
}
