/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "job/azcli.h"
#include "ui/cards.h"
#include "ui/keys.h"
#include "ui/maker.h"
#include "ui/save_text.h"
#include "ui/view.h"

/* How the cloud is told of the job's device: what `comcert az` prints, to read and to save. */

struct enroll {
    struct wizard *w;
    struct buf script;
};

enum { ENROLL_SAVE = VIEW_OWN };

static const struct keyrow enroll_keys[] = {
    {KEY_FN(KEY_F(4)), ENROLL_SAVE, "Save", "save the commands as a file"},
    {KEY_CTRL('S'), ENROLL_SAVE, NULL, NULL},
    {0},
};

static void on_key(void *ctx, int action)
{
    static const struct save_text save = {
        .title = "Save the commands",
        .about = "A script for a shell with Azure's `az`: sh FILE. It holds names and the "
                 "thumbprint, and no secret.",
        .what = "The commands were",
        .ending = "-azure.sh",
    };
    struct enroll *e = ctx;
    struct save_text this = save;

    (void)action;
    this.text = e->script.data;
    save_text_ask(e->w, &this);
}

static void on_closed(void *ctx)
{
    struct enroll *e = ctx;

    buf_reset(&e->script);
    free(e);
}

/* What the script would be made of is not fit. */
static const char *unfit(struct wizard *w)
{
    const struct findings *all = &w->prepared.findings;

    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        if (w->cards->card[s].busy)
            return "A file is still being read.";
    }
    for (size_t i = 0; i < all->count; i++) {
        const struct finding *f = &all->items[i];

        if (f->severity == SEVERITY_ERROR && f->key != NULL && !azcli_is_of_later(f) &&
            (str_starts(f->key, "mqtt.") || str_starts(f->key, "certificates.")))
            return f->what;
    }
    return NULL;
}

static void show_refusal(struct wizard *w, const struct err *err)
{
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0, "No commands: %s.", err->text);
    if (err->remedy[0] != '\0')
        lines_add(&text, ROLE_TEXT, 0, "%s", err->remedy);
    lines_add(&text, ROLE_DIM, 0, "The Broker step says which cloud it is.");
    view_open(w->app, "Register the device", &text);
}

static void show_script(struct wizard *w, struct enroll *e)
{
    struct view_more more = {.keys = enroll_keys, .act = on_key, .closed = on_closed, .ctx = e};
    struct lines text = {0};
    const char *at = e->script.data;

    e->w = w;
    lines_add(&text, ROLE_STRONG, 0, "F4 saves these commands as a file for a shell.");
    while (*at != '\0') {
        size_t n = strcspn(at, "\n");
        char *line = strndup(at, n);

        if (line != NULL)
            lines_add_hanging(&text, line[0] == '#' ? ROLE_DIM : ROLE_TEXT, 0, 4, line);
        free(line);
        at += n + (at[n] == '\n');
    }
    view_open_more(w->app, "Register the device: commands for Azure's az", &text, &more);
}

void enroll_open(struct wizard *w)
{
    struct azcli_options options = {.ca = w->maker->issuer};
    struct enroll *e;
    struct err err = {0};
    const char *why;

    wizard_check(w);
    /* It may be another job's by now; then the script asks for the file. */
    if (options.ca != NULL && azcli_check(&w->prepared.job, &options, &err) != 0)
        options.ca = NULL;
    if (azcli_check(&w->prepared.job, &options, &err) != 0) {
        show_refusal(w, &err);
        return;
    }
    why = unfit(w);
    if (why != NULL) {
        app_say(w->app, ROLE_WARN, "Not yet: %s", why);
        return;
    }
    e = calloc(1, sizeof *e);
    if (e == NULL)
        return;
    azcli_print(&w->prepared.job, &options, &e->script);
    if (e->script.failed || e->script.data == NULL) {
        app_say(w->app, ROLE_BAD, "Out of memory.");
        on_closed(e);
        return;
    }
    show_script(w, e);
}
