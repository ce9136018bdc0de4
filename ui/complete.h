/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_COMPLETE_H
#define COMCERT_UI_COMPLETE_H

#include "ui/app.h"

/* Completes paths. The folder is read by a worker, once for as long as one types in it. */
struct completion;

/* NULL if memory runs out. */
struct completion *completion_create(struct app *app);
void completion_destroy(struct completion *c);

/* What is missing at the end of path: the rest of the one name that it can become, or what all
 * names that it can become have in common; a folder's with '/'. "" for nothing, or not known yet: a
 * frame is drawn when it is. Valid until the next call. Accepts NULL. */
const char *completion_ghost(struct completion *c, const char *path);

/* How many names it can become. */
size_t completion_matches(const struct completion *c);

#endif
