/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_FIND_SPEED_H
#define COMCERT_UI_FIND_SPEED_H

#include "ui/wizard.h"

/* Asks, then tries the usual speeds on the job's port and ranks them (run/speedfind.h); one can be
 * taken. */
void find_speed_open(struct wizard *w);

#endif
