/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_LATENCY_H
#define COMCERT_PORT_LATENCY_H

#include <stdbool.h>

#include "base/clock.h"

/*
 * An FTDI adapter collects what it receives for up to 16 ms before it passes it on. Drivers that
 * know the low-latency flag shorten that; others ignore or refuse it, and then it stays as it was.
 * Internal to src/port.
 */
struct latency {
    int saved_flags;
    bool changed;
};

/* Sets the flag where the driver takes it. Returns how long the adapter may keep bytes back from
 * now on; 0 where it does not, or the driver does not tell. */
usec latency_lower(struct latency *latency, int fd, const char *path);

/* Puts the flag back if it was changed. */
void latency_restore(const struct latency *latency, int fd);

#endif
