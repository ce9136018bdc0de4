/* SPDX-License-Identifier: MIT */
/*
 * Serial devices, through libserialport.
 *
 * Two descriptors are open on the device: one of our own, which is locked before libserialport
 * touches anything (its sp_open changes settings at once, under the feet of whoever is using the
 * port), and libserialport's, which carries the bytes. What libserialport leaves undone or gets
 * wrong is done on the side, each with its reason below.
 */
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <linux/serial.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "port/holder.h"
#include "port/latency.h"
#include "port/port_ops.h"
#include "port/serial_line.h"
#include "port/tty.h"

struct serial_port {
    struct port base;
    struct sp_port *sp; /* NULL until it exists */
    int lock_fd;
    bool exclusive;            /* TIOCEXCL is ours */
    struct line_settings line; /* as it is now */
    struct tty_saved saved;
    bool has_saved;
    struct latency latency;
};

static struct serial_port *serial_of(struct port *port)
{
    return (struct serial_port *)port; /* base is the first member */
}

static ssize_t serial_read(struct port *port, void *bytes, size_t n)
{
    return tty_read(port->fd, bytes, n);
}

static ssize_t serial_write(struct port *port, const void *bytes, size_t n)
{
    return tty_write(port->fd, bytes, n);
}

/* USB drivers ignore this (usbserial of Linux 6.1 has no flush_buffer), so what bounds a stop is
 * how little is handed to the kernel at a time. */
static void serial_flush_output(struct port *port)
{
    sp_flush(serial_of(port)->sp, SP_BUF_OUTPUT);
}

static long serial_queued(struct port *port)
{
    int n;

    return ioctl(port->fd, TIOCOUTQ, &n) == 0 ? n : -1;
}

static long serial_line_errors(struct port *port)
{
    struct serial_icounter_struct count;

    if (ioctl(port->fd, TIOCGICOUNT, &count) != 0)
        return -1;
    return (long)count.frame + count.parity + count.brk;
}

static int serial_set_speed(struct port *port, long baud, struct err *err)
{
    int rc = tty_set_speed(port->fd, port->info.name, baud, err);

    if (rc == 0)
        serial_of(port)->line.baud = baud;
    return rc;
}

static int serial_cts(struct port *port)
{
    int lines;

    if (ioctl(port->fd, TIOCMGET, &lines) != 0)
        return -1;
    return (lines & TIOCM_CTS) != 0;
}

/* Gives what was written a chance to leave before the speed changes under it, but never waits for a
 * device that holds CTS down: close(2) would do so for 30 s. */
static void drain(struct serial_port *p)
{
    /* Twice what a full buffer of the kernel takes, and at most a second. */
    usec patience = 2 * line_time(&p->line, 4096);
    usec limit = clock_now() + (patience < USEC_PER_SEC ? patience : USEC_PER_SEC);

    while (serial_queued(&p->base) > 0 && clock_now() < limit)
        poll(NULL, 0, 5);
    serial_flush_output(&p->base);
}

/* Does nothing before save(). */
static void restore(struct serial_port *p)
{
    latency_restore(&p->latency, p->lock_fd);
    if (p->has_saved) {
        serial_line_set_hupcl(&p->saved.settings, p->line.dtr);
        tty_restore(p->lock_fd, &p->saved);
    }
}

static void serial_close(struct port *port)
{
    struct serial_port *p = serial_of(port);

    if (port->fd >= 0)
        drain(p);
    if (p->lock_fd >= 0)
        restore(p);
    if (p->exclusive)
        ioctl(p->lock_fd, TIOCNXCL);
    if (p->sp != NULL) {
        sp_close(p->sp); /* harmless where it is not open */
        sp_free_port(p->sp);
    }
    if (p->lock_fd >= 0)
        close(p->lock_fd);
    free(p);
}

static const struct port_ops serial_ops = {
    .read = serial_read,
    .write = serial_write,
    .flush_output = serial_flush_output,
    .queued = serial_queued,
    .cts = serial_cts,
    .line_errors = serial_line_errors,
    .set_speed = serial_set_speed,
    .close = serial_close,
};

