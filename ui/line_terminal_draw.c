/* SPDX-License-Identifier: MIT */
#include "ui/line_terminal_inside.h"

#include <stdio.h>

#include "base/str.h"

static void draw_line(const struct line_terminal *t, const struct canvas *c, int y,
                      const struct terminal_line *line)
{
    static const enum role roles[] = {
        [TERMINAL_SENT] = ROLE_GOOD, [TERMINAL_RECEIVED] = ROLE_TEXT, [TERMINAL_NOTE] = ROLE_NOTE};
    static const char *const signs[] = {
        [TERMINAL_SENT] = ">", [TERMINAL_RECEIVED] = "<", [TERMINAL_NOTE] = "-"};
    char head[32];

    snprintf(head, sizeof head, "%9.3f %s ", (double)(line->at - t->began) / (double)USEC_PER_SEC,
             signs[line->source]);
    draw_text(c, y, 0, 12, ROLE_DIM, head);
    draw_text(c, y, 12, c->area.w - 12, roles[line->source], line->text);
}

static void draw_lines(struct line_terminal *t, const struct canvas *c)
{
    size_t count = terminal_count(t->terminal), end;

    t->page = (size_t)c->area.h;
    if (t->back + t->page > count)
        t->back = count > t->page ? count - t->page : 0;
    end = count - t->back;
    for (size_t i = 0; i < t->page && i < end; i++) {
        size_t at = end > t->page ? end - t->page + i : i;

        draw_line(t, c, (int)i, terminal_line(t->terminal, at));
    }
}

static const char *state_of(const struct line_terminal *t, char *out, size_t size)
{
    if (t->opening != NULL)
        return "opening ...";
    if (t->terminal == NULL)
        return "not open";
    if (terminal_gone(t->terminal))
        return "the port has gone away";
    if (terminal_pending(t->terminal) > 0) {
        snprintf(out, size, "%zu bytes wait to be sent", terminal_pending(t->terminal));
        return out;
    }
    if (t->back > 0)
        return "scrolled back";
    return t->logging ? "logging" : t->listen_only ? "listening" : "";
}

static void draw_error(const struct line_terminal *t, const struct canvas *c)
{
    int rows = draw_wrapped(c, 1, 2, c->area.w - 4, ROLE_BAD, t->err.text);

    if (t->err.remedy[0] != '\0')
        (void)draw_wrapped(c, 1 + rows, 2, c->area.w - 4, ROLE_TEXT, t->err.remedy);
}

void line_terminal_draw(struct layer *l, const struct canvas *c)
{
    struct line_terminal *t = (struct line_terminal *)l;
    struct canvas bar = canvas_part(c, 0, 0, 1, c->area.w);
    struct canvas body = canvas_part(c, 1, 0, c->area.h - (t->listen_only ? 3 : 4), c->area.w);
    char state[64];
    const char *text = state_of(t, state, sizeof state);

    canvas_clear(c, ROLE_TEXT);
    canvas_clear(&bar, ROLE_BAR);
    draw_text(&bar, 0, 1, c->area.w - text_columns(text) - 4, ROLE_BAR, t->title);
    draw_text(&bar, 0, c->area.w - text_columns(text) - 1, 32, ROLE_BAR, text);
    if (t->terminal != NULL)
        draw_lines(t, &body);
    else if (t->err.text[0] != '\0')
        draw_error(t, &body);
    if (!t->listen_only) {
        draw_text(c, c->area.h - 3, 0, 2, ROLE_STRONG, "> ");
        edit_draw(&t->line, c, c->area.h - 3, 2, c->area.w - 3, true, NULL);
    }
}
