/* SPDX-License-Identifier: MIT */
#include "ui/app_inside.h"

#include <signal.h>

#include <curses.h>

#include "ui/help.h"
#include "ui/keys.h"
#include "ui/screen.h"

/* Keys, clicks and pastes, and who gets them. */

enum { INPUTS_A_TURN = 64 };

const struct keyrow app_keys[] = {
    {KEY_FN(KEY_F(1)), APP_HELP, "Help", "this help"},
    {KEY_ALT('h'), APP_HELP, NULL, NULL},
    {KEY_CTRL('L'), APP_REDRAW, NULL, "draw the screen anew"},
    {KEY_CTRL('Z'), APP_SUSPEND, NULL, "back to the shell for a while (fg returns)"},
    {0},
};

static const struct keyrow *find_row(const struct keyrow *rows, int key)
{
    for (; rows->key != 0; rows++) {
        if (rows->key == key)
            return rows;
    }
    return NULL;
}

void app_suspend(struct app *app)
{
    const char *busy = app->owner.busy(app->owner.ctx);
    struct sigaction stop = {.sa_handler = SIG_DFL}, before;

    if (busy != NULL) {
        app_say(app, ROLE_WARN, "Not now: %s", busy);
        return;
    }
    screen_suspend();
    /* As the terminal would for Ctrl-Z: everybody in the foreground. A group that no shell would
     * ever wake is not stopped by the kernel. */
    (void)sigaction(SIGTSTP, &stop, &before);
    (void)kill(0, SIGTSTP);
    (void)sigaction(SIGTSTP, &before, NULL);
    screen_resume();
    app_changed(app);
}

static void act(struct app *app, int action, int arg)
{
    switch (action) {
    case APP_HELP:
        help_open(app, app_keys);
        break;
    case APP_REDRAW:
        screen_resize();
        app_changed(app);
        break;
    case APP_SUSPEND:
        app_suspend(app);
        break;
    default:
        app->top->class->act(app->top, action, arg);
        break;
    }
}

static void take_key(struct app *app, int key)
{
    const struct keyrow *tables[LAYER_TABLES] = {NULL};
    const struct keyrow *row = find_row(app_keys, key);

    app->said[0] = '\0';
    app->top->class->keys(app->top, tables);
    for (size_t i = 0; i < LAYER_TABLES && row == NULL && tables[i] != NULL; i++)
        row = find_row(tables[i], key);
    /* What cannot be seen can be neither edited nor asked. */
    if (app_is_too_small() && key == KEY_CTRL('C') && app->owner.busy(app->owner.ctx) == NULL)
        app_quit(app);
    else if (app_is_too_small() && key == KEY_CTRL('C'))
        app->owner.ending(app->owner.ctx, SIGINT);
    else if (app_is_too_small() && key != KEY_CTRL('Z') && key != KEY_CTRL('L'))
        return;
    else if (row != NULL)
        act(app, row->action, key);
    else if (app->top->class->key != NULL)
        app->top->class->key(app->top, key);
}

static void take_click(struct app *app, const struct input *in)
{
    const struct hit *hit = hits_find(&app->hits, in->row, in->col);

    app->said[0] = '\0';
    if (hit != NULL && !app_is_too_small())
        act(app, hit->action, hit->arg);
}

static void take_one(struct app *app, const struct input *in)
{
    const struct layer_class *class = app->top->class;

    if (in->type == INPUT_KEY)
        take_key(app, in->key);
    else if (in->type == INPUT_CLICK)
        take_click(app, in);
    else if (in->type == INPUT_PASTE && in->cut)
        app_say(app, ROLE_BAD, "That paste was too long, or stopped half-way: nothing was taken.");
    else if (in->type == INPUT_PASTE && class->paste != NULL && !app_is_too_small())
        class->paste(app->top, in->paste);
    else if (in->type == INPUT_WHEEL && class->wheel != NULL && !app_is_too_small())
        class->wheel(app->top, in->row, in->col, in->steps);
}

/* A click, Enter and Space mean what is on the screen: a frame comes first, and if the terminal
 * does not take it, nothing is pressed that nobody can have seen. */
static bool may_press(struct app *app, const struct input *in)
{
    if (in->type != INPUT_CLICK &&
        (in->type != INPUT_KEY || (in->key != KEY_RETURN && in->key != KEY_BLANK)))
        return true;
    app_draw_if_due(app);
    return !app->dirty;
}

void app_take_input(struct app *app)
{
    struct input in;
    int taken = 0;

    while (app->top != NULL && !app->quit && taken < INPUTS_A_TURN && keys_next(&in)) {
        if (may_press(app, &in))
            take_one(app, &in);
        app_close_popped(app);
        app_changed(app);
        taken++;
    }
    app->more_input = taken == INPUTS_A_TURN;
}
