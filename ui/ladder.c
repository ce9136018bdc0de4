/* SPDX-License-Identifier: MIT */
#include "ui/ladder.h"

#include <stdio.h>
#include <string.h>

void ladder_take(struct ladder *l, const struct probe_options *options, const struct probe_event *e)
{
    if (e->outcome == PROBE_END)
        l->stands = e->stands;
    if (e->outcome == PROBE_FAILED)
        l->failure = *e;
    if (e->outcome == PROBE_END ||
        (e->outcome != PROBE_FAILED && !probe_is_asked(options, e->rung)))
        return;
    if (l->count > 0 && l->events[l->count - 1].outcome == PROBE_BEGUN &&
        l->events[l->count - 1].rung == e->rung)
        l->count--;
    if (l->count < LADDER_MAX)
        l->events[l->count++] = *e;
}

enum { WORD = 5, TITLE = 16, TEXT = WORD + TITLE };

static const struct {
    const char *word;
    enum role role;
} looks[] = {
    [PROBE_BEGUN] = {"...", ROLE_STRONG}, [PROBE_OK] = {"ok", ROLE_GOOD},
    [PROBE_NOTE] = {"note", ROLE_WARN},   [PROBE_SKIPPED] = {"-", ROLE_DIM},
    [PROBE_FAILED] = {"FAIL", ROLE_BAD},  [PROBE_UNTRIED] = {"-", ROLE_DIM},
};

/* One rung; answers its rows. The event's text is safe for a terminal already (probe.h). */
static int draw_event(const struct probe_event *e, const struct canvas *c, int y, int width)
{
    enum role role = looks[e->outcome].role;
    enum role text_role = role == ROLE_GOOD || role == ROLE_WARN ? ROLE_TEXT : role;
    char text[sizeof e->text + sizeof e->detail + 32];
    int rows;

    snprintf(text, sizeof text, "%s%s%s%s", e->outcome == PROBE_UNTRIED ? "not tried" : e->text,
             e->detail[0] != '\0' ? " [" : "", e->detail, e->detail[0] != '\0' ? "]" : "");
    if (e->outcome == PROBE_OK)
        snprintf(text + strlen(text), 24, " (%lld ms)",
                 (long long)((e->elapsed + 500) / USEC_PER_MS));
    if (c != NULL) {
        draw_text(c, y, 0, WORD, role, looks[e->outcome].word);
        draw_text(c, y, WORD, TITLE, e->outcome == PROBE_FAILED ? ROLE_BAD : ROLE_STRONG,
                  probe_rung_title(e->rung));
    }
    rows = draw_wrapped(c, y, TEXT, width - TEXT, text_role, text);
    if (e->remedy[0] != '\0') {
        char remedy[sizeof e->remedy + 8];

        snprintf(remedy, sizeof remedy, "fix: %s", e->remedy);
        rows += draw_hanging(c, y + rows, TEXT, width - TEXT, 5, ROLE_TEXT, remedy);
    }
    return rows;
}

int ladder_draw(const struct ladder *l, const struct canvas *c, int y, int width)
{
    int rows = 0;

    for (size_t i = 0; i < l->count; i++)
        rows += draw_event(&l->events[i], c, y + rows, width);
    return rows;
}
