/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_USERTTY_H
#define COMCERT_UI_USERTTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * The user's terminal as a device: its modes, its size, and reading and writing without ever
 * blocking. A terminal that does not read (a stalled ssh, a held scroll bar) must not hold up a
 * transfer, so what is to be written is queued here and leaves when the terminal takes it. One a
 * process.
 */

/* Remembers the modes of standard input and opens the terminal anew. ERR_UNSUPPORTED if standard
 * input and output are no terminal, ERR_ACCESS and the like if it cannot be opened. */
int usertty_start(struct err *err) ATTR_MUST_USE;

/* Keys arrive as they are pressed, unprocessed and not echoed, Ctrl-C and Ctrl-Z included. */
void usertty_raw(void);

/* The modes that usertty_start found. Async-signal-safe. */
void usertty_restore(void);

/* Columns and rows now; 80 x 24 if the terminal does not tell. */
void usertty_size(int *rows, int *cols);

/* Queues bytes for the terminal. */
void usertty_put(const void *bytes, size_t n);

/* Writes what the terminal takes now; true once nothing is left. */
bool usertty_pump(void);

/* True while something is queued: poll usertty_fd for POLLOUT. */
bool usertty_is_behind(void);

/* Pumps until everything has left, for at most `ms` milliseconds. */
void usertty_drain(int ms);

/* The descriptor to read keys from and to write to. It does not block: a mouse report that stops
 * half-way would else hold up everything. */
int usertty_fd(void);

/* The same as a stream, for curses. */
FILE *usertty_stream(void);

/* Drops what was typed and not read yet. */
void usertty_flush_input(void);

/* Modes as at usertty_start; closes. */
void usertty_stop(void);

#endif
