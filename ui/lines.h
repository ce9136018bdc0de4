/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_LINES_H
#define COMCERT_UI_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/finding.h"
#include "ui/draw.h"

/* Paragraphs of text, each with a role, wrapped when they are drawn. Zero-initialise it. When
 * memory runs out paragraphs are missing; nothing else happens. */
struct lines {
    struct paragraph {
        enum role role;
        int indent;  /* columns */
        int hanging; /* columns that further rows are indented beyond that */
        char *text;
    } * items;
    size_t count, capacity;
};

void lines_reset(struct lines *l);

void lines_add(struct lines *l, enum role role, int indent, const char *fmt, ...) ATTR_PRINTF(4, 5);

/* The same with further rows indented by `hanging` more columns. */
void lines_add_hanging(struct lines *l, enum role role, int indent, int hanging, const char *text);

/* "Label      text": further rows stand under the text. */
void lines_add_labelled(struct lines *l, enum role role, int indent, int width, const char *label,
                        const char *text);

/* "! what went wrong" and "fix: what to do" below. */
void lines_add_finding(struct lines *l, int indent, const struct finding *f);

/* The same for all whose key is this one (NULL: any), worst first, but for those with the code
 * `except` (may be NULL). */
void lines_add_findings(struct lines *l, int indent, const struct findings *findings,
                        const char *key, const char *except);

/* Draws at row y; answers how many rows it took. c NULL: only counts. */
int lines_draw(const struct lines *l, const struct canvas *c, int y, int x, int width);

enum role role_of_severity(enum severity severity);

#endif
