/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_DRAW_H
#define COMCERT_UI_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/theme.h"

/*
 * Drawing into a part of the screen. Every text passes through here: what could harm a terminal is
 * escaped (str_safe), what does not fit is cut at a character and marked, and columns are counted
 * as the terminal counts them (CJK takes two). Nothing outside of the canvas is touched.
 *
 * What is drawn may be clicked: the rectangles noted with draw_hit are looked up from the last one
 * noted to the first.
 */
struct rect {
    int y, x, h, w;
};

struct hit {
    struct rect at; /* of the screen */
    int action;
    int arg;
};

enum { HITS_MAX = 512 };

struct hits {
    struct hit items[HITS_MAX];
    size_t count;
};

struct canvas {
    struct rect area; /* of the screen */
    int scroll;       /* row of the content that is drawn first */
    struct hits *hits;
};

/* The whole screen, or a part of another canvas (without its scroll). */
struct canvas canvas_screen(struct hits *hits);
struct canvas canvas_part(const struct canvas *c, int y, int x, int h, int w);

/* Blanks all of it. */
void canvas_clear(const struct canvas *c, enum role role);

/* Rows and columns below are of the content: its first row is 0, whatever has been scrolled. */

/* Draws at most `width` columns of text; answers how many were used. */
int draw_text(const struct canvas *c, int y, int x, int width, enum role role, const char *text);

/* The same with blanks up to `width`. */
void draw_filled(const struct canvas *c, int y, int x, int width, enum role role, const char *text);

/* Breaks text at blanks; answers how many rows it takes (at least 1). c NULL: only counts. Rows
 * after the first are indented by `hanging` more columns. */
int draw_hanging(const struct canvas *c, int y, int x, int width, int hanging, enum role role,
                 const char *text);
int draw_wrapped(const struct canvas *c, int y, int x, int width, enum role role, const char *text);

void draw_box(const struct canvas *c, int y, int x, int h, int w, enum role role,
              const char *title);

/* A horizontal rule with a title in it and a remark (may be NULL) at its right end. */
void draw_rule(const struct canvas *c, int y, int x, int w, enum role role, const char *title,
               enum role remark_role, const char *remark);

/* A progress bar; done and total in any unit. */
void draw_bar(const struct canvas *c, int y, int x, int w, size_t done, size_t total);

/* Notes that a click here means this. */
void draw_hit(const struct canvas *c, int y, int x, int h, int w, int action, int arg);

/* Puts the blinking cursor here, if that is inside. */
void draw_cursor(const struct canvas *c, int y, int x);

/* The topmost thing noted at this place of the screen, or NULL. */
const struct hit *hits_find(const struct hits *hits, int row, int col);

/* Columns that a text takes, escapes included. */
int text_columns(const char *text);

/* "✓", "!", "✗", "·" for GOOD, WARN, BAD and anything else, or what stands for them in ASCII. */
const char *mark(enum role role);
/* `unicode` where it can be drawn, else `ascii`. */
const char *glyph(const char *unicode, const char *ascii);

#endif
