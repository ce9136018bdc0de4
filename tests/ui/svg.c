/* SPDX-License-Identifier: MIT */
#include "svg.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svg_box.h"
#include "svg_look.h"
#include "vt_inside.h"

enum { BAR = 32, PADDING = 10, BASELINE = 14, INKS_MAX = 64 };

/* The screen as looks, and where its picture goes. */
struct picture {
    FILE *f;
    int rows, cols;
    struct svg_look *looks;
};

static const struct svg_look *at(const struct picture *p, int row, int col)
{
    return p->looks + row * p->cols + col;
}

/* What is said in XML; the two characters that XML 1.0 lacks are left out. */
static void put_text(FILE *f, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '<')
            fputs("&lt;", f);
        else if (*text == '>')
            fputs("&gt;", f);
        else if (*text == '&')
            fputs("&amp;", f);
        else if (*text == '"')
            fputs("&quot;", f);
        else if (strncmp(text, "\xef\xbf\xbe", 3) == 0 || strncmp(text, "\xef\xbf\xbf", 3) == 0)
            text += 2;
        else if ((unsigned char)*text >= 0x20)
            putc(*text, f);
    }
}

/* --- the window ------------------------------------------------------------------------------- */

static void put_window(const struct picture *p, const char *title)
{
    static const char *const buttons[] = {"ff5f57", "febc2e", "28c840"};
    int w = p->cols * SVG_CELL_W + 2 * PADDING, h = p->rows * SVG_CELL_H + BAR + 2 * PADDING;

    fprintf(p->f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "
            "%d\" font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',"
            "monospace\" font-size=\"15\" role=\"img\">\n<title>",
            w, h, w, h);
    put_text(p->f, title);
    fprintf(p->f,
            "</title>\n<rect x=\".5\" y=\".5\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#%06x\" "
            "stroke=\"#4a4f58\"/>\n<path d=\"M1 %dV8.5a7.5 7.5 0 0 1 7.5-7.5h%da7.5 7.5 0 0 1 7.5 "
            "7.5V%dz\" fill=\"#2a2e36\"/>\n",
            w - 1, h - 1, (unsigned)SVG_GROUND, BAR, w - 17, BAR);
    for (int i = 0; i < 3; i++)
        fprintf(p->f, "<circle cx=\"%d\" cy=\"16\" r=\"5.5\" fill=\"#%s\"/>\n", 20 + 19 * i,
                buttons[i]);
    fprintf(p->f,
            "<text x=\"%d\" y=\"21\" text-anchor=\"middle\" font-size=\"13\" "
            "fill=\"#b4b9c2\">",
            w / 2);
    put_text(p->f, title);
    fprintf(p->f, "</text>\n<g transform=\"translate(%d %d)\" fill=\"#%06x\">\n", PADDING,
            BAR + PADDING, (unsigned)SVG_INK);
}

/* --- shapes, one path for each colour --------------------------------------------------------- */

/* What a cell adds to a path: its colour and how many cells it takes along; false: nothing. */
typedef bool shape(const struct picture *p, int row, int col, unsigned *ink, int *times);

static bool ground_shape(const struct picture *p, int row, int col, unsigned *ink, int *times)
{
    *ink = at(p, row, col)->ground;
    *times = 1;
    while (col + *times < p->cols && at(p, row, col + *times)->ground == *ink)
        ++*times;
    return *ink != SVG_GROUND;
}

static bool box_shape(const struct picture *p, int row, int col, unsigned *ink, int *times)
{
    const struct svg_look *look = at(p, row, col), *next;

    *times = 1;
    if (!svg_box_draws(look->code))
        return false;
    *ink = svg_mix(look->ink, look->ground, svg_box_shade(look->code));
    for (next = look + 1; svg_box_repeats(look->code) && col + *times < p->cols; next++) {
        if (next->code != look->code || next->ink != look->ink || next->ground != look->ground)
            break;
        ++*times;
    }
    return true;
}

static void put_rules(FILE *f, const struct svg_look *look, int x, int y, int times)
{
    if (look->underline)
        fprintf(f, "M%d %dh%dv1h%dz", x, y + BASELINE + 2, times * SVG_CELL_W, -times * SVG_CELL_W);
    if (look->strike)
        fprintf(f, "M%d %dh%dv1h%dz", x, y + SVG_CELL_H / 2, times * SVG_CELL_W,
                -times * SVG_CELL_W);
}

/* Lines under and through the text: drawn, as a font's stop at trailing blanks. */
static bool rule_shape(const struct picture *p, int row, int col, unsigned *ink, int *times)
{
    const struct svg_look *look = at(p, row, col);

    *ink = look->ink;
    *times = 1;
    while (col + *times < p->cols && look[*times].ink == look->ink &&
           look[*times].underline == look->underline && look[*times].strike == look->strike)
        ++*times;
    return look->underline || look->strike;
}

static void put_shape(const struct picture *p, shape *kind, int row, int col, int times)
{
    int x = col * SVG_CELL_W, y = row * SVG_CELL_H, w = times * SVG_CELL_W;

    if (kind == ground_shape)
        fprintf(p->f, "M%d %dh%dv%dh%dz", x, y, w, SVG_CELL_H, -w);
    else if (kind == box_shape)
        svg_box_path(p->f, x, y, times, at(p, row, col)->code);
    else
        put_rules(p->f, at(p, row, col), x, y, times);
}

