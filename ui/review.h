/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_REVIEW_H
#define COMCERT_UI_REVIEW_H

#include "ui/lines.h"
#include "ui/wizard.h"

/* What this device family has no command for: where to type it, and the exact values. Nothing if
 * there is none, or no plan. */
void review_add_manual(const struct wizard *w, struct lines *out);

#endif
