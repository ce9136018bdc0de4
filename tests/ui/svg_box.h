/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_SVG_BOX_H
#define COMCERT_TESTS_UI_SVG_BOX_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Box drawing and block elements as shapes: fonts leave gaps between them. */

enum { SVG_CELL_W = 9, SVG_CELL_H = 18 };

bool svg_box_draws(uint32_t c);

/* Whether a run of it is one longer shape. */
bool svg_box_repeats(uint32_t c);

/* How much of the ink the shape takes, in percent: 100 but for the shades. */
unsigned svg_box_shade(uint32_t c);

/* Appends the shape to the data of a filled path, with the cell's upper left corner at x, y.
 * `times` is 1 unless it repeats. */
void svg_box_path(FILE *f, int x, int y, int times, uint32_t c);

#endif
