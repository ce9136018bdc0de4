/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_SESSION_H
#define COMCERT_RUN_SESSION_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "device/loader.h"
#include "device/plan.h"
#include "port/port.h"
#include "run/runner.h"

/*
 * One device that is being loaded: its port, loader and runner. Zero-initialise it. The caller
 * drives the runner (runner_run, or runner_pollfds and runner_dispatch) and may read everything
 * here until session_end.
 */
struct session {
    const struct plan *plan; /* not owned */
    struct port *port;
    struct loader *loader;
    struct runner *runner;
    usec began; /* when the loader was started */
};

/* For a session that was never started or has been ended: takes the open port over, also when it
 * fails, and starts the loader. Never blocks. The plan must
 * outlive the session. The observer (ctx) is told of every event, from the first
 * runner_dispatch on. ERR_NOMEM, or ERR_IO and its like if the system has no random bytes: then
 * the port is closed again and the session is as if it had never been started. */
int session_start(struct session *s, const struct plan *plan, struct port *port,
                  runner_observer observer, void *ctx, struct err *err) ATTR_MUST_USE;

/* Destroys runner and loader and closes the port, which may block. Does not cancel: a load that
 * still runs is cut off. Accepts a session that was never started or has been ended. */
void session_end(struct session *s);

#endif
