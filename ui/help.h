/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_HELP_H
#define COMCERT_UI_HELP_H

#include "ui/app.h"

/* Shows what the topmost layer is for, and its keys: read from the tables that handle them, with
 * `common` last. Over a help itself nothing happens. */
void help_open(struct app *app, const struct keyrow *common);

#endif
