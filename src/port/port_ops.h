/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_PORT_OPS_H
#define COMCERT_PORT_PORT_OPS_H

#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"
#include "job/line.h"
#include "port/port.h"

/*
 * What a back end is. Internal to src/port.
 *
 * A back end has a struct of its own whose first member is a struct port, and one function that
 * opens it; port.c chooses which. The contracts are those of the functions of the same name in
 * port.h.
 */
struct port_ops {
    ssize_t (*read)(struct port *port, void *bytes, size_t n);
    ssize_t (*write)(struct port *port, const void *bytes, size_t n);
    void (*flush_output)(struct port *port);
    long (*queued)(struct port *port);
    int (*cts)(struct port *port);
    long (*line_errors)(struct port *port);
    int (*set_speed)(struct port *port, long baud, struct err *err);
    /* Restores, unlocks, closes and frees; also after the port has gone. */
    void (*close)(struct port *port);
};

struct port {
    const struct port_ops *ops;
    int fd; /* for poll(2) */
    struct port_info info;
};

/* path is a character device, all links resolved. On failure *out is untouched. */
int port_serial_open(const char *path, const struct line_settings *line, struct port **out,
                     struct err *err) ATTR_MUST_USE;
int port_pty_open(const char *path, const struct line_settings *line, struct port **out,
                  struct err *err) ATTR_MUST_USE;

/* Adds a sentence to info.note. */
void port_note(struct port *port, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif
