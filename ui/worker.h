/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_WORKER_H
#define COMCERT_UI_WORKER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * What may block for more than 10 ms (a slow stick, a key derivation, a driver that takes its time
 * to open or close) runs in a thread of its own and reports through a pipe that the one loop polls.
 * A thread for each task, so that one that hangs on a dead file system holds up no other.
 */

/* Does the work; must touch nothing but what `task` leads to. */
typedef void worker_work(void *task);
/* Called in the loop once the work is done. */
typedef void worker_done(void *task);

int worker_start(struct err *err) ATTR_MUST_USE;

/* For poll: readable when a task is done. */
int worker_fd(void);

/* Starts a task. If no thread can be had the work is done here and now; `done` comes from
 * worker_collect in any case. */
void worker_run(worker_work *work, worker_done *done, void *task);

/* Calls `done` for every task that has ended. */
void worker_collect(void);

/* True while no task is under way, and none has ended uncollected: but for the loop's own, there is
 * no thread. */
bool worker_is_idle(void);

/* Waits up to `ms` milliseconds for all tasks and collects them; false if one still runs: then what
 * it uses must not be freed. */
bool worker_stop(int ms);

#endif
