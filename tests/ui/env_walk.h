/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_ENV_WALK_H
#define COMCERT_TESTS_UI_ENV_WALK_H

#include "env.h"

/* Walking through the wizard: every place in which it can be found, and the load. */

/* The wizard with the job of env, at the step Port, once it has found the port. NULL options: 24 x
 * 80 in 256 colours. NULL if it did not get there. */
struct vt *walk_start(const struct env *env, const struct vt_options *options);

/* A place: a step, or something that lies above one. The keys lead there from the step Port. */
struct place {
    const char *name;
    const char *keys[6];
    const char *text; /* stands on the screen of 24 x 80 only there */
    bool opens_port;
};
extern const struct place places[];
extern const size_t place_count;

bool walk_to(struct vt *vt, const struct place *place);

/* Opens the terminal, from a step, and waits until its port is open: what is typed before is not
 * sent. */
bool walk_terminal(struct vt *vt);

/* To the step Review, and its button Load. */
bool walk_review(struct vt *vt);
void walk_press_load(struct vt *vt);

/* From any step to the step Load, and presses Load; waits until bytes go, not for the end. */
bool walk_load(struct vt *vt);

/* Waits for the end of a load, for a minute at the most: it says OK, or NOT OK. */
bool walk_loaded(struct vt *vt);
bool walk_failed(struct vt *vt);

/* Esc, Stop in the dialog. */
bool walk_stop(struct vt *vt);

/* Whether the text is in what the program has written so far. */
bool walk_wrote(const struct vt *vt, const char *text, size_t n);

#endif
