/* SPDX-License-Identifier: MIT */
#include "ui/wizard.h"

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
#include "ui/ports.h"
#include "ui/rehearsal.h"
#include "ui/save.h"
#include "ui/wizard_state.h"

enum {
    WIZARD_CLICK = 1, /* arg: an item's id */
    WIZARD_TAB,       /* arg: a step */
    WIZARD_BACK,
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

static const struct step_class *const steps[STEP_COUNT] = {
    [STEP_PORT] = &step_port,
    [STEP_BROKER] = &step_broker,
    [STEP_CERTIFICATES] = &step_certificates,
    [STEP_REVIEW] = &step_review,
    [STEP_LOAD] = &step_load,
};

/* --- the job ---------------------------------------------------------------------------------- */

void wizard_set(char **value, const char *text)
{
    char *copy = text != NULL && text[0] != '\0' ? str_copy(text) : NULL;

    free(*value);
    *value = copy;
}

void wizard_changed(struct wizard *w)
{
    w->checked = false;
    w->unsaved = true;
    app_changed(w->app);
}

bool wizard_is_loading(const struct wizard *w)
{
    return load_is_busy(w);
}

void wizard_prepare(struct wizard *w, bool lenient, bool recover)
{
    struct prepare_options options = {
        .now = time(NULL), .lenient_assumed = lenient, .recover = recover};
    struct err err = {0};
    int rc;

    prepared_forget(&w->prepared);
    findings_copy(&w->prepared.findings, &w->told);
    broker_add_findings(w, &w->prepared.findings);
    cards_add_findings(w, &w->prepared.findings);
    rc = prepare_plan(&w->prepared, &options, &err);
    findings_sort(&w->prepared.findings);
    agreements_reset(&w->agreements);
    if (rc == 0)
        rc = agreements_make(&w->prepared.job, options.now, &w->agreements, &err);
    if (rc != 0)
        app_say(w->app, ROLE_BAD, "%s", err.text);
}

void wizard_check(struct wizard *w)
{
    /* A load has the plan, and nothing can have changed under it. */
    if (w->checked || wizard_is_loading(w))
        return;
    wizard_prepare(w, true, false);
    w->checked = true;
}

static const char *first_error(const struct wizard *w, const char *prefix)
{
    const struct findings *all = &w->prepared.findings;

    for (size_t i = 0; i < all->count; i++) {
        const struct finding *f = &all->items[i];

        if (f->severity == SEVERITY_ERROR && f->key != NULL && str_starts(f->key, prefix))
            return f->what;
    }
    return NULL;
}

static const char *unfit_for_review(const struct wizard *w)
{
    const struct findings *all = &w->prepared.findings;

    for (size_t i = 0; i < all->count; i++) {
        if (all->items[i].severity == SEVERITY_ERROR)
            return all->items[i].what;
    }
    if (w->prepared.plan == NULL)
        return "there is no plan";
    if (w->prepared.unaccepted > 0)
        return "the assumed commands are not accepted: tick the box if you know them to be right";
    return NULL;
}

const char *wizard_unfit(struct wizard *w, enum step step)
{
    const char *why = NULL;

    wizard_check(w);
    switch (step) {
    case STEP_PORT:
        why = ports_unfit(w);
        if (why == NULL)
            why = first_error(w, "port.");
        return why != NULL ? why : first_error(w, "profile");
    case STEP_BROKER:
        why = broker_unfit(w);
        return why != NULL ? why : first_error(w, "mqtt.");
    case STEP_CERTIFICATES:
        why = cards_unfit(w);
        return why != NULL ? why : first_error(w, "certificates.");
    case STEP_REVIEW:
        return unfit_for_review(w);
    case STEP_LOAD:
    case STEP_COUNT:
        break;
    }
    return NULL;
}

/* --- steps ------------------------------------------------------------------------------------ */

static void enter(struct wizard *w, enum step step)
{
    if (steps[w->step]->leave != NULL)
        steps[w->step]->leave(w);
    w->step = step;
    w->seen[step] = true;
    if (steps[step]->enter != NULL)
        steps[step]->enter(w);
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
        app_say(w->app, ROLE_WARN, "Nothing is sent before you press Load on this page.");
        return;
    }
    enter(w, step);
}

void wizard_show_load(struct wizard *w)
{
    enter(w, STEP_LOAD);
}

/* --- drawing ---------------------------------------------------------------------------------- */

static void draw_tab(struct wizard *w, const struct canvas *c, int *x, enum step step)
{
    char text[48];
    bool here = step == w->step;
    enum role role = here ? ROLE_BAR_HERE : ROLE_BAR;
    const char *state = "";
    int used;

    if (w->seen[step] && step < STEP_REVIEW)
        state = wizard_unfit(w, step) == NULL ? mark(ROLE_GOOD) : mark(ROLE_WARN);
    snprintf(text, sizeof text, " %s%d %s%s%s ", here ? ">" : "", (int)step + 1, steps[step]->title,
             state[0] != '\0' ? " " : "", state);
    used = draw_text(c, 0, *x, 30, role, text);
    draw_hit(c, 0, *x, 1, used, WIZARD_TAB, (int)step);
    *x += used;
}

