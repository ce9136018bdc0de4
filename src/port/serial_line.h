/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_SERIAL_LINE_H
#define COMCERT_PORT_SERIAL_LINE_H

#include <libserialport.h>
#include <termios.h>

#include "base/attr.h"
#include "base/err.h"
#include "job/line.h"
#include "port/port.h"

/* The settings of a serial device, through libserialport and, where it leaves something undone or
 * gets it wrong, around it. Internal to src/port. */

/* Sets the open port up, reads back and compares. Adds to the port's note what the driver does not
 * do quite as asked. */
int serial_line_apply(struct port *port, struct sp_port *sp, const struct line_settings *line,
                      struct err *err) ATTR_MUST_USE;

/* HUPCL makes the kernel drop DTR and RTS when the port is closed: right where DTR is to be off,
 * and else a reset of the device that has just been loaded. */
void serial_line_set_hupcl(struct termios *t, enum modem_line dtr);

/* What libserialport said; to be called before anything else is. Returns a negative code. */
int serial_failed(enum sp_return result, const char *what, const char *path, struct err *err);

#endif
