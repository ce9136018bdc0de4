/* SPDX-License-Identifier: MIT */
#include "port/serial_line.h"

#include <errno.h>
#include <sys/ioctl.h>

#include "port/port_ops.h"
#include "port/speed.h"
#include "port/tty.h"

int serial_failed(enum sp_return result, const char *what, const char *path, struct err *err)
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

void serial_line_set_hupcl(struct termios *t, enum modem_line dtr)
{
    t->c_cflag &= ~(tcflag_t)HUPCL;
    if (dtr == MODEM_LINE_OFF)
        t->c_cflag |= HUPCL;
}

static enum sp_parity parity_of(char letter)
{
    return letter == 'E' ? SP_PARITY_EVEN : letter == 'O' ? SP_PARITY_ODD : SP_PARITY_NONE;
}

static int set_line(struct port *port, struct sp_port *sp, const struct line_settings *line,
                    struct err *err)
{
    const char *path = port->info.name;
    struct sp_port_config *c;
    enum sp_return result = sp_new_config(&c);

    if (result != SP_OK)
        return serial_failed(result, "set up", path, err);
    /* Fields that are not set here are left alone. */
    sp_set_config_baudrate(c, (int)line->baud);
    sp_set_config_bits(c, line->frame[0] - '0');
    sp_set_config_parity(c, parity_of(line->frame[1]));
    sp_set_config_stopbits(c, line->frame[2] - '0');
    sp_set_config_xon_xoff(c, line->flow == FLOW_XONXOFF ? SP_XONXOFF_INOUT : SP_XONXOFF_DISABLED);
    result = sp_set_config(sp, c);
    if (result != SP_OK) {
        int rc = serial_failed(result, "set up", path, err);

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
static int set_rest(struct port *port, const struct line_settings *line, struct err *err)
{
    struct termios t;

    if (tcgetattr(port->fd, &t) != 0)
        return err_set_errno(err, errno, "cannot read the settings of %s", port->info.name);
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    t.c_iflag &= ~(tcflag_t)IXANY;
    t.c_cc[VSTART] = 0x11;
    t.c_cc[VSTOP] = 0x13;
    t.c_cflag &= ~(tcflag_t)CRTSCTS;
    if (line->flow == FLOW_RTSCTS)
        t.c_cflag |= CRTSCTS;
    serial_line_set_hupcl(&t, line->dtr);
    if (tcsetattr(port->fd, TCSANOW, &t) != 0)
        return err_set_errno(err, errno, "cannot set up %s", port->info.name);
    return 0;
}

static int check_baud(struct port *port, long wanted, int got, struct err *err)
{
    if (got == wanted)
        return 0;
    if (speed_fits(wanted, got)) {
        port_note(port, "the driver runs at %d baud instead of %ld", got, wanted);
        return 0;
    }
    return tty_refuse_speed(port->info.name, wanted, got, err);
}

static int check_frame(struct port *port, const char *frame, const struct sp_port_config *c,
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
                   port->info.name, frame);
}

/* Success of the calls above says little: drivers change what they cannot do without a word. */
static int check_applied(struct port *port, struct sp_port *sp, const struct line_settings *line,
                         struct err *err)
{
    const char *path = port->info.name;
    struct sp_port_config *c;
    struct termios t;
    int baud = -1;
    int rc;
    enum sp_return result = sp_new_config(&c);

    if (result != SP_OK)
        return serial_failed(result, "read the settings of", path, err);
    result = sp_get_config(sp, c);
    if (result != SP_OK) {
        rc = serial_failed(result, "read the settings of", path, err);
        sp_free_config(c);
        return rc;
    }
    sp_get_config_baudrate(c, &baud);
    rc = check_baud(port, line->baud, baud, err);
    if (rc == 0)
        rc = check_frame(port, line->frame, c, err);
    sp_free_config(c);
    if (rc != 0)
        return rc;
    if (tcgetattr(port->fd, &t) != 0)
        return err_set_errno(err, errno, "cannot read the settings of %s", path);
    if (((t.c_cflag & CRTSCTS) != 0) != (line->flow == FLOW_RTSCTS) ||
        ((t.c_iflag & IXON) != 0) != (line->flow == FLOW_XONXOFF))
        return err_set(err, ERR_UNSUPPORTED, "%s cannot do flow control %s: its driver refused it",
                       path, flow_name(line->flow));
    return 0;
}

int serial_line_apply(struct port *port, struct sp_port *sp, const struct line_settings *line,
                      struct err *err)
{
    int rc = set_line(port, sp, line, err);

    if (rc == 0)
        rc = set_rest(port, line, err);
    return rc != 0 ? rc : check_applied(port, sp, line, err);
}
