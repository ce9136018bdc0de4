/* SPDX-License-Identifier: MIT */
/* The harness: what a program writes becomes cells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "vt_filter.h"

/* What printf(1) makes of this, after its end. */
static struct vt *print(const char *format)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {"/usr/bin/printf", format, NULL};
    struct vt *vt = vt_start(&options, argv);
    int status;

    assert_true(vt_exited(vt, &status));
    return vt;
}

static void test_colours(void **state)
{
    static const struct {
        const char *sgr;
        int fg, bg;
    } rows[] = {
        {"0", -1, -1},
        {"31", 1, -1},
        {"42", -1, 2},
        {"97", 15, -1},
        {"38;5;208;48;5;2", 208, 2},
        {"38;2;1;2;22", 0x1010216, -1},
        {"31;41;39", -1, 1},
        {"31;41;49", 1, -1},
        {"31;41;;32", 2, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64];
        struct vt *vt;
        struct vt_cell cell;

        strcpy(text, "\\033[");
        strcat(text, rows[i].sgr);
        strcat(text, "mx");
        vt = print(text);
        cell = vt_cell(vt, 0, 0);
        assert_string_equal(cell.text, "x");
        assert_int_equal(cell.width, 1);
        assert_int_equal(cell.fg, rows[i].fg);
        assert_int_equal(cell.bg, rows[i].bg);
        assert_false(cell.bold || cell.dim || cell.underline || cell.reverse);
        vt_end(vt);
    }
}

static void test_attributes(void **state)
{
    struct vt *vt =
        print("\\033[1ma\\033[0;2mb\\033[3mc\\033[0;4md\\033[0;5me\\033[0;7mf\\033[0;9mg"
              "\\033[0;1;2mh\\033[22mi\\033[0;2mj\\033[mk");

    (void)state;
    assert_true(vt_cell(vt, 0, 0).bold);
    assert_false(vt_cell(vt, 0, 0).dim);
    assert_true(vt_cell(vt, 0, 1).dim);
    assert_false(vt_cell(vt, 0, 1).bold);
    assert_true(vt_cell(vt, 0, 2).italic && vt_cell(vt, 0, 2).dim);
    assert_true(vt_cell(vt, 0, 3).underline);
    assert_true(vt_cell(vt, 0, 4).blink);
    assert_true(vt_cell(vt, 0, 5).reverse);
    assert_true(vt_cell(vt, 0, 6).strike);
    assert_true(vt_cell(vt, 0, 7).bold && vt_cell(vt, 0, 7).dim);
    assert_false(vt_cell(vt, 0, 8).bold || vt_cell(vt, 0, 8).dim);
    assert_true(vt_cell(vt, 0, 9).dim);
    assert_false(vt_cell(vt, 0, 10).dim);
    vt_end(vt);
}

static void test_wide_and_combining(void **state)
{
    struct vt *vt = print("日本x e\\xcc\\x81y\\n\\033[2;79H本");
    int col = -1, row = -1;

    (void)state;
    assert_string_equal(vt_row(vt, 0), "日本x e\xcc\x81y");
    assert_string_equal(vt_cell(vt, 0, 2).text, "本");
    assert_int_equal(vt_cell(vt, 0, 2).width, 2);
    assert_string_equal(vt_cell(vt, 0, 3).text, "");
    assert_int_equal(vt_cell(vt, 0, 3).width, 0);
    assert_true(vt_find(vt, "x", NULL, &col));
    assert_int_equal(col, 4);
    assert_string_equal(vt_cell(vt, 0, 6).text, "e\xcc\x81");
    assert_string_equal(vt_cell(vt, 0, 7).text, "y");
    assert_int_equal(vt_cell(vt, 1, 78).width, 2);
    assert_true(vt_cursor(vt, &row, &col));
    assert_int_equal(row, 1);
    vt_end(vt);
}

