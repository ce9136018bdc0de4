/* SPDX-License-Identifier: MIT */
#include "ui/help.h"

#include <string.h>

#include "base/buf.h"
#include "ui/keys.h"
#include "ui/view.h"

enum { KEY_COLUMN = 22 };

static bool is_first_of_action(const struct keyrow *rows, const struct keyrow *row)
{
    for (; rows < row; rows++) {
        if (rows->action == row->action)
            return false;
    }
    return true;
}

/* All keys of one action on one line: "F3 or ^N". */
static void add_keys(struct lines *out, const struct keyrow *rows)
{
    for (const struct keyrow *row = rows; row->key != 0; row++) {
        const char *text = row->help != NULL ? row->help : row->label;
        struct buf keys = {0};

        if (text == NULL || !is_first_of_action(rows, row))
            continue;
        for (const struct keyrow *same = row; same->key != 0; same++) {
            char name[16];

            if (same->action == row->action)
                buf_printf(&keys, "%s%s", keys.len > 0 ? ", " : "", key_title(same->key, name));
        }
        if (keys.data != NULL)
            lines_add_labelled(out, ROLE_TEXT, 1, KEY_COLUMN, keys.data, text);
        buf_reset(&keys);
    }
}

void help_open(struct app *app, const struct keyrow *common)
{
    const struct layer *l = app_top(app);
    const struct keyrow *tables[LAYER_TABLES] = {NULL};
    struct lines lines = {0};
    const char *about = l->class->about != NULL ? l->class->about(l) : NULL;

    if (about == NULL)
        return;
    lines_add(&lines, ROLE_TEXT, 0, "%s", about);
    lines_add(&lines, ROLE_TEXT, 0, " ");
    l->class->keys(l, tables);
    for (size_t i = 0; i < LAYER_TABLES && tables[i] != NULL; i++)
        add_keys(&lines, tables[i]);
    add_keys(&lines, common);
    view_open(app, l->class->title(l), &lines);
}
