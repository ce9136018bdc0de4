/* SPDX-License-Identifier: MIT */
#include "ui/proposal.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "job/propose.h"
#include "ui/cards.h"
#include "ui/dialog.h"
#include "ui/worker.h"

struct search {
    struct wizard *w;
    char *folder;
    struct job job; /* what the judgement needs of the job: the loop may change its own meanwhile */
    struct proposal found;
    int rc;
    struct err err;
};

static void search_free(void *ctx)
{
    struct search *s = ctx;

    proposal_reset(&s->found);
    job_reset(&s->job);
    free(s->folder);
    free(s);
}

static void search(void *task)
{
    struct search *s = task;

    s->rc = propose_folder(s->folder, &s->job, time(NULL), &s->found, &s->err);
}

static void on_answer(void *ctx, int button, const char *text, struct secret *secret)
{
    struct search *s = ctx;

    (void)text;
    (void)secret;
    if (wizard_is_loading(s->w))
        button = 1;
    for (enum slot slot = 0; slot < SLOT_COUNT && button == 0; slot++) {
        if (s->found.path[slot] != NULL) {
            cards_look_in(s->w, s->found.path[slot]);
            cards_name(s->w, slot, s->found.path[slot], true);
        }
    }
    search_free(s);
}

static void add_slot(struct lines *text, const struct search *s, enum slot slot)
{
    const char *path = s->found.path[slot];
    const char *name = path != NULL ? strrchr(path, '/') : NULL;
    char shown[256];

    name = name != NULL ? name + 1 : path;
    if (name != NULL)
        str_escape_to(shown, sizeof shown, name, strlen(name));
    lines_add_labelled(text, path != NULL ? ROLE_STRONG : ROLE_WARN, 0, 20, slot_title(slot),
                       path != NULL ? shown : "none");
    if (s->found.why[slot] != NULL)
        lines_add(text, ROLE_DIM, 20, "%s", s->found.why[slot]);
}

static void found(void *task)
{
    static const char *const buttons[] = {"Take these", "Leave it", NULL};
    struct search *s = task;
    struct dialog spec = {
        .title = "Which file is which",
        .buttons = buttons,
        .escape = 1,
        .done = on_answer,
        .dropped = search_free,
        .ctx = s,
    };
    struct lines text = {0};
    bool any = false;

    app_say(s->w->app, ROLE_DIM, "%s", "");
    if (wizard_is_loading(s->w)) { /* the job is being sent: nothing may change it now */
        search_free(s);
        return;
    }
    if (s->rc != 0) {
        app_say(s->w->app, ROLE_BAD, "%s", s->err.text);
        search_free(s);
        return;
    }
    for (enum slot slot = 0; slot < SLOT_COUNT; slot++) {
        any |= s->found.path[slot] != NULL;
        add_slot(&text, s, slot);
    }
    lines_add(&text, ROLE_DIM, 0, "%zu files were looked at.", s->found.examined);
    if (!any) {
        spec.focus = 1;
        spec.title = "No file here fits";
    }
    if (dialog_open(s->w->app, &spec, &text) == NULL)
        search_free(s);
}

/* Only the settings by which files are judged. */
static void copy_job(struct job *to, const struct job *from)
{
    job_init(to);
    to->preset = from->preset;
    wizard_set(&to->hub, from->hub);
    wizard_set(&to->device_id, from->device_id);
    wizard_set(&to->settings[SETTING_BROKER].value, from->settings[SETTING_BROKER].value);
    wizard_set(&to->settings[SETTING_CLIENT_ID].value, from->settings[SETTING_CLIENT_ID].value);
}

void proposal_open(struct wizard *w, const char *folder)
{
    struct search *s = calloc(1, sizeof *s);

    if (s == NULL || (s->folder = str_copy(folder)) == NULL) {
        free(s);
        return;
    }
    copy_job(&s->job, &w->prepared.job);
    s->w = w;
    app_say(w->app, ROLE_DIM, "Looking through the folder ...");
    worker_run(search, found, s);
}
