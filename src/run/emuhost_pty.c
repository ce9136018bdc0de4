/* SPDX-License-Identifier: MIT */
#include "run/emuhost_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/str.h"
#include "port/speed.h"

/* The new name appears in one step: nobody finds the link missing while it is replaced. */
static int make_link(const char *target, const char *link, struct err *err)
{
    char *fresh = NULL;
    struct stat st;
    int rc = 0;

    if (lstat(link, &st) == 0 && !S_ISLNK(st.st_mode)) {
        err_set(err, ERR_BUSY, "%s exists and is not a symbolic link", link);
        err_remedy(err, "choose another name for the link");
        return ERR_BUSY;
    }
    if (asprintf(&fresh, "%s.%ld", link, (long)getpid()) < 0)
        return err_set(err, ERR_NOMEM, "out of memory");
    (void)unlink(fresh);
    if (symlink(target, fresh) != 0) {
        rc = err_set_errno(err, errno, "cannot make the link %s", link);
    } else if (rename(fresh, link) != 0) {
        rc = err_set_errno(err, errno, "cannot make the link %s", link);
        (void)unlink(fresh);
    }
    free(fresh);
    return rc;
}

/* Raw, at the device's own speed: whoever opens it without setting anything is understood. */
static int set_up(int slave, long baud)
{
    struct termios t;

    if (tcgetattr(slave, &t) != 0)
        return -1;
    cfmakeraw(&t);
    if (tcsetattr(slave, TCSANOW, &t) != 0)
        return -1;
    return speed_set(slave, baud);
}

static int open_pair(struct pty *pty, long baud, struct err *err)
{
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (pty->master < 0 || grantpt(pty->master) != 0 || unlockpt(pty->master) != 0 ||
        ptsname_r(pty->master, pty->name, sizeof pty->name) != 0)
        return err_set_errno(err, errno, "cannot make a pty");
    pty->slave = open(pty->name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->slave < 0 || set_up(pty->slave, baud) != 0)
        return err_set_errno(err, errno, "cannot set up the pty %s", pty->name);
    return 0;
}

int pty_create(struct pty *pty, const char *link, long baud, struct err *err)
{
    int rc = open_pair(pty, baud, err);

    if (rc != 0 || link == NULL)
        return rc;
    rc = make_link(pty->name, link, err);
    if (rc != 0)
        return rc;
    pty->link = str_copy(link);
    if (pty->link == NULL) {
        (void)unlink(link);
        return err_set(err, ERR_NOMEM, "out of memory");
    }
    return 0;
}

void pty_close(struct pty *pty)
{
    if (pty->slave >= 0)
        (void)close(pty->slave);
    if (pty->master >= 0)
        (void)close(pty->master);
    pty->slave = pty->master = -1;
}

void pty_unlink(struct pty *pty)
{
    char target[PTY_NAME_MAX];
    ssize_t n = pty->link == NULL ? -1 : readlink(pty->link, target, sizeof target);

    if (n >= 0 && (size_t)n == strlen(pty->name) && memcmp(target, pty->name, (size_t)n) == 0)
        (void)unlink(pty->link);
    free(pty->link);
    pty->link = NULL;
}

void pty_destroy(struct pty *pty)
{
    pty_unlink(pty);
    pty_close(pty);
}
