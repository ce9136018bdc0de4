/* SPDX-License-Identifier: MIT */
#include "run/checklist.h"
#include "run/json_line.h"
#include "run/report.h"

static struct json_line said_object(const struct checklist_text *t)
{
    struct json_line o = json_begin(NULL);

    json_put_text(&o, "severity", severity_name(t->severity));
    json_put_text(&o, "code", t->code);
    json_put_text(&o, "key", t->key);
    return o;
}

static void put_rest(struct json_line *o, const char *file, int line, const char *what,
                     const char *remedy)
{
    json_put_text(o, "file", file);
    if (line > 0)
        json_put(o, "line", json_integer(line));
    json_put_text(o, "what", what);
    json_put_text(o, "remedy", remedy);
}

static void put_thumbprint(struct json_line *o, const unsigned char hash[32])
{
    struct buf hex = {0};

    for (size_t i = 0; i < 32; i++)
        buf_printf(&hex, "%02X", hash[i]);
    json_put_text(o, "sha256", hex.data);
    o->failed |= hex.failed;
    buf_reset(&hex);
}

char *json_checklist_row(const struct manifest *m, const struct checklist *list, size_t row,
                         const char *job_file)
{
    const struct checklist_row *r = &list->rows[row];
    struct json_line o = json_begin("row");
    json_t *said = json_array();
    bool ok = true;

    json_put_size(&o, "row", row + 1);
    json_put(&o, "line", json_integer(manifest_line(m, row)));
    json_put_text(&o, "device", r->device);
    json_put_text(&o, "equipment", manifest_value(m, row, "equipment"));
    json_put(&o, "fit", json_boolean(r->fit));
    json_put_size(&o, "unaccepted", r->unaccepted);
    if (r->has_cert) {
        put_thumbprint(&o, r->sha256);
        json_put(&o, "not_after", json_integer((json_int_t)r->not_after));
    }
    for (size_t i = 0; i < r->said_count; i++) {
        const struct checklist_said *s = &r->said[i];
        const struct checklist_text *t = &list->texts[s->text];
        struct json_line f = said_object(t);

        put_rest(&f, s->in_row ? manifest_name(m) : job_file,
                 s->in_row ? manifest_line(m, row) : s->line, t->what, t->remedy);
        ok &= json_append(said, &f);
    }
    json_put_array(&o, "findings", said, ok);
    return json_print(&o);
}

char *json_checklist_result(const struct checklist *list, const struct findings *findings,
                            int exit_status)
{
    struct json_line o = json_begin("result");
    json_t *said = json_array();
    bool ok = true;

    json_put(&o, "exit", json_integer(exit_status));
    json_put_size(&o, "rows", list->row_count);
    json_put_size(&o, "fit", list->fit);
    json_put_size(&o, "unfit", list->row_count - list->fit);
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *g = &findings->items[i];
        struct checklist_text t = {
            .severity = g->severity, .code = (char *)(uintptr_t)g->code, .key = g->key};
        struct json_line f = said_object(&t);

        put_rest(&f, g->file, g->line, g->what, g->remedy);
        ok &= json_append(said, &f);
    }
    json_put_array(&o, "findings", said, ok);
    return json_print(&o);
}
