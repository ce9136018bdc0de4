/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_CONFIG_TREE_H
#define COMCERT_BASE_CONFIG_TREE_H

#include <libconfig.h>

#include "base/config.h"

/* What config.c, config_set.c and config_check.c share. Nothing else includes it, nor libconfig. */
struct config {
    config_t tree;
    char *name;
};

/* True for whole numbers of either of libconfig's sizes. */
bool config_tree_is_int(const config_setting_t *s);

#endif
