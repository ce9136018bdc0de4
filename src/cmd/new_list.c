/* SPDX-License-Identifier: MIT */
#include "cmd/new.h"

int new_list(struct new_run *run, const char *list, struct err *err)
{
    (void)run;
    (void)list;
    return err_set(err, ERR_INTERNAL, "later");
}
