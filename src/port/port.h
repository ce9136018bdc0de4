/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_PORT_H
#define COMCERT_PORT_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "job/line.h"

/*
 * Where bytes go. One table of functions for every back end: libserialport for serial devices,
 * termios for ptys (libserialport refuses them). Nothing here blocks but port_open and port_close.
 */
struct port;

/* What port_read and port_write answer besides a count. */
enum { PORT_AGAIN = 0, PORT_GONE = -1 };

struct port_info {
    char name[256];   /* as opened: "/dev/ttyUSB0" */
    long baud;        /* as asked for last: at opening, or by port_set_speed */
    bool is_pty;      /* no line, no modem lines, nothing that opening could reset */
    usec input_delay; /* how long the adapter may keep received bytes back (FTDI latency timer); 0
                         where it does not */
    char note[256];   /* what the driver did not do as asked, in words; "" if nothing */
};

/*
 * Opens the port for `line` (complete: every field set). `name` is a path, a bare name
 * ("ttyUSB0"), a link such as /dev/serial/by-id/... (resolved first), or a selector
 * "usb:VID:PID[:SERIAL]" (hex).
 * Resolve, lock (flock and TIOCEXCL), save, apply, read back, compare. A driver that refuses speed,
 * frame or flow control is ERR_UNSUPPORTED.
 *
 * Errors are worded for the bench, with a remedy: ERR_MISSING (names what is there), ERR_ACCESS
 * (names the group to join), ERR_BUSY (who holds it: PID and command; ModemManager with the udev
 * line that stops it), ERR_VALUE (a plain file, a folder, the user's own terminal, a socket:
 * nothing is written to it; a selector that matches several, listed), ERR_UNSUPPORTED, ERR_IO.
 */
int port_open(const char *name, const struct line_settings *line, struct port **out,
              struct err *err) ATTR_MUST_USE;

/* Whether the name stands for one port that is there, without opening anything: 0 and its path with
 * all links resolved, or an error as port_open gives it (ERR_MISSING, ERR_USAGE, ERR_VALUE). Reads
 * the list of ports for a selector. */
enum { PORT_PATH_MAX = 256 };
int port_find(const char *name, char path[PORT_PATH_MAX], struct err *err) ATTR_MUST_USE;

/* Restores what was saved at opening, except HUPCL, which follows the DTR policy; unlocks and
 * closes. Accepts NULL. */
void port_close(struct port *port);

/* True if the name (as for port_open) leads to something that is there and is no pty. */
bool port_is_no_pty(const char *name);

/* What can be read now: a count, PORT_AGAIN or PORT_GONE (adapter pulled out, pty's other side
 * closed). */
ssize_t port_read(struct port *port, void *bytes, size_t n);

/* Called with what was read; answers false when no more is wanted for now. */
typedef bool (*port_taker)(void *ctx, const unsigned char *bytes, size_t n);

/* Reads what is there, but leaves a port that floods after 64 KiB: others wait for the caller. What
 * was read is wiped afterwards, since it may be a key's echo. False when the port has gone, after
 * all that had come was taken. */
bool port_read_all(struct port *port, port_taker take, void *ctx);

/* What the kernel takes now: a count, PORT_AGAIN or PORT_GONE. */
ssize_t port_write(struct port *port, const void *bytes, size_t n);

/* Drops what was written and has not left yet, as far as the driver can: USB adapters send what
 * they have taken, and a pty's master keeps up to 4 kB. */
void port_flush_output(struct port *port);

/* Bytes that were written and have not left yet, or -1 where the driver cannot tell (a pty). */
long port_queued(struct port *port);

/* 1 if CTS is raised, 0 if it is low, -1 where there is no such line. */
int port_cts(struct port *port);

/* How many bytes came damaged, by the driver's count: framing and parity errors, and breaks. Only
 * differences mean something. -1 where the driver does not count (a pty, some USB adapters). */
long port_line_errors(struct port *port);

/* Another speed on the open port, read back and compared; all else stays as it is, and port_close
 * restores what was there before port_open. What was written and has not left yet leaves at the new
 * speed: flush it before. What was received at the old one can still be read.
 * ERR_UNSUPPORTED: the driver does not do that speed, and the port is back at the one before.
 * ERR_VALUE: no speed. ERR_GONE. ERR_IO. */
int port_set_speed(struct port *port, long baud, struct err *err) ATTR_MUST_USE;

/* For poll(2): the descriptor. Its owner is the port. */
int port_fd(const struct port *port);

const struct port_info *port_info(const struct port *port);

/* A process that has a device open. */
struct port_holder {
    int pid;          /* 0: a process of another user that cannot be seen */
    char command[96]; /* its command line, escaped and cut */
};

/* Who holds the device at this path: by /proc/locks, then /proc/PID/fd. False if nobody is seen. */
bool port_find_holder(const char *path, struct port_holder *out);

#endif
