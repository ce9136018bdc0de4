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
#include "port/tty.h"

struct serial_port {
    struct port base;
    struct sp_port *sp; /* NULL until it exists */
    int lock_fd;
    bool exclusive; /* TIOCEXCL is ours */
    enum modem_line dtr;
    usec drain_limit;
    struct termios saved;
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
    usec limit = clock_now() + p->drain_limit;

    while (serial_queued(&p->base) > 0 && clock_now() < limit)
        poll(NULL, 0, 5);
    serial_flush_output(&p->base);
}

/* HUPCL makes the kernel drop DTR and RTS when the port is closed: right where DTR is to be off,
 * and else a reset of the device that has just been loaded. */
static void set_hupcl(struct termios *t, enum modem_line dtr)
{
    t->c_cflag &= ~(tcflag_t)HUPCL;
    if (dtr == MODEM_LINE_OFF)
        t->c_cflag |= HUPCL;
}

/* Does nothing before save(). */
static void restore(struct serial_port *p)
{
    latency_restore(&p->latency, p->lock_fd);
    if (p->has_saved) {
        set_hupcl(&p->saved, p->dtr);
        tcsetattr(p->lock_fd, TCSANOW, &p->saved);
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
    .close = serial_close,
};

/* What libserialport said; to be called before anything else is. */
static int sp_failed(enum sp_return result, const char *what, const char *path, struct err *err)
{
    switch (result) {
    case SP_ERR_FAIL:
        return err_set_errno(err, sp_last_error_code(), "cannot %s %s", what, path);
    case SP_ERR_MEM:
        return err_set(err, ERR_NOMEM, "out of memory");
    default:
        return err_set(err, ERR_UNSUPPORTED, "cannot %s %s: its driver does not support it", what,
                       path);
    }
}

/* libserialport locks in sp_open from 0.1.2 on, and would find our own lock in its way. */
static bool library_locks(void)
{
    int version = sp_get_major_package_version() * 10000 + sp_get_minor_package_version() * 100 +
                  sp_get_micro_package_version();

    return version > 101;
}

static int save(struct serial_port *p, const char *path, struct err *err)
{
    if (tcgetattr(p->lock_fd, &p->saved) != 0) {
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
        return sp_failed(result, "find out about", path, err);
    }
    if (library_locks())
        flock(p->lock_fd, LOCK_UN);
    result = sp_open(p->sp, SP_MODE_READ_WRITE);
    if (result != SP_OK)
        return sp_failed(result, "open", path, err);
    result = sp_get_port_handle(p->sp, &p->base.fd);
    if (result != SP_OK)
        return sp_failed(result, "open", path, err);
    /* 0.1.1 lets children inherit it. */
    flags = fcntl(p->base.fd, F_GETFD);
    if (flags >= 0)
        fcntl(p->base.fd, F_SETFD, flags | FD_CLOEXEC);
    p->exclusive = ioctl(p->base.fd, TIOCEXCL) == 0;
    return 0;
}

static enum sp_parity parity_of(char letter)
{
    return letter == 'E' ? SP_PARITY_EVEN : letter == 'O' ? SP_PARITY_ODD : SP_PARITY_NONE;
}

static int set_line(struct serial_port *p, const struct line_settings *line, struct err *err)
{
    const char *path = p->base.info.name;
    struct sp_port_config *c;
    enum sp_return result = sp_new_config(&c);

    if (result != SP_OK)
        return sp_failed(result, "set up", path, err);
    /* Fields that are not set here are left alone. */
    sp_set_config_baudrate(c, (int)line->baud);
    sp_set_config_bits(c, line->frame[0] - '0');
    sp_set_config_parity(c, parity_of(line->frame[1]));
    sp_set_config_stopbits(c, line->frame[2] - '0');
    sp_set_config_xon_xoff(c, line->flow == FLOW_XONXOFF ? SP_XONXOFF_INOUT : SP_XONXOFF_DISABLED);
    result = sp_set_config(p->sp, c);
    if (result != SP_OK) {
        int rc = sp_failed(result, "set up", path, err);

        sp_free_config(c);
        return rc;
    }
    sp_free_config(c);
    return 0;
}

/*
 * What libserialport does not do as it should (0.1.1 and 0.1.2): it sets CRTSCTS in c_iflag, where
 * it does nothing; it turns IXANY on with XON/XOFF, so that any echo would start a stopped line
 * again; it sets VMIN to 0, so that a read cannot tell silence from the end; and it sets HUPCL.
 */
static int set_rest(struct serial_port *p, const struct line_settings *line, struct err *err)
{
    struct termios t;

    if (tcgetattr(p->base.fd, &t) != 0)
        return err_set_errno(err, errno, "cannot read the settings of %s", p->base.info.name);
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    t.c_iflag &= ~(tcflag_t)IXANY;
    t.c_cc[VSTART] = 0x11;
    t.c_cc[VSTOP] = 0x13;
    t.c_cflag &= ~(tcflag_t)CRTSCTS;
    if (line->flow == FLOW_RTSCTS)
        t.c_cflag |= CRTSCTS;
    set_hupcl(&t, line->dtr);
    if (tcsetattr(p->base.fd, TCSANOW, &t) != 0)
        return err_set_errno(err, errno, "cannot set up %s", p->base.info.name);
    return 0;
}

static int check_baud(struct serial_port *p, long wanted, int got, struct err *err)
{
    long off = wanted > got ? wanted - got : got - wanted;

    if (off == 0)
        return 0;
    /* Dividers rarely hit an odd speed exactly, and a receiver forgives 2.5 %. */
    if (got > 0 && off * 40 <= wanted) {
        port_note(&p->base, "the driver runs at %d baud instead of %ld", got, wanted);
        return 0;
    }
    err_set(err, ERR_UNSUPPORTED, "%s cannot do %ld baud: its driver fell back to %d",
            p->base.info.name, wanted, got);
    err_remedy(err, "choose a usual speed, such as 9600, 57600 or 115200");
    return ERR_UNSUPPORTED;
}

static int check_frame(struct serial_port *p, const char *frame, const struct sp_port_config *c,
                       struct err *err)
{
    enum sp_parity parity;
    int bits, stop;

    sp_get_config_bits(c, &bits);
    sp_get_config_parity(c, &parity);
    sp_get_config_stopbits(c, &stop);
    if (bits == frame[0] - '0' && stop == frame[2] - '0' && parity == parity_of(frame[1]))
        return 0;
    return err_set(err, ERR_UNSUPPORTED, "%s cannot do %s: its driver refused the frame",
                   p->base.info.name, frame);
}

/* Success of the calls above says little: drivers change what they cannot do without a word. */
static int check_applied(struct serial_port *p, const struct line_settings *line, struct err *err)
{
    const char *path = p->base.info.name;
    struct sp_port_config *c;
    struct termios t;
    int baud = -1;
    int rc;
    enum sp_return result = sp_new_config(&c);

    if (result != SP_OK)
        return sp_failed(result, "read the settings of", path, err);
    result = sp_get_config(p->sp, c);
    if (result != SP_OK) {
        rc = sp_failed(result, "read the settings of", path, err);
        sp_free_config(c);
        return rc;
    }
    sp_get_config_baudrate(c, &baud);
    rc = check_baud(p, line->baud, baud, err);
    if (rc == 0)
        rc = check_frame(p, line->frame, c, err);
    sp_free_config(c);
    if (rc != 0)
        return rc;
    if (tcgetattr(p->base.fd, &t) != 0)
        return err_set_errno(err, errno, "cannot read the settings of %s", path);
    if (((t.c_cflag & CRTSCTS) != 0) != (line->flow == FLOW_RTSCTS) ||
        ((t.c_iflag & IXON) != 0) != (line->flow == FLOW_XONXOFF))
        return err_set(err, ERR_UNSUPPORTED, "%s cannot do flow control %s: its driver refused it",
                       path, flow_name(line->flow));
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
        rc = set_line(p, line, err);
    if (rc == 0)
        rc = set_rest(p, line, err);
    if (rc == 0)
        rc = check_applied(p, line, err);
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
    p->dtr = line->dtr;
    /* Twice what a full buffer of the kernel takes, and at most a second. */
    p->drain_limit = 2 * line_time(line, 4096);
    if (p->drain_limit > USEC_PER_SEC)
        p->drain_limit = USEC_PER_SEC;
    snprintf(p->base.info.name, sizeof p->base.info.name, "%s", path);
    rc = set_up(p, line, err);
    if (rc != 0) {
        serial_close(&p->base);
        return rc;
    }
    *out = &p->base;
    return 0;
}
