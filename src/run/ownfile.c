/* SPDX-License-Identifier: MIT */
#include "run/ownfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_own(int fd, bool (*is_ours)(const char *head))
{
    char head[256];
    ssize_t n = pread(fd, head, sizeof head - 1, 0);

    if (n <= 0)
        return n == 0;
    head[n] = '\0';
    return is_ours(head);
}

static int refuse(const char *path, const char *what, struct err *err)
{
    return err_set(err, ERR_USAGE, "%s exists and is no %s: choose another name", path, what);
}

int ownfile_open(const char *path, const char *what, bool (*is_ours)(const char *head),
                 bool *created, struct err *err)
{
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    /* O_EXCL first, so that a file that is created is created with our mode and through no link. */
    int fd = open(path, flags | O_CREAT | O_EXCL, 0600);
    struct stat st;

    *created = fd >= 0;
    if (fd >= 0)
        return fd;
    if (errno != EEXIST)
        return err_set_errno(err, errno, "cannot create %s", path);
    if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return refuse(path, what, err);
    fd = open(path, flags);
    if (fd < 0)
        return err_set_errno(err, errno, "cannot write %s", path);
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || !is_own(fd, is_ours)) {
        close(fd);
        return refuse(path, what, err);
    }
    return fd;
}
