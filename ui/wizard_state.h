/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_WIZARD_STATE_H
#define COMCERT_UI_WIZARD_STATE_H

#include "base/attr.h"
#include "ui/wizard.h"

/* The wizard's life, for ui.c. */

/* Makes it, with an app to run it in. Takes over what `start` holds. */
int wizard_create(struct wizard_start *start, struct wizard **out, struct err *err) ATTR_MUST_USE;

/* The loop has ended: cuts off what still runs, so that its ports are closed. */
void wizard_end(struct wizard *w);

/* Frees everything; no worker may run any more. Accepts NULL. */
void wizard_destroy(struct wizard *w);

#endif
