/* SPDX-License-Identifier: MIT */
#include "ui/wizard_steps.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curses.h>

#include "base/str.h"
#include "ui/broker.h"
#include "ui/cards.h"
#include "ui/dialog.h"
#include "ui/keys.h"
#include "ui/line_terminal.h"
#include "ui/load.h"
#include "ui/maker.h"
#include "ui/ports.h"
#include "ui/rehearsal.h"
#include "ui/review.h"
#include "ui/save.h"
#include "ui/wizard_state.h"

enum {
    WIZARD_BACK = WIZARD_TAB + 1,
    WIZARD_NEXT,
    WIZARD_SAVE,
    WIZARD_TERMINAL,
    WIZARD_QUIT,
    WIZARD_STEP_1,
    WIZARD_STEP_2,
    WIZARD_STEP_3,
    WIZARD_STEP_4,
    WIZARD_STEP_5
};

static const struct keyrow wizard_keys[] = {
    {KEY_FN(KEY_F(2)), WIZARD_BACK, "Back", "the step before"},
    {KEY_CTRL('P'), WIZARD_BACK, NULL, NULL},
    {KEY_ESC, WIZARD_BACK, NULL, NULL},
    {KEY_FN(KEY_F(3)), WIZARD_NEXT, "Next", "the next step, once this one is fit"},
    {KEY_CTRL('N'), WIZARD_NEXT, NULL, NULL},
    {KEY_FN(KEY_F(4)), WIZARD_SAVE, "Save", "save the job as a file for `comcert load`"},
    {KEY_CTRL('S'), WIZARD_SAVE, NULL, NULL},
    {KEY_FN(KEY_F(5)), WIZARD_TERMINAL, "Terminal", "talk to the device line by line"},
    {KEY_CTRL('T'), WIZARD_TERMINAL, NULL, NULL},
    {KEY_FN(KEY_F(10)), WIZARD_QUIT, "Quit", "leave"},
    {KEY_CTRL('Q'), WIZARD_QUIT, NULL, NULL},
    {KEY_CTRL('C'), WIZARD_QUIT, NULL, NULL},
    {KEY_ALT('1'), WIZARD_STEP_1, NULL, "to this step (Alt-1 to Alt-5)"},
    {KEY_ALT('2'), WIZARD_STEP_2, NULL, NULL},
    {KEY_ALT('3'), WIZARD_STEP_3, NULL, NULL},
    {KEY_ALT('4'), WIZARD_STEP_4, NULL, NULL},
    {KEY_ALT('5'), WIZARD_STEP_5, NULL, NULL},
    {0},
};

/* While a load runs nothing else can be done; who tries is told so. */
static const struct keyrow busy_keys[] = {
    {KEY_FN(KEY_F(10)), WIZARD_QUIT, NULL, "ask whether to stop"},
    {KEY_CTRL('Q'), WIZARD_QUIT, NULL, NULL},
    {KEY_CTRL('C'), WIZARD_QUIT, NULL, NULL},
    {KEY_FN(KEY_F(2)), WIZARD_BACK, NULL, NULL},
    {KEY_FN(KEY_F(3)), WIZARD_NEXT, NULL, NULL},
    {KEY_FN(KEY_F(4)), WIZARD_SAVE, NULL, NULL},
    {KEY_FN(KEY_F(5)), WIZARD_TERMINAL, NULL, NULL},
    {KEY_ALT('1'), WIZARD_STEP_1, NULL, NULL},
    {KEY_ALT('4'), WIZARD_STEP_4, NULL, NULL},
    {0},
};

const struct step_class *const wizard_steps[STEP_COUNT] = {
    [STEP_PORT] = &step_port,
    [STEP_BROKER] = &step_broker,
    [STEP_CERTIFICATES] = &step_certificates,
    [STEP_REVIEW] = &step_review,
    [STEP_LOAD] = &step_load,
};

/* --- steps ------------------------------------------------------------------------------------ */

static void enter(struct wizard *w, enum step step)
{
    if (wizard_steps[w->step]->leave != NULL)
        wizard_steps[w->step]->leave(w);
    w->step = step;
    w->seen[step] = true;
    if (wizard_steps[step]->enter != NULL)
        wizard_steps[step]->enter(w);
    app_changed(w->app);
}

