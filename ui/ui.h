/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_UI_H
#define COMCERT_UI_UI_H

#include "run/wizard.h"

/* The wizard (see run/wizard.h): takes the terminal, walks its user from the port to a loaded
 * device, and gives the terminal back as it was. Only src/main.c knows of it. */
int ui_run(struct wizard_start *start, int *status, struct err *err);

#endif
