/* SPDX-License-Identifier: MIT */
#include "job/check_part.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

struct words words(const char *fmt, ...)
{
    struct words w;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(w.s, sizeof w.s, fmt, ap);
    va_end(ap);
    return w;
}

/* How much of a text may be shown. A connection string or a token is often pasted where a name
 * belongs. */
static size_t without_secret(const char *text)
{
    static const char *const marks[] = {"SharedAccessKey=", "sig="};
    bool token = strcasestr(text, "SharedAccessSignature") != NULL;

    for (size_t i = 0; i < (token ? 2 : 1); i++) {
        const char *at = strcasestr(text, marks[i]);

        if (at != NULL)
            return (size_t)(at - text) + strlen(marks[i]);
    }
    return strlen(text);
}

/* Cut short: a sentence has to stay one. */
struct words words_of(const char *text)
{
    size_t n = without_secret(text);
    struct words w;

    str_escape_to(w.s, 160, text, n);
    if (text[n] != '\0')
        strcat(w.s, "...");
    return w;
}

struct words words_day(time_t t)
{
    struct words w;
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(w.s, sizeof w.s, "%Y-%m-%d", &tm) == 0)
        return words("an unknown day");
    return w;
}

bool host_ends(const char *host, const char *domain)
{
    size_t lh = strlen(host), ld = strlen(domain);

    return lh >= ld && strcasecmp(host + lh - ld, domain) == 0;
}

bool host_equals(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool differs_by_case_or_blanks(const char *a, const char *b)
{
    size_t la, lb;

    if (a == NULL || b == NULL || strcmp(a, b) == 0)
        return false;
    a += strspn(a, " \t");
    b += strspn(b, " \t");
    la = strlen(a);
    lb = strlen(b);
    while (la > 0 && (a[la - 1] == ' ' || a[la - 1] == '\t'))
        la--;
    while (lb > 0 && (b[lb - 1] == ' ' || b[lb - 1] == '\t'))
        lb--;
    return la == lb && strncasecmp(a, b, la) == 0;
}
