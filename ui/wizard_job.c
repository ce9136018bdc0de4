/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "ui/broker.h"
#include "ui/cards.h"
#include "ui/load.h"
#include "ui/ports.h"
#include "ui/wizard.h"

/* The job under the wizard: judged by the engine after each change, and what that means for going
 * on. */

void wizard_set(char **value, const char *text)
{
    char *copy = text != NULL && text[0] != '\0' ? str_copy(text) : NULL;

    free(*value);
    *value = copy;
}

void wizard_changed(struct wizard *w)
{
    w->checked = false;
    w->revision++;
    w->unsaved = true;
    app_changed(w->app);
}

bool wizard_is_loading(const struct wizard *w)
{
    return load_is_busy(w);
}

void wizard_prepare(struct wizard *w, bool lenient, bool recover)
{
    struct prepare_options options = {
        .now = time(NULL), .lenient_assumed = lenient, .recover = recover};
    struct err err = {0};
    int rc;

    prepared_forget(&w->prepared);
    findings_copy(&w->prepared.findings, &w->told);
    broker_add_findings(w, &w->prepared.findings);
    cards_add_findings(w, &w->prepared.findings);
    rc = prepare_plan(&w->prepared, &options, &err);
    findings_sort(&w->prepared.findings);
    agreements_reset(&w->agreements);
    if (rc == 0)
        rc = agreements_make(&w->prepared.job, options.now, &w->agreements, &err);
    if (rc != 0)
        app_say(w->app, ROLE_BAD, "%s", err.text);
}

void wizard_check(struct wizard *w)
{
    /* A load has the plan, and nothing can have changed under it. */
    if (w->checked || wizard_is_loading(w))
        return;
    wizard_prepare(w, true, false);
    w->checked = true;
}

static const char *first_error(const struct wizard *w, const char *prefix)
{
    const struct findings *all = &w->prepared.findings;

    for (size_t i = 0; i < all->count; i++) {
        const struct finding *f = &all->items[i];

        if (f->severity == SEVERITY_ERROR && f->key != NULL && str_starts(f->key, prefix))
            return f->what;
    }
    return NULL;
}

static const char *unfit_for_review(const struct wizard *w)
{
    const struct findings *all = &w->prepared.findings;

    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].severity == SEVERITY_ERROR)
            return all->items[i].what;
    }
    if (w->prepared.plan == NULL)
        return "there is no plan";
    if (w->prepared.unaccepted > 0)
        return "the assumed commands are not accepted: tick the box if you know them to be right";
    return NULL;
}

const char *wizard_unfit(struct wizard *w, enum step step)
{
    const char *why = NULL;

    wizard_check(w);
    switch (step) {
    case STEP_PORT:
        why = ports_unfit(w);
        if (why == NULL)
            why = first_error(w, "port.");
        return why != NULL ? why : first_error(w, "profile");
    case STEP_BROKER:
        why = broker_unfit(w);
        return why != NULL ? why : first_error(w, "mqtt.");
    case STEP_CERTIFICATES:
        why = cards_unfit(w);
        return why != NULL ? why : first_error(w, "certificates.");
    case STEP_REVIEW:
        return unfit_for_review(w);
    case STEP_LOAD:
    case STEP_COUNT:
        break;
    }
    return NULL;
}
