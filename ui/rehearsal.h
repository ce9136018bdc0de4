/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_REHEARSAL_H
#define COMCERT_UI_REHEARSAL_H

#include "ui/wizard.h"

/*
 * The emulated device, to rehearse on: it speaks the profile that is picked, on a pty, in the same
 * loop. While it runs the job's port is its pty; it is never what a saved job names.
 */

/* Starts it for the job's profile, or anew if that has changed. Says why it cannot. */
void rehearsal_start(struct wizard *w);

/* Takes it and the job's port away. Accepts that there is none. */
void rehearsal_stop(struct wizard *w);

bool rehearsal_is_on(const struct wizard *w);

#endif
