/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "run/checklist_part.h"

/* So many different texts of one kind are kept if not all are wanted. */
enum { TEXTS_OF_KIND = 8 };

/* A finding's texts are kept once, found again by their hash. */
struct checklist_store {
    struct checklist *list;
    const struct manifest *m;
    bool every_text;
    struct identity *identities; /* for each row */
    uint32_t *table;             /* text + 1; 0: free. Twice as large as what it holds, or more */
    size_t table_size;
    size_t text_capacity;
    size_t *distinct; /* for each text: how many of its kind there are, if it is the kind itself */
};

struct checklist_store *store_create(struct checklist *list, const struct manifest *m,
                                     bool every_text)
{
    struct checklist_store *s = calloc(1, sizeof *s);
    size_t n = manifest_count(m);

    if (s == NULL)
        return NULL;
    *s = (struct checklist_store){.list = list, .m = m, .every_text = every_text};
    s->identities = calloc(n, sizeof *s->identities);
    list->rows = calloc(n, sizeof *list->rows);
    if (s->identities != NULL && list->rows != NULL) {
        list->row_count = n;
        return s;
    }
    store_destroy(s);
    return NULL;
}

void store_destroy(struct checklist_store *s)
{
    if (s == NULL)
        return;
    free(s->identities);
    free(s->table);
    free(s->distinct);
    free(s);
}

const struct identity *store_identity(const struct checklist_store *s, size_t row)
{
    return &s->identities[row];
}

/* --- texts ---------------------------------------------------------------------------------- */

