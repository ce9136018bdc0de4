/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_SCRIPT_H
#define COMCERT_TESTS_UI_SCRIPT_H

#include "vt.h"

/* Little programs in a terminal of 24 x 80, for the tests of the harness itself. */

struct vt *script_shell(const char *code);
struct vt *script_python(const char *code);

/* A program in raw mode that writes `begin`, then shows the bytes that it reads as "=616263." in
 * row 0. A byte 0xff clears them. Settled. */
struct vt *script_echo(const char *begin);

/* Waits until exactly these bytes (in hexadecimal) have come since the last clearing, and clears.
 */
bool script_echoed(struct vt *vt, const char *hex);

#endif
