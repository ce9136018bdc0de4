/* SPDX-License-Identifier: MIT */
#include "run/termlog.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/str.h"
#include "run/ownfile.h"

static const char heading[] = "# comcert terminal log\n";

struct termlog {
    FILE *file;
    char *path;
    usec began;
    int failed; /* errno of the first failed write; 0: none */
    bool told;
};

static bool is_log(const char *head)
{
    return str_starts(head, heading);
}

static void note_failure(struct termlog *log)
{
    if (ferror(log->file) && log->failed == 0)
        log->failed = errno != 0 ? errno : EIO;
}

/* A run that was killed may have left half a line. */
static bool ends_in_midline(int fd, off_t size)
{
    char last;

    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static void write_heading(struct termlog *log, const char *port, const struct line_settings *line)
{
    char when[DATE_SIZE], shown[300];
    struct stat st;
    int fd = fileno(log->file);

    if (fstat(fd, &st) == 0 && st.st_size == 0)
        fputs(heading, log->file);
    else if (ends_in_midline(fd, st.st_size))
        fputc('\n', log->file);
    date_write(when, time(NULL));
    str_escape_to(shown, sizeof shown, port, strlen(port));
    fprintf(log->file, "# %s, %s at %ld %s, flow control %s\n", when, shown, line->baud,
            line->frame, flow_name(line->flow));
    fputs("# Seconds since then. > sent, < received, - noted; what could be a key is a size.\n",
          log->file);
    note_failure(log);
}

int termlog_open(const char *path, const char *port, const struct line_settings *line,
                 struct termlog **out, struct err *err)
{
    struct termlog *log = calloc(1, sizeof *log);
    bool created;
    int fd;

    *out = NULL;
    if (log == NULL || (log->path = str_copy(path)) == NULL) {
        free(log);
        return err_set(err, ERR_NOMEM, "out of memory for the log");
    }
    fd = ownfile_open(path, "log of a terminal", is_log, &created, err);
    /* An old log that others may read is not to be one any more. */
    if (fd >= 0 && (fchmod(fd, 0600) != 0 || (log->file = fdopen(fd, "a")) == NULL)) {
        int sys = errno;

        close(fd);
        fd = err_set_errno(err, sys, "cannot write %s", path);
    }
    if (fd < 0) {
        free(log->path);
        free(log);
        return fd;
    }
    log->began = clock_now();
    write_heading(log, port, line);
    *out = log;
    return 0;
}

void termlog_line(struct termlog *log, const struct terminal_line *line)
{
    static const char marks[] = {
        [TERMINAL_SENT] = '>', [TERMINAL_RECEIVED] = '<', [TERMINAL_NOTE] = '-'};
    /* A line may have begun before the log. */
    usec at = line->at > log->began ? line->at - log->began : 0;

    errno = 0;
    fprintf(log->file, "%11.6f %c %s\n", (double)at / (double)USEC_PER_SEC, marks[line->source],
            line->text);
    note_failure(log);
}

static int report(const struct termlog *log, struct err *err)
{
    return err_set_errno(err, log->failed, "the log %s is not complete", log->path);
}

int termlog_flush(struct termlog *log, struct err *err)
{
    errno = 0;
    (void)fflush(log->file);
    note_failure(log);
    if (log->failed == 0 || log->told)
        return 0;
    log->told = true;
    return report(log, err);
}

int termlog_close(struct termlog *log, struct err *err)
{
    int rc = 0;

    if (log == NULL)
        return 0;
    errno = 0;
    if (fclose(log->file) != 0 && log->failed == 0)
        log->failed = errno != 0 ? errno : EIO;
    if (log->failed != 0)
        rc = report(log, err);
    free(log->path);
    free(log);
    return rc;
}
