/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_PORT_PORTLIST_H
#define COMCERT_PORT_PORTLIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "port/port.h"

/* The serial ports of this machine. Strings are "" where the system does not tell. */
struct port_entry {
    char name[128]; /* "/dev/ttyUSB0" */
    char description[128];
    int usb_vid, usb_pid;     /* -1: not a USB adapter */
    int usb_bus, usb_address; /* -1 likewise; the ports of one adapter have the same */
    char usb_serial[64];
    char usb_maker[64];
    char usb_product[64];
    char by_id[256]; /* "/dev/serial/by-id/..." */
    char by_path[256];
    bool same_serial; /* another adapter has the same VID, PID and serial number */
    bool held;
    struct port_holder holder;
};

struct portlist {
    struct port_entry *items;
    size_t count;
};

/* Lists them, sorted by name (ttyUSB2 before ttyUSB10). 8250 ports without a chip behind them are
 * left out. Does not open any. */
int portlist_read(struct portlist *list, struct err *err) ATTR_MUST_USE;

void portlist_reset(struct portlist *list);

/* Sorts a list and finds the shared serial numbers in it. portlist_read has done so. */
void portlist_arrange(struct portlist *list);

/* True for "usb:...". */
bool portlist_is_selector(const char *name);

/* The one entry that "usb:VID:PID[:SERIAL]" selects; ERR_USAGE for a malformed selector,
 * ERR_MISSING for no match, ERR_VALUE with all matches listed for several. */
int portlist_select(const struct portlist *list, const char *selector,
                    const struct port_entry **out, struct err *err) ATTR_MUST_USE;

#endif
