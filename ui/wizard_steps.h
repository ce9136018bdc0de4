/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_WIZARD_STEPS_H
#define COMCERT_UI_WIZARD_STEPS_H

#include "ui/wizard.h"

/* Inside of the wizard: its steps in order, what can be clicked, and the frame around a step. */

extern const struct step_class *const wizard_steps[STEP_COUNT];

enum {
    WIZARD_CLICK = 1, /* arg: an item's id */
    WIZARD_TAB        /* arg: a step */
};

/* Has the step build its form from the job as it stands. */
struct form *wizard_build(struct wizard *w);

void wizard_draw(struct layer *l, const struct canvas *c);

#endif
