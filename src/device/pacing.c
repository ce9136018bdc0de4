/* SPDX-License-Identifier: MIT */
#include "device/pacing.h"

enum { NS_PER_USEC = 1000 };

void pacing_init(struct pacing *p, const struct line_settings *line, size_t window)
{
    int64_t ahead;

    *p = (struct pacing){0};
    p->byte_ns = INT64_C(1000000000) * line_bits_per_byte(line) / line->baud;
    ahead = PACING_AHEAD_MS * INT64_C(1000000) / p->byte_ns;
    p->ahead_max = ahead > PACING_AHEAD_MIN ? (size_t)ahead : PACING_AHEAD_MIN;
    pacing_start(p, 1, window, 100);
}

void pacing_start(struct pacing *p, int attempt, size_t window, int percent)
{
    size_t max = window != 0 ? window : PACING_WINDOW_MAX;

    for (int i = 1; i < attempt; i++) {
        max = max > 8 ? max / 2 : max;
        percent /= 2;
    }
    p->windowed = false;
    p->window_max = max;
    p->window = max < PACING_WINDOW_START ? max : PACING_WINDOW_START;
    p->slow_percent = percent > PACING_PERCENT_MIN ? percent : PACING_PERCENT_MIN;
    p->retrying = attempt > 1;
    p->slow_free_ns = 0;
    p->begun = false;
    p->idle_ns = 0;
}

size_t pacing_outstanding(const struct pacing *p, usec now)
{
    int64_t ns = p->free_ns - now * NS_PER_USEC;

    return ns > 0 ? (size_t)((ns + p->byte_ns - 1) / p->byte_ns) : 0;
}

usec pacing_left_at(const struct pacing *p)
{
    return (p->free_ns + NS_PER_USEC - 1) / NS_PER_USEC;
}

usec pacing_time(const struct pacing *p, size_t n)
{
    return ((int64_t)n * p->byte_ns + NS_PER_USEC - 1) / NS_PER_USEC;
}

size_t pacing_clock_room(const struct pacing *p, usec now)
{
    size_t outstanding = pacing_outstanding(p, now);

    return outstanding < p->ahead_max ? p->ahead_max - outstanding : 0;
}

size_t pacing_room(const struct pacing *p, usec now, size_t in_flight, size_t to_line_end)
{
    size_t room = pacing_clock_room(p, now);

    if (p->windowed) {
        size_t left = in_flight < p->window ? p->window - in_flight : 0;

        if (p->retrying && now * NS_PER_USEC < p->slow_free_ns)
            return 0;
        return left < room ? left : room;
    }
    if (p->slow_percent < 100) {
        if (now * NS_PER_USEC < p->slow_free_ns)
            return 0;
        return to_line_end < room ? to_line_end : room;
    }
    return room;
}

usec pacing_wait(const struct pacing *p, usec now, size_t in_flight)
{
    int64_t at = p->free_ns - (int64_t)(p->ahead_max / 2) * p->byte_ns;

    if (p->windowed && in_flight >= p->window)
        return USEC_NEVER;
    if ((!p->windowed || p->retrying) && p->slow_percent < 100 && at < p->slow_free_ns)
        at = p->slow_free_ns;
    at = (at + NS_PER_USEC - 1) / NS_PER_USEC;
    return at > now ? at : now;
}

void pacing_sent(struct pacing *p, size_t n, usec now)
{
    int64_t now_ns = now * NS_PER_USEC;
    int64_t time = (int64_t)n * p->byte_ns;

    if (p->begun && now_ns > p->free_ns)
        p->idle_ns += now_ns - p->free_ns;
    p->begun = true;
    p->free_ns = (p->free_ns > now_ns ? p->free_ns : now_ns) + time;
    p->slow_free_ns =
        (p->slow_free_ns > now_ns ? p->slow_free_ns : now_ns) + time * 100 / p->slow_percent;
}

void pacing_queued(struct pacing *p, size_t n, usec now)
{
    int64_t free_ns = now * NS_PER_USEC + (int64_t)n * p->byte_ns;

    if (n > 0 && free_ns > p->free_ns)
        p->free_ns = free_ns;
}

void pacing_echoed(struct pacing *p, size_t n)
{
    if (!p->windowed || p->window >= p->window_max)
        return;
    p->window = p->window_max - p->window > n ? p->window + n : p->window_max;
}

void pacing_flushed(struct pacing *p, usec now)
{
    p->free_ns = now * NS_PER_USEC;
}
