/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_TRACE_H
#define COMCERT_RUN_TRACE_H

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "device/loader.h"
#include "device/plan.h"

/*
 * The transcript of one run (transcript.h) in a file that can be mailed to a vendor: its heading,
 * then its lines, with seconds since trace_open, just before the port is opened.
 */
struct trace;

/* Opens the file, and changes nothing in it yet: a file that exists must be empty or the trace of
 * an earlier run, or it is refused (ERR_USAGE): whoever mistypes a name must not lose a key. A new
 * one has mode 0600. */
int trace_open(const char *path, const char *version, const struct plan *plan, const char *port,
               struct trace **out, struct err *err) ATTR_MUST_USE;

/* Empties the file and writes the heading: to be called once the port is open. */
int trace_begin(struct trace *t, struct err *err) ATTR_MUST_USE;

/* Writes one event; the first write error is kept for trace_close. */
void trace_event(struct trace *t, const struct event *event);

/* Ends the file; one that trace_open made and trace_begin never filled is removed. Reports any
 * error of the whole trace. Accepts NULL. */
int trace_close(struct trace *t, struct err *err);

#endif
