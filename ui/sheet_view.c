/* SPDX-License-Identifier: MIT */
#include "ui/sheet_view.h"

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "job/sheet.h"
#include "ui/keys.h"
#include "ui/save_text.h"
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

enum { SHEET_SAVE = VIEW_OWN };

static const struct keyrow sheet_keys[] = {
    {KEY_FN(KEY_F(4)), SHEET_SAVE, "Save", "save the sheet as a file"},
    {KEY_CTRL('S'), SHEET_SAVE, NULL, NULL},
    {0},
};

static void on_key(void *ctx, int action)
{
    struct wizard *w = ctx;
    struct save_text save = {
        .title = "Save the sheet",
        .about = "The names of the files are in it, but neither a key nor a password.",
        .what = "The sheet was",
        .ending = "-sheet.txt",
    };
    struct err err = {0};
    struct lines lines = {0};
    struct buf text = {0};

    (void)action;
    if (make_lines(w, &lines, &err) == 0)
        print(&lines, &text);
    if (text.data == NULL || text.failed) {
        app_say(w->app, ROLE_BAD, "Out of memory.");
    } else {
        save.text = text.data;
        save_text_ask(w, &save);
    }
    lines_reset(&lines);
    buf_reset(&text);
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
        struct view_more more = {.keys = sheet_keys, .act = on_key, .ctx = w};

        view_open_more(w->app, "Settings sheet", &lines, &more);
        return;
    }
    lines_reset(&lines);
    app_say(w->app, ROLE_BAD, "No sheet: %s", err.text);
}
