/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_LINE_TERMINAL_H
#define COMCERT_UI_LINE_TERMINAL_H

#include "ui/wizard.h"

/*
 * Talks to the device line by line, for what no wizard can know; or listens and sends nothing. Both
 * ask first, since opening the port raises DTR and RTS. The rules for what is shown are those of
 * run/terminal.h.
 */
void line_terminal_open(struct wizard *w, bool listen_only);

#endif
