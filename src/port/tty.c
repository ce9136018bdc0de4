/* SPDX-License-Identifier: MIT */
#include "port/tty.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "port/holder.h"
#include "port/port.h"
#include "port/speed.h"

#define LOCK_FILE_DIR "/var/lock"

/* True if the user database lists the user in the group, whatever this process has. */
static bool is_member(const struct passwd *user, gid_t group)
{
    gid_t *groups;
    int n = 0;
    bool found = false;

    getgrouplist(user->pw_name, user->pw_gid, NULL, &n);
    groups = n > 0 ? calloc((size_t)n, sizeof *groups) : NULL;
    if (groups == NULL)
        return false;
    if (getgrouplist(user->pw_name, user->pw_gid, groups, &n) >= 0) {
        for (int i = 0; i < n; i++)
            found = found || groups[i] == group;
    }
    free(groups);
    return found;
}

/* Permission denied: says which group opens the door, or that none does. */
static int no_access(const char *path, struct err *err)
{
    struct stat st;
    const struct passwd *user, *owner;
    const struct group *group;
    char who[64] = "this user";

    if (stat(path, &st) != 0)
        return err_set(err, ERR_ACCESS, "no permission to open %s", path);
    group = getgrgid(st.st_gid);
    if (st.st_gid == 0 || group == NULL || (st.st_mode & 0060) != 0060) {
        owner = getpwuid(st.st_uid);
        err_set(err, ERR_ACCESS, "no permission to open %s: only its owner%s%s may", path,
                owner != NULL ? " " : "", owner != NULL ? owner->pw_name : "");
        err_remedy(err, "run comcert as that user, or ask the administrator for access to %s",
                   path);
        return ERR_ACCESS;
    }
    user = getpwuid(geteuid());
    if (user != NULL)
        snprintf(who, sizeof who, "%s", user->pw_name);
    if (user != NULL && is_member(user, st.st_gid)) {
        err_set(err, ERR_ACCESS,
                "no permission to open %s: %s was put into its group %s, but this login is older",
                path, who, group->gr_name);
        err_remedy(err, "log out and in again, or type `newgrp %s` first", group->gr_name);
        return ERR_ACCESS;
    }
    err_set(err, ERR_ACCESS,
            "no permission to open %s: it belongs to the group %s, and %s is not in it", path,
            group->gr_name, who);
    err_remedy(err, "type `sudo usermod -aG %s $USER`, then log out and in again", group->gr_name);
    return ERR_ACCESS;
}

int tty_open(const char *path, struct err *err)
{
    int fd, sys;

    do {
        fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd >= 0)
        return fd;
    sys = errno;
    switch (sys) {
    case EACCES:
    case EPERM:
        return no_access(path, err);
    case EBUSY: /* TIOCEXCL of another program */
        return tty_busy(path, err);
    case ENXIO:
    case ENODEV:
    case EIO:
        err_set(err, ERR_MISSING, "%s is only a name: nothing is connected behind it", path);
        err_remedy(err, "`comcert ports` lists the ports that can be used");
        return ERR_MISSING;
    default:
        return err_set_errno(err, sys, "cannot open %s", path);
    }
}

int tty_lock(int fd, const char *path, struct err *err)
{
    int sys;

    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    sys = errno;
    if (sys == EWOULDBLOCK)
        return tty_busy(path, err);
    return err_set_errno(err, sys, "cannot lock %s", path);
}

int tty_take(const char *path, struct err *err)
{
    struct port_holder holder;
    int exclusive = 0;
    int fd, rc;

    /* Asked before opening, because every open raises DTR and RTS: that alone could reset a device
     * which somebody else is loading. */
    if (holder_of_lock_file(LOCK_FILE_DIR, path, &holder) || holder_of_lock(path, &holder))
        return holder_explain(path, &holder, err);
    fd = tty_open(path, err);
    if (fd < 0)
        return fd;
    rc = tty_lock(fd, path, err);
    /* The kernel lets root past another program's TIOCEXCL; root has no more business there. */
    if (rc == 0 && ioctl(fd, TIOCGEXCL, &exclusive) == 0 && exclusive)
        rc = tty_busy(path, err);
    if (rc == 0)
        return fd;
    close(fd);
    return rc;
}

int tty_busy(const char *path, struct err *err)
{
    struct port_holder holder;

    if (!port_find_holder(path, &holder))
        holder = (struct port_holder){0};
    return holder_explain(path, &holder, err);
}

int tty_save(int fd, struct tty_saved *saved)
{
    if (tcgetattr(fd, &saved->settings) != 0)
        return -1;
    saved->speed = speed_get(fd);
    return 0;
}

void tty_restore(int fd, const struct tty_saved *saved)
{
    (void)tcsetattr(fd, TCSANOW, &saved->settings);
    if (saved->speed > 0 && speed_get(fd) != saved->speed)
        (void)speed_set(fd, saved->speed);
}

/* A hung-up terminal reads as end of file for ever. So does one that has nothing to say while
 * VMIN is 0, which is not how it is opened here, but anybody may run stty on it. */
static bool has_hung_up(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

ssize_t tty_read(int fd, void *bytes, size_t n)
{
    ssize_t got;

    if (n == 0)
        return PORT_AGAIN;
    do {
        got = read(fd, bytes, n);
    } while (got < 0 && errno == EINTR);
    if (got > 0)
        return got;
    if (got < 0)
        return errno == EAGAIN ? PORT_AGAIN : PORT_GONE;
    return has_hung_up(fd) ? PORT_GONE : PORT_AGAIN;
}

ssize_t tty_write(int fd, const void *bytes, size_t n)
{
    ssize_t put;

    do {
        put = write(fd, bytes, n);
    } while (put < 0 && errno == EINTR);
    if (put >= 0)
        return put; /* PORT_AGAIN is 0 */
    return errno == EAGAIN ? PORT_AGAIN : PORT_GONE;
}

int tty_refuse_speed(const char *path, long wanted, long got, struct err *err)
{
    err_set(err, ERR_UNSUPPORTED, "%s cannot do %ld baud: its driver fell back to %ld", path,
            wanted, got);
    err_remedy(err, "choose a usual speed, such as 9600, 57600 or 115200");
    return ERR_UNSUPPORTED;
}

int tty_set_speed(int fd, const char *path, long baud, struct err *err)
{
    long before = speed_get(fd);
    int sys = speed_set(fd, baud) == 0 ? 0 : errno;
    long got = speed_get(fd);

    if (got < 0 || has_hung_up(fd))
        return err_set(err, ERR_GONE, "%s has gone away", path);
    if (sys != 0)
        return err_set_errno(err, sys, "cannot set %s to %ld baud", path, baud);
    if (speed_fits(baud, got))
        return 0;
    (void)speed_set(fd, before);
    return tty_refuse_speed(path, baud, got, err);
}
