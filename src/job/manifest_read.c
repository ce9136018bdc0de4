/* SPDX-License-Identifier: MIT */
#include "job/manifest_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "job/manifest_part.h"

enum { MAX_TOLD = 20 }; /* rows of which a mistake is told */

struct taking {
    struct manifest *m;
    struct findings *findings;
    const struct manifest_column **of; /* for each cell of the header; NULL: it has no name */
    size_t header_count;
    bool header_seen, failed, no_memory;
    size_t told, untold;
};

static void say(struct taking *t, int line, const char *code, const char *remedy, const char *fmt,
                ...) ATTR_PRINTF(5, 6);

static void say(struct taking *t, int line, const char *code, const char *remedy, const char *fmt,
                ...)
{
    char text[600];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    findings_add(t->findings, SEVERITY_ERROR, code, (struct place){NULL, t->m->name, line}, remedy,
                 "%s", text);
    t->failed = true;
}

/* --- header --------------------------------------------------------------------------------- */

static void suggest(const char *name, struct buf *remedy)
{
    const char *words[64], *near;
    size_t n = 0;

    for (const struct manifest_column *c = manifest_columns(); c->name != NULL && n < 63; c++)
        words[n++] = c->name;
    words[n] = NULL;
    near = str_nearest(name, words);
    if (near != NULL) {
        buf_printf(remedy, "Did you mean `%s`?", near);
        return;
    }
    buf_add_str(remedy, "Columns are ");
    for (size_t i = 0; i < n; i++)
        buf_printf(remedy, "%s%s", i > 0 ? ", " : "", words[i]);
    buf_add_char(remedy, '.');
}

static void refuse_name(struct taking *t, int line, size_t i, const char *name)
{
    struct buf remedy = {0};
    char shown[64];

    str_escape_to(shown, sizeof shown, name, strlen(name));
    if (manifest_is_secret(name)) {
        say(t, line, "manifest-secret", "Name files instead, and give this text to nobody.",
            "the header holds a key or a token (column %zu)", i + 1);
        return;
    }
    if (manifest_is_secret_name(name)) {
        say(t, line, "manifest-secret",
            "Write each password into a file of its own, mode 0600, and name the files in a column "
            "`mqtt.password-file`.",
            "a list may be mailed and printed, so that no secret belongs into it: column `%s`",
            shown);
        return;
    }
    suggest(name, &remedy);
    say(t, line, "manifest-column", remedy.data, "there is no column `%s` (column %zu)", shown,
        i + 1);
    buf_reset(&remedy);
}

static bool is_known(const struct row_record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (manifest_column_find(r->cells[i]) != NULL || manifest_is_secret_name(r->cells[i]))
            return true;
    }
    return false;
}

static bool is_same(const struct manifest_column *a, const struct manifest_column *b)
{
    return a == b || (a->key != NULL && b->key != NULL && strcmp(a->key, b->key) == 0);
}

static void take_name(struct taking *t, const struct row_record *r, size_t i)
{
    const struct manifest_column *c = manifest_column_find(r->cells[i]);

    if (c == NULL) {
        if (r->cells[i][0] != '\0')
            refuse_name(t, r->line, i, r->cells[i]);
        return;
    }
    for (size_t k = 0; k < i; k++) {
        if (t->of[k] != NULL && is_same(t->of[k], c))
            say(t, r->line, "manifest-column", "Keep one of the two.",
                "`%s` is named twice in the header (columns %zu and %zu)", c->name, k + 1, i + 1);
    }
    t->of[i] = c;
    t->m->columns[t->m->column_count++] = c;
}

static bool take_header(struct taking *t, const struct row_record *r)
{
    t->header_seen = true;
    if (r->count > ROWS_MAX_CELLS) {
        say(t, r->line, "manifest-column", NULL, "the header names %zu columns", r->count);
        return false;
    }
    if (!is_known(r)) {
        struct buf remedy = {0};

        suggest("", &remedy);
        say(t, r->line, "manifest-column", remedy.data,
            "the first row must name the columns, and names none that is known");
        buf_reset(&remedy);
        return false;
    }
    t->header_count = r->count;
    t->of = calloc(r->count, sizeof *t->of);
    t->m->columns = calloc(r->count, sizeof *t->m->columns);
    if (t->of == NULL || t->m->columns == NULL) {
        t->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < r->count; i++)
        take_name(t, r, i);
    /* What the rows hold below a wrong name is no mistake of theirs. */
    return !t->failed;
}

/* --- rows ----------------------------------------------------------------------------------- */

static bool row_is_told(struct taking *t)
{
    t->failed = true;
    if (t->told++ < MAX_TOLD)
        return true;
    t->untold++;
    return false;
}

static size_t used_cells(const struct row_record *r)
{
    size_t n = r->count;

    if (n > ROWS_MAX_CELLS)
        return n;
    while (n > 0 && r->cells[n - 1][0] == '\0')
        n--;
    return n;
}

