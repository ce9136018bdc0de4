/* SPDX-License-Identifier: MIT */
#include "ui/browser.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "pki/slot.h"
#include "ui/folder.h"
#include "ui/keys.h"

enum { SEARCH_MAX = 64, NAME_COLUMN = 30 };

struct browser {
    struct layer layer;
    struct browser_spec spec;
    struct folder *folder;
    char name[256];  /* what is selected, or is to be once it is listed; "" is ".." */
    bool all;        /* files that do not fit are shown too */
    size_t selected; /* of what is shown; 0 is ".." */
    size_t first;    /* shown in the first row */
    size_t page;     /* rows, when last drawn */
    char search[SEARCH_MAX];
};

enum {
    BROWSER_CLICK = 1,
    BROWSER_TAKE,
    BROWSER_UP,
    BROWSER_FOLDER,
    BROWSER_ALL,
    BROWSER_CLOSE,
    BROWSER_MOVE
};

static const struct keyrow browser_keys[] = {
    {KEY_RETURN, BROWSER_TAKE, "Take", "take the file, or go into the folder"},
    {KEY_FN(KEY_RIGHT), BROWSER_TAKE, NULL, NULL},
    {KEY_FN(KEY_LEFT), BROWSER_UP, "Up", "the folder above"},
    {KEY_FN(KEY_F(7)), BROWSER_ALL, "All files", "show the files that do not fit, or hide them"},
    {KEY_CTRL('A'), BROWSER_ALL, NULL, NULL},
    {KEY_ESC, BROWSER_CLOSE, "Close", "take nothing"},
    {KEY_CTRL('C'), BROWSER_CLOSE, NULL, NULL},
    {KEY_FN(KEY_UP), BROWSER_MOVE, NULL, "move; letters jump to a name that begins so"},
    {KEY_FN(KEY_DOWN), BROWSER_MOVE, NULL, NULL},
    {KEY_FN(KEY_PPAGE), BROWSER_MOVE, NULL, NULL},
    {KEY_FN(KEY_NPAGE), BROWSER_MOVE, NULL, NULL},
    {KEY_FN(KEY_HOME), BROWSER_MOVE, NULL, NULL},
    {KEY_FN(KEY_END), BROWSER_MOVE, NULL, NULL},
    {0},
};

static const struct keyrow folder_keys[] = {
    {KEY_FN(KEY_F(6)), BROWSER_FOLDER, "Whole folder",
     "take this folder: which file is which is "
     "proposed"},
    {KEY_CTRL('F'), BROWSER_FOLDER, NULL, NULL},
    {0},
};

static void browser_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    const struct browser *b = (const struct browser *)l;

    tables[0] = browser_keys;
    tables[1] = b->spec.folders ? folder_keys : NULL;
}

static const char *browser_title(const struct layer *l)
{
    return ((const struct browser *)l)->spec.title;
}

static const char *browser_about(const struct layer *l)
{
    (void)l;
    return "Each file is opened and told for what it is, whatever its name says. Only those that "
           "fit are shown; F7 shows all.";
}

/* --- what is shown ---------------------------------------------------------------------------- */

static bool is_shown(const struct browser *b, const struct entry *e)
{
    return e->is_folder || b->all || b->spec.slot < 0 || !e->judged || e->fits[b->spec.slot];
}

static size_t shown_count(const struct browser *b)
{
    size_t n = 1;

    for (size_t i = 0; i < b->folder->count; i++)
        n += is_shown(b, &b->folder->entries[i]);
    return n;
}

/* Number n of what is shown; NULL for ".." (0) and past the end. */
static const struct entry *shown_at(const struct browser *b, size_t n)
{
    for (size_t i = 0; i < b->folder->count && n > 0; i++) {
        if (is_shown(b, &b->folder->entries[i]) && --n == 0)
            return &b->folder->entries[i];
    }
    return NULL;
}

static void select_row(struct browser *b, size_t n)
{
    size_t count = shown_count(b);
    const struct entry *e;

    b->selected = n < count ? n : count - 1;
    e = shown_at(b, b->selected);
    snprintf(b->name, sizeof b->name, "%s", e != NULL ? e->name : "");
    if (b->selected < b->first)
        b->first = b->selected;
    if (b->page > 0 && b->selected >= b->first + b->page)
        b->first = b->selected - b->page + 1;
}

