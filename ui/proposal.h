/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_PROPOSAL_H
#define COMCERT_UI_PROPOSAL_H

#include "ui/wizard.h"

/* Has a worker look through a folder for the three files, and shows what it proposes; if that is
 * accepted the cards take it. */
void proposal_open(struct wizard *w, const char *folder);

#endif