static void check_row(struct taking *t, const struct row_record *r, size_t used)
{
    size_t row = t->m->row_count + 1;

    if ((used > t->header_count || r->count < t->header_count) && row_is_told(t))
        say(t, r->line, "manifest-fields",
            "Put quotes around a value in which the separator stands.",
            "row %zu has %zu fields, but the header names %zu columns", row,
            used > t->header_count ? used : r->count, t->header_count);
    for (size_t i = 0; i < used && i < ROWS_MAX_CELLS; i++) {
        if (manifest_is_secret(r->cells[i]) && row_is_told(t))
            say(t, r->line, "manifest-secret", "Name the file in which it is, and nothing of it.",
                "row %zu holds a key, a certificate or a token itself (column %zu); a list names "
                "files only",
                row, i + 1);
        else if (i < t->header_count && t->of[i] == NULL && r->cells[i][0] != '\0' &&
                 row_is_told(t))
            say(t, r->line, "manifest-fields", "Name the column in the first row.",
                "row %zu has a value in column %zu, which has no name", row, i + 1);
    }
}

static bool add_row(struct taking *t, const struct row_record *r)
{
    struct manifest *m = t->m;

    if (m->row_count == m->row_capacity) {
        size_t capacity = m->row_capacity != 0 ? 2 * m->row_capacity : 64;
        struct manifest_row *rows = reallocarray(m->rows, capacity, sizeof *rows);

        if (rows == NULL) {
            t->no_memory = true;
            return false;
        }
        m->rows = rows;
        m->row_capacity = capacity;
    }
    m->rows[m->row_count++] = (struct manifest_row){.start = m->cells.len, .line = r->line};
    for (size_t i = 0; i < t->header_count; i++) {
        if (t->of[i] == NULL)
            continue;
        if (i < r->count)
            buf_add_str(&m->cells, r->cells[i]);
        buf_add_char(&m->cells, '\0');
    }
    t->no_memory |= m->cells.failed;
    return !t->no_memory;
}

static bool take_record(void *ctx, const struct row_record *r)
{
    struct taking *t = ctx;
    size_t used = used_cells(r);

    if (!t->header_seen)
        return take_header(t, r);
    if (used == 0)
        return true;
    if (t->m->row_count == MANIFEST_MAX_ROWS) {
        say(t, r->line, "manifest-size", "Split it.", "the list has more than %d rows",
            MANIFEST_MAX_ROWS);
        return false;
    }
    check_row(t, r, used);
    return add_row(t, r);
}

static void say_fault(struct taking *t, enum rows_fault fault, int line)
{
    char row[32] = "the header";

    if (t->header_seen)
        snprintf(row, sizeof row, "row %zu", t->m->row_count + 1);
    if (fault == ROWS_QUOTE)
        say(t, line, "manifest-syntax",
            "Put quotes around the whole value, and write each quote inside it twice.",
            "%s has a quote in the middle of a value", row);
    else if (fault == ROWS_QUOTE_OPEN)
        say(t, line, "manifest-syntax", "Close it, or leave the quote out.",
            "%s has a quote that is never closed", row);
    else if (fault == ROWS_NO_MEMORY)
        t->no_memory = true;
    else if (fault == ROWS_GOOD && !t->header_seen)
        say(t, 0, "manifest-empty", "Begin with a row that names the columns.",
            "the list is empty");
    else if (fault == ROWS_GOOD && t->m->row_count == 0 && !t->failed)
        say(t, 0, "manifest-empty", "Write one row for each device below the header.",
            "the list has a header and no rows");
}

static void say_rest(struct taking *t)
{
    if (t->untold > 0)
        say(t, 0, "manifest-fields", NULL, "%zu more mistakes of this kind are not listed",
            t->untold);
}

int manifest_take(struct manifest *m, const char *bytes, size_t n, struct findings *findings)
{
    struct taking t = {.m = m, .findings = findings};
    enum rows_fault fault;
    char separator;
    int line = 1;

    if (n > MANIFEST_MAX_BYTES) {
        say(&t, 0, "manifest-size", "Split it.", "the list is larger than %zu MiB",
            MANIFEST_MAX_BYTES >> 20);
        return ERR_VALUE;
    }
    if (!manifest_open_text(m->name, &bytes, &n, &line, &separator, findings))
        return ERR_VALUE;
    fault = rows_each(bytes, n, line, separator, take_record, &t, &line);
    say_fault(&t, fault, line);
    say_rest(&t);
    free(t.of);
    if (t.no_memory)
        return ERR_NOMEM;
    if (t.failed)
        return ERR_VALUE;
    if (separator != ',')
        findings_add(findings, SEVERITY_NOTE, "manifest-separator", (struct place){.file = m->name},
                     NULL, "its columns are separated by %s",
                     separator == ';' ? "semicolons" : "tabs");
    return 0;
}
