/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_LINESPEED_H
#define COMCERT_RUN_LINESPEED_H

/* Speeds of a terminal as numbers, non-standard ones too. In a file of its own because the kernel's
 * termios header and the C library's cannot be included together. */

/* The speed that the terminal behind fd sends at, 0 if it cannot be told. The master of a pty
 * answers for its slave. */
long linespeed_get(int fd);

/* Sets the speed both ways; 0, or -1 with errno. */
int linespeed_set(int fd, long baud);

#endif
