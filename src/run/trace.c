/* SPDX-License-Identifier: MIT */
#include "run/trace.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "run/ownfile.h"
#include "run/transcript.h"

struct trace {
    FILE *file;
    char *path, *version, *port;
    bool created, filled;
    struct transcript transcript;
    int failed; /* errno of the first failed write; 0: none */
};

/* A trace of ours begins with two lines that nothing else does; a job file may well begin with the
 * first. */
static bool is_trace(const char *head)
{
    const char *second = strchr(head, '\n');

    return str_starts(head, "# comcert ") && second != NULL && str_starts(second + 1, "# profile ");
}

/* The first write that fails is kept for trace_close. */
static void write_line(void *ctx, const char *line, size_t n)
{
    struct trace *t = ctx;

    errno = 0;
    fwrite(line, 1, n, t->file);
    fputc('\n', t->file);
    if (ferror(t->file) && t->failed == 0)
        t->failed = errno != 0 ? errno : EIO;
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
    transcript_init(&t->transcript, plan, clock_now(), write_line, t);
    *out = t;
    return 0;
}

int trace_begin(struct trace *t, struct err *err)
{
    int fd = fileno(t->file);

    if (fchmod(fd, 0600) != 0 || ftruncate(fd, 0) != 0)
        return err_set_errno(err, errno, "cannot replace %s", t->path);
    t->filled = true;
    transcript_heading(&t->transcript, t->version, time(NULL), t->port);
    return 0;
}

void trace_event(struct trace *t, const struct event *event)
{
    transcript_event(&t->transcript, event);
}

int trace_close(struct trace *t, struct err *err)
{
    int sys, rc = 0;

    if (t == NULL)
        return 0;
    transcript_end(&t->transcript);
    sys = t->failed == 0 && t->transcript.lost ? ENOMEM : t->failed;
    if (fclose(t->file) != 0 && sys == 0)
        sys = errno;
    if (sys != 0)
        rc = err_set_errno(err, sys, "the trace %s is not complete", t->path);
    if (t->created && !t->filled)
        (void)unlink(t->path);
    trace_free(t);
    return rc;
}
