/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_TTY_H
#define COMCERT_PORT_TTY_H

#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

/* What serial devices and ptys have in common. Internal to src/port. */

/* Opens a terminal device without blocking and without making it the controlling terminal. Returns
 * the descriptor or a negative code. */
int tty_open(const char *path, struct err *err) ATTR_MUST_USE;

/* Takes the flock of the open device; ERR_BUSY names who has it. Everybody who opens a port through
 * this program asks for it, and so do picocom, tio, pyserial and others. */
int tty_lock(int fd, const char *path, struct err *err) ATTR_MUST_USE;

/* Opens and locks a serial device that nobody holds by a lock file, by flock or by TIOCEXCL.
 * Returns the descriptor or a negative code; a device that is held is not even opened, where that
 * can be told beforehand. */
int tty_take(const char *path, struct err *err) ATTR_MUST_USE;

/* Fills err with who has the device at path. Always returns ERR_BUSY. */
int tty_busy(const char *path, struct err *err);

/* port_read and port_write on a descriptor. */
ssize_t tty_read(int fd, void *bytes, size_t n);
ssize_t tty_write(int fd, const void *bytes, size_t n);

#endif
