/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_LAST_WORD_H
#define COMCERT_UI_LAST_WORD_H

#include "ui/load.h"

/* What stands on the shell's screen once the wizard has left it: how the last load ended, and what
 * to do next as a command line has it (w->last_word). */

/* Of a session that has ended and still has its plan. */
void last_word_take(struct load *l);

/* Of a load whose port could not be opened (l->err). */
void last_word_take_unsent(struct load *l);

#endif
