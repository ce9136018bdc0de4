/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_WAIT_H
#define COMCERT_BASE_WAIT_H

#include <poll.h>
#include <stddef.h>

#include "base/clock.h"

/* poll(2) until an absolute time (USEC_NEVER: without end), to the microsecond: a body is paced by
 * times below a millisecond. Answers how many descriptors are ready; 0 when the time has come; -1
 * when a signal or an error ended it, with all revents cleared. Blocks. */
int wait_until(struct pollfd *fds, size_t n, usec deadline);

#endif
