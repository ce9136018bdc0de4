/* SPDX-License-Identifier: MIT */
#include "pki/list_part.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"

#define NAME "manifest.csv"
#define HEAD "device-id,device-cert,device-key,sha1,sha256,not-after"

char *list_manifest_path(const struct list_run *run)
{
    struct buf path = {0};

    if (run->wish->out != NULL && run->wish->out[0] != '\0')
        buf_printf(&path, "%s/", run->wish->out);
    buf_add_str(&path, NAME);
    return buf_take(&path);
}

/* Ours begins with our head line; another table may be somebody's work. */
static bool is_ours(const char *path)
{
    char line[sizeof HEAD + 1] = "";
    FILE *f = fopen(path, "re");
    bool ours = f != NULL && fgets(line, sizeof line, f) != NULL &&
                strncmp(line, HEAD, sizeof HEAD - 1) == 0;

    if (f != NULL)
        fclose(f);
    return ours;
}

int list_manifest_check(const struct list_run *run, struct err *err)
{
    char *path = list_manifest_path(run);
    int rc = path == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;

    if (rc == 0 && file_is_there(path) && !run->wish->force && !is_ours(path)) {
        rc = err_set(err, ERR_BUSY, "%s is there and was not made here", path);
        err_remedy(err, "choose another folder (--out), or replace it: --force");
    }
    free(path);
    return rc;
}

/* RFC 4180. */
static void add_field(struct buf *out, const char *text, char end)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        buf_add_str(out, text);
    } else {
        buf_add_char(out, '"');
        for (; *text != '\0'; text++) {
            if (*text == '"')
                buf_add_char(out, '"');
            buf_add_char(out, *text);
        }
        buf_add_char(out, '"');
    }
    buf_add_char(out, end);
}

static void add_file(struct buf *out, const char *stem, const char *ending)
{
    struct buf name = {0};

    buf_printf(&name, "%s%s", stem, ending);
    if (name.data != NULL)
        add_field(out, name.data, ',');
    out->failed |= name.failed;
    buf_reset(&name);
}

static void add_row(struct buf *out, const struct list_item *item, bool chain)
{
    char *stem = issue_file_stem(item->id);
    char date[DATE_SIZE];

    if (stem == NULL) {
        out->failed = true;
        return;
    }
    date_write(date, item->not_after);
    add_field(out, item->id, ',');
    add_file(out, stem, chain ? ".chain.pem" : ".crt");
    add_file(out, stem, ".key");
    add_field(out, item->sha1, ',');
    add_field(out, item->sha256, ',');
    add_field(out, date, '\n');
    free(stem);
}

int list_manifest_write(struct list_run *run, struct err *err)
{
    char *path = list_manifest_path(run);
    struct buf text = {0};
    int rc;

    buf_add_str(&text, HEAD "\n");
    for (size_t i = 0; i < run->list->count; i++)
        add_row(&text, &run->list->items[i], run->authority->chain.len > 0);
    if (path == NULL || text.failed)
        rc = err_set(err, ERR_NOMEM, "out of memory for the manifest");
    else
        rc = file_write(path, 0644, true, text.data, text.len, err);
    buf_reset(&text);
    if (rc == 0)
        run->result->manifest = path;
    else
        free(path);
    return rc;
}
