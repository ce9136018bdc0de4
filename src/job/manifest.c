/* SPDX-License-Identifier: MIT */
#include "job/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "job/manifest_part.h"
#include "job/manifest_read.h"

void manifest_free(struct manifest *m)
{
    if (m == NULL)
        return;
    free(m->name);
    free(m->columns);
    free(m->rows);
    buf_reset(&m->cells);
    free(m);
}

int manifest_parse(const char *name, const void *bytes, size_t n, struct manifest **out,
                   struct findings *findings)
{
    struct manifest *m = calloc(1, sizeof *m);
    int rc = ERR_NOMEM;

    *out = NULL;
    if (m != NULL)
        m->name = str_copy(name);
    if (m != NULL && m->name != NULL)
        rc = manifest_take(m, bytes, n, findings);
    if (rc == ERR_NOMEM)
        findings->lost = true;
    if (rc == 0)
        *out = m;
    else
        manifest_free(m);
    return rc;
}

int manifest_read(const char *path, struct manifest **out, struct findings *findings)
{
    struct secret bytes = {0};
    struct err err;
    int rc = file_read(path, MANIFEST_MAX_BYTES, &bytes, &err);

    *out = NULL;
    if (rc != 0)
        findings_add(findings, SEVERITY_ERROR, "manifest-unreadable", (struct place){.file = path},
                     NULL, "%s", err.text);
    else
        rc = manifest_parse(path, bytes.data, bytes.len, out, findings);
    secret_reset(&bytes);
    return rc == 0 || rc == ERR_NOMEM ? rc : ERR_VALUE;
}

const char *manifest_name(const struct manifest *m)
{
    return m->name;
}

size_t manifest_count(const struct manifest *m)
{
    return m->row_count;
}

int manifest_line(const struct manifest *m, size_t row)
{
    return m->rows[row].line;
}

const char *manifest_value(const struct manifest *m, size_t row, const char *column)
{
    const struct manifest_column *wanted = manifest_column_find(column);
    const char *cell = m->cells.data + m->rows[row].start;

    for (size_t i = 0; i < m->column_count; i++) {
        if (m->columns[i] == wanted ||
            (wanted != NULL && wanted->key != NULL && m->columns[i]->key != NULL &&
             strcmp(wanted->key, m->columns[i]->key) == 0))
            return cell[0] != '\0' ? cell : NULL;
        cell += strlen(cell) + 1;
    }
    return NULL;
}

char *manifest_path(const struct manifest *m, size_t row, const char *column)
{
    const char *value = manifest_value(m, row, column);

    return value != NULL ? file_resolve(m->name, value) : NULL;
}

/* --- a row over the job file ---------------------------------------------------------------- */

static char *assignment(const struct manifest *m, const struct manifest_column *column,
                        const char *cell)
{
    struct buf text = {0};
    char *path = column->is_path ? file_resolve(m->name, cell) : NULL;

    buf_printf(&text, "%s=%s", column->key, path != NULL ? path : cell);
    free(path);
    for (size_t i = strlen(column->key); column->is_bool && i < text.len; i++) {
        if (text.data[i] >= 'A' && text.data[i] <= 'Z')
            text.data[i] = (char)(text.data[i] + 'a' - 'A');
    }
    return buf_take(&text);
}

/* True if the row gives this key of the job file. */
static bool gives(const struct manifest *m, size_t row, const char *key)
{
    const char *cell = m->cells.data + m->rows[row].start;

    for (size_t i = 0; i < m->column_count; i++) {
        if (cell[0] != '\0' && m->columns[i]->key != NULL && strcmp(m->columns[i]->key, key) == 0)
            return true;
        cell += strlen(cell) + 1;
    }
    return false;
}

void manifest_place_findings(const struct manifest *m, size_t row, struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        struct finding *f = &findings->items[i];
        char *name;

        if ((f->file == NULL || strcmp(f->file, "--set") != 0) &&
            (f->line != 0 || f->key == NULL || !gives(m, row, f->key)))
            continue;
        name = str_copy(m->name);
        if (name == NULL) {
            findings->lost = true;
            return;
        }
        free(f->file);
        f->file = name;
        f->line = m->rows[row].line;
    }
}

static int make(const struct manifest *m, size_t row, const struct jobfile_base *base, char **over,
                struct job *out, struct findings *findings)
{
    const char *cell = m->cells.data + m->rows[row].start;
    size_t n = 0;

    for (size_t i = 0; i < m->column_count; i++, cell += strlen(cell) + 1) {
        if (cell[0] == '\0' || m->columns[i]->key == NULL)
            continue;
        over[n] = assignment(m, m->columns[i], cell);
        if (over[n] == NULL) {
            findings->lost = true;
            return ERR_VALUE;
        }
        n++;
    }
    return jobfile_base_job(base, (const char *const *)over, n, out, findings);
}

int manifest_job(const struct manifest *m, size_t row, const struct jobfile_base *base,
                 struct job *out, struct findings *findings)
{
    char **over = calloc(m->column_count + 1, sizeof *over);
    struct findings own = {0};
    int rc = ERR_VALUE;

    if (over == NULL)
        findings->lost = true;
    else
        rc = make(m, row, base, over, out, &own);
    for (size_t i = 0; over != NULL && over[i] != NULL; i++)
        free(over[i]);
    free(over);
    manifest_place_findings(m, row, &own);
    findings_take(findings, &own);
    return rc != 0 ? ERR_VALUE : 0;
}