/* All shapes of one kind and one colour; answers the colours that it met, for the first call. */
static size_t put_path(const struct picture *p, shape *kind, const unsigned *only, unsigned *inks)
{
    size_t count = 0;
    unsigned ink;
    int times;

    for (int row = 0; row < p->rows; row++) {
        for (int col = 0; col < p->cols; col += times) {
            size_t i = 0;

            if (!kind(p, row, col, &ink, &times))
                continue;
            if (only != NULL && ink == *only)
                put_shape(p, kind, row, col, times);
            while (i < count && inks[i] != ink)
                i++;
            if (inks != NULL && i == count && count < INKS_MAX)
                inks[count++] = ink;
        }
    }
    return count;
}

static void put_shapes(const struct picture *p, shape *kind)
{
    unsigned inks[INKS_MAX];
    size_t count = put_path(p, kind, NULL, inks);

    for (size_t i = 0; i < count; i++) {
        fprintf(p->f, "<path fill=\"#%06x\" shape-rendering=\"%s\" d=\"", inks[i],
                kind == box_shape ? "geometricPrecision" : "crispEdges");
        put_path(p, kind, &inks[i], NULL);
        fputs("\"/>\n", p->f);
    }
}

/* --- text ------------------------------------------------------------------------------------- */

/* Whether every monospace font has it at the width of a cell. */
static bool is_plain(const struct svg_look *look)
{
    return look->width == 1 && look->code < 0x180 && strlen(look->text) <= 2;
}

static bool is_set(const struct svg_look *look)
{
    return look->code != 0 && look->width > 0 && !svg_box_draws(look->code);
}

/* How many cells from this one on are set as one piece: of one style, without two blanks together
 * and without a character that might have another width. */
static int run_length(const struct picture *p, int row, int col)
{
    const struct svg_look *first = at(p, row, col);
    int n = 1, blanks = 0;

    if (!is_plain(first))
        return 1;
    for (; col + n < p->cols; n++) {
        const struct svg_look *look = first + n;

        blanks = look->code == 0 ? blanks + 1 : 0;
        if (blanks > 1 || (look->code != 0 && (!is_set(look) || !is_plain(look))) ||
            look->ink != first->ink || look->bold != first->bold || look->italic != first->italic)
            break;
    }
    while (first[n - 1].code == 0)
        n--;
    return n;
}

static void put_run(const struct picture *p, int row, int col, int n)
{
    const struct svg_look *first = at(p, row, col);

    fprintf(p->f, "<tspan x=\"%d\"", col * SVG_CELL_W);
    if (n > 1) /* holds the columns whatever the font's width is */
        fprintf(p->f, " textLength=\"%d\"", n * SVG_CELL_W);
    if (first->ink != SVG_INK)
        fprintf(p->f, " fill=\"#%06x\"", first->ink);
    if (first->bold)
        fputs(" font-weight=\"bold\"", p->f);
    if (first->italic)
        fputs(" font-style=\"italic\"", p->f);
    putc('>', p->f);
    for (int i = 0; i < n; i++)
        put_text(p->f, first[i].code == 0 ? " " : first[i].text);
    fputs("</tspan>", p->f);
}

static void put_row(const struct picture *p, int row)
{
    bool any = false;
    int n;

    for (int col = 0; col < p->cols; col += n) {
        n = 1;
        if (!is_set(at(p, row, col)))
            continue;
        if (!any)
            fprintf(p->f, "<text y=\"%d\">", row * SVG_CELL_H + BASELINE);
        any = true;
        n = run_length(p, row, col);
        put_run(p, row, col, n);
    }
    if (any)
        fputs("</text>\n", p->f);
}

/* --- the whole -------------------------------------------------------------------------------- */

static void put_cursor(const struct picture *p, const struct vt *vt)
{
    int row, col;

    if (vt_cursor(vt, &row, &col))
        fprintf(p->f, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill-opacity=\".5\"/>\n",
                col * SVG_CELL_W, row * SVG_CELL_H, SVG_CELL_W, SVG_CELL_H);
}

void svg_write(struct vt *vt, const char *path, const char *title)
{
    struct picture p = {.f = fopen(path, "we")};
    int failed;

    vt_size(vt, &p.rows, &p.cols);
    p.looks = calloc((size_t)(p.rows * p.cols), sizeof *p.looks);
    if (p.f == NULL || p.looks == NULL)
        vt_fail("%s: %s", path, strerror(errno));
    for (int i = 0; i < p.rows * p.cols; i++)
        p.looks[i] = svg_look(vt, i / p.cols, i % p.cols);
    put_window(&p, title);
    put_shapes(&p, ground_shape);
    put_shapes(&p, box_shape);
    put_shapes(&p, rule_shape);
    for (int row = 0; row < p.rows; row++)
        put_row(&p, row);
    put_cursor(&p, vt);
    fputs("</g>\n</svg>\n", p.f);
    failed = ferror(p.f);
    if (fclose(p.f) != 0 || failed)
        vt_fail("%s: not written", path);
    free(p.looks);
}
