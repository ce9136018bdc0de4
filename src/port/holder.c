/* SPDX-License-Identifier: MIT */
#include "port/holder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/str.h"
#include "port/sysfs.h"

/* Reads at most size bytes of a small file; -1 if that fails. */
static ssize_t read_start(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t n;

    if (fd < 0)
        return -1;
    n = read(fd, out, size);
    close(fd);
    return n;
}

/* Fills the holder with a process and its command line; that of a kernel thread is empty, so its
 * name stands in. */
static void describe(struct port_holder *out, int pid)
{
    char path[64], text[512];
    ssize_t n;

    *out = (struct port_holder){.pid = pid};
    snprintf(path, sizeof path, "/proc/%d/cmdline", pid);
    n = read_start(path, text, sizeof text);
    if (n <= 0) {
        snprintf(path, sizeof path, "/proc/%d/comm", pid);
        n = read_start(path, text, sizeof text);
    }
    while (n > 0 && (text[n - 1] == '\0' || text[n - 1] == '\n'))
        n--;
    for (ssize_t i = 0; i < n; i++) {
        if (text[i] == '\0')
            text[i] = ' ';
    }
    if (n > 0)
        str_escape_to(out->command, sizeof out->command, text, (size_t)n);
}

static bool is_alive(int pid)
{
    return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

bool holder_query_init(struct holder_query *query, const char *path)
{
    struct stat st;

    *query = (struct holder_query){0};
    if (stat(path, &st) != 0 || !S_ISCHR(st.st_mode))
        return false;
    query->dev = st.st_dev;
    query->ino = st.st_ino;
    query->rdev = st.st_rdev;
    return true;
}

/* One line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 812 00:05:93 0 EOF". A waiter's line has "->"
 * in second place and is not understood, which is right. The PID is -1 or 0 where the process is
 * not visible from here. */
static void search_lock_line(const char *line, struct holder_query *queries, size_t n,
                             bool own_locks)
{
    unsigned maj, min;
    unsigned long ino;
    int pid;

    if (sscanf(line, "%*d: %*s %*s %*s %d %x:%x:%lu", &pid, &maj, &min, &ino) != 4 ||
        (pid == getpid() && !own_locks))
        return;
    for (size_t i = 0; i < n; i++) {
        struct holder_query *q = &queries[i];

        if (q->found || q->ino != (ino_t)ino || q->dev != makedev(maj, min))
            continue;
        /* Who took the lock may have ended and left it to a child: then /proc/PID/fd tells more. */
        if (pid > 0 && is_alive(pid)) {
            q->found = true;
            describe(&q->holder, pid);
        }
    }
}

static void search_locks(struct holder_query *queries, size_t n, bool own_locks)
{
    FILE *f = fopen("/proc/locks", "re");
    char line[256];

    if (f == NULL)
        return;
    while (fgets(line, sizeof line, f) != NULL)
        search_lock_line(line, queries, n, own_locks);
    fclose(f);
}

/* Looks through the descriptors of one process. */
static void search_process(int pid, struct holder_query *queries, size_t n)
{
    char path[64];
    const struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    dir = opendir(path);
    if (dir == NULL)
        return; /* another user's, or it has ended */
    while ((entry = readdir(dir)) != NULL) {
        struct stat st;

        if (fstatat(dirfd(dir), entry->d_name, &st, 0) != 0 || !S_ISCHR(st.st_mode))
            continue;
        for (size_t i = 0; i < n; i++) {
            /* The node as well as the number: the ptys of containers share their numbers. */
            if (!queries[i].found && st.st_rdev == queries[i].rdev &&
                (!sysfs_is_pty(st.st_rdev) || st.st_dev == queries[i].dev)) {
                queries[i].found = true;
                describe(&queries[i].holder, pid);
            }
        }
    }
    closedir(dir);
}

static bool all_found(const struct holder_query *queries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!queries[i].found)
            return false;
    }
    return true;
}

