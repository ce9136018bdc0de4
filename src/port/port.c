/* SPDX-License-Identifier: MIT */
#include "port/port.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "port/port_ops.h"
#include "port/target.h"

/* A third back end goes here: by the form of the name, before it is taken for a path. */
int port_open(const char *name, const struct line_settings *line, struct port **out,
              struct err *err)
{
    struct target target;
    int rc;

    *out = NULL;
    if (line->baud <= 0 || !line_frame_is_valid(line->frame))
        return err_set(err, ERR_INTERNAL, "the line settings of port %s are incomplete", name);
    rc = target_resolve(name, &target, err);
    if (rc != 0)
        return rc;
    if (strlen(target.path) >= sizeof(*out)->info.name)
        return err_set(err, ERR_VALUE, "the path of the port is too long");
    rc = target.is_pty ? port_pty_open(target.path, line, out, err)
                       : port_serial_open(target.path, line, out, err);
    if (rc == 0)
        (*out)->info.baud = line->baud;
    return rc;
}

int port_find(const char *name, char path[PORT_PATH_MAX], struct err *err)
{
    struct target target;
    int rc = target_resolve(name, &target, err);

    if (rc != 0)
        return rc;
    if (strlen(target.path) >= PORT_PATH_MAX)
        return err_set(err, ERR_VALUE, "the path of the port is too long");
    strcpy(path, target.path);
    return 0;
}

void port_close(struct port *port)
{
    if (port != NULL)
        port->ops->close(port);
}

ssize_t port_read(struct port *port, void *bytes, size_t n)
{
    return port->ops->read(port, bytes, n);
}

bool port_read_all(struct port *port, port_taker take, void *ctx)
{
    enum { CHUNK = 4096, CHUNKS_MAX = 16 };
    unsigned char bytes[CHUNK];
    ssize_t n = CHUNK;

    /* Less than a chunk is all that there was: another read would only say so. */
    for (int i = 0; i < CHUNKS_MAX && n == CHUNK; i++) {
        n = port_read(port, bytes, sizeof bytes);
        if (n > 0 && !take(ctx, bytes, (size_t)n))
            break;
    }
    mem_wipe(bytes, sizeof bytes);
    return n != PORT_GONE;
}

ssize_t port_write(struct port *port, const void *bytes, size_t n)
{
    return port->ops->write(port, bytes, n);
}

void port_flush_output(struct port *port)
{
    port->ops->flush_output(port);
}

long port_queued(struct port *port)
{
    return port->ops->queued(port);
}

int port_cts(struct port *port)
{
    return port->ops->cts(port);
}

long port_line_errors(struct port *port)
{
    return port->ops->line_errors(port);
}

int port_set_speed(struct port *port, long baud, struct err *err)
{
    int rc;

    /* Speed 0 would hang a modem up. */
    if (baud <= 0)
        return err_set(err, ERR_VALUE, "there is no speed of %ld baud", baud);
    rc = port->ops->set_speed(port, baud, err);
    if (rc == 0)
        port->info.baud = baud;
    return rc;
}

int port_fd(const struct port *port)
{
    return port->fd;
}

const struct port_info *port_info(const struct port *port)
{
    return &port->info;
}

void port_note(struct port *port, const char *fmt, ...)
{
    char *note = port->info.note;
    size_t used = strlen(note);
    va_list ap;

    if (used > 0)
        used += (size_t)snprintf(note + used, sizeof port->info.note - used, "; ");
    if (used >= sizeof port->info.note)
        return;
    va_start(ap, fmt);
    vsnprintf(note + used, sizeof port->info.note - used, fmt, ap);
    va_end(ap);
}

bool port_is_no_pty(const char *name)
{
    struct target target;
    struct err err;

    if (target_resolve(name, &target, &err) != 0)
        return err.code != ERR_MISSING;
    return !target.is_pty;
}
