/* SPDX-License-Identifier: MIT */
#include "ui/ports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "device/profile.h"
#include "ui/worker.h"

/* The list of ports, kept up to date while one looks at it. */

#define LOOK_AGAIN (1 * USEC_PER_SEC)

struct look {
    struct wizard *w;
    char *name; /* the job's port; NULL: none */
    char path[PORT_PATH_MAX];
    struct err missing;
    struct portlist list;
    int rc;
    struct err err;
};

static void look(void *task)
{
    struct look *l = task;

    l->rc = portlist_read(&l->list, &l->err);
    if (l->name != NULL && port_find(l->name, l->path, &l->missing) != 0)
        l->path[0] = '\0';
}

static void looked(void *task)
{
    struct look *l = task;
    struct wizard *w = l->w;
    struct ports *p = w->ports;

    p->reading = false;
    p->known = true;
    if (l->rc == 0) {
        portlist_reset(&p->list);
        p->list = l->list;
        l->list = (struct portlist){0};
    } else {
        app_say(w->app, ROLE_BAD, "%s", l->err.text);
    }
    portlist_reset(&l->list);
    free(p->asked);
    p->asked = l->name;
    memcpy(p->path, l->path, sizeof p->path);
    p->missing = l->missing;
    free(l);
    if (p->watch != NULL)
        portwatch_follow(p->watch, &p->list);
    else if (p->listening)
        p->look_at = clock_now() + LOOK_AGAIN;
    if (p->again && p->listening)
        ports_look(w);
}

static struct look *make_look(struct wizard *w)
{
    struct look *l = calloc(1, sizeof *l);

    if (l == NULL)
        return NULL;
    l->w = w;
    l->name = str_copy(w->prepared.job.device);
    return l;
}

void ports_look(struct wizard *w)
{
    struct ports *p = w->ports;
    struct look *l;

    p->look_at = USEC_NEVER;
    p->again = p->reading;
    if (p->reading || (l = make_look(w)) == NULL)
        return;
    p->reading = true;
    worker_run(look, looked, l);
}

/* Before anybody can have pressed a key: a list that came a moment later would move under the first
 * Enter. */
static void look_now(struct wizard *w)
{
    struct look *l = make_look(w);

    if (l == NULL)
        return;
    look(l);
    looked(l);
}

static size_t pollfds(void *ctx, struct pollfd *fds, size_t max, usec *deadline)
{
    const struct ports *p = ((struct wizard *)ctx)->ports;

    *deadline = p->look_at;
    if (p->watch == NULL || max == 0)
        return 0;
    fds[0] = (struct pollfd){.fd = portwatch_fd(p->watch), .events = POLLIN};
    return 1;
}

static void dispatch(void *ctx)
{
    struct wizard *w = ctx;
    struct ports *p = w->ports;

    if ((p->watch != NULL && portwatch_changed(p->watch)) || clock_now() >= p->look_at)
        ports_look(w);
}

void ports_enter(struct wizard *w)
{
    struct ports *p = w->ports;

    if (!p->listening)
        app_add_source(w->app, (struct source){pollfds, dispatch, w});
    p->listening = true;
    ports_look(w);
}

void ports_leave(struct wizard *w)
{
    w->ports->listening = false;
    w->ports->look_at = USEC_NEVER;
    app_remove_source(w->app, w);
}

static bool is_builtin(const char *name)
{
    for (const char *const *id = profile_builtin_ids(); *id != NULL; id++) {
        if (strcmp(*id, name) == 0)
            return true;
    }
    return false;
}

bool ports_create(struct wizard *w)
{
    const struct job *job = &w->prepared.job;
    struct ports *p = calloc(1, sizeof *p);
    struct err err;
    char baud[16];

    w->ports = p;
    if (p == NULL || job->profile == NULL)
        return false;
    p->look_at = USEC_NEVER;
    if (portwatch_create(&p->watch, &err) != 0)
        p->watch = NULL;
    p->completion = completion_create(w->app);
    edit_set(&p->device, job->device);
    snprintf(baud, sizeof baud, "%ld", job->line.baud);
    edit_set(&p->baud, job->line.baud > 0 ? baud : NULL);
    p->file_profile = !is_builtin(job->profile);
    if (p->file_profile)
        edit_set(&p->profile_file, job->profile);
    look_now(w);
    return true;
}

void ports_destroy(struct wizard *w)
{
    struct ports *p = w->ports;

    if (p == NULL)
        return;
    portlist_reset(&p->list);
    free(p->asked);
    portwatch_destroy(p->watch);
    edit_reset(&p->device);
    edit_reset(&p->baud);
    edit_reset(&p->profile_file);
    completion_destroy(p->completion);
    free(p);
    w->ports = NULL;
}
