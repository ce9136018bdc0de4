/* SPDX-License-Identifier: MIT */
#include "run/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
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
static bool is_trace(int fd)
{
    char head[256];
    ssize_t n = pread(fd, head, sizeof head - 1, 0);
    const char *second;

    if (n <= 0)
        return n == 0;
    head[n] = '\0';
    second = strchr(head, '\n');
    return str_starts(head, "# comcert ") && second != NULL && str_starts(second + 1, "# profile ");
}

static int refuse(const char *path, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s exists and is no trace: choose another name", path);
}

/* O_EXCL first, so that a file that is created is created with our mode and through no link. */
static int open_file(const char *path, bool *created, struct err *err)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    int fd = open(path, flags | O_CREAT | O_EXCL, 0600);
    struct stat st;

    *created = fd >= 0;
    if (fd >= 0)
        return fd;
    if (errno != EEXIST)
        return err_set_errno(err, errno, "cannot create %s", path);
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return refuse(path, err);
    fd = open(path, flags);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot write %s", path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !is_trace(fd)) {
        close(fd);
        return refuse(path, err);
    }
    return fd;
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
    int fd = open_file(path, &created, err);

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