void wizard_go(struct wizard *w, enum step step)
{
    if (step == w->step)
        return;
    if (wizard_is_loading(w)) {
        app_say(w->app, ROLE_WARN, "The load is running; Esc asks whether to stop it.");
        return;
    }
    for (enum step s = STEP_PORT; s < step; s++) {
        const char *why = s == STEP_REVIEW && load_was_run(w) ? NULL : wizard_unfit(w, s);

        if (why == NULL)
            continue;
        if (s != w->step)
            enter(w, s);
        app_say(w->app, ROLE_WARN, "Not yet: %s", why);
        return;
    }
    if (step == STEP_LOAD && !load_was_run(w)) {
        if (w->step != STEP_REVIEW)
            enter(w, STEP_REVIEW);
        review_show_load(w);
        app_say(w->app, ROLE_WARN, "Nothing is sent before you press Load: Enter does that now.");
        return;
    }
    enter(w, step);
}

void wizard_show_load(struct wizard *w)
{
    enter(w, STEP_LOAD);
}

/* --- input ------------------------------------------------------------------------------------ */

static void wizard_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    const struct wizard *w = (const struct wizard *)l;
    const struct keyrow *rest = wizard_is_loading(w) ? busy_keys : wizard_keys;
    const struct keyrow *own =
        wizard_steps[w->step]->keys != NULL ? wizard_steps[w->step]->keys(w) : NULL;
    size_t n = 0;

    if (own != NULL)
        tables[n++] = own;
    tables[n++] = rest;
    tables[n] = form_keys;
}

static const char *wizard_title(const struct layer *l)
{
    return wizard_steps[((const struct wizard *)l)->step]->title;
}

static const char *wizard_about(const struct layer *l)
{
    return wizard_steps[((const struct wizard *)l)->step]->about;
}

static void tell_step(struct wizard *w, enum form_event event)
{
    struct form *f = &w->forms[w->step];

    if (event != FORM_NOTHING && event != FORM_HANDLED)
        wizard_steps[w->step]->on_form(w, event, form_focused(f));
}

/* The form is what the job says now, not what it said when the last frame was drawn. */
struct form *wizard_build(struct wizard *w)
{
    struct form *f = &w->forms[w->step];

    wizard_check(w);
    form_begin(f);
    wizard_steps[w->step]->build(w, f);
    return f;
}

static void wizard_key(struct layer *l, int key)
{
    struct wizard *w = (struct wizard *)l;

    tell_step(w, form_key(wizard_build(w), key));
}

static void wizard_paste(struct layer *l, const struct secret *text)
{
    struct wizard *w = (struct wizard *)l;

    if (wizard_steps[w->step]->paste != NULL && wizard_steps[w->step]->paste(w, text))
        return;
    tell_step(w, form_paste(wizard_build(w), (const char *)text->data, text->len));
}

static void wizard_wheel(struct layer *l, int row, int col, int n)
{
    struct wizard *w = (struct wizard *)l;

    (void)row;
    (void)col;
    if (w->step == STEP_LOAD)
        load_scroll(w, n);
    else
        form_wheel(&w->forms[w->step], n);
}

static void back(struct wizard *w)
{
    if (w->step > STEP_PORT)
        wizard_go(w, w->step - 1);
}

static void next(struct wizard *w)
{
    if (w->step < STEP_LOAD)
        wizard_go(w, w->step + 1);
}

static void open_terminal(struct wizard *w)
{
    const char *why = wizard_unfit(w, STEP_PORT);

    if (wizard_is_loading(w))
        app_say(w->app, ROLE_WARN, "Not now: the load has the port.");
    else if (why != NULL)
        app_say(w->app, ROLE_WARN, "No terminal yet: %s", why);
    else
        line_terminal_open(w, false);
}

static void wizard_act(struct layer *l, int action, int arg)
{
    struct wizard *w = (struct wizard *)l;

    switch (action) {
    case WIZARD_CLICK:
        tell_step(w, form_click(wizard_build(w), arg));
        break;
    case WIZARD_TAB:
        wizard_go(w, (enum step)arg);
        break;
    case WIZARD_BACK:
        back(w);
        break;
    case WIZARD_NEXT:
        next(w);
        break;
    case WIZARD_SAVE:
        save_job_ask(w);
        break;
    case WIZARD_TERMINAL:
        open_terminal(w);
        break;
    case WIZARD_QUIT:
        wizard_leave(w);
        break;
    case FORM_KEYS:
    case FORM_KEYS + 1:
        tell_step(w, form_key(wizard_build(w), arg));
        break;
    default:
        if (action >= WIZARD_STEP_1 && action <= WIZARD_STEP_5)
            wizard_go(w, (enum step)(action - WIZARD_STEP_1));
        else if (wizard_steps[w->step]->act != NULL)
            wizard_steps[w->step]->act(w, action);
        break;
    }
}

