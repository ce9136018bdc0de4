/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_STILL_H
#define COMCERT_TESTS_UI_STILL_H

#include "vt.h"

/* Makes what differs from run to run stand still, in the terminal's model itself, so that a picture
 * of the same wizard is the same picture. Looks and columns stay; what is longer or shorter than
 * its replacement moves the rest of its text, up to the next two blanks. Replaced are:
 *
 *     the number of a pty                  /dev/pts/7
 *     days until a certificate expires     4000 days left
 *     the transcript's seconds             0.000000, then 0.004321 more in each row
 *     an upload's rate, to the row's end   99 % of line rate
 *     bar, bytes and seconds of what runs  three fifths; of all together half
 *
 * The program must not draw any more afterwards. */
void still_make(struct vt *vt);

#endif
