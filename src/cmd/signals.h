/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_SIGNALS_H
#define COMCERT_CMD_SIGNALS_H

#include "base/attr.h"
#include "base/err.h"

/* SIGINT, SIGTERM and SIGHUP write one byte each to a pipe; nothing else happens in a handler. *fd
 * is the end to read and to poll. Until signals_stop. */
int signals_start(int *fd, struct err *err) ATTR_MUST_USE;

/* The signals do what they did before. */
void signals_stop(void);

#endif
