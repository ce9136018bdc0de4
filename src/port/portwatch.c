/* SPDX-License-Identifier: MIT */
#include "port/portwatch.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/str.h"

static const usec usual_settle = 300 * USEC_PER_MS;

#define FOLDER_EVENTS (IN_CREATE | IN_DELETE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR)
/* ATTRIB is also what comes when a node goes that somebody still has open. */
#define NODE_EVENTS (IN_OPEN | IN_CLOSE | IN_ATTRIB | IN_DELETE_SELF)

/* One descriptor for the caller (epoll) stands for two: inotify, and the timer of the second look.
 */
struct portwatch {
    int epoll, inotify, timer;
    char *folder;
    usec settle; /* to the second look */
    int folder_wd;
    int *nodes; /* -1: could not be watched */
    size_t node_count;
    bool waiting; /* for the second look */
    bool pending; /* something happened meanwhile */
};

/* The folders that udev fills, the outer one first: what appears in it after it was looked for is
 * then told. Those that are watched already stay as they are. */
static void watch_links(struct portwatch *w)
{
    static const char *const folders[] = {"serial", "serial/by-id", "serial/by-path"};

    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char path[PATH_MAX];

        if (snprintf(path, sizeof path, "%s/%s", w->folder, folders[i]) < (int)sizeof path)
            (void)inotify_add_watch(w->inotify, path, FOLDER_EVENTS);
    }
}

static bool add_to_epoll(struct portwatch *w, int fd)
{
    struct epoll_event event = {.events = EPOLLIN};

    return epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

static int open_all(struct portwatch *w, struct err *err)
{
    w->inotify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (w->inotify >= 0)
        w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (w->timer >= 0)
        w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0 || !add_to_epoll(w, w->inotify) || !add_to_epoll(w, w->timer))
        return err_set(err, ERR_UNSUPPORTED, "the system does not tell of changes to files: %s",
                       strerror(errno));
    w->folder_wd = inotify_add_watch(w->inotify, w->folder, FOLDER_EVENTS);
    if (w->folder_wd < 0)
        return err_set(err, ERR_UNSUPPORTED, "cannot watch %s: %s", w->folder, strerror(errno));
    watch_links(w);
    return 0;
}

int portwatch_create_in(const char *folder, usec settle, struct portwatch **out, struct err *err)
{
    struct portwatch *w = calloc(1, sizeof *w);
    int rc;

    *out = NULL;
    if (w == NULL || (w->folder = str_copy(folder)) == NULL) {
        free(w);
        return err_set(err, ERR_NOMEM, "out of memory");
    }
    w->settle = settle;
    w->epoll = w->inotify = w->timer = -1;
    rc = open_all(w, err);
    if (rc != 0)
        portwatch_destroy(w);
    else
        *out = w;
    return rc;
}

int portwatch_create(struct portwatch **out, struct err *err)
{
    return portwatch_create_in("/dev", usual_settle, out, err);
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        (void)close(fd);
}

void portwatch_destroy(struct portwatch *w)
{
    if (w == NULL)
        return;
    close_if_open(w->epoll);
    close_if_open(w->timer);
    close_if_open(w->inotify);
    free(w->nodes);
    free(w->folder);
    free(w);
}

int portwatch_fd(const struct portwatch *w)
{
    return w->epoll;
}

static bool contains(const int *list, size_t n, int value)
{
    for (size_t i = 0; i < n; i++) {
        if (list[i] == value)
            return true;
    }
    return false;
}

void portwatch_follow(struct portwatch *w, const struct portlist *list)
{
    int *nodes = calloc(list->count + 1, sizeof *nodes);

    if (nodes == NULL)
        return; /* a nicety */
    /* A node that is watched already gives the same number again, unless it is another one of the
     * same name. */
    for (size_t i = 0; i < list->count; i++)
        nodes[i] = inotify_add_watch(w->inotify, list->items[i].name, NODE_EVENTS);
    for (size_t i = 0; i < w->node_count; i++) {
        if (w->nodes[i] >= 0 && !contains(nodes, list->count, w->nodes[i]))
            (void)inotify_rm_watch(w->inotify, w->nodes[i]);
    }
    free(w->nodes);
    w->nodes = nodes;
    w->node_count = list->count;
}

/* ttyS0, ttyUSB0, ttyACM0, ttyAMA0...; but neither tty nor tty1, the consoles. */
static bool is_serial_name(const char *name)
{
    char c = str_starts(name, "tty") ? name[3] : '\0';

    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || str_starts(name, "rfcomm") ||
           strcmp(name, "serial") == 0;
}

static bool matters(const struct portwatch *w, const struct inotify_event *event)
{
    if ((event->mask & IN_Q_OVERFLOW) != 0)
        return true;
    if ((event->mask & IN_IGNORED) != 0)
        return false; /* a watch has ended; why was told before */
    return event->wd != w->folder_wd || (event->len > 0 && is_serial_name(event->name));
}

/* Takes all events; true if one of them matters. */
static bool take_events(struct portwatch *w)
{
    _Alignas(struct inotify_event) char bytes[4096];
    bool found = false;
    ssize_t n;

    while ((n = read(w->inotify, bytes, sizeof bytes)) > 0) {
        for (const char *p = bytes; p < bytes + n;) {
            const struct inotify_event *event = (const void *)p;

            found = matters(w, event) || found;
            p += sizeof *event + event->len;
        }
    }
    return found;
}

static void await_second_look(struct portwatch *w)
{
    const struct itimerspec settle = {.it_value = {.tv_sec = w->settle / USEC_PER_SEC,
                                                   .tv_nsec = w->settle % USEC_PER_SEC * 1000}};

    w->waiting = timerfd_settime(w->timer, 0, &settle, NULL) == 0;
}

bool portwatch_changed(struct portwatch *w)
{
    uint64_t times;
    bool due = read(w->timer, &times, sizeof times) > 0;

    if (take_events(w)) {
        w->pending = true;
        watch_links(w);
    }
    if (due)
        w->waiting = false;
    if (w->waiting || (!w->pending && !due))
        return false;
    if (w->pending)
        await_second_look(w);
    w->pending = false;
    return true;
}