static void select_name(struct browser *b, const char *prefix, bool whole)
{
    size_t n = 0;

    for (size_t i = 0; i < b->folder->count; i++) {
        const struct entry *e = &b->folder->entries[i];

        n += is_shown(b, e);
        if (is_shown(b, e) &&
            (whole ? strcmp(e->name, prefix) == 0 : str_starts(e->name, prefix))) {
            select_row(b, n);
            return;
        }
    }
}

/* More is known of the folder, and files that do not fit have gone from the list: what is selected
 * stays selected, wherever it stands now. */
static void on_changed(void *ctx)
{
    struct browser *b = ctx;
    char name[sizeof b->name];

    memcpy(name, b->name, sizeof name);
    b->selected = 0; /* where it stays if the file itself has gone */
    if (name[0] != '\0')
        select_name(b, name, true);
    app_changed_soon(b->layer.app);
}

static void open_folder(struct browser *b, const char *path)
{
    struct folder *f = folder_open(path, on_changed, b);

    if (f == NULL)
        return;
    folder_close(b->folder);
    b->folder = f;
    b->selected = b->first = 0;
    b->search[0] = b->name[0] = '\0';
}

static char *path_of(const struct browser *b, const struct entry *e)
{
    struct buf path = {0};

    buf_printf(&path, "%s/%s", strcmp(b->folder->path, "/") == 0 ? "" : b->folder->path, e->name);
    return buf_take(&path);
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_entry(const struct browser *b, const struct canvas *c, int y, size_t n)
{
    const struct entry *e = shown_at(b, n);
    enum role role = n == b->selected ? ROLE_SELECTED : ROLE_TEXT;
    int names = NAME_COLUMN < c->area.w / 2 ? NAME_COLUMN : c->area.w / 2;
    char name[512];

    if (e == NULL)
        snprintf(name, sizeof name, "../");
    else
        str_escape_to(name, sizeof name - 1, e->name, strlen(e->name));
    if (e != NULL && e->is_folder)
        strcat(name, "/");
    draw_filled(c, y, 0, names, role, name);
    draw_filled(c, y, names, c->area.w - names, n == b->selected ? role : ROLE_DIM,
                e == NULL         ? "  the folder above"
                : e->is_folder    ? ""
                : e->what != NULL ? e->what
                : e->judged       ? ""
                                  : glyph("\xE2\x80\xA6", "..."));
    draw_hit(c, y, 0, 1, c->area.w, BROWSER_CLICK, (int)n);
}

static void browser_draw(struct layer *l, const struct canvas *c)
{
    struct browser *b = (struct browser *)l;
    struct canvas box = canvas_part(c, 1, 2, c->area.h - 3, c->area.w - 4);
    struct canvas rows = canvas_part(&box, 3, 2, box.area.h - 4, box.area.w - 4);
    size_t count = shown_count(b);

    canvas_clear(&box, ROLE_TEXT);
    draw_box(&box, 0, 0, box.area.h, box.area.w, ROLE_TEXT, b->spec.title);
    draw_text(&box, 1, 2, box.area.w - 4, ROLE_STRONG, b->folder->path);
    if (b->folder->error != NULL)
        draw_text(&box, 2, 2, box.area.w - 4, ROLE_BAD, b->folder->error);
    else if (count == 1 && !b->folder->busy)
        draw_text(&box, 2, 2, box.area.w - 4, ROLE_WARN,
                  b->folder->count > 0 ? "No file here fits; F7 shows all." : "Nothing is here.");
    else if (b->search[0] != '\0')
        draw_text(&box, 2, 2, box.area.w - 4, ROLE_DIM, b->search);
    b->page = (size_t)rows.area.h;
    if (b->selected >= b->first + b->page)
        b->first = b->selected - b->page + 1;
    for (size_t i = 0; i < b->page && b->first + i < count; i++)
        draw_entry(b, &rows, (int)i, b->first + i);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void finish(struct browser *b, char *path, enum browser_pick what)
{
    browser_done *done = b->spec.done;
    void *ctx = b->spec.ctx;

    app_pop(b->layer.app, &b->layer);
    if (path != NULL)
        done(ctx, path, what);
    free(path);
}

static void go_up(struct browser *b)
{
    char *path = str_copy(b->folder->path), *name = str_copy(b->folder->path);

    if (path != NULL && name != NULL) {
        open_folder(b, dirname(path));
        snprintf(b->name, sizeof b->name, "%s", basename(name));
    }
    free(path);
    free(name);
}

static void take_selected(struct browser *b)
{
    const struct entry *e = shown_at(b, b->selected);
    char *path;

    if (e == NULL) {
        go_up(b);
        return;
    }
    path = path_of(b, e);
    if (path != NULL && e->is_folder) {
        open_folder(b, path);
        free(path);
    } else if (path != NULL) {
        finish(b, path, PICK_FILE);
    }
}

static void move_by_key(struct browser *b, int key)
{
    size_t at = b->selected, page = b->page > 1 ? b->page - 1 : 1;

    b->search[0] = '\0';
    if (key == KEY_FN(KEY_UP))
        select_row(b, at > 0 ? at - 1 : 0);
    else if (key == KEY_FN(KEY_DOWN))
        select_row(b, at + 1);
    else if (key == KEY_FN(KEY_PPAGE))
        select_row(b, at > page ? at - page : 0);
    else if (key == KEY_FN(KEY_NPAGE))
        select_row(b, at + page);
    else
        select_row(b, key == KEY_FN(KEY_HOME) ? 0 : shown_count(b));
}

static void browser_act(struct layer *l, int action, int arg)
{
    struct browser *b = (struct browser *)l;

    switch (action) {
    case BROWSER_CLICK:
        /* The first click selects, one on what is selected takes it. */
        if ((size_t)arg == b->selected)
            take_selected(b);
        else
            select_row(b, (size_t)arg);
        break;
    case BROWSER_TAKE:
        take_selected(b);
        break;
    case BROWSER_UP:
        go_up(b);
        break;
    case BROWSER_FOLDER:
        finish(b, str_copy(b->folder->path), PICK_FOLDER);
        break;
    case BROWSER_ALL:
        b->all = !b->all;
        select_row(b, b->selected);
        break;
    case BROWSER_CLOSE:
        app_pop(l->app, l);
        break;
    default:
        move_by_key(b, arg);
        break;
    }
}

static void browser_key(struct layer *l, int key)
{
    struct browser *b = (struct browser *)l;
    size_t n = strlen(b->search);

    if (key == KEY_FN(KEY_BACKSPACE) && n == 0) {
        go_up(b);
    } else if (key == KEY_FN(KEY_BACKSPACE)) {
        b->search[n - 1] = '\0';
    } else if (key_is_text(key) && n + 5 < SEARCH_MAX) {
        n += key_utf8(key, b->search + n);
        b->search[n] = '\0';
        select_name(b, b->search, false);
    }
}

static void browser_wheel(struct layer *l, int row, int col, int steps)
{
    struct browser *b = (struct browser *)l;

    (void)row;
    (void)col;
    if (steps < 0 && b->selected < (size_t)-steps)
        select_row(b, 0);
    else
        select_row(b, b->selected + (size_t)steps);
}

static void browser_close(struct layer *l)
{
    struct browser *b = (struct browser *)l;

    folder_close(b->folder);
    free(b);
}

static const struct layer_class browser_class = {
    .keys = browser_tables,
    .title = browser_title,
    .about = browser_about,
    .draw = browser_draw,
    .act = browser_act,
    .key = browser_key,
    .wheel = browser_wheel,
    .close = browser_close,
};

void browser_open(struct app *app, const struct browser_spec *spec)
{
    struct browser *b = calloc(1, sizeof *b);

    if (b == NULL)
        return;
    b->layer.class = &browser_class;
    b->layer.app = app;
    b->spec = *spec;
    open_folder(b, spec->start != NULL ? spec->start : ".");
    if (b->folder == NULL) {
        free(b);
        return;
    }
    app_push(app, &b->layer);
}
