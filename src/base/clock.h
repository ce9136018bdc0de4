/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_CLOCK_H
#define COMCERT_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Time is microseconds of a clock that never jumps, as an argument to whoever needs it. */
typedef int64_t usec;

#define USEC_PER_MS  INT64_C(1000)
#define USEC_PER_SEC INT64_C(1000000)
/* "Never", as a deadline. */
#define USEC_NEVER INT64_MAX

/* CLOCK_MONOTONIC now. Does not advance while the machine sleeps. */
usec clock_now(void);

#endif
