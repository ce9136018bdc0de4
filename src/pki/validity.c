/* SPDX-License-Identifier: MIT */
#include "pki/validity.h"

#include <stdio.h>

#define SECONDS_PER_DAY 86400

const char *validity_date(time_t t, char *out, size_t size)
{
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(out, size, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        snprintf(out, size, "(no date)");
    return out;
}

/* "3 days", "less than a day". */
static const char *span(time_t from, time_t to, char *out, size_t size)
{
    long long days = ((long long)to - (long long)from) / SECONDS_PER_DAY;

    if (days == 0)
        snprintf(out, size, "less than a day");
    else
        snprintf(out, size, "%lld day%s", days, days == 1 ? "" : "s");
    return out;
}

const char *validity_left(const struct cert_info *info, time_t now, char *out, size_t size)
{
    char text[32];

    if (now < info->not_before)
        snprintf(out, size, "not yet valid");
    else if (now > info->not_after)
        snprintf(out, size, "expired %s ago", span(info->not_after, now, text, sizeof text));
    else
        snprintf(out, size, "%s left", span(now, info->not_after, text, sizeof text));
    return out;
}
