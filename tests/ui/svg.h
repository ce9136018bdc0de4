/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_SVG_H
#define COMCERT_TESTS_UI_SVG_H

#include "vt.h"

/* Writes the screen as it stands as a picture in a window's frame: standalone SVG that needs
 * nothing but a monospace font, the same bytes for the same screen. Colours are xterm's on a dark
 * ground; lines and blocks are drawn, not set in type, so that frames have no gaps. Fails the test
 * if the file cannot be written. */
void svg_write(struct vt *vt, const char *path, const char *title);

#endif
