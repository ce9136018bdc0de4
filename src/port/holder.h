/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_HOLDER_H
#define COMCERT_PORT_HOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "port/port.h"

/* Who holds a device. Internal to src/port. */

/* One device that is asked about. */
struct holder_query {
    dev_t dev; /* the node: its file system and number, as /proc/locks has them */
    ino_t ino;
    dev_t rdev; /* the device */
    bool found;
    struct port_holder holder;
};

/* False if there is no such device. */
bool holder_query_init(struct holder_query *query, const char *path);

/* Answers all queries in one pass over /proc: locks first, then the open descriptors of other
 * processes. Locks of the own process count only if `own_locks`. */
void holder_search(struct holder_query *queries, size_t n, bool own_locks);

/* The same for one device, by its locks only. */
bool holder_of_lock(const char *path, struct port_holder *out);

/* The living process named in the lock file DIR/LCK..NAME (UUCP's way, still that of minicom), NAME
 * being the last part of device. The own process does not count. */
bool holder_of_lock_file(const char *dir, const char *device, struct port_holder *out);

/* Words and remedy for a busy device; pid 0 is somebody who cannot be seen. Returns ERR_BUSY. */
int holder_explain(const char *device, const struct port_holder *holder, struct err *err);

#endif
