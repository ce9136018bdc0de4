/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_RUNNER_H
#define COMCERT_RUN_RUNNER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "device/loader.h"
#include "port/port.h"

/*
 * The only loop: moves bytes between N loaders and N ports. Knows nothing of what the bytes mean,
 * and nobody who watches is known to the loaders: an observer is called for every event.
 *
 * A caller with a loop of its own (the wizard) uses runner_pollfds and runner_dispatch; others use
 * runner_run.
 */
struct runner;

/* Called for each event of the pair added as number `index`. Must not call back into the runner but
 * for runner_cancel. */
typedef void (*runner_observer)(void *ctx, size_t index, const struct event *event);

/* NULL when memory runs out. */
struct runner *runner_create(runner_observer observer, void *ctx);

/* Accepts NULL. Destroys neither ports nor loaders. */
void runner_destroy(struct runner *r);

/* Adds a pair and starts its loader. Port and loader stay the caller's and must outlive the runner.
 */
int runner_add(struct runner *r, struct port *port, struct loader *loader,
               struct err *err) ATTR_MUST_USE;

/* How many loaders are still running. */
size_t runner_active(const struct runner *r);

/* First call: every running loader is cancelled (TRANSFER.md section 6); second: at once. */
void runner_cancel(struct runner *r);

/* Fills fds (at most max, one for each running pair) with what to wait for, and *deadline with when
 * to dispatch at the latest. Returns how many there are; never more than the pairs added. */
size_t runner_pollfds(struct runner *r, struct pollfd *fds, size_t max, usec *deadline);

/* Does whatever can be done now, without blocking: reads all that is readable before any timer
 * fires, writes, reports events. */
void runner_dispatch(struct runner *r);

/* Runs until every loader has ended, then answers false. When stop_fd (a signal pipe; -1: none)
 * becomes readable it takes one byte from it and answers true: the caller says so to people, calls
 * runner_cancel, and comes back. */
bool runner_run(struct runner *r, int stop_fd);

#endif
