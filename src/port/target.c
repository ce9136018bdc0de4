/* SPDX-License-Identifier: MIT */
#include "port/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "port/portlist.h"
#include "port/sysfs.h"

/* Appends the names of at most eight ports. */
static void add_ports(struct buf *out, const struct portlist *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (i == 8) {
            buf_printf(out, " and %zu more", list->count - i);
            break;
        }
        buf_printf(out, "%s%s", i > 0 ? ", " : "", list->items[i].name);
    }
}

/* Ends "no such port" with what there is instead. `what` comes escaped. */
static int missing(const char *what, struct err *err)
{
    struct portlist list = {0};
    struct buf names = {0};

    if (portlist_read(&list, NULL) != 0 || list.count == 0) {
        err_set(err, ERR_MISSING, "%s; this computer has no serial port at present", what);
        err_remedy(err,
                   "plug the adapter in, or rehearse on an emulated device: `comcert emulate`");
    } else {
        add_ports(&names, &list);
        err_set(err, ERR_MISSING, "%s; this computer has %s", what,
                names.failed ? "others" : names.data);
        err_remedy(err, "choose one of these; `comcert ports` shows what each of them is");
    }
    buf_reset(&names);
    portlist_reset(&list);
    return ERR_MISSING;
}

/* For a name that leads nowhere: a dead link is told apart from a wrong name. */
static int explain_missing(const char *name, struct err *err)
{
    char shown[96], target[PATH_MAX], shown_target[96], what[256];
    ssize_t n = readlink(name, target, sizeof target);

    str_escape_to(shown, sizeof shown, name, strlen(name));
    if (n > 0) {
        str_escape_to(shown_target, sizeof shown_target, target, (size_t)n);
        snprintf(what, sizeof what, "%s is a link to %s, which is not there (any more)", shown,
                 shown_target);
    } else {
        snprintf(what, sizeof what, "there is no port %s", shown);
    }
    return missing(what, err);
}

/* realpath, and /dev/NAME for a bare NAME. */
static int resolve_path(const char *name, char out[PATH_MAX], struct err *err)
{
    char in_dev[PATH_MAX], shown[96];
    int sys;

    if (realpath(name, out) != NULL)
        return 0;
    sys = errno;
    if (sys == ENOENT && name[0] != '\0' && strchr(name, '/') == NULL &&
        snprintf(in_dev, sizeof in_dev, "/dev/%s", name) < (int)sizeof in_dev &&
        realpath(in_dev, out) != NULL)
        return 0;
    if (sys == ENOENT || sys == ENOTDIR)
        return explain_missing(name, err);
    str_escape_to(shown, sizeof shown, name, strlen(name));
    return err_set_errno(err, sys, "cannot get at the port %s", shown);
}

static int resolve_selector(const char *selector, char out[PATH_MAX], struct err *err)
{
    const struct port_entry *entry;
    struct portlist list = {0};
    int rc = portlist_read(&list, err);

    if (rc == 0)
        rc = portlist_select(&list, selector, &entry, err);
    if (rc == 0)
        snprintf(out, PATH_MAX, "%s", entry->name);
    portlist_reset(&list);
    return rc;
}

/* What stands at the path if it is no character device. */
static const char *kind_of(mode_t mode)
{
    if (S_ISREG(mode))
        return "a plain file";
    if (S_ISDIR(mode))
        return "a folder";
    if (S_ISFIFO(mode))
        return "a pipe";
    if (S_ISSOCK(mode))
        return "a socket";
    return S_ISBLK(mode) ? "a disk" : "something else";
}

/* The consoles (4,0 to 4,63), /dev/tty, /dev/console and /dev/ptmx are terminals too. */
static bool is_console(dev_t rdev)
{
    return (major(rdev) == 4 && minor(rdev) < 64) || (major(rdev) == 5 && minor(rdev) < 64);
}

/* The device behind /dev/tty, whose own number is the same for everybody. */
static bool is_controlling_terminal(dev_t rdev)
{
    int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    unsigned dev = 0;
    bool same = false;

    if (fd < 0)
        return false;                   /* this process has none */
    if (ioctl(fd, TIOCGDEV, &dev) == 0) /* in the kernel's encoding */
        same = major(rdev) == ((dev >> 8) & 0xfff) &&
               minor(rdev) == ((dev & 0xff) | ((dev >> 12) & 0xfff00));
    close(fd);
    return same;
}

static bool is_own_terminal(dev_t rdev)
{
    for (int fd = 0; fd <= 2; fd++) {
        struct stat st;

        if (fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == rdev && isatty(fd))
            return true;
    }
    return is_controlling_terminal(rdev);
}

/* Nothing is ever written to what is refused here. */
static int refuse_unfit(const char *path, const struct stat *st, struct err *err)
{
    char shown[128];

    str_escape_to(shown, sizeof shown, path, strlen(path));
    if (!S_ISCHR(st->st_mode)) {
        err_set(err, ERR_VALUE, "%s is %s, not a serial port", shown, kind_of(st->st_mode));
    } else if (is_own_terminal(st->st_rdev)) {
        err_set(err, ERR_VALUE, "%s is the terminal that you are typing in, not a device", shown);
    } else if (is_console(st->st_rdev)) {
        err_set(err, ERR_VALUE, "%s is a screen of this computer, not a serial port", shown);
    } else if (!sysfs_is_tty(st->st_rdev)) {
        err_set(err, ERR_VALUE, "%s is a device, but not a serial port", shown);
    } else {
        return 0;
    }
    err_remedy(err, "`comcert ports` lists the ports that can be used");
    return ERR_VALUE;
}

int target_resolve(const char *name, struct target *out, struct err *err)
{
    struct stat st;
    int rc = portlist_is_selector(name) ? resolve_selector(name, out->path, err)
                                        : resolve_path(name, out->path, err);

    if (rc != 0)
        return rc;
    if (stat(out->path, &st) != 0)
        return explain_missing(out->path, err);
    rc = refuse_unfit(out->path, &st, err);
    out->is_pty = rc == 0 && sysfs_is_pty(st.st_rdev);
    return rc;
}
