/* SPDX-License-Identifier: MIT */
#include "base/date.h"

void date_write(char *out, time_t when)
{
    struct tm tm;

    out[0] = '\0';
    if (gmtime_r(&when, &tm) != NULL)
        (void)strftime(out, DATE_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
