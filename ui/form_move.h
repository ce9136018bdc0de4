/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_FORM_MOVE_H
#define COMCERT_UI_FORM_MOVE_H

#include "ui/form.h"

/* Inside of the form: focus and scrolling. */

/* Scrolls so that the focused item, which takes `rows` rows from `top`, is seen if the focus has
 * just moved; never past the end. */
void form_settle(struct form *f, int top, int rows);

#endif
