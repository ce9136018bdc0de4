/* SPDX-License-Identifier: MIT */
/* Looking at the screen. */
#include "vt_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (c >> 18 & 7));
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static const uint32_t right_half = (uint32_t)-1;

static void get(const struct vt *vt, int row, int col, VTermScreenCell *cell)
{
    VTermPos at = {.row = row, .col = col};

    memset(cell, 0, sizeof *cell);
    if (row < 0 || row >= vt->rows || col < 0 || col >= vt->cols)
        vt_fail("no cell %d, %d on a screen of %d x %d", row, col, vt->rows, vt->cols);
    vterm_screen_get_cell(vt->screen, at, cell);
}

static int colour(const VTermColor *c)
{
    if (VTERM_COLOR_IS_DEFAULT_FG(c) || VTERM_COLOR_IS_DEFAULT_BG(c))
        return -1;
    if (VTERM_COLOR_IS_INDEXED(c))
        return c->indexed.idx;
    return 0x1000000 | c->rgb.red << 16 | c->rgb.green << 8 | c->rgb.blue;
}

struct vt_cell vt_cell(const struct vt *vt, int row, int col)
{
    struct vt_cell answer = {.width = 0};
    VTermScreenCell cell;
    size_t len = 0;

    get(vt, row, col, &cell);
    if (cell.chars[0] != right_half) {
        for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i] != 0; i++) {
            if (len + 4 < sizeof answer.text)
                len += put_utf8(answer.text + len, cell.chars[i]);
        }
        answer.width = cell.width;
    }
    answer.bold = cell.attrs.bold != 0;
    answer.dim = cell.attrs.font == VT_FILTER_DIM_FONT;
    answer.italic = cell.attrs.italic != 0;
    answer.underline = cell.attrs.underline != VTERM_UNDERLINE_OFF;
    answer.blink = cell.attrs.blink != 0;
    answer.reverse = cell.attrs.reverse != 0;
    answer.strike = cell.attrs.strike != 0;
    answer.fg = colour(&cell.fg);
    answer.bg = colour(&cell.bg);
    return answer;
}

/* A row's text with its trailing blanks; an empty cell is a blank. `cols`, if not NULL, gets the
 * column of each byte. The buffers hold row_size(vt). */
static size_t row_size(const struct vt *vt)
{
    return sizeof((struct vt_cell *)NULL)->text * (size_t)vt->cols + 1;
}

static size_t row_text(const struct vt *vt, int row, char *text, int *cols)
{
    size_t len = 0;

    for (int col = 0; col < vt->cols; col++) {
        struct vt_cell cell = vt_cell(vt, row, col);
        const char *c = cell.width > 0 && cell.text[0] == '\0' ? " " : cell.text;

        for (; *c != '\0'; c++) {
            if (cols != NULL)
                cols[len] = col;
            text[len++] = *c;
        }
    }
    text[len] = '\0';
    return len;
}

const char *vt_row(struct vt *vt, int row)
{
    size_t len;

    free(vt->row);
    vt->row = malloc(row_size(vt));
    if (vt->row == NULL)
        vt_fail("no memory for a row");
    len = row_text(vt, row, vt->row, NULL);
    while (len > 0 && vt->row[len - 1] == ' ')
        len--;
    vt->row[len] = '\0';
    return vt->row;
}

bool vt_find(const struct vt *vt, const char *text, int *row, int *col)
{
    char *line = malloc(row_size(vt));
    int *cols = malloc(row_size(vt) * sizeof *cols);
    const char *found = NULL;

    if (line == NULL || cols == NULL)
        vt_fail("no memory for a row");
    for (int r = 0; r < vt->rows && found == NULL; r++) {
        row_text(vt, r, line, cols);
        found = strstr(line, text);
        if (found != NULL && row != NULL)
            *row = r;
        if (found != NULL && col != NULL)
            *col = cols[found - line];
    }
    free(line);
    free(cols);
    return found != NULL;
}

static void print_border(const struct vt *vt)
{
    fputs("# +", stderr);
    for (int i = 0; i < vt->cols; i++)
        putc('-', stderr);
}

void vt_print(const struct vt *vt)
{
    char *line = malloc(row_size(vt));
    int row, col;
    bool shown = vt_cursor(vt, &row, &col);

    if (line == NULL)
        vt_fail("no memory for a row");
    print_border(vt);
    fprintf(stderr, "+ %d x %d, cursor %s at %d, %d\n", vt->rows, vt->cols,
            shown ? "shown" : "hidden", row, col);
    for (int r = 0; r < vt->rows; r++) {
        row_text(vt, r, line, NULL);
        fprintf(stderr, "# |%s|\n", line);
    }
    print_border(vt);
    fputs("+\n", stderr);
    free(line);
}

bool vt_cursor(const struct vt *vt, int *row, int *col)
{
    VTermPos at;

    vterm_state_get_cursorpos(vt->state, &at);
    if (row != NULL)
        *row = at.row;
    if (col != NULL)
        *col = at.col;
    return vt->cursor_shown;
}

void vt_size(const struct vt *vt, int *rows, int *cols)
{
    *rows = vt->rows;
    *cols = vt->cols;
}

size_t vt_bytes(const struct vt *vt, const char **bytes)
{
    *bytes = vt->bytes != NULL ? vt->bytes : "";
    return vt->bytes_len;
}

unsigned long vt_written(const struct vt *vt)
{
    return vt->written;
}
