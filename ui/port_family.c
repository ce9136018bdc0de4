/* SPDX-License-Identifier: MIT */
#include "ui/port_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/str.h"
#include "device/profile.h"
#include "ui/rehearsal.h"

enum { FAMILIES_MAX = 12 };

/* The ids that are built in, the emulated device's own last, then "a file". */
static const char *const *family_words(void)
{
    static const char *words[FAMILIES_MAX + 2];
    const char *const *ids = profile_builtin_ids();
    int n = 0;

    for (int i = 0; ids[i] != NULL && n < FAMILIES_MAX; i++) {
        if (strcmp(ids[i], "bench") != 0)
            words[n++] = ids[i];
    }
    words[n++] = "bench";
    words[n] = "a profile file";
    return words;
}

static int family_of(const struct wizard *w)
{
    const char *const *words = family_words();
    int n = 0;

    for (; words[n + 1] != NULL && !w->ports->file_profile; n++) {
        if (strcmp(words[n], w->prepared.job.profile) == 0)
            return n;
    }
    while (words[n + 1] != NULL)
        n++;
    return n;
}

/* What was accepted of one family's assumptions says nothing about another's. */
static void set_profile(struct wizard *w, const char *name)
{
    struct job *job = &w->prepared.job;

    if (strcmp(job->profile, name) == 0)
        return;
    wizard_set(&job->profile, name); /* never empty */
    job->profile_line = 0;
    wizard_set(&job->accept_assumed, NULL);
    job->accept_all_assumed = false;
    if (rehearsal_is_on(w))
        rehearsal_start(w);
    wizard_changed(w);
}

/* A profile file is told from an id by a slash or a dot. */
static void take_profile_file(struct wizard *w)
{
    const char *path = edit_text(&w->ports->profile_file);
    char *typed = path[0] != '\0' ? file_resolve(NULL, path) : NULL;
    char *real = typed != NULL ? realpath(typed, NULL) : NULL;
    char with_slash[EDIT_MAX + 3];

    /* As it was completed: from the current folder, not from the job's. */
    snprintf(with_slash, sizeof with_slash, "./%s", path);
    if (path[0] != '\0')
        set_profile(w, real != NULL ? real : strpbrk(path, "/.") != NULL ? path : with_slash);
    free(typed);
    free(real);
    wizard_changed(w);
}

static void take_family(struct wizard *w, int word)
{
    const char *const *words = family_words();

    w->ports->file_profile = words[word + 1] == NULL;
    if (!w->ports->file_profile)
        set_profile(w, words[word]);
    else if (w->ports->profile_file.len > 0)
        take_profile_file(w);
    wizard_changed(w);
}

void port_family_build(struct wizard *w, struct form *f)
{
    const struct profile *profile = w->prepared.profile;
    struct item *item = form_add(f, ITEM_CHOICE, ID_PROFILE, "Device family");

    item->words = family_words();
    item->word = family_of(w);
    if (profile != NULL)
        lines_add(&item->lines, ROLE_DIM, 0, "%s (%s)", profile->title, profile->source);
    if (w->ports->file_profile) {
        item = form_text(f, ID_PROFILE_FILE, "Profile file", &w->ports->profile_file);
        if (f->focus == ID_PROFILE_FILE)
            item->ghost =
                completion_ghost(w->ports->completion, edit_text(&w->ports->profile_file));
    }
    lines_add_findings(&item->lines, 0, &w->prepared.findings, "profile", NULL);
}

void port_family_change(struct wizard *w, const struct item *item)
{
    if (item->id == ID_PROFILE)
        take_family(w, item->word);
    else
        take_profile_file(w);
}

void port_family_complete(struct wizard *w)
{
    struct edit *edit = &w->ports->profile_file;
    const char *ghost = completion_ghost(w->ports->completion, edit_text(edit));

    if (edit_insert(edit, ghost, strlen(ghost)) == EDIT_CHANGED)
        take_profile_file(w);
}
