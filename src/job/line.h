/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_LINE_H
#define COMCERT_JOB_LINE_H

#include <stdbool.h>

#include "base/clock.h"

/* How a serial line is set. Every field has a value "unset" (0), so that layers can be merged:
 * built-in default < profile < job < command line. */

enum flow { FLOW_UNSET, FLOW_NONE, FLOW_RTSCTS, FLOW_XONXOFF };

/* What happens to a modem line (DTR, RTS). Linux raises both whenever a port is opened; no policy
 * prevents that. RTS is the driver's own under FLOW_RTSCTS. */
enum modem_line { MODEM_LINE_UNSET, MODEM_LINE_KEEP, MODEM_LINE_ON, MODEM_LINE_OFF };

struct line_settings {
    long baud;
    char frame[4]; /* data bits, parity N/E/O, stop bits: "8N1"; "" is unset */
    enum flow flow;
    enum modem_line dtr;
    enum modem_line rts;
};

/* Fields set in over replace those in base. */
struct line_settings line_merge(struct line_settings base, struct line_settings over);

/* 115200 8N1, no flow control, DTR and RTS left as they are. */
struct line_settings line_defaults(void);

/* True for [5-8][NEO][12]. */
bool line_frame_is_valid(const char *frame);

/* Bits on the wire for one byte: start, data, parity, stop. */
unsigned line_bits_per_byte(const struct line_settings *line);

/* Time that n bytes take on the wire. Rounded up. */
usec line_time(const struct line_settings *line, unsigned long n);

const char *flow_name(enum flow flow);               /* "none", "rtscts", "xonxoff" */
int flow_of_name(const char *name);                  /* -1 if unknown */
const char *modem_line_name(enum modem_line policy); /* "keep", "on", "off" */
int modem_line_of_name(const char *name);

/* NULL-ended lists of the names above, for schemas. */
extern const char *const flow_names[];
extern const char *const modem_line_names[];

#endif
