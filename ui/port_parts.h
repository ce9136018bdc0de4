/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_PORT_PARTS_H
#define COMCERT_UI_PORT_PARTS_H

#include "ui/ports.h"

/* Inside of the Port step: the parts of its form. */

enum {
    ID_DEVICE = 1,
    ID_PROFILE,
    ID_PROFILE_FILE,
    ID_BAUD,
    ID_FRAME,
    ID_FLOW,
    ID_LISTEN,
    ID_FIND,
    ID_TERMINAL,
    ID_REHEARSE,
    ID_PORT = 20
};

/* Which family of devices is behind the port: built in, or a profile file. */
void port_family_build(struct wizard *w, struct form *f);
void port_family_change(struct wizard *w, const struct item *item);
void port_family_complete(struct wizard *w);

/* Speed, frame and flow control. */
void port_line_build(struct wizard *w, struct form *f);
void port_line_change(struct wizard *w, const struct item *item);
/* What is typed as the speed is none. */
bool port_line_is_bad(const struct wizard *w);

#endif
