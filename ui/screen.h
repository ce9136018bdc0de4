/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_SCREEN_H
#define COMCERT_UI_SCREEN_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/err.h"

/*
 * The screen: owns curses and the terminal's state from start to stop. curses draws into memory;
 * what it would write leaves through usertty, so that no frame can block.
 *
 * While the screen is up, standard error goes to memory too and is told after the end: a library's
 * message would spoil the picture. SIGSEGV, SIGABRT, SIGBUS, SIGFPE and SIGILL give the terminal
 * back before they do what they did before.
 */
int screen_start(bool colour, struct err *err) ATTR_MUST_USE;

/* The terminal is as it was; what was written to standard error meanwhile is written there now. */
void screen_stop(void);

/* The terminal is the shell's until screen_resume, which draws everything anew. */
void screen_suspend(void);
void screen_resume(void);

/* Follows a new size of the terminal. */
void screen_resize(void);

/* Forgets what the terminal shows: the next flush draws everything. */
void screen_redraw(void);

/* Hands what was drawn to the terminal. */
void screen_flush(void);

/* Where the cursor blinks; row -1: nowhere. */
void screen_cursor(int row, int col);

/* True if boxes, marks and foreign scripts can be drawn: a UTF-8 locale. */
bool screen_is_unicode(void);

#endif