/* What ncurses uses of an xterm beyond the plain: line drawing, REP, ECH, a scroll region. */
static void test_xterm(void **state)
{
    struct vt *vt = print("\\033(0lqk\\033(B\\na\\033[5b\\nabcdef\\033[4D\\033[2X\\n"
                          "1\\n2\\n3\\033[4;6r\\033[6;1H\\n4");

    (void)state;
    assert_string_equal(vt_row(vt, 0), "┌─┐");
    assert_string_equal(vt_row(vt, 1), "aaaaaa");
    assert_string_equal(vt_row(vt, 2), "ab  ef");
    assert_string_equal(vt_row(vt, 3), "2");
    assert_string_equal(vt_row(vt, 4), "3");
    assert_string_equal(vt_row(vt, 5), "4");
    vt_end(vt);
}

static void test_alternate_screen(void **state)
{
    struct vt *vt = script_shell("echo before; printf '\\033[?1049h\\033[Hother\\033[?25l'; read a;"
                                 "printf '\\033[?25h\\033[?1049l'; echo after");

    (void)state;
    assert_true(vt_wait_row(vt, 0, "other"));
    vt_settle(vt);
    assert_false(vt_find(vt, "before", NULL, NULL));
    assert_false(vt_cursor(vt, NULL, NULL));
    vt_type(vt, "\n");
    assert_true(vt_wait(vt, "after"));
    assert_string_equal(vt_row(vt, 0), "before");
    assert_false(vt_find(vt, "other", NULL, NULL));
    assert_true(vt_cursor(vt, NULL, NULL));
    vt_end(vt);
}

/* Shown or hidden stays as it is when a position is brought back. */
static void test_cursor_and_saved_position(void **state)
{
    struct vt *vt = print("\\033[?25l\\033[?1049h\\033[?25h\\033[?1049l");

    (void)state;
    assert_true(vt_cursor(vt, NULL, NULL));
    vt_end(vt);
    vt = print("\\033[?1049h\\033[?25l\\033[?1049l");
    assert_false(vt_cursor(vt, NULL, NULL));
    vt_end(vt);
}

/* What a program saves on the alternate screen, as ncurses does to scroll, stays there. */
static void test_saved_positions_of_two_screens(void **state)
{
    struct vt *vt = print("one\\ntwo\\033[?1049h\\033[31m\\033[9;9H\\0337\\033[20;20H\\0338here"
                          "\\033[?1049lthree");

    (void)state;
    assert_string_equal(vt_row(vt, 1), "twothree");
    assert_int_equal(vt_cell(vt, 1, 3).fg, -1);
    assert_true(vt_is_sane(vt));
    vt_end(vt);
}

static void test_resize(void **state)
{
    struct vt *vt =
        script_python("import os, signal\n"
                      "def show():\n"
                      "    size = os.get_terminal_size()\n"
                      "    os.write(1, f'\\x1b[H\\x1b[J{size.lines}x{size.columns}'.encode())\n"
                      "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})\n"
                      "show()\n"
                      "while True:\n"
                      "    signal.sigwait({signal.SIGWINCH})\n"
                      "    show()\n");
    static const int sizes[][2] = {{50, 132}, {1, 2}, {24, 80}, {2, 200}, {100, 10}};
    int rows, cols;

    (void)state;
    assert_true(vt_wait_row(vt, 0, "24x80"));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        vt_resize(vt, sizes[i][0], sizes[i][1]);
        vt_settle(vt);
        vt_size(vt, &rows, &cols);
        assert_int_equal(rows, sizes[i][0]);
        assert_int_equal(cols, sizes[i][1]);
    }
    assert_true(vt_wait_row(vt, 0, "100x10"));
    vt_end(vt);
}

