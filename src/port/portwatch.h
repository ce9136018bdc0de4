/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_PORTWATCH_H
#define COMCERT_PORT_PORTWATCH_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "port/portlist.h"

/*
 * Tells when the list of serial ports, or who holds them, may have changed. Costs nothing while
 * nothing happens: the kernel says so (inotify).
 *
 * udev sets permissions and makes the links in /dev/serial a moment after a node appears, and a
 * program locks a port a moment after it has opened it. The folders of links are watched too, and
 * every change is told twice: at once, and again 0.3 s later, when the dust has settled. Changes in
 * between are told then. So the list is read at most about three times a second, whatever others
 * do, and the last reading is the true one.
 *
 * This program's own opening and closing of a port is told as well. Not told: who opens or closes a
 * port that this user may not read; a lock that is taken or given back while the port stays open.
 */
struct portwatch;

/* ERR_UNSUPPORTED where the system has no inotify (or no more of it) or /dev cannot be watched: the
 * caller then looks every second. On failure *out is NULL. */
int portwatch_create(struct portwatch **out, struct err *err) ATTR_MUST_USE;

/* The same for a folder that stands for /dev, with another time to the second look (more than 0):
 * for tests. */
int portwatch_create_in(const char *folder, usec settle, struct portwatch **out,
                        struct err *err) ATTR_MUST_USE;

/* Accepts NULL. */
void portwatch_destroy(struct portwatch *w);

/* For poll(2), POLLIN. Its owner is the watch. */
int portwatch_fd(const struct portwatch *w);

/* Which nodes to watch for open and close from now on: those of the list that was read last. The
 * list may go afterwards. Nodes that cannot be watched are left out. */
void portwatch_follow(struct portwatch *w, const struct portlist *list);

/* Takes what is there, without blocking. True if the list should be read again (and followed).
 * Entries of /dev that are no serial ports by name do not count. */
bool portwatch_changed(struct portwatch *w);

#endif