static void draw_header(struct wizard *w, const struct canvas *screen)
{
    struct canvas c = canvas_part(screen, 0, 0, 1, screen->area.w);
    const char *name = w->saved_as;
    char text[64];
    int x, room;

    canvas_clear(&c, ROLE_BAR);
    x = 1 + draw_text(&c, 0, 1, 10, ROLE_BAR_KEY, "comcert") + 1;
    for (enum step s = STEP_PORT; s < STEP_COUNT; s++)
        draw_tab(w, &c, &x, s);
    if (name != NULL && strrchr(name, '/') != NULL)
        name = strrchr(name, '/') + 1;
    if (name == NULL)
        return;
    str_escape_to(text, sizeof text - 1, name, strlen(name));
    if (w->unsaved)
        strcat(text, "*");
    room = c.area.w - x - 2;
    if (room > 6) {
        int wide = text_columns(text) < room ? text_columns(text) : room;

        draw_text(&c, 0, c.area.w - 1 - wide, wide, ROLE_BAR, text);
    }
}

static void draw_hint(struct wizard *w, const struct canvas *c, int y)
{
    const char *why = w->step < STEP_LOAD ? wizard_unfit(w, w->step) : NULL;
    char text[256];

    if (w->step == STEP_LOAD)
        return;
    if (why != NULL)
        snprintf(text, sizeof text, "Not yet: %s", why);
    else if (w->step == STEP_REVIEW)
        snprintf(text, sizeof text, "%s Ready: Load sends it.", mark(ROLE_GOOD));
    else
        snprintf(text, sizeof text, "%s F3 goes on to %s.", mark(ROLE_GOOD),
                 steps[w->step + 1]->title);
    draw_text(c, y, 1, c->area.w - 2, why != NULL ? ROLE_WARN : ROLE_GOOD, text);
}

static void wizard_draw(struct layer *l, const struct canvas *c)
{
    struct wizard *w = (struct wizard *)l;
    struct canvas body = canvas_part(c, 2, 1, c->area.h - 5, c->area.w - 2);
    struct form *f = &w->forms[w->step];

    wizard_check(w);
    draw_header(w, c);
    form_begin(f);
    steps[w->step]->build(w, f);
    if (steps[w->step]->draw != NULL)
        steps[w->step]->draw(w, &body);
    else
        form_draw(f, &body, WIZARD_CLICK);
    draw_hint(w, c, c->area.h - 2);
}

void wizard_draw_form(struct wizard *w, const struct canvas *c)
{
    form_draw(&w->forms[w->step], c, WIZARD_CLICK);
}

/* --- input ------------------------------------------------------------------------------------ */

static void wizard_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    const struct wizard *w = (const struct wizard *)l;
    const struct keyrow *own = steps[w->step]->keys != NULL ? steps[w->step]->keys(w) : NULL;
    size_t n = 0;

    if (own != NULL)
        tables[n++] = own;
    tables[n++] = wizard_keys;
    tables[n] = form_keys;
}

static const char *wizard_title(const struct layer *l)
{
    return steps[((const struct wizard *)l)->step]->title;
}

static const char *wizard_about(const struct layer *l)
{
    return steps[((const struct wizard *)l)->step]->about;
}

static void tell_step(struct wizard *w, enum form_event event)
{
    struct form *f = &w->forms[w->step];

    if (event != FORM_NOTHING && event != FORM_HANDLED)
        steps[w->step]->on_form(w, event, form_focused(f));
}

/* The form is what the job says now, not what it said when the last frame was drawn. */
static struct form *rebuilt(struct wizard *w)
{
    struct form *f = &w->forms[w->step];

    wizard_check(w);
    form_begin(f);
    steps[w->step]->build(w, f);
    return f;
}

static void wizard_key(struct layer *l, int key)
{
    struct wizard *w = (struct wizard *)l;

    tell_step(w, form_key(rebuilt(w), key));
}

static void wizard_paste(struct layer *l, const struct secret *text, bool cut)
{
    struct wizard *w = (struct wizard *)l;

    if (steps[w->step]->paste != NULL && steps[w->step]->paste(w, text, cut))
        return;
    tell_step(w, form_paste(rebuilt(w), (const char *)text->data, text->len));
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
        tell_step(w, form_click(rebuilt(w), arg));
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
        tell_step(w, form_key(rebuilt(w), arg));
        break;
    default:
        if (action >= WIZARD_STEP_1 && action <= WIZARD_STEP_5)
            wizard_go(w, (enum step)(action - WIZARD_STEP_1));
        else if (steps[w->step]->act != NULL)
            steps[w->step]->act(w, action);
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

    (void)signal;
    w->status = 130;
    if (wizard_is_loading(w))
        load_end(w);
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
        !load_create(w) || w->prepared.job.profile == NULL) {
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
