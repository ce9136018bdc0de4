/* SPDX-License-Identifier: MIT */
#include "run/trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "run/ownfile.h"

#define STRETCH (100 * USEC_PER_MS)

struct trace {
    FILE *file;
    char *path, *version, *port;
    bool created, filled;
    const struct plan *plan;
    usec began;
    struct stretch {
        size_t exchange, sent, echoed;
        usec from, to;
    } stretch;  /* pieces of a body and their echo that are not written yet */
    int failed; /* errno of the first failed write; 0: none */
};

/* A trace of ours begins with two lines that nothing else does; a job file may well begin with the
 * first. */
static bool is_trace(const char *head)
{
    const char *second = strchr(head, '\n');

    return str_starts(head, "# comcert ") && second != NULL && str_starts(second + 1, "# profile ");
}

static void write_escaped(FILE *f, const void *bytes, size_t n)
{
    struct buf b = {0};

    str_escape(&b, bytes, n);
    if (b.data != NULL)
        fputs(b.data, f);
    buf_reset(&b);
}

static void write_heading(struct trace *t)
{
    const struct plan *plan = t->plan;
    char when[CLOCK_DATE_SIZE];

    clock_date(when);
    fprintf(t->file, "# comcert %s, %s\n# profile %s\n# port ", t->version, when,
            plan->profile->id);
    write_escaped(t->file, t->port, strlen(t->port));
    fprintf(t->file, " at %ld %s, flow control %s\n", plan->line.baud, plan->line.frame,
            flow_name(plan->line.flow));
    fputs("# Seconds since the start. > sent, < received; keys, passwords and what comes while "
          "they are sent are sizes.\n#\n",
          t->file);
    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange *x = &plan->exchanges[i];

        fprintf(t->file, "# %2zu %-12s %-10s ", i + 1, x->name, provenance_name(x->provenance));
        if (x->confidential && x->kind != EXCHANGE_UPLOAD)
            fprintf(t->file, "<%zu bytes>", x->command.len);
        else
            write_escaped(t->file, x->command.data, x->command.len);
        if (x->kind == EXCHANGE_UPLOAD)
            fprintf(t->file, " and a body of %zu bytes", x->body.len);
        fputc('\n', t->file);
    }
    fputs("#\n", t->file);
}

static void trace_free(struct trace *t)
{
    free(t->path);
    free(t->version);
    free(t->port);
    free(t);
}

int trace_open(const char *path, const char *version, const struct plan *plan, const char *port,
               struct trace **out, struct err *err)
{
    struct trace *t;
    bool created;
    int fd = ownfile_open(path, "trace", is_trace, &created, err);

    *out = NULL;
    if (fd < 0)
        return fd;
    t = calloc(1, sizeof *t);
    if (t == NULL || (t->path = str_copy(path)) == NULL ||
        (t->version = str_copy(version)) == NULL || (t->port = str_copy(port)) == NULL ||
        (t->file = fdopen(fd, "w")) == NULL) {
        close(fd);
        if (t != NULL)
            trace_free(t);
        if (created)
            (void)unlink(path);
        return err_set(err, ERR_NOMEM, "out of memory for the trace");
    }
    t->created = created;
    t->plan = plan;
    t->began = clock_now();
    *out = t;
    return 0;
}

int trace_begin(struct trace *t, struct err *err)
{
    int fd = fileno(t->file);

    if (fchmod(fd, 0600) != 0 || ftruncate(fd, 0) != 0)
        return err_set_errno(err, errno, "cannot replace %s", t->path);
    t->filled = true;
    write_heading(t);
    return 0;
}

static void write_text(FILE *f, const struct event *e)
{
    write_escaped(f, e->text, e->text_len);
}

static void write_sent(FILE *f, const struct event *e)
{
    if (e->text_len > 0) {
        fputs("> ", f);
        write_text(f, e);
    } else {
        fprintf(f, "> <%zu bytes>", e->n);
    }
}

static void write_echo(FILE *f, const struct event *e)
{
    fprintf(f, "< echo of %zu bytes", e->n);
}

static void write_reply(FILE *f, const struct event *e)
{
    fputs("< ", f);
    write_text(f, e);
    if (!e->masked && e->n > e->text_len)
        fprintf(f, " (%zu bytes in all)", e->n);
}

