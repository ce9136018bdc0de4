/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_PARALLEL_H
#define COMCERT_BASE_PARALLEL_H

#include <stdbool.h>
#include <stddef.h>

/* Many small pieces of work that do not depend on each other, on all processors. */

enum { PARALLEL_MAX = 64 };

/* Does piece number `item`. `worker` is below parallel_workers(): no two pieces run with the same
 * number at the same time, so each may have something of its own. */
typedef void parallel_work(void *ctx, size_t item, size_t worker);

/* Asked in the calling thread ten times a second: true ends the matter after the pieces that are
 * being worked on. */
typedef bool parallel_tick(void *ctx, size_t begun);

/* How many run at once: the processors that this process may use, at most PARALLEL_MAX. */
size_t parallel_workers(void);

/* Does pieces 0 to count-1 and returns when all of them, or all that were begun, are done. Answers
 * how many were begun: 0 to that number minus one are done. tick may be NULL. Blocks. No signal is
 * taken in the threads that it makes; if it can make none, the calling thread does the work. */
size_t parallel_run(size_t count, parallel_work *work, parallel_tick *tick, void *ctx);

#endif
