/* SPDX-License-Identifier: MIT */
#include "svg_box.h"

#include <stdbool.h>

/* U+2500 to U+257F: how strong the arms to the left, up, right and down are. 1 light, 2 heavy,
 * 3 double; dashes and diagonals are left to the font. */
static const char arms_of[128][5] = {
    /* clang-format off */
    "1010", "2020", "0101", "0202", "0000", "0000", "0000", "0000",  /* ─━│┃┄┅┆┇ */
    "0000", "0000", "0000", "0000", "0011", "0021", "0012", "0022",  /* ┈┉┊┋┌┍┎┏ */
    "1001", "2001", "1002", "2002", "0110", "0120", "0210", "0220",  /* ┐┑┒┓└┕┖┗ */
    "1100", "2100", "1200", "2200", "0111", "0121", "0211", "0112",  /* ┘┙┚┛├┝┞┟ */
    "0212", "0221", "0122", "0222", "1101", "2101", "1201", "1102",  /* ┠┡┢┣┤┥┦┧ */
    "1202", "2201", "2102", "2202", "1011", "2011", "1021", "2021",  /* ┨┩┪┫┬┭┮┯ */
    "1012", "2012", "1022", "2022", "1110", "2110", "1120", "2120",  /* ┰┱┲┳┴┵┶┷ */
    "1210", "2210", "1220", "2220", "1111", "2111", "1121", "2121",  /* ┸┹┺┻┼┽┾┿ */
    "1211", "1112", "1212", "2211", "1221", "2112", "1122", "2221",  /* ╀╁╂╃╄╅╆╇ */
    "2122", "2212", "1222", "2222", "0000", "0000", "0000", "0000",  /* ╈╉╊╋╌╍╎╏ */
    "3030", "0303", "0031", "0013", "0033", "3001", "1003", "3003",  /* ═║╒╓╔╕╖╗ */
    "0130", "0310", "0330", "3100", "1300", "3300", "0131", "0313",  /* ╘╙╚╛╜╝╞╟ */
    "0333", "3101", "1303", "3303", "3031", "1013", "3033", "3130",  /* ╠╡╢╣╤╥╦╧ */
    "1310", "3330", "3131", "1313", "3333", "0000", "0000", "0000",  /* ╨╩╪╫╬╭╮╯ */
    "0000", "0000", "0000", "0000", "1000", "0100", "0010", "0001",  /* ╰╱╲╳╴╵╶╷ */
    "2000", "0200", "0020", "0002", "1020", "0102", "2010", "0201",  /* ╸╹╺╻╼╽╾╿ */
    /* clang-format on */
};

enum { LEFT, UP, RIGHT, DOWN };

static const char *arms(uint32_t c)
{
    const char *a = c >= 0x2500 && c < 0x2580 ? arms_of[c - 0x2500] : "0000";

    return a[LEFT] + a[UP] + a[RIGHT] + a[DOWN] == 4 * '0' ? NULL : a;
}

static bool is_arc(uint32_t c)
{
    return c >= 0x256d && c <= 0x2570;
}

bool svg_box_draws(uint32_t c)
{
    return arms(c) != NULL || is_arc(c) || (c >= 0x2580 && c <= 0x259f);
}

bool svg_box_repeats(uint32_t c)
{
    return c == 0x2500 || c == 0x2501 || c == 0x2550 || (c >= 0x2580 && c <= 0x2588) ||
           (c >= 0x2591 && c <= 0x2594);
}

unsigned svg_box_shade(uint32_t c)
{
    return c == 0x2591 ? 25 : c == 0x2592 ? 50 : c == 0x2593 ? 75 : 100;
}

static void rect(FILE *f, int x, int y, int w, int h)
{
    if (w > 0 && h > 0)
        fprintf(f, "M%d %dh%dv%dh%dz", x, y, w, h, -w);
}

/* Lines are drawn on whole pixels around the middle of the cell, which is at 4, 9. */
enum { MID_X = SVG_CELL_W / 2, MID_Y = SVG_CELL_H / 2 };

/* Where one of the two lines of a double arm ends at the middle: before the crossing line where the
 * neighbour on its side is double too, behind it otherwise, so that corners close. */
static int reach(char side, int middle)
{
    return side == '3' ? middle : middle + 2;
}

static int begin(char side, int middle)
{
    return side == '3' ? middle + 1 : middle - 1;
}

