/* SPDX-License-Identifier: MIT */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

static const char *kind_of(mode_t mode)
{
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a pipe";
    if (S_ISCHR(mode) || S_ISBLK(mode))
        return "a device";
    return "not a file";
}

/* Reads a file that was `size` bytes long a moment ago. */
static int read_sized(int fd, const char *path, size_t size, struct secret *out, struct err *err)
{
    int rc = secret_reserve(out, size + 1, err);

    if (rc != 0)
        return rc;
    while (out->len <= size) {
        ssize_t n = read(fd, out->data + out->len, size + 1 - out->len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set_errno(err, errno, "cannot read %s", path);
        if (n == 0)
            break;
        out->len += (size_t)n;
    }
    if (out->len > size)
        return err_set(err, ERR_IO, "%s grew while it was read", path);
    out->data[out->len] = '\0';
    return 0;
}

int file_read(const char *path, size_t max, struct secret *out, struct err *err)
{
    struct stat st;
    int rc, fd;

    secret_reset(out);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot open %s", path);
    if (fstat(fd, &st) != 0)
        rc = err_set_errno(err, errno, "cannot read %s", path);
    else if (!S_ISREG(st.st_mode))
        rc = err_set(err, ERR_VALUE, "%s is %s, not a file", path, kind_of(st.st_mode));
    else if (st.st_size > (off_t)max)
        rc = err_set(err, ERR_VALUE, "%s is larger than %zu KiB", path, max / 1024);
    else
        rc = read_sized(fd, path, (size_t)st.st_size, out, err);
    close(fd);
    if (rc != 0)
        secret_reset(out);
    return rc;
}

int file_read_line_fd(int fd, size_t max, struct secret *out, struct err *err)
{
    int rc;

    secret_reset(out);
    rc = secret_reserve(out, max + 1, err);
    if (rc != 0)
        return rc;
    for (;;) {
        unsigned char c;
        ssize_t n = read(fd, &c, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            rc = err_set_errno(err, errno, "cannot read from descriptor %d", fd);
            break;
        }
        if (n == 0 || c == '\n')
            break;
        if (out->len == max) {
            rc = err_set(err, ERR_VALUE, "the first line is longer than %zu bytes", max);
            break;
        }
        out->data[out->len++] = c;
        mem_wipe(&c, 1);
    }
    if (rc != 0) {
        secret_reset(out);
        return rc;
    }
    if (out->len > 0 && out->data[out->len - 1] == '\r')
        out->len--;
    out->data[out->len] = '\0';
    return 0;
}

bool file_is_there(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

bool file_is_readable_by_others(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && (st.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

char *file_resolve(const char *base_file, const char *path)
{
    const char *slash = base_file != NULL ? strrchr(base_file, '/') : NULL;
    struct buf out = {0};

    if (str_starts(path, "~/") && getenv("HOME") != NULL)
        buf_printf(&out, "%s%s", getenv("HOME"), path + 1);
    else if (path[0] == '/' || slash == NULL)
        buf_add_str(&out, path);
    else
        buf_printf(&out, "%.*s%s", (int)(slash - base_file + 1), base_file, path);
    return buf_take(&out);
}
