/* SPDX-License-Identifier: MIT */
#include "svg_look.h"

#include <string.h>

/* xterm's own sixteen; then a cube of 6 x 6 x 6 and 24 greys. */
static unsigned palette(int colour)
{
    static const unsigned first[16] = {0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
                                       0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
                                       0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff};
    static const unsigned level[6] = {0x00, 0x5f, 0x87, 0xaf, 0xd7, 0xff};
    unsigned n = (unsigned)colour;

    if (n & 0x1000000)
        return n & 0xffffff;
    if (n < 16)
        return first[n];
    if (n >= 232)
        return (8 + 10 * (n - 232)) * 0x010101;
    n -= 16;
    return level[n / 36] << 16 | level[n / 6 % 6] << 8 | level[n % 6];
}

unsigned svg_mix(unsigned a, unsigned b, unsigned percent)
{
    unsigned mixed = 0;

    for (int shift = 0; shift < 24; shift += 8)
        mixed |= (((a >> shift & 0xff) * percent + (b >> shift & 0xff) * (100 - percent)) / 100)
                 << shift;
    return mixed;
}

static uint32_t first_character(const char *text)
{
    const unsigned char *t = (const unsigned char *)text;

    if (t[0] < 0x80)
        return t[0];
    if (t[0] < 0xe0)
        return (t[0] & 0x1fu) << 6 | (t[1] & 0x3fu);
    if (t[0] < 0xf0)
        return (t[0] & 0x0fu) << 12 | (t[1] & 0x3fu) << 6 | (t[2] & 0x3fu);
    return (t[0] & 7u) << 18 | (t[1] & 0x3fu) << 12 | (t[2] & 0x3fu) << 6 | (t[3] & 0x3fu);
}

struct svg_look svg_look(const struct vt *vt, int row, int col)
{
    struct vt_cell cell = vt_cell(vt, row, col);
    struct svg_look look = {.bold = cell.bold,
                            .italic = cell.italic,
                            .underline = cell.underline,
                            .strike = cell.strike,
                            .width = cell.width};
    unsigned ink = cell.fg < 0 ? SVG_INK : palette(cell.fg);
    unsigned ground = cell.bg < 0 ? SVG_GROUND : palette(cell.bg);

    memcpy(look.text, cell.text, sizeof look.text);
    look.code = first_character(cell.text);
    if (look.code == ' ')
        look.code = 0;
    look.ink = cell.reverse ? ground : ink;
    look.ground = cell.reverse ? ink : ground;
    if (cell.dim)
        look.ink = svg_mix(look.ink, look.ground, 60);
    return look;
}