/* FNV-1a; an absent text is not an empty one. */
static uint64_t hash_text(uint64_t h, const char *text)
{
    h = (h ^ (text != NULL)) * UINT64_C(1099511628211);
    for (; text != NULL && *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return h;
}

static uint64_t hash_of(const struct checklist_text *t)
{
    uint64_t h = UINT64_C(14695981039346656037) + (uint64_t)t->severity;

    return hash_text(hash_text(hash_text(hash_text(h, t->code), t->key), t->what), t->remedy);
}

static bool same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_text(const struct checklist_text *a, const struct checklist_text *b)
{
    return a->severity == b->severity && same(a->code, b->code) && same(a->key, b->key) &&
           same(a->what, b->what) && same(a->remedy, b->remedy);
}

/* Where it stands in the table, or the free place where it belongs. */
static size_t find(const struct checklist_store *s, const struct checklist_text *t)
{
    size_t at = (size_t)hash_of(t) & (s->table_size - 1);

    while (s->table[at] != 0 && !same_text(&s->list->texts[s->table[at] - 1], t))
        at = (at + 1) & (s->table_size - 1);
    return at;
}

static bool grow(struct checklist_store *s)
{
    struct checklist *list = s->list;
    size_t capacity = s->text_capacity != 0 ? 2 * s->text_capacity : 256;
    struct checklist_text *more = reallocarray(list->texts, capacity, sizeof *more);
    uint32_t *table = calloc(2 * capacity, sizeof *table);
    size_t *distinct = reallocarray(s->distinct, capacity, sizeof *distinct);

    list->texts = more != NULL ? more : list->texts;
    s->distinct = distinct != NULL ? distinct : s->distinct;
    if (more == NULL || table == NULL || distinct == NULL || capacity > UINT32_MAX / 2) {
        free(table);
        return false;
    }
    free(s->table);
    s->table = table;
    s->table_size = 2 * capacity;
    s->text_capacity = capacity;
    for (size_t i = 0; i < list->text_count; i++)
        s->table[find(s, &list->texts[i])] = (uint32_t)i + 1;
    return true;
}

static bool copy(const struct checklist_text *t, struct checklist_text *out)
{
    *out = (struct checklist_text){t->severity, str_copy(t->code), str_copy(t->key),
                                   str_copy(t->what), str_copy(t->remedy)};
    if (out->code != NULL && (out->key != NULL || t->key == NULL) &&
        (out->what != NULL || t->what == NULL) && (out->remedy != NULL || t->remedy == NULL))
        return true;
    free(out->code);
    free(out->key);
    free(out->what);
    free(out->remedy);
    return false;
}

/* Its number, or -1 when memory runs out. */
static long intern(struct checklist_store *s, const struct checklist_text *t)
{
    struct checklist *list = s->list;
    size_t at;

    if (list->text_count == s->text_capacity && !grow(s))
        return -1;
    at = find(s, t);
    if (s->table[at] != 0)
        return (long)s->table[at] - 1;
    if (!copy(t, &list->texts[list->text_count]))
        return -1;
    s->distinct[list->text_count] = 0;
    s->table[at] = (uint32_t)++list->text_count;
    return (long)list->text_count - 1;
}

static bool is_known(const struct checklist_store *s, const struct checklist_text *t)
{
    return s->table != NULL && s->table[find(s, t)] != 0;
}

/* The text's number; its kind's where enough of that kind are kept. */
static long keep_text(struct checklist_store *s, const struct checklist_text *t)
{
    struct checklist_text kind = {.severity = t->severity, .code = t->code, .key = t->key};
    long k;

    if (s->every_text || is_known(s, t))
        return intern(s, t);
    k = intern(s, &kind);
    if (k < 0 || s->distinct[k] >= TEXTS_OF_KIND)
        return k;
    s->distinct[k]++;
    return intern(s, t);
}

/* --- rows ----------------------------------------------------------------------------------- */

static bool add_said(struct checklist_row *row, long text, int line, bool in_row)
{
    struct checklist_said *said = reallocarray(row->said, row->said_count + 1, sizeof *said);

    if (said == NULL || text < 0) {
        row->said = said != NULL ? said : row->said;
        return false;
    }
    row->said = said;
    said[row->said_count++] =
        (struct checklist_said){.text = (uint32_t)text, .line = line, .in_row = in_row};
    return true;
}

bool store_answer(struct checklist_store *s, const struct answer *a)
{
    struct checklist_row *row = &s->list->rows[a->row];
    const char *name = manifest_name(s->m);

    row->fit = a->fit;
    row->has_cert = a->has_cert;
    row->unaccepted = (size_t)a->unaccepted;
    row->not_after = (time_t)a->not_after;
    memcpy(row->sha256, a->identity.cert, sizeof row->sha256);
    row->device = str_copy(a->device);
    s->identities[a->row] = a->identity;
    if (a->device != NULL && row->device == NULL)
        return false;
    for (size_t i = 0; i < a->findings.count; i++) {
        const struct finding *f = &a->findings.items[i];
        char *code = (char *)(uintptr_t)f->code; /* copied */
        struct checklist_text t = {f->severity, code, f->key, f->what, f->remedy};
        bool in_row = f->file != NULL && strcmp(f->file, name) == 0;

        if (!add_said(row, keep_text(s, &t), in_row ? 0 : f->line, in_row))
            return false;
    }
    return true;
}

bool store_add(struct checklist_store *s, size_t row, enum severity severity, const char *code,
               const char *key, const char *remedy, const char *what)
{
    struct checklist_text t = {severity, (char *)(uintptr_t)code, (char *)(uintptr_t)key,
                               (char *)(uintptr_t)what, (char *)(uintptr_t)remedy};

    if (severity == SEVERITY_ERROR)
        s->list->rows[row].fit = false;
    return add_said(&s->list->rows[row], keep_text(s, &t), 0, true);
}

void checklist_reset(struct checklist *c)
{
    for (size_t i = 0; i < c->row_count; i++) {
        free(c->rows[i].said);
        free(c->rows[i].device);
    }
    for (size_t i = 0; i < c->text_count; i++) {
        free(c->texts[i].code);
        free(c->texts[i].key);
        free(c->texts[i].what);
        free(c->texts[i].remedy);
    }
    free(c->rows);
    free(c->texts);
    *c = (struct checklist){0};
}
