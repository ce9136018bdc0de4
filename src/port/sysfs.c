/* SPDX-License-Identifier: MIT */
#include "port/sysfs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/str.h"

bool sysfs_is_pty(dev_t rdev)
{
    /* UNIX98_PTY_SLAVE_MAJOR and the seven after it; see the kernel's admin-guide/devices.txt. */
    return major(rdev) >= 136 && major(rdev) <= 143;
}

bool sysfs_is_tty(dev_t rdev)
{
    char path[64], target[PATH_MAX];
    ssize_t n;

    if (sysfs_is_pty(rdev))
        return true;
    snprintf(path, sizeof path, "/sys/dev/char/%u:%u/subsystem", major(rdev), minor(rdev));
    n = readlink(path, target, sizeof target - 1);
    if (n < 0)
        return false;
    target[n] = '\0';
    return str_ends(target, "/class/tty");
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static long read_number(const char *path, int base)
{
    char text[32];
    char *end;
    long value;
    FILE *f = fopen(path, "re");

    if (f == NULL)
        return -1;
    if (fgets(text, sizeof text, f) == NULL)
        text[0] = '\0';
    fclose(f);
    value = strtol(text, &end, base);
    return end != text && value >= 0 ? value : -1;
}

long sysfs_tty_number(const char *device, const char *file)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "/sys/class/tty/%s/%s", base_name(device), file) >=
        (int)sizeof path)
        return -1;
    return read_number(path, 0);
}

long sysfs_usb_number(const char *device, const char *file)
{
    /* From the tty's device (the interface, or a port of it) up to the USB device. */
    static const char *const up[] = {"", "../", "../../", "../../../"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof up / sizeof up[0]; i++) {
        long value;

        if (snprintf(path, sizeof path, "/sys/class/tty/%s/device/%s%s", base_name(device), up[i],
                     file) >= (int)sizeof path)
            return -1;
        value = read_number(path, 16);
        if (value >= 0)
            return value;
    }
    return -1;
}
