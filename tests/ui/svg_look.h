/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_SVG_LOOK_H
#define COMCERT_TESTS_UI_SVG_LOOK_H

#include <stdint.h>

#include "vt.h"

/* A cell as it is painted: colours as 0xrrggbb with reverse and dim applied. */

enum { SVG_INK = 0xd8dbe0, SVG_GROUND = 0x14161b };

struct svg_look {
    uint32_t code; /* its first character; 0 for a blank */
    unsigned ink, ground;
    bool bold, italic, underline, strike;
    char text[16];
    int width;
};

struct svg_look svg_look(const struct vt *vt, int row, int col);

/* So much of a, in percent, and the rest of b. */
unsigned svg_mix(unsigned a, unsigned b, unsigned percent);

#endif
