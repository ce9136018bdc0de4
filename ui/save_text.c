/* SPDX-License-Identifier: MIT */
#include "ui/save_text.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "ui/dialog.h"
#include "ui/save.h"

/* One text on its way into a file. */
struct saving {
    struct wizard *w;
    const char *what;
    char *text;
    char *path; /* once it has been named */
};

static void saving_free(void *ctx)
{
    struct saving *s = ctx;

    free(s->text);
    free(s->path);
    free(s);
}

static void write_text(struct saving *s, bool replace)
{
    struct err err = {0};

    if (file_write(s->path, 0644, replace, s->text, strlen(s->text), &err) != 0)
        app_say(s->w->app, ROLE_BAD, "Not saved: %s", err.text);
    else
        app_say(s->w->app, ROLE_GOOD, "%s saved as %s", s->what, s->path);
    saving_free(s);
}

static void on_replace(void *ctx, int button, const char *text, struct secret *secret)
{
    (void)text;
    (void)secret;
    if (button == 1)
        write_text(ctx, true);
    else
        saving_free(ctx);
}

static void ask_replace(struct saving *s)
{
    static const char *const buttons[] = {"Leave it", "Replace it", NULL};
    struct dialog spec = {
        .title = "There is such a file",
        .buttons = buttons,
        .done = on_replace,
        .dropped = saving_free,
        .ctx = s,
    };
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0, "There already: %s. Its content would be lost.", s->path);
    if (dialog_open(s->w->app, &spec, &text) == NULL)
        saving_free(s);
}

static void on_name(void *ctx, int button, const char *path, struct secret *secret)
{
    struct saving *s = ctx;

    (void)secret;
    if (button == 0 && path[0] != '\0')
        s->path = file_resolve(NULL, path);
    if (s->path == NULL)
        saving_free(s);
    else if (file_is_there(s->path))
        ask_replace(s);
    else
        write_text(s, false);
}

void save_text_ask(struct wizard *w, const struct save_text *save)
{
    static const char *const buttons[] = {"Save", "Leave it", NULL};
    struct saving *s = calloc(1, sizeof *s);
    char name[128];
    struct dialog spec = {
        .title = save->title,
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_TEXT,
        .label = "File",
        .initial = name,
        .done = on_name,
        .dropped = saving_free,
        .ctx = s,
    };
    struct lines text = {0};

    if (s == NULL || (s->text = str_copy(save->text)) == NULL) {
        free(s);
        return;
    }
    s->w = w;
    s->what = save->what;
    save_suggest(w, save->ending, name, sizeof name);
    lines_add(&text, ROLE_TEXT, 0, "%s", save->about);
    lines_add(&text, ROLE_TEXT, 0, " ");
    if (dialog_open(w->app, &spec, &text) == NULL)
        saving_free(s);
}
