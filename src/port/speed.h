/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_SPEED_H
#define COMCERT_PORT_SPEED_H

#include <stdbool.h>

/* The speed of a terminal as a plain number, any number. On the master side of a pty it is that of
 * the slave. */

/* 0, or -1 with errno. Nothing else of the terminal's settings is changed. */
int speed_set(int fd, long baud);

/* The speed, or -1 with errno. */
long speed_get(int fd);

/* True if `got` will do for `wanted`: dividers rarely hit an odd speed exactly, and a receiver
 * forgives 2.5 %. */
bool speed_fits(long wanted, long got);

#endif
