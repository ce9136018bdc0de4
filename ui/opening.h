/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_OPENING_H
#define COMCERT_UI_OPENING_H

#include "port/port.h"
#include "ui/wizard.h"
#include "ui/worker.h"

/*
 * Opening and closing ports, both of which may block, by workers. A port that is still being closed
 * is not opened before that is over: the program would find itself in its own way.
 */
struct opening;

/* port NULL: err says why. The port is the receiver's. */
typedef void opening_done(void *ctx, struct port *port, const struct err *err);

/* Opens a port. NULL if memory ran out. */
struct opening *opening_start(const char *name, const struct line_settings *line,
                              opening_done *done, void *ctx);

/* The job's, with the line as job and profile have it. */
struct opening *opening_start_job(const struct wizard *w, opening_done *done, void *ctx);

/* Nobody waits any more: the port is closed as soon as it is open. Accepts NULL. */
void opening_cancel(struct opening *o);

/* Has a worker do what closes a port (session_end, terminal_destroy ...), then calls done. */
void closing_start(worker_work *close, worker_done *done, void *task);

/* The same for a port alone. Accepts NULL. */
void closing_start_port(struct port *port);

/* The line's settings as the plan would have them. */
struct line_settings opening_line(const struct wizard *w);

#endif
