/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_TTY_H
#define COMCERT_PORT_TTY_H

#include <stddef.h>
#include <sys/types.h>
#include <termios.h>

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

/* Settings to go back to. */
struct tty_saved {
    struct termios settings;
    long speed; /* on its own, for one that has no code in the settings; -1: not known */
};

/* 0, or -1 with errno. */
int tty_save(int fd, struct tty_saved *saved) ATTR_MUST_USE;
void tty_restore(int fd, const struct tty_saved *saved);

/* Fills err with what the driver made of the wanted speed. Always returns ERR_UNSUPPORTED. */
int tty_refuse_speed(const char *path, long wanted, long got, struct err *err);

/* port_set_speed on a descriptor. */
int tty_set_speed(int fd, const char *path, long baud, struct err *err) ATTR_MUST_USE;

/* port_read and port_write on a descriptor. */
ssize_t tty_read(int fd, void *bytes, size_t n);
ssize_t tty_write(int fd, const void *bytes, size_t n);

#endif
