/* SPDX-License-Identifier: MIT */
#include "run/scrollback.h"

#include <stdlib.h>

static struct terminal_line *slot(struct scrollback *s, size_t i)
{
    return &s->lines[(s->first + i) % TERMINAL_LINES_MAX];
}

static void forget(struct scrollback *s)
{
    free((char *)slot(s, 0)->text); /* scrollback_add got it as it is */
    s->first = (s->first + 1) % TERMINAL_LINES_MAX;
    s->count--;
    s->forgotten++;
}

const struct terminal_line *scrollback_add(struct scrollback *s, enum terminal_source source,
                                           usec at, char *text)
{
    struct terminal_line *line;

    if (s->count == TERMINAL_LINES_MAX)
        forget(s);
    line = slot(s, s->count++);
    *line = (struct terminal_line){.source = source, .at = at, .text = text};
    return line;
}

const struct terminal_line *scrollback_line(const struct scrollback *s, size_t i)
{
    return &s->lines[(s->first + i) % TERMINAL_LINES_MAX];
}

void scrollback_reset(struct scrollback *s)
{
    while (s->count > 0)
        forget(s);
    *s = (struct scrollback){0};
}
