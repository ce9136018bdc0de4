/* SPDX-License-Identifier: MIT */
/*
 * Ptys, by plain termios: libserialport refuses them, since they have neither an entry in
 * /sys/class/tty nor modem lines.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "port/port_ops.h"
#include "port/speed.h"
#include "port/tty.h"

struct pty_port {
    struct port base;
    struct tty_saved saved;
};

static struct pty_port *pty_of(struct port *port)
{
    return (struct pty_port *)port; /* base is the first member */
}

static ssize_t pty_read(struct port *port, void *bytes, size_t n)
{
    return tty_read(port->fd, bytes, n);
}

static ssize_t pty_write(struct port *port, const void *bytes, size_t n)
{
    return tty_write(port->fd, bytes, n);
}

static void pty_flush_output(struct port *port)
{
    tcflush(port->fd, TCOFLUSH);
}

/* TIOCOUTQ is always 0 on a pty, whatever the master has taken. */
static long pty_queued(struct port *port)
{
    (void)port;
    return -1;
}

static int pty_cts(struct port *port)
{
    (void)port;
    return -1;
}

static long pty_line_errors(struct port *port)
{
    (void)port;
    return -1;
}

static int pty_set_speed(struct port *port, long baud, struct err *err)
{
    return tty_set_speed(port->fd, port->info.name, baud, err);
}

static void pty_close(struct port *port)
{
    struct pty_port *p = pty_of(port);

    tty_restore(port->fd, &p->saved);
    close(port->fd);
    free(p);
}

static const struct port_ops pty_ops = {
    .read = pty_read,
    .write = pty_write,
    .flush_output = pty_flush_output,
    .queued = pty_queued,
    .cts = pty_cts,
    .line_errors = pty_line_errors,
    .set_speed = pty_set_speed,
    .close = pty_close,
};

static void set_frame(struct termios *t, const char *frame)
{
    static const tcflag_t sizes[] = {CS5, CS6, CS7, CS8};

    t->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | PARODD | CSTOPB);
    t->c_cflag |= sizes[frame[0] - '5'];
    if (frame[1] != 'N')
        t->c_cflag |= PARENB;
    if (frame[1] == 'O')
        t->c_cflag |= PARODD;
    if (frame[2] == '2')
        t->c_cflag |= CSTOPB;
}

static void set_flow(struct termios *t, enum flow flow)
{
    t->c_cflag &= ~(tcflag_t)CRTSCTS;
    t->c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY);
    if (flow == FLOW_RTSCTS)
        t->c_cflag |= CRTSCTS;
    if (flow == FLOW_XONXOFF) {
        t->c_iflag |= IXON | IXOFF;
        t->c_cc[VSTART] = 0x11;
        t->c_cc[VSTOP] = 0x13;
    }
}

/* tcsetattr succeeds if any part of it did, so what counts is what can be read back. The kernel
 * holds every pty at eight bits without parity: there is no line that could have any. */
static int check_applied(struct pty_port *p, const struct termios *wanted,
                         const struct line_settings *line, struct err *err)
{
    const char *path = p->base.info.name;
    struct termios got;
    long baud = speed_get(p->base.fd);

    if (tcgetattr(p->base.fd, &got) != 0)
        return err_set_errno(err, errno, "cannot read the settings of %s", path);
    if (baud != line->baud)
        return err_set(err, ERR_UNSUPPORTED, "%s does not take a speed of %ld baud", path,
                       line->baud);
    if ((got.c_lflag & (ICANON | ECHO | ISIG | IEXTEN)) != 0 || (got.c_oflag & OPOST) != 0 ||
        got.c_iflag != wanted->c_iflag || (got.c_cflag & CRTSCTS) != (wanted->c_cflag & CRTSCTS))
        return err_set(err, ERR_UNSUPPORTED, "%s does not take the settings of a raw line", path);
    if (line->frame[0] != '8' || line->frame[1] != 'N')
        port_note(&p->base, "a pty always runs at 8N, not at %s", line->frame);
    return 0;
}

static int apply(struct pty_port *p, const struct line_settings *line, struct err *err)
{
    struct termios t = p->saved.settings;

    cfmakeraw(&t);
    t.c_cc[VMIN] = 1; /* so that a read of 0 means the end */
    t.c_cc[VTIME] = 0;
    t.c_cflag |= CREAD | CLOCAL;
    set_frame(&t, line->frame);
    set_flow(&t, line->flow);
    /* An emulated device reads the speed from here. */
    if (tcsetattr(p->base.fd, TCSANOW, &t) != 0 || speed_set(p->base.fd, line->baud) != 0)
        return err_set_errno(err, errno, "cannot set up %s", p->base.info.name);
    return check_applied(p, &t, line, err);
}

/*
 * flock, but no TIOCEXCL: on a pty the mark outlives a killed process for as long as the emulator
 * holds its own descriptor, and would lock everybody but root out of the device.
 */
static int set_up(struct pty_port *p, const struct line_settings *line, struct err *err)
{
    int rc = tty_lock(p->base.fd, p->base.info.name, err);

    if (rc != 0)
        return rc;
    if (tty_save(p->base.fd, &p->saved) != 0)
        return err_set_errno(err, errno, "cannot read the settings of %s", p->base.info.name);
    rc = apply(p, line, err);
    if (rc != 0)
        tty_restore(p->base.fd, &p->saved);
    return rc;
}

int port_pty_open(const char *path, const struct line_settings *line, struct port **out,
                  struct err *err)
{
    struct pty_port *p = calloc(1, sizeof *p);
    int rc;

    if (p == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    p->base.ops = &pty_ops;
    p->base.info.is_pty = true;
    snprintf(p->base.info.name, sizeof p->base.info.name, "%s", path);
    rc = tty_open(path, err);
    p->base.fd = rc;
    if (rc >= 0)
        rc = set_up(p, line, err);
    if (rc != 0) {
        if (p->base.fd >= 0)
            close(p->base.fd);
        free(p);
        return rc;
    }
    *out = &p->base;
    return 0;
}
