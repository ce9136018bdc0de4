/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_LAYER_H
#define COMCERT_UI_LAYER_H

#include <stdbool.h>

#include "base/secret.h"
#include "ui/draw.h"

/*
 * What lies on the screen: the wizard at the bottom, dialogs, the browser, the terminal above it.
 * The topmost layer has keyboard and mouse. A layer is a struct of its own whose first member is
 * this one, and a constant class.
 *
 * Keys are tables: the footer, the help and the handling come from the same rows. A click on
 * something that was drawn with draw_hit is the same as a key: it becomes `act`.
 */
struct app;
struct layer;

/* Ends with a row whose key is 0. Several keys may do the same; the first one is shown. */
struct keyrow {
    int key;
    int action;
    const char *label; /* in the footer; NULL: not there */
    const char *help;  /* in the help; NULL: the label serves */
};

enum { LAYER_TABLES = 4 };

struct layer_class {
    /* The tables that hold now, the most special first; and what the help begins with. */
    void (*keys)(const struct layer *l, const struct keyrow *tables[LAYER_TABLES]);
    const char *(*title)(const struct layer *l);
    const char *(*about)(const struct layer *l);
    /* Changes nothing but what scrolling needs. */
    void (*draw)(struct layer *l, const struct canvas *c);
    /* arg: the hit's own, or the key. */
    void (*act)(struct layer *l, int action, int arg);
    /* A key that is in no table. NULL members: ignored. */
    void (*key)(struct layer *l, int key);
    void (*paste)(struct layer *l, const struct secret *text);
    void (*wheel)(struct layer *l, int row, int col, int steps);
    /* Frees the layer; called when it leaves the screen. */
    void (*close)(struct layer *l);
};

struct layer {
    const struct layer_class *class;
    struct app *app;
    struct layer *below;
};

#endif