static void horizontal(FILE *f, int x, int y, int w, const char *a)
{
    if (a[LEFT] == '3') {
        rect(f, x, y + MID_Y - 1, reach(a[UP], MID_X), 1);
        rect(f, x, y + MID_Y + 1, reach(a[DOWN], MID_X), 1);
    } else if (a[LEFT] != '0') {
        int thick = a[LEFT] == '2' ? 3 : 1;

        rect(f, x, y + MID_Y - thick / 2, MID_X + 1, thick);
    }
    if (a[RIGHT] == '3') {
        rect(f, x + begin(a[UP], MID_X), y + MID_Y - 1, w - begin(a[UP], MID_X), 1);
        rect(f, x + begin(a[DOWN], MID_X), y + MID_Y + 1, w - begin(a[DOWN], MID_X), 1);
    } else if (a[RIGHT] != '0') {
        int thick = a[RIGHT] == '2' ? 3 : 1;

        rect(f, x + MID_X, y + MID_Y - thick / 2, w - MID_X, thick);
    }
}

static void vertical(FILE *f, int x, int y, const char *a)
{
    if (a[UP] == '3') {
        rect(f, x + MID_X - 1, y, 1, reach(a[LEFT], MID_Y));
        rect(f, x + MID_X + 1, y, 1, reach(a[RIGHT], MID_Y));
    } else if (a[UP] != '0') {
        int thick = a[UP] == '2' ? 3 : 1;

        rect(f, x + MID_X - thick / 2, y, thick, MID_Y + 1);
    }
    if (a[DOWN] == '3') {
        rect(f, x + MID_X - 1, y + begin(a[LEFT], MID_Y), 1, SVG_CELL_H - begin(a[LEFT], MID_Y));
        rect(f, x + MID_X + 1, y + begin(a[RIGHT], MID_Y), 1, SVG_CELL_H - begin(a[RIGHT], MID_Y));
    } else if (a[DOWN] != '0') {
        int thick = a[DOWN] == '2' ? 3 : 1;

        rect(f, x + MID_X - thick / 2, y + MID_Y, thick, SVG_CELL_H - MID_Y);
    }
}

/* A quarter of a ring, one pixel wide, with straight ends. */
static void arc(FILE *f, int x, int y, uint32_t c)
{
    int right = c == 0x256d || c == 0x2570, down = c == 0x256d || c == 0x256e;
    int turn = right ? 1 : -1, way = down ? 1 : -1; /* from the middle to the two ends */
    int edge_y = down ? y + SVG_CELL_H : y, edge_x = right ? x + SVG_CELL_W : x;
    int near_x = x + MID_X + (right ? 0 : 1), far_x = near_x + turn;
    int near_y = y + MID_Y + (down ? 0 : 1), far_y = near_y + way;

    fprintf(f, "M%d %dV%dQ%d %d %d %dH%dV%dH%dQ%d %d %d %dV%dz", near_x, edge_y, near_y + 5 * way,
            near_x, near_y, near_x + 5 * turn, near_y, edge_x, far_y, near_x + 5 * turn, far_x,
            far_y, far_x, far_y + 4 * way, edge_y);
}

/* U+2580 to U+259F. */
static void block(FILE *f, int x, int y, int w, uint32_t c)
{
    static const unsigned char quadrants[] = {4, 8, 1, 13, 9, 7, 11, 2, 6, 14};
    int half_w = (SVG_CELL_W + 1) / 2, half_h = SVG_CELL_H / 2;
    int n = (int)(c - 0x2580);

    if (n == 0x10) { /* the right half */
        rect(f, x + half_w, y, SVG_CELL_W - half_w, SVG_CELL_H);
    } else if (n == 0 || n == 0x14) { /* the upper half, eighth */
        rect(f, x, y, w, n == 0 ? half_h : SVG_CELL_H / 8);
    } else if (n <= 8) { /* from below */
        rect(f, x, y + SVG_CELL_H - SVG_CELL_H * n / 8, w, SVG_CELL_H * n / 8);
    } else if (n < 0x10) { /* from the left */
        rect(f, x, y, (SVG_CELL_W * (16 - n) + 4) / 8, SVG_CELL_H);
    } else if (n < 0x14) { /* shades are colours */
        rect(f, x, y, w, SVG_CELL_H);
    } else if (n == 0x15) { /* the right eighth */
        rect(f, x + SVG_CELL_W - 1, y, 1, SVG_CELL_H);
    } else {
        for (int q = 0; q < 4; q++) {
            if (quadrants[n - 0x16] & 1 << q)
                rect(f, q & 1 ? x + half_w : x, q & 2 ? y + half_h : y,
                     q & 1 ? SVG_CELL_W - half_w : half_w, half_h);
        }
    }
}

void svg_box_path(FILE *f, int x, int y, int times, uint32_t c)
{
    int w = times * SVG_CELL_W;

    if (is_arc(c)) {
        arc(f, x, y, c);
    } else if (c >= 0x2580) {
        block(f, x, y, w, c);
    } else if (svg_box_repeats(c) && c != 0x2550) {
        int thick = c == 0x2501 ? 3 : 1;

        rect(f, x, y + MID_Y - thick / 2, w, thick);
    } else {
        horizontal(f, x, y, w, arms(c));
        vertical(f, x, y, arms(c));
    }
}
