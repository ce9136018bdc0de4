/* SPDX-License-Identifier: MIT */
#include "env_walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOAD_PATIENCE_S = 60, STEP_MS = 20, TRIES = 50 };

const struct place places[] = {
    {"port", {NULL}, ">1 Port", false},
    {"broker", {"M-2"}, ">2 Broker", false},
    {"certificates", {"M-3"}, ">3 Certificates", false},
    {"review", {"M-4"}, ">4 Review", false},
    {"dialog", {"F4"}, "loads it without the wizard", false},
    {"browser", {"M-3", "F6"}, "A file for the server CA", false},
    {"paste", {"M-3", "F7"}, "Paste the server CA", false},
    {"help", {"F1"}, "draw the screen anew", false},
    {"find speed", {"F7", "Enter"}, "460800", true},
    {"listen", {"F6"}, "Listen: ", true},
    {"terminal", {"F5"}, "Terminal: ", true},
};
const size_t place_count = sizeof places / sizeof places[0];

struct vt *walk_start(const struct env *env, const struct vt_options *options)
{
    static const struct vt_options plain = {.rows = 24, .cols = 80};
    const char *const argv[] = {getenv("COMCERT"), "tui", env->job, NULL};
    struct vt *vt = vt_start(options != NULL ? options : &plain, argv);

    if (vt_wait(vt, "F3 goes on to Broker"))
        return vt;
    vt_end(vt);
    return NULL;
}

bool walk_terminal(struct vt *vt)
{
    vt_key(vt, "F5");
    return vt_wait(vt, "Terminal: ") && vt_wait_gone(vt, "opening ...");
}

/* "Not yet" while a file is still being read. */
bool walk_review(struct vt *vt)
{
    for (int i = 0; i < TRIES && !vt_find(vt, ">4 Review", NULL, NULL); i++) {
        vt_key(vt, "M-4");
        vt_settle(vt);
    }
    return vt_wait(vt, ">4 Review");
}

bool walk_to(struct vt *vt, const struct place *place)
{
    for (size_t i = 0; place->keys[i] != NULL; i++) {
        if (strcmp(place->keys[i], "M-4") == 0)
            (void)walk_review(vt);
        else
            vt_key(vt, place->keys[i]);
    }
    return vt_wait(vt, place->text);
}

void walk_press_load(struct vt *vt)
{
    vt_key(vt, "BackTab"); /* round to the last buttons, of which Load is the first */
    vt_key(vt, "Left");
    vt_key(vt, "Enter");
}

bool walk_load(struct vt *vt)
{
    if (!walk_review(vt))
        return false;
    walk_press_load(vt);
    return vt_wait(vt, ">5 Load") && vt_wait(vt, "===");
}

static bool wait_long(struct vt *vt, const char *text)
{
    time_t end = time(NULL) + LOAD_PATIENCE_S;

    while (!vt_find(vt, text, NULL, NULL) && time(NULL) < end && vt_pump(vt, STEP_MS))
        ;
    return vt_wait(vt, text);
}

bool walk_loaded(struct vt *vt)
{
    return wait_long(vt, "[ Next device ]") && vt_find(vt, " OK The device", NULL, NULL) &&
           !vt_find(vt, "NOT OK", NULL, NULL);
}

bool walk_failed(struct vt *vt)
{
    return wait_long(vt, "[ Next device ]") && vt_find(vt, "NOT OK", NULL, NULL);
}

bool walk_stop(struct vt *vt)
{
    vt_key(vt, "Esc");
    if (!vt_wait(vt, "Stop the load?"))
        return false;
    vt_key(vt, "Right");
    vt_key(vt, "Enter");
    return vt_wait_gone(vt, "Stop the load?");
}

bool walk_wrote(const struct vt *vt, const char *text, size_t n)
{
    const char *bytes;
    size_t len = vt_bytes(vt, &bytes);

    return memmem(bytes, len, text, n) != NULL;
}
