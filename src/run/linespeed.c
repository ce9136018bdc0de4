/* SPDX-License-Identifier: MIT */
#include "run/linespeed.h"

#include <asm/termbits.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>

/* A speed that has a constant of its own is set by it: programs that know only those would not
 * understand BOTHER when they read the settings back. */
static const struct {
    long baud;
    tcflag_t flag;
} standard[] = {
    {1200, B1200},       {2400, B2400},       {4800, B4800},       {9600, B9600},
    {19200, B19200},     {38400, B38400},     {57600, B57600},     {115200, B115200},
    {230400, B230400},   {460800, B460800},   {500000, B500000},   {576000, B576000},
    {921600, B921600},   {1000000, B1000000}, {1152000, B1152000}, {1500000, B1500000},
    {2000000, B2000000}, {3000000, B3000000}, {4000000, B4000000},
};

static tcflag_t flag_of(long baud)
{
    for (size_t i = 0; i < sizeof standard / sizeof standard[0]; i++) {
        if (standard[i].baud == baud)
            return standard[i].flag;
    }
    return BOTHER;
}

long linespeed_get(int fd)
{
    struct termios2 t;

    memset(&t, 0, sizeof t);
    if (ioctl(fd, TCGETS2, &t) != 0)
        return 0;
    return (long)t.c_ospeed;
}

int linespeed_set(int fd, long baud)
{
    struct termios2 t;

    memset(&t, 0, sizeof t);
    if (ioctl(fd, TCGETS2, &t) != 0)
        return -1;
    /* Without an input speed of its own the output's holds. */
    t.c_cflag &= ~((tcflag_t)CBAUD | ((tcflag_t)CBAUD << IBSHIFT));
    t.c_cflag |= flag_of(baud);
    t.c_ispeed = t.c_ospeed = (speed_t)baud;
    return ioctl(fd, TCSETS2, &t);
}
