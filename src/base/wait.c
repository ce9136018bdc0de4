/* SPDX-License-Identifier: MIT */
#include "base/wait.h"

#include <time.h>

int wait_until(struct pollfd *fds, size_t n, usec deadline)
{
    struct timespec ts, *timeout = NULL;
    usec left;
    int ready;

    if (deadline != USEC_NEVER) {
        left = deadline - clock_now();
        left = left > 0 ? left : 0;
        ts.tv_sec = (time_t)(left / USEC_PER_SEC);
        ts.tv_nsec = (long)(left % USEC_PER_SEC) * 1000;
        timeout = &ts;
    }
    ready = ppoll(fds, (nfds_t)n, timeout, NULL);
    for (size_t i = 0; i < n && ready < 0; i++)
        fds[i].revents = 0;
    return ready;
}
