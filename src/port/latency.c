/* SPDX-License-Identifier: MIT */
#include "port/latency.h"

#include <linux/serial.h>
#include <sys/ioctl.h>

#include "port/sysfs.h"

usec latency_lower(struct latency *latency, int fd, const char *path)
{
    const int flag = (int)ASYNC_LOW_LATENCY;
    struct serial_struct s;
    bool low = false;
    long ms;

    *latency = (struct latency){0};
    if (ioctl(fd, TIOCGSERIAL, &s) == 0) {
        latency->saved_flags = s.flags;
        if ((s.flags & flag) == 0) {
            s.flags |= flag;
            latency->changed = ioctl(fd, TIOCSSERIAL, &s) == 0;
        }
        low = ioctl(fd, TIOCGSERIAL, &s) == 0 && (s.flags & flag) != 0;
    }
    ms = sysfs_tty_number(path, "device/latency_timer");
    if (ms <= 0)
        return 0;
    return (low ? 1 : ms) * USEC_PER_MS;
}

void latency_restore(const struct latency *latency, int fd)
{
    struct serial_struct s;

    if (!latency->changed || ioctl(fd, TIOCGSERIAL, &s) != 0)
        return;
    s.flags = latency->saved_flags;
    ioctl(fd, TIOCSSERIAL, &s);
}