static void write_coded(FILE *f, const struct event *e)
{
    fprintf(f, "%s %s", e->type == EVENT_NOTE ? "note" : "failed",
            e->code != NULL ? e->code : load_failure_name(e->failure));
    if (e->text_len > 0)
        fputs(": ", f);
    write_text(f, e);
}

static void write_started(FILE *f, const struct event *e)
{
    (void)e;
    fputs("begins", f);
}

static void write_done(FILE *f, const struct event *e)
{
    (void)e;
    fputs("done", f);
}

static void write_retry(FILE *f, const struct event *e)
{
    fputs("again ", f);
    write_text(f, e);
}

static void write_aborted(FILE *f, const struct event *e)
{
    fputs("aborted: the device left the upload ", f);
    write_text(f, e);
}

static void write_finished(FILE *f, const struct event *e)
{
    fprintf(f, "finished: %s", load_outcome_name(e->outcome));
}

static void (*const writers[])(FILE *, const struct event *) = {
    [EVENT_EXCHANGE_STARTED] = write_started,
    [EVENT_SENT] = write_sent,
    [EVENT_ECHO] = write_echo,
    [EVENT_REPLY] = write_reply,
    [EVENT_PROGRESS] = NULL,
    [EVENT_NOTE] = write_coded,
    [EVENT_EXCHANGE_DONE] = write_done,
    [EVENT_EXCHANGE_FAILED] = write_coded,
    [EVENT_RETRY] = write_retry,
    [EVENT_ABORTED] = write_aborted,
    [EVENT_FINISHED] = write_finished,
};

static void write_event(struct trace *t, const struct event *event)
{
    const char *name = "-";

    if (event->exchange < t->plan->count && event->type != EVENT_FINISHED)
        name = t->plan->exchanges[event->exchange].name;
    errno = 0;
    fprintf(t->file, "%11.6f %-12s ", (double)(event->at - t->began) / (double)USEC_PER_SEC, name);
    writers[event->type](t->file, event);
    fputc('\n', t->file);
    if (ferror(t->file) && t->failed == 0)
        t->failed = errno != 0 ? errno : EIO;
}

static void end_stretch(struct trace *t)
{
    const struct stretch *s = &t->stretch;
    struct event sent = {.type = EVENT_SENT, .at = s->from, .exchange = s->exchange, .n = s->sent};
    struct event echo = {.type = EVENT_ECHO, .at = s->to, .exchange = s->exchange, .n = s->echoed};

    if (s->sent > 0)
        write_event(t, &sent);
    if (s->echoed > 0)
        write_event(t, &echo);
    t->stretch = (struct stretch){0};
}

/* With echo a body goes out two bytes at a time: a line for each would bury everything else. True
 * if the event was taken into the stretch. */
static bool stretches(struct trace *t, const struct event *e)
{
    struct stretch *s = &t->stretch;
    bool piece = e->type == EVENT_ECHO || (e->type == EVENT_SENT && e->text_len == 0);

    if (s->sent + s->echoed > 0 &&
        (!piece || e->exchange != s->exchange || e->at - s->from > STRETCH))
        end_stretch(t);
    if (!piece)
        return false;
    if (s->sent + s->echoed == 0)
        s->from = e->at;
    s->exchange = e->exchange;
    s->to = e->at;
    s->sent += e->type == EVENT_SENT ? e->n : 0;
    s->echoed += e->type == EVENT_ECHO ? e->n : 0;
    return true;
}

void trace_event(struct trace *t, const struct event *event)
{
    if (writers[event->type] != NULL && !stretches(t, event))
        write_event(t, event);
}

int trace_close(struct trace *t, struct err *err)
{
    int sys, rc = 0;

    if (t == NULL)
        return 0;
    end_stretch(t);
    sys = t->failed;
    if (fclose(t->file) != 0 && sys == 0)
        sys = errno;
    if (sys != 0)
        rc = err_set_errno(err, sys, "the trace %s is not complete", t->path);
    if (t->created && !t->filled)
        (void)unlink(t->path);
    trace_free(t);
    return rc;
}