void holder_search(struct holder_query *queries, size_t n, bool own_locks)
{
    const struct dirent *entry;
    DIR *dir;

    search_locks(queries, n, own_locks);
    if (all_found(queries, n))
        return;
    dir = opendir("/proc");
    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        int pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

        if (pid > 0 && pid != getpid())
            search_process(pid, queries, n);
    }
    closedir(dir);
}

bool port_find_holder(const char *path, struct port_holder *out)
{
    struct holder_query query;

    *out = (struct port_holder){0};
    if (!holder_query_init(&query, path))
        return false;
    holder_search(&query, 1, true);
    *out = query.holder;
    return query.found;
}

bool holder_of_lock(const char *path, struct port_holder *out)
{
    struct holder_query query;

    *out = (struct port_holder){0};
    if (!holder_query_init(&query, path))
        return false;
    search_locks(&query, 1, true);
    *out = query.holder;
    return query.found;
}

/* The PID in a lock file: text, or in the oldest form four bytes as they lie in memory. */
static int pid_in(const char *text, ssize_t n)
{
    long pid;
    int binary;

    if (n == (ssize_t)sizeof binary && !isdigit((unsigned char)text[n - 1])) {
        memcpy(&binary, text, sizeof binary);
        return binary;
    }
    pid = strtol(text, NULL, 10);
    return pid > 0 && pid < INT_MAX ? (int)pid : 0;
}

bool holder_of_lock_file(const char *dir, const char *device, struct port_holder *out)
{
    const char *slash = strrchr(device, '/');
    char path[PATH_MAX], text[64] = "";
    ssize_t n;
    int pid;

    *out = (struct port_holder){0};
    if (snprintf(path, sizeof path, "%s/LCK..%s", dir, slash != NULL ? slash + 1 : device) >=
        (int)sizeof path)
        return false;
    n = read_start(path, text, sizeof text - 1);
    pid = n > 0 ? pid_in(text, n) : 0;
    if (pid <= 0 || pid == getpid() || !is_alive(pid))
        return false; /* left behind by a program that died */
    describe(out, pid);
    return true;
}

/* ModemManager probes every new adapter with AT commands; this is what its manual has against it.
 */
static void explain_modem_manager(const char *device, struct err *err)
{
    long vid = sysfs_usb_number(device, "idVendor"), pid = sysfs_usb_number(device, "idProduct");

    if (vid < 0 || pid < 0) {
        err_remedy(err,
                   "`sudo systemctl stop ModemManager`; for good, a udev rule for this device: "
                   "ENV{ID_MM_DEVICE_IGNORE}=\"1\"");
        return;
    }
    err_remedy(
        err,
        "wait 20 s, or for good put this line into /etc/udev/rules.d/77-comcert.rules and plug "
        "the adapter in again: ATTRS{idVendor}==\"%04lx\", ATTRS{idProduct}==\"%04lx\", "
        "ENV{ID_MM_DEVICE_IGNORE}=\"1\"",
        (unsigned long)vid, (unsigned long)pid);
}

int holder_explain(const char *device, const struct port_holder *holder, struct err *err)
{
    const char *slash = strrchr(device, '/');

    if (holder->pid == 0) {
        err_set(err, ERR_BUSY, "%s is in use by a process of another user", device);
        err_remedy(err, "`sudo fuser -v %s` names it; end it, then try again", device);
        return ERR_BUSY;
    }
    if (holder->command[0] == '\0')
        err_set(err, ERR_BUSY, "%s is in use by process %d", device, holder->pid);
    else
        err_set(err, ERR_BUSY, "%s is in use by process %d: %s", device, holder->pid,
                holder->command);
    if (strstr(holder->command, "ModemManager") != NULL)
        explain_modem_manager(device, err);
    else if (strstr(holder->command, "getty") != NULL)
        err_remedy(err, "it offers a login on this port: `sudo systemctl stop serial-getty@%s`",
                   slash != NULL ? slash + 1 : device);
    else
        err_remedy(err, "end that program, then try again");
    return ERR_BUSY;
}
