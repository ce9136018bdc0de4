/* SPDX-License-Identifier: MIT */
#include "pki/list_part.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/str.h"

#define LIST_MAX ((size_t)64 << 20)

struct reading {
    struct issue_list *list;
    struct findings *findings;
    size_t bad, odd;
};

static struct place place_of(const struct issue_list *list, size_t line)
{
    return (struct place){.file = list->file, .line = (int)line};
}

static bool add_item(struct issue_list *list, const char *id, size_t n, size_t line)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity != 0 ? 2 * list->capacity : 256;
        struct list_item *items = reallocarray(list->items, capacity, sizeof *items);

        if (items == NULL)
            return false;
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count] = (struct list_item){.id = strndup(id, n), .line = line};
    return list->items[list->count].id != NULL && ++list->count > 0;
}

static void say_bad(struct reading *r, size_t line, const char *remedy, const char *text)
{
    if (++r->bad <= LIST_SAY_MAX)
        findings_add(r->findings, SEVERITY_ERROR, "device-id-bad", place_of(r->list, line), remedy,
                     "%s.", text);
}

static void take_line(struct reading *r, const char *text, size_t n, size_t line)
{
    struct err err = {0};
    struct list_item *item;

    while (n > 0 && strchr(" \t\r", text[n - 1]) != NULL)
        n--;
    while (n > 0 && strchr(" \t", text[0]) != NULL) {
        text++;
        n--;
    }
    if (n == 0 || text[0] == '#')
        return;
    if (memchr(text, '\0', n) != NULL) {
        say_bad(r, line, "Save the list as plain text (UTF-8).", "the line is not text");
        return;
    }
    if (!add_item(r->list, text, n, line)) {
        r->findings->lost = true;
        return;
    }
    item = &r->list->items[r->list->count - 1];
    if (issue_check_id(item->id, &err) != 0)
        say_bad(r, line, err.remedy, err.text);
    else if (item->id[strspn(item->id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                       "0123456789-._")] != '\0' &&
             r->odd++ == 0)
        issue_id_findings(item->id, r->findings);
}

static int by_id(const void *a, const void *b)
{
    const struct list_item *const *x = a, *const *y = b;
    int order = strcmp((*x)->id, (*y)->id);

    return order != 0 ? order : (*x)->line < (*y)->line ? -1 : 1;
}

static int by_folded_id(const void *a, const void *b)
{
    const struct list_item *const *x = a, *const *y = b;
    int order = strcasecmp((*x)->id, (*y)->id);

    return order != 0 ? order : (*x)->line < (*y)->line ? -1 : 1;
}

static void say_twins(struct reading *r, struct list_item **sorted)
{
    const struct issue_list *list = r->list;
    size_t folded = 0;

    qsort(sorted, list->count, sizeof(struct list_item *), by_id);
    for (size_t i = 1; i < list->count; i++) {
        if (strcmp(sorted[i]->id, sorted[i - 1]->id) == 0 && ++r->bad <= LIST_SAY_MAX)
            findings_add(r->findings, SEVERITY_ERROR, "device-id-twice",
                         place_of(list, sorted[i]->line), "Leave one of the two lines.",
                         "%s stands in line %zu already.", sorted[i]->id, sorted[i - 1]->line);
    }
    qsort(sorted, list->count, sizeof(struct list_item *), by_folded_id);
    for (size_t i = 1; i < list->count; i++) {
        if (strcasecmp(sorted[i]->id, sorted[i - 1]->id) == 0 &&
            strcmp(sorted[i]->id, sorted[i - 1]->id) != 0 && folded++ == 0)
            findings_add(r->findings, SEVERITY_WARNING, "device-id-case",
                         place_of(list, sorted[i]->line),
                         "Keep the files on a file system that tells them apart.",
                         "%s differs from line %zu in capitals only: on a USB stick or on Windows "
                         "their files are the same.",
                         sorted[i]->id, sorted[i - 1]->line);
    }
}

static void check_twins(struct reading *r)
{
    struct list_item **sorted = calloc(r->list->count + 1, sizeof *sorted);

    if (sorted == NULL) {
        r->findings->lost = true;
        return;
    }
    for (size_t i = 0; i < r->list->count; i++)
        sorted[i] = &r->list->items[i];
    say_twins(r, sorted);
    free(sorted);
}

static void take_text(struct reading *r, const char *text, size_t n)
{
    size_t line = 0;

    if (n >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0)) {
        say_bad(r, 1, "Save it as UTF-8, or as plain text.", "the list is in UTF-16");
        return;
    }
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        text += 3;
        n -= 3;
    }
    while (n > 0) {
        const char *end = memchr(text, '\n', n);
        size_t len = end != NULL ? (size_t)(end - text) : n;
        size_t step = end != NULL ? len + 1 : n;

        take_line(r, text, len, ++line);
        text += step;
        n -= step;
    }
    check_twins(r);
    if (r->bad > LIST_SAY_MAX)
        findings_add(r->findings, SEVERITY_ERROR, "device-id-bad", place_of(r->list, 0), NULL,
                     "%zu more lines are wrong.", r->bad - LIST_SAY_MAX);
    if (r->odd > 1)
        findings_add(r->findings, SEVERITY_NOTE, "device-id-special", place_of(r->list, 0), NULL,
                     "%zu more IDs have such characters.", r->odd - 1);
    if (r->list->count == 0 && r->bad == 0)
        findings_add(r->findings, SEVERITY_ERROR, "list-empty", place_of(r->list, 0),
                     "Write one device ID in each line.", "the list names no device.");
}

int issue_list_read(const char *file, struct issue_list **out, struct findings *findings)
{
    struct reading r = {.list = calloc(1, sizeof *r.list), .findings = findings};
    struct secret bytes = {0};
    struct err err = {0};

    *out = NULL;
    if (r.list == NULL || (r.list->file = str_copy(file)) == NULL) {
        free(r.list);
        findings->lost = true;
        return ERR_NOMEM;
    }
    if (file_read(file, LIST_MAX, &bytes, &err) != 0) {
        findings_add(findings, SEVERITY_ERROR, "list-unreadable", (struct place){.file = file},
                     "Name a text file with one device ID in each line.", "%s.", err.text);
        r.bad++;
    } else {
        take_text(&r, (const char *)bytes.data, bytes.len);
    }
    secret_reset(&bytes);
    if (r.bad > 0 || findings->lost || r.list->count == 0) {
        issue_list_destroy(r.list);
        return ERR_VALUE;
    }
    *out = r.list;
    return 0;
}

void issue_list_destroy(struct issue_list *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].id);
    free(list->items);
    free(list->file);
    free(list);
}
