/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_DEMO_H
#define COMCERT_CMD_DEMO_H

#include "base/embed.h"

/* src/cmd/demo/: a certificate, its key, and the key of another. Known to all the world. */
extern const struct embedded embedded_demo[];

#endif