/* libvterm 0.1.4 leaves the cursor outside: the position that 1049 saved is no longer there. */
static void test_smaller_while_on_the_alternate_screen(void **state)
{
    struct vt *vt = script_shell("seq 1 20; printf '\\033[?1049h\\033[Hother'; read a;"
                                 "printf '\\033[?1049lbye\\nend'");
    int status, row;

    (void)state;
    assert_true(vt_wait(vt, "other"));
    vt_resize(vt, 10, 40);
    vt_type(vt, "\n");
    assert_true(vt_exited(vt, &status));
    assert_true(vt_find(vt, "bye", NULL, NULL));
    assert_true(vt_find(vt, "end", &row, NULL));
    assert_int_equal(row, 9);
    vt_end(vt);
}

/* The cursor stands above rows that go. */
static void test_smaller_with_text_below(void **state)
{
    struct vt *vt = script_shell("seq 1 23; printf '\\033[H'; read a; printf 'here'");
    int status;

    (void)state;
    assert_true(vt_wait(vt, "23"));
    vt_settle(vt);
    vt_resize(vt, 5, 80);
    vt_type(vt, "\n");
    assert_true(vt_exited(vt, &status));
    assert_true(vt_find(vt, "here", NULL, NULL));
    vt_end(vt);
}

/* --- the filter before libvterm --------------------------------------------------------------- */

struct sunk {
    char bytes[4096];
    size_t len;
};

static void sink(void *user, const char *bytes, size_t n)
{
    struct sunk *s = user;

    assert_true(s->len + n < sizeof s->bytes);
    memcpy(s->bytes + s->len, bytes, n);
    s->len += n;
}

static void assert_filtered(const char *in, const char *out)
{
    for (size_t split = 1; split <= strlen(in); split++) {
        struct vt_filter f = {.len = 0};
        struct sunk s = {.len = 0};

        for (size_t at = 0; at < strlen(in); at += split) {
            size_t left = strlen(in) - at;

            vt_filter(&f, in + at, left < split ? left : split, sink, &s);
        }
        assert_string_equal(s.bytes, out);
    }
}

#define ONES "1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1"

static void test_filter(void **state)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"plain é", "plain é"},
        {"a\033[2mb", "a\033[12mb"},
        {"\033[0;2;31m", "\033[0;12;31m"},
        {"\033[;2m", "\033[;12m"},
        {"\033[m", "\033[m"},
        {"\033[22m", "\033[22;10m"},
        {"\033[38;5;2m", "\033[38;5;2m"},
        {"\033[38;5;2;2m", "\033[38;5;2;12m"},
        {"\033[48;2;2;2;22;2m", "\033[48;2;2;2;22;12m"},
        {"\033[38m", "\033[38m"},
        {"\033[38;2m", "\033[38;2m"},
        {"\033[>4;2m", "\033[>4;2m"},
        {"\033[4:2m", "\033[4:2m"},
        {"\033[2J\033[2;2H", "\033[2J\033[2;2H"},
        {"\033[?2004h", "\033[?2004h"},
        {"\033[?1006;1000h", "\033[?1006h\033[?1000h"},
        {"\033[?1;25l", "\033[?1l\033[?25l"},
        {"\033(0q\033(B", "\033(0q\033(B"},
        {"\033]0;2m\007x", "\033]0;2m\007x"},
        {"\033\033[2m", "\033\033[12m"},
        {"\033[1\033[2mx", "\033[12mx"},
        {"\033[1\nx", "\nx"},
        {"\033[1\030x", "\030x"},
        {"a\033[" ONES "mb", "ab"},
        {"a\033[" ONES ";" ONES ";" ONES ";" ONES ";" ONES "Hb\033[2m", "ab\033[12m"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_filtered(rows[i].in, rows[i].out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_attributes),
        cmocka_unit_test(test_wide_and_combining),
        cmocka_unit_test(test_xterm),
        cmocka_unit_test(test_alternate_screen),
        cmocka_unit_test(test_cursor_and_saved_position),
        cmocka_unit_test(test_saved_positions_of_two_screens),
        cmocka_unit_test(test_resize),
        cmocka_unit_test(test_smaller_while_on_the_alternate_screen),
        cmocka_unit_test(test_smaller_with_text_below),
        cmocka_unit_test(test_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
