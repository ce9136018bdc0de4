/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_EMUHOST_STATE_H
#define COMCERT_RUN_EMUHOST_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "device/emulator_queue.h"
#include "run/emuhost.h"

/* What the files of the host share: emuhost.c has the loop, emuhost_pty.c the ptys and links,
 * emuhost_line.c the line, emuhost_store.c the files. */

enum { PTY_NAME_MAX = 64 };

struct pty {
    int master;
    int slave; /* held open: with nobody on the slave the master would poll as hung up */
    char name[PTY_NAME_MAX];
    char *link;
};

/* The wire between a pty's master and an emulator. */
struct wire {
    long baud; /* of the device */
    unsigned bits;
    bool rate_limit;
    struct byte_queue in; /* read from the pty, with times of arrival at the device */
    int64_t in_free_ns;   /* when the line to the device has done with what was read */
    int64_t out_free_ns;  /* the same, from the device */
    size_t out_waiting;   /* bytes that the device could send, but for the line; 0: line idle */
    usec out_retry;       /* the pty takes nothing before; 0: it does */
    unsigned garbled;
};

struct store {
    char *dir; /* NULL: nothing is stored */
    char *values[SETTING_COUNT];
    struct {
        bool there;
        size_t bytes;
        usec first, last;
    } slots[SLOT_COUNT];
};

struct hosted {
    struct emulator *emulator;
    struct pty pty;
    struct wire wire;
    struct store store;
    bool gone;
};

int pty_create(struct pty *pty, const char *link, long baud, struct err *err) ATTR_MUST_USE;
/* The other side sees a hang-up. Leaves the link. */
void pty_close(struct pty *pty);
/* Removes the link if it still leads to this pty. */
void pty_unlink(struct pty *pty);
/* A pty that was never created is one whose descriptors are -1. */
void pty_destroy(struct pty *pty);

void wire_init(struct wire *w, const struct line_settings *line, bool rate_limit);
void wire_reset(struct wire *w);
/* Takes what the pty has. */
void wire_read(struct wire *w, int master, struct emulator *e, usec now);
/* Gives the device what has arrived, each byte at its time, and then lets time pass. */
void wire_deliver(struct wire *w, struct emulator *e, usec now);
/* Writes what the device has sent by now. */
void wire_write(struct wire *w, int master, struct emulator *e, usec now);
/* When one of these is to be called again, unless the pty has something to read. */
usec wire_deadline(const struct wire *w, const struct emulator *e);
/* False while enough has been read ahead. */
bool wire_wants_input(const struct wire *w);

int store_open(struct store *s, const char *dir, struct err *err) ATTR_MUST_USE;
int store_event(struct store *s, const struct emulator_event *event, struct err *err) ATTR_MUST_USE;
void store_reset(struct store *s);

#endif