/* libserialport locks in sp_open from 0.1.2 on, and would find our own lock in its way. */
static bool library_locks(void)
{
    int version = sp_get_major_package_version() * 10000 + sp_get_minor_package_version() * 100 +
                  sp_get_micro_package_version();

    return version > 101;
}

static int save(struct serial_port *p, const char *path, struct err *err)
{
    if (tty_save(p->lock_fd, &p->saved) != 0) {
        int sys = errno;

        if (sys == EIO)
            return err_set(err, ERR_MISSING, "%s has no chip behind it", path);
        return err_set_errno(err, sys, "%s is not a serial port", path);
    }
    p->has_saved = true;
    return 0;
}

static int open_library(struct serial_port *p, const char *path, struct err *err)
{
    enum sp_return result = sp_get_port_by_name(path, &p->sp);
    int flags;

    if (result != SP_OK) {
        p->sp = NULL;
        return serial_failed(result, "find out about", path, err);
    }
    if (library_locks())
        flock(p->lock_fd, LOCK_UN);
    result = sp_open(p->sp, SP_MODE_READ_WRITE);
    if (result != SP_OK)
        return serial_failed(result, "open", path, err);
    result = sp_get_port_handle(p->sp, &p->base.fd);
    if (result != SP_OK)
        return serial_failed(result, "open", path, err);
    /* 0.1.1 lets children inherit it. */
    flags = fcntl(p->base.fd, F_GETFD);
    if (flags >= 0)
        fcntl(p->base.fd, F_SETFD, flags | FD_CLOEXEC);
    p->exclusive = ioctl(p->base.fd, TIOCEXCL) == 0;
    return 0;
}

static void set_modem_line(struct serial_port *p, int bit, const char *name, enum modem_line policy)
{
    int lines;

    if (policy != MODEM_LINE_ON && policy != MODEM_LINE_OFF)
        return;
    if (ioctl(p->base.fd, policy == MODEM_LINE_ON ? TIOCMBIS : TIOCMBIC, &bit) != 0 ||
        ioctl(p->base.fd, TIOCMGET, &lines) != 0 ||
        ((lines & bit) != 0) != (policy == MODEM_LINE_ON))
        port_note(&p->base, "the driver does not switch %s %s", name, modem_line_name(policy));
}

/* A program that neither locks nor asks (cat, an old terminal) takes away what the device answers.
 */
static void note_others(struct serial_port *p)
{
    struct holder_query query;

    if (!holder_query_init(&query, p->base.info.name))
        return;
    holder_search(&query, 1, false);
    if (query.found)
        port_note(&p->base,
                  "process %d has it open too and may take away what the device answers: %s",
                  query.holder.pid, query.holder.command);
}

static int set_up(struct serial_port *p, const struct line_settings *line, struct err *err)
{
    const char *path = p->base.info.name;
    int rc = tty_take(path, err);

    if (rc < 0)
        return rc;
    p->lock_fd = rc;
    rc = save(p, path, err);
    if (rc == 0)
        rc = open_library(p, path, err);
    if (rc == 0)
        rc = serial_line_apply(&p->base, p->sp, line, err);
    if (rc != 0)
        return rc;
    set_modem_line(p, TIOCM_DTR, "DTR", line->dtr);
    if (line->flow != FLOW_RTSCTS)
        set_modem_line(p, TIOCM_RTS, "RTS", line->rts);
    p->base.info.input_delay = latency_lower(&p->latency, p->base.fd, path);
    note_others(p);
    return 0;
}

int port_serial_open(const char *path, const struct line_settings *line, struct port **out,
                     struct err *err)
{
    struct serial_port *p = calloc(1, sizeof *p);
    int rc;

    if (p == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    p->base.ops = &serial_ops;
    p->base.fd = -1;
    p->lock_fd = -1;
    p->line = *line;
    snprintf(p->base.info.name, sizeof p->base.info.name, "%s", path);
    rc = set_up(p, line, err);
    if (rc != 0) {
        serial_close(&p->base);
        return rc;
    }
    *out = &p->base;
    return 0;
}
