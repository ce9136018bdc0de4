/* SPDX-License-Identifier: MIT */
#include "ui/sheet_view.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/str.h"
#include "job/sheet.h"
#include "ui/dialog.h"
#include "ui/save.h"
#include "ui/view.h"

/* --- its text --------------------------------------------------------------------------------- */

/* Values stand as they are: what could harm a terminal is escaped when it is drawn or saved. */
static void add_row(struct lines *out, const struct sheet_row *row)
{
    lines_add(out, ROLE_STRONG, 2, "%s", row->label);
    if (row->value != NULL)
        lines_add(out, ROLE_TEXT, 4, "%s", row->value);
    else if (row->what == NULL)
        lines_add(out, ROLE_DIM, 4, "(empty)");
    if (row->what != NULL)
        lines_add(out, ROLE_DIM, 4, "%s", row->what);
    for (size_t i = 0; i < row->note_count; i++)
        lines_add(out, ROLE_NOTE, 4, "%s: %s", sheet_source_name(row->notes[i].source),
                  row->notes[i].text);
}

static int make_lines(const struct wizard *w, struct lines *out, struct err *err)
{
    const char *where = NULL;
    struct sheet sheet;
    int rc = sheet_make(&w->prepared.job, &sheet, err);

    for (size_t i = 0; rc == 0 && i < sheet.count; i++) {
        const struct sheet_row *row = &sheet.rows[i];
        const char *here = row->slot >= 0 ? sheet_boxes : sheet_window;

        if (where != NULL && here != where)
            lines_add(out, ROLE_TEXT, 0, " ");
        if (here != where)
            lines_add(out, ROLE_STRONG, 0, "To be entered in %s", here);
        where = here;
        add_row(out, row);
    }
    sheet_reset(&sheet);
    return rc;
}

/* --- as a file -------------------------------------------------------------------------------- */

static void print(const struct lines *lines, struct buf *out)
{
    for (size_t i = 0; i < lines->count; i++) {
        buf_printf(out, "%*s", lines->items[i].indent, "");
        str_safe(out, lines->items[i].text);
        buf_add_char(out, '\n');
    }
}

static void write_sheet(struct wizard *w, const char *path, bool replace)
{
    struct err err = {0};
    struct lines lines = {0};
    struct buf text = {0};
    char *full = file_resolve(NULL, path);
    int rc;

    if (full != NULL && !replace && file_is_there(full)) {
        save_ask_replace(w, path, full, write_sheet, "Its content would be lost.");
        free(full);
        return;
    }
    rc = make_lines(w, &lines, &err);
    print(&lines, &text);
    if (rc == 0 && (full == NULL || text.failed))
        rc = err_set(&err, ERR_NOMEM, "out of memory");
    if (rc == 0)
        rc = file_write(full, 0600, replace, text.data, text.len, &err);
    err.code = (enum err_code)rc;
    lines_reset(&lines);
    buf_reset(&text);
    free(full);
    save_tell(w, &err, "The sheet was", path);
}

static void on_name(void *ctx, int button, const char *path, struct secret *secret)
{
    (void)secret;
    if (button == 0 && path[0] != '\0')
        write_sheet(ctx, path, false);
}

static void ask_name(void *ctx)
{
    static const char *const buttons[] = {"Save", "Leave it", NULL};
    struct wizard *w = ctx;
    char name[128];
    struct dialog spec = {
        .title = "Save the sheet",
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_TEXT,
        .label = "File",
        .initial = name,
        .done = on_name,
        .ctx = w,
    };
    struct lines text = {0};

    save_suggest(w, "-sheet.txt", name, sizeof name);
    lines_add(&text, ROLE_TEXT, 0,
              "The names of the files are in it, but neither a key nor a password.");
    lines_add(&text, ROLE_TEXT, 0, " ");
    (void)dialog_open(w->app, &spec, &text);
}

/* --- on the screen ---------------------------------------------------------------------------- */

void sheet_view_open(struct wizard *w)
{
    struct lines lines = {0};
    struct err err = {0};

    wizard_check(w); /* what follows from the preset is in it */
    lines_add(
        &lines, ROLE_DIM, 0,
        "For whoever types into the vendor's own program. Shift and drag selects a value with "
        "the mouse.");
    lines_add(&lines, ROLE_TEXT, 0, " ");
    if (make_lines(w, &lines, &err) == 0) {
        view_open_to_save(w->app, "Settings sheet", &lines, ask_name, w);
        return;
    }
    lines_reset(&lines);
    app_say(w->app, ROLE_BAD, "No sheet: %s", err.text);
}
