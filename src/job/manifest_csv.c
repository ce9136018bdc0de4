/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "job/manifest_part.h"

/* libcsv tells neither where a row stands nor lines apart, so it is fed one line at a time. Outside
 * of quotes a row ends with its line: whether one is still open then is whether it is quoted. */
struct reader {
    struct buf text; /* of the row's cells */
    size_t starts[ROWS_MAX_CELLS];
    const char *cells[ROWS_MAX_CELLS];
    size_t count;
    int line; /* in which the row begins */
    bool ended, stopped;
    bool (*take)(void *ctx, const struct row_record *record);
    void *ctx;
};

static void on_cell(void *bytes, size_t n, void *ctx)
{
    struct reader *r = ctx;

    if (r->count < ROWS_MAX_CELLS) {
        r->starts[r->count] = r->text.len;
        buf_add(&r->text, bytes, n);
        buf_add_char(&r->text, '\0');
    }
    r->count++;
}

static void on_row(int c, void *ctx)
{
    struct reader *r = ctx;
    size_t kept = r->count < ROWS_MAX_CELLS ? r->count : ROWS_MAX_CELLS;
    struct row_record record = {.cells = r->cells, .count = r->count, .line = r->line};

    (void)c;
    for (size_t i = 0; i < kept && !r->text.failed; i++)
        r->cells[i] = r->text.data + r->starts[i];
    if (!r->stopped && !r->text.failed)
        r->stopped = !r->take(r->ctx, &record);
    r->ended = true;
    r->count = 0;
    r->text.len = 0;
}

/* Its end included: LF, CR LF or CR. */
static size_t line_length(const char *text, size_t n)
{
    size_t i = 0;

    while (i < n && text[i] != '\n' && text[i] != '\r')
        i++;
    if (i < n && text[i] == '\r' && i + 1 < n && text[i + 1] == '\n')
        i++;
    return i < n ? i + 1 : i;
}

static bool is_blank(const char *text, size_t n)
{
    while (n > 0 && strchr(" \t\r\n", text[n - 1]) != NULL)
        n--;
    return n == 0;
}

static enum rows_fault read_lines(struct csv_parser *p, struct reader *r, const char *text,
                                  size_t n, int line)
{
    bool open = false;

    for (; n > 0; line++) {
        size_t length = line_length(text, n);

        if (!open) {
            r->line = line;
            open = !is_blank(text, length);
        }
        r->ended = false;
        if (open && csv_parse(p, text, length, on_cell, on_row, r) != length)
            return csv_error(p) == CSV_EPARSE ? ROWS_QUOTE : ROWS_NO_MEMORY;
        if (r->stopped)
            return ROWS_STOPPED;
        if (r->text.failed)
            return ROWS_NO_MEMORY;
        open &= !r->ended;
        text += length;
        n -= length;
    }
    if (csv_fini(p, on_cell, on_row, r) != 0)
        return csv_error(p) == CSV_EPARSE ? ROWS_QUOTE_OPEN : ROWS_NO_MEMORY;
    if (r->text.failed)
        return ROWS_NO_MEMORY;
    return r->stopped ? ROWS_STOPPED : ROWS_GOOD;
}

enum rows_fault rows_each(const char *text, size_t n, int line, char separator,
                          bool (*take)(void *ctx, const struct row_record *record), void *ctx,
                          int *fault_line)
{
    struct reader *r = calloc(1, sizeof *r);
    enum rows_fault fault = ROWS_NO_MEMORY;
    struct csv_parser parser;

    *fault_line = line;
    if (r == NULL)
        return ROWS_NO_MEMORY;
    r->take = take;
    r->ctx = ctx;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) == 0) {
        csv_set_delim(&parser, (unsigned char)separator);
        fault = read_lines(&parser, r, text, n, line);
        csv_free(&parser);
    }
    *fault_line = r->line;
    buf_reset(&r->text);
    free(r);
    return fault;
}
