/* SPDX-License-Identifier: MIT */
#include "ui/opening.h"

#include <stdlib.h>

#include "base/str.h"

struct opening {
    char *name;
    struct line_settings line;
    struct port *port;
    struct err err;
    opening_done *done; /* NULL: cancelled */
    void *ctx;
    struct opening *next; /* waits too */
};

struct closing {
    worker_work *close;
    worker_done *done;
    void *task;
};

static size_t under_way; /* openings and closings: one at a time with a port */
static struct opening *waiting;

struct line_settings opening_line(const struct wizard *w)
{
    struct line_settings line = line_defaults();

    if (w->prepared.profile != NULL)
        line = line_merge(line, w->prepared.profile->line);
    return line_merge(line, w->prepared.job.line);
}

static void open_port(void *task)
{
    struct opening *o = task;

    if (port_open(o->name, &o->line, &o->port, &o->err) != 0)
        o->port = NULL;
}

static void opening_free(struct opening *o)
{
    free(o->name);
    free(o);
}

static void start_waiting(void);

static void opened(void *task)
{
    struct opening *o = task;

    under_way--;
    if (o->done != NULL)
        o->done(o->ctx, o->port, &o->err);
    else
        closing_start_port(o->port);
    opening_free(o);
    start_waiting();
}

static void start_waiting(void)
{
    while (waiting != NULL && under_way == 0) {
        struct opening *o = waiting;

        waiting = o->next;
        if (o->done == NULL) {
            opening_free(o);
            continue;
        }
        under_way++;
        worker_run(open_port, opened, o);
    }
}

struct opening *opening_start(const char *name, const struct line_settings *line,
                              opening_done *done, void *ctx)
{
    struct opening *o = calloc(1, sizeof *o);

    if (o == NULL || (o->name = str_copy(name)) == NULL) {
        free(o);
        return NULL;
    }
    o->line = *line;
    o->done = done;
    o->ctx = ctx;
    o->next = waiting;
    waiting = o;
    start_waiting();
    return o;
}

struct opening *opening_start_job(const struct wizard *w, opening_done *done, void *ctx)
{
    struct line_settings line = opening_line(w);

    return opening_start(w->prepared.job.device, &line, done, ctx);
}

void opening_cancel(struct opening *o)
{
    if (o != NULL)
        o->done = NULL;
}

static void run_closing(void *task)
{
    struct closing *c = task;

    c->close(c->task);
}

static void closed(void *task)
{
    struct closing *c = task;

    under_way--;
    if (c->done != NULL)
        c->done(c->task);
    free(c);
    start_waiting();
}

void closing_start(worker_work *close, worker_done *done, void *task)
{
    struct closing *c = malloc(sizeof *c);

    if (c == NULL) { /* late is better than never */
        close(task);
        if (done != NULL)
            done(task);
        return;
    }
    *c = (struct closing){close, done, task};
    under_way++;
    worker_run(run_closing, closed, c);
}

static void close_port(void *task)
{
    port_close(task);
}

void closing_start_port(struct port *port)
{
    if (port != NULL)
        closing_start(close_port, NULL, port);
}