/* --- leaving ---------------------------------------------------------------------------------- */

static void on_leave(void *ctx, int button, const char *text, struct secret *secret)
{
    struct wizard *w = ctx;

    (void)text;
    (void)secret;
    if (button == 0)
        app_quit(w->app);
    else if (button == 1)
        save_job_ask(w);
}

void wizard_leave(struct wizard *w)
{
    static const char *const buttons[] = {"Leave", "Save the job", "Stay", NULL};
    struct dialog spec = {
        .title = "Leave?",
        .buttons = buttons,
        .focus = 2,
        .escape = 2,
        .done = on_leave,
        .ctx = w,
    };
    struct lines text = {0};

    if (wizard_is_loading(w)) {
        load_ask_to_stop(w);
        return;
    }
    if (!w->unsaved) {
        app_quit(w->app);
        return;
    }
    lines_add(&text, ROLE_TEXT, 0, "What you entered is not saved as a job file.");
    (void)dialog_open(w->app, &spec, &text);
}

static const char *on_busy(void *ctx)
{
    return wizard_is_loading(ctx) ? "a load is running, and the device waits for its bytes" : NULL;
}

/* As TRANSFER.md section 6 has it for a signal: a body that is nearly through is finished first. */
static void on_ending(void *ctx, int signal)
{
    struct wizard *w = ctx;

    w->status = 130;
    if (wizard_is_loading(w))
        load_end(w, signal != SIGHUP); /* the kernel tells a closed window twice */
    else
        app_quit(w->app);
}

/* --- life ------------------------------------------------------------------------------------- */

/* The app owns layers and closes them; the wizard itself is freed by wizard_destroy. */
static void wizard_close(struct layer *l)
{
    (void)l;
}

static const struct layer_class wizard_class = {
    .keys = wizard_tables,
    .title = wizard_title,
    .about = wizard_about,
    .draw = wizard_draw,
    .act = wizard_act,
    .key = wizard_key,
    .paste = wizard_paste,
    .wheel = wizard_wheel,
    .close = wizard_close,
};

static void take_start(struct wizard *w, struct wizard_start *start)
{
    w->version = start->version;
    w->prepared.job = *start->job;
    job_init(start->job);
    findings_take(&w->told, start->findings);
    w->saved_as = str_copy(w->prepared.job.file);
    if (w->prepared.job.profile == NULL)
        w->prepared.job.profile = str_copy("infinite");
}

int wizard_create(struct wizard_start *start, struct wizard **out, struct err *err)
{
    struct wizard *w = calloc(1, sizeof *w);
    struct app_owner owner = {.busy = on_busy, .ending = on_ending, .ctx = w};

    *out = NULL;
    if (w == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    prepared_init(&w->prepared);
    w->layer.class = &wizard_class;
    w->app = app_create(&owner, err);
    if (w->app != NULL) {
        take_start(w, start);
        app_push(w->app, &w->layer);
    }
    if (w->app == NULL || !ports_create(w) || !broker_create(w) || !cards_create(w) ||
        !maker_create(w) || !load_create(w) || w->prepared.job.profile == NULL) {
        wizard_destroy(w);
        return err_set(err, ERR_NOMEM, "out of memory");
    }
    w->seen[STEP_PORT] = true;
    if (start->rehearse)
        ports_pick_rehearsal(w);
    w->unsaved = false;
    step_port.enter(w);
    *out = w;
    return 0;
}

void wizard_end(struct wizard *w)
{
    struct layer *l;

    /* What lies above closes its ports through the workers, which are still there. */
    while ((l = app_top(w->app)) != NULL && l != &w->layer) {
        app_pop(w->app, l);
        app_close_popped(w->app);
    }
    load_abandon(w);
    ports_leave(w);
}

void wizard_destroy(struct wizard *w)
{
    if (w == NULL)
        return;
    load_destroy(w);
    rehearsal_stop(w);
    maker_destroy(w);
    cards_destroy(w);
    broker_destroy(w);
    ports_destroy(w);
    app_destroy(w->app);
    for (int i = 0; i < STEP_COUNT; i++)
        form_reset(&w->forms[i]);
    agreements_reset(&w->agreements);
    prepared_reset(&w->prepared);
    findings_reset(&w->told);
    free(w->saved_as);
    free(w->last_word);
    free(w);
}
