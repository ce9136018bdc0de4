/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_VT_ENV_H
#define COMCERT_TESTS_UI_VT_ENV_H

#include "vt_inside.h"

/* The program's environment as vt_options says, for the caller to free piece by piece. Sets
 * vt->reports. */
char **vt_env(struct vt *vt, const char *const *more);

#endif
