/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_MONKEY_HANDS_H
#define COMCERT_TESTS_UI_MONKEY_HANDS_H

#include <stdint.h>

#include "vt.h"

/* What a monkey does with a terminal: anything. */

struct hands {
    uint64_t random;          /* the state; the seed, not 0, at the beginning */
    const char *const *words; /* NULL-ended, typed and pasted among the built-in ones */
    char did[160];            /* what it did last, in words */
};

/* One act. Of sizes it chooses any; those of a wizard's working size are hands_resize's. */
void hands_act(struct hands *h, struct vt *vt);

/* To another size that a wizard works with, 24 x 80 at least. */
void hands_resize(struct hands *h, struct vt *vt);

/* From 0 to n - 1. */
unsigned hands_pick(struct hands *h, unsigned n);

#endif
