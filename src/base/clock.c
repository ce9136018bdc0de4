/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

usec clock_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (usec)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

void clock_date(char *out, time_t when)
{
    struct tm tm;

    out[0] = '\0';
    if (gmtime_r(&when, &tm) != NULL)
        (void)strftime(out, CLOCK_DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
