/* SPDX-License-Identifier: MIT */
/* A file of its own, because the kernel's struct termios2 and <termios.h> cannot be had together.
 */
#include "port/speed.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <stddef.h>
#include <sys/ioctl.h>

/* Speeds that have a code are set by it, so that programs see them which know only the codes. */
static const struct {
    long baud;
    tcflag_t code;
} codes[] = {
    {50, B50},           {75, B75},           {110, B110},         {134, B134},
    {150, B150},         {200, B200},         {300, B300},         {600, B600},
    {1200, B1200},       {1800, B1800},       {2400, B2400},       {4800, B4800},
    {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
    {115200, B115200},   {230400, B230400},   {460800, B460800},   {500000, B500000},
    {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000},
    {3500000, B3500000}, {4000000, B4000000},
};

int speed_set(int fd, long baud)
{
    struct termios2 t;
    tcflag_t code = BOTHER;

    if (ioctl(fd, TCGETS2, &t) != 0)
        return -1;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].baud == baud)
            code = codes[i].code;
    }
    /* CIBAUD 0: input runs at the output's speed. */
    t.c_cflag = (t.c_cflag & ~(tcflag_t)(CBAUD | CIBAUD)) | code;
    t.c_ispeed = (speed_t)baud;
    t.c_ospeed = (speed_t)baud;
    return ioctl(fd, TCSETS2, &t);
}

long speed_get(int fd)
{
    struct termios2 t;

    return ioctl(fd, TCGETS2, &t) == 0 ? (long)t.c_ospeed : -1;
}

bool speed_fits(long wanted, long got)
{
    long off = wanted > got ? wanted - got : got - wanted;

    return got > 0 && off * 40 <= wanted;
}
