/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_SHEET_VIEW_H
#define COMCERT_UI_SHEET_VIEW_H

#include "ui/wizard.h"

/* Shows the job as the vendor's own program wants it typed (job/sheet.h), each value alone in its
 * line so that it can be selected; can be saved. */
void sheet_view_open(struct wizard *w);

#endif
