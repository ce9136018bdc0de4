/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_WIZARD_H
#define COMCERT_UI_WIZARD_H

#include <stdbool.h>
#include <stddef.h>

#include "job/agreement.h"
#include "run/prepare.h"
#include "run/wizard.h"
#include "ui/app.h"
#include "ui/form.h"

/*
 * The wizard: five steps over one job. Every rule is the engine's: after each change the job is
 * prepared anew as a batch run would prepare it, and what that says is shown where it belongs and
 * decides whether one can go on.
 */
enum step { STEP_PORT, STEP_BROKER, STEP_CERTIFICATES, STEP_REVIEW, STEP_LOAD, STEP_COUNT };

struct wizard;

struct step_class {
    const char *title;
    const char *about;
    /* Its own keys now; NULL: none. */
    const struct keyrow *(*keys)(const struct wizard *w);
    /* Builds w->forms[step] from the wizard's values. */
    void (*build)(struct wizard *w, struct form *f);
    /* Something happened in the form; w->forms[step] tells what. */
    void (*on_form)(struct wizard *w, enum form_event event, int id);
    /* NULL members: nothing. */
    void (*enter)(struct wizard *w);
    void (*leave)(struct wizard *w);
    void (*act)(struct wizard *w, int action);
    /* Text was pasted; true if that was dealt with, else it goes into the focused field. */
    bool (*paste)(struct wizard *w, const struct secret *text);
    /* Draws something else than the form alone. */
    void (*draw)(struct wizard *w, const struct canvas *c);
};

extern const struct step_class step_port, step_broker, step_certificates, step_review, step_load;

struct ports;     /* step_port.c */
struct broker;    /* step_broker.c */
struct cards;     /* cards.c */
struct maker;     /* maker.c */
struct load;      /* load.c */
struct rehearsal; /* rehearsal.c */

struct wizard {
    struct layer layer;
    struct app *app;
    const char *version;
    enum step step;
    struct form forms[STEP_COUNT];
    bool seen[STEP_COUNT];

    struct prepared prepared;     /* the job as it stands, and all that is known of it */
    struct findings told;         /* by the job file's reader */
    struct agreements agreements; /* of the three files, with one another and the settings */
    unsigned revision;            /* counts the changes of the job */
    char shown[65]; /* digest of the plan that stood on the Review page last; "" none */
    bool talked;    /* terminal or speed search were used: something may have been sent */
    bool checked;   /* prepared is up to date with the job */
    bool unsaved;   /* something was changed since the job was read or saved */
    char *saved_as; /* the job file; NULL: none yet */

    struct ports *ports;
    struct broker *broker;
    struct cards *cards;
    struct maker *maker;
    struct load *load;
    struct rehearsal *rehearsal; /* the emulated device, while it is picked */

    int status;      /* exit status of the last load */
    char *last_word; /* how it ended, for the shell's screen; NULL: no load has ended */
};

/* The job was changed: it is judged anew before anything is drawn or decided by it. */
void wizard_changed(struct wizard *w);

/* Judges the job if that is due. Takes a few milliseconds. */
void wizard_check(struct wizard *w);

/* The same here and now, as for a load (not lenient) or for showing. */
void wizard_prepare(struct wizard *w, bool lenient, bool recover);

/* Goes to the Load step: a load has begun. */
void wizard_show_load(struct wizard *w);

/* Why one cannot go on from this step, in a sentence; NULL if one can. Valid until the job is
 * judged anew. */
const char *wizard_unfit(struct wizard *w, enum step step);

/* Goes to a step: back to any, forward as far as the steps before it are fit; says why not. */
void wizard_go(struct wizard *w, enum step step);

/* True while a transfer runs or its port is being opened or closed: the job must not be changed. */
bool wizard_is_loading(const struct wizard *w);

/* Draws the form of the step one is at, for steps that draw more than that. */
void wizard_draw_form(struct wizard *w, const struct canvas *c);

/* Replaces a text of the job that the wizard's user owns: "" becomes NULL. */
void wizard_set(char **value, const char *text);

/* Leaves: asks if something would be lost. */
void wizard_leave(struct wizard *w);

#endif
