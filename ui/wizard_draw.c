/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "ui/wizard_steps.h"

/* The trail of steps at the top, the step's form, and whether one can go on. */

static void draw_tab(struct wizard *w, const struct canvas *c, int *x, enum step step)
{
    char text[48];
    bool here = step == w->step;
    enum role role = here ? ROLE_BAR_HERE : ROLE_BAR;
    const char *state = "";
    int used;

    if (w->seen[step] && step < STEP_REVIEW)
        state = wizard_unfit(w, step) == NULL ? mark(ROLE_GOOD) : mark(ROLE_WARN);
    snprintf(text, sizeof text, " %s%d %s%s%s ", here ? ">" : "", (int)step + 1,
             wizard_steps[step]->title, state[0] != '\0' ? " " : "", state);
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
                 wizard_steps[w->step + 1]->title);
    draw_text(c, y, 1, c->area.w - 2, why != NULL ? ROLE_WARN : ROLE_GOOD, text);
}

void wizard_draw(struct layer *l, const struct canvas *c)
{
    struct wizard *w = (struct wizard *)l;
    struct canvas body = canvas_part(c, 2, 1, c->area.h - 5, c->area.w - 2);
    struct form *f = &w->forms[w->step];

    (void)wizard_build(w);
    draw_header(w, c);
    if (wizard_steps[w->step]->draw != NULL)
        wizard_steps[w->step]->draw(w, &body);
    else
        form_draw(f, &body, WIZARD_CLICK);
    if (w->step == STEP_REVIEW && w->prepared.plan != NULL)
        plan_digest(w->prepared.plan, w->shown);
    draw_hint(w, c, c->area.h - 2);
}

void wizard_draw_form(struct wizard *w, const struct canvas *c)
{
    form_draw(&w->forms[w->step], c, WIZARD_CLICK);
}
