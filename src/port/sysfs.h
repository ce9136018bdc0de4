/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_SYSFS_H
#define COMCERT_PORT_SYSFS_H

#include <stdbool.h>
#include <sys/types.h>

/* What the kernel tells of a device by its number and in /sys. Internal to src/port. Nothing here
 * opens a device. */

/* True for the slave side of a pty. */
bool sysfs_is_pty(dev_t rdev);

/* True if the device is a terminal of any kind. */
bool sysfs_is_tty(dev_t rdev);

/* The number in /sys/class/tty/NAME/FILE, NAME being the last part of device; -1 if there is none.
 * Hexadecimal numbers are understood with 0x only. */
long sysfs_tty_number(const char *device, const char *file);

/* The number (hexadecimal) in FILE of the USB device that the tty is a part of: "idVendor"; -1 if
 * there is none. */
long sysfs_usb_number(const char *device, const char *file);

#endif
