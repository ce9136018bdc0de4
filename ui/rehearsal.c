/* SPDX-License-Identifier: MIT */
#include "ui/rehearsal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "run/emuhost.h"

struct rehearsal {
    char *name; /* of the profile it speaks */
    struct profile *profile;
    struct emuhost *host;
};

/* A yes to the emulated device says nothing about a real one, nor the other way round. */
static void forget_acceptance(struct wizard *w)
{
    wizard_set(&w->prepared.job.accept_assumed, NULL);
    w->prepared.job.accept_all_assumed = false;
}

bool rehearsal_is_on(const struct wizard *w)
{
    return w->rehearsal != NULL;
}

static size_t pollfds(void *ctx, struct pollfd *fds, size_t max, usec *deadline)
{
    return emuhost_pollfds(ctx, fds, max, deadline);
}

static void dispatch(void *ctx)
{
    emuhost_dispatch(ctx);
}

static void destroy(struct rehearsal *r)
{
    if (r == NULL)
        return;
    emuhost_destroy(r->host);
    profile_destroy(r->profile);
    free(r->name);
    free(r);
}

void rehearsal_stop(struct wizard *w)
{
    if (w->rehearsal == NULL)
        return;
    app_remove_source(w->app, w->rehearsal->host);
    destroy(w->rehearsal);
    w->rehearsal = NULL;
    forget_acceptance(w);
    wizard_set(&w->prepared.job.device, NULL);
    w->checked = false;
}

static int create(struct wizard *w, struct rehearsal *r, struct err *err)
{
    struct emuhost_options options = {.device = emulator_defaults(), .rate_limit = true};
    struct findings said = {0};
    int rc = profile_load(r->name, w->prepared.job.file, (struct place){0}, &r->profile, &said);

    findings_reset(&said);
    if (rc != 0)
        return err_set(err, ERR_VALUE, "The emulated device cannot speak this profile.");
    options.profile = r->profile;
    return emuhost_create(&options, 1, &r->host, err);
}

/* If the profile cannot be spoken, the device that is there stays. */
void rehearsal_start(struct wizard *w)
{
    struct rehearsal *r = w->rehearsal;
    struct err err = {0};

    if (r != NULL && strcmp(r->name, w->prepared.job.profile) == 0)
        return;
    r = calloc(1, sizeof *r);
    if (r == NULL || (r->name = str_copy(w->prepared.job.profile)) == NULL)
        err_set(&err, ERR_NOMEM, "Out of memory.");
    if (err.code != ERR_NONE || create(w, r, &err) != 0) {
        app_say(w->app, ROLE_BAD, "%s", err.text);
        destroy(r);
        return;
    }
    rehearsal_stop(w);
    forget_acceptance(w);
    w->rehearsal = r;
    wizard_set(&w->prepared.job.device, emuhost_name(r->host, 0));
    w->checked = false;
    app_add_source(w->app, (struct source){pollfds, dispatch, r->host});
}
