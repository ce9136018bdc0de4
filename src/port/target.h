/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_TARGET_H
#define COMCERT_PORT_TARGET_H

#include <limits.h>
#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/* What a port's name stands for. Internal to src/port. */
struct target {
    char path[PATH_MAX]; /* of the character device, all links resolved */
    bool is_pty;
};

/* Resolves a path, a link, a bare name ("ttyUSB0") or a "usb:" selector, and refuses whatever is no
 * port, with the words of port_open. Opens nothing that could be a device. */
int target_resolve(const char *name, struct target *out, struct err *err) ATTR_MUST_USE;

#endif
