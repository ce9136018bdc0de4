/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_SIGNALS_H
#define COMCERT_BASE_SIGNALS_H

#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

/* Signals as bytes: each one caught writes its number to a pipe; nothing else happens in a handler.
 * *fd is the end to read (it does not block) and to poll. Until signals_stop, which must come
 * before the next start. At most 8 signals. Whoever was started with SIGHUP ignored (nohup) stays
 * deaf to it. */
int signals_start(const int *numbers, size_t count, int *fd, struct err *err) ATTR_MUST_USE;

/* SIGINT, SIGTERM and SIGHUP: what ends a program. */
int signals_start_ending(int *fd, struct err *err) ATTR_MUST_USE;

/* The signals do what they did before. */
void signals_stop(void);

#endif
