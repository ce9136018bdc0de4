/* SPDX-License-Identifier: MIT */
/* The harness: keys, pastes and the mouse arrive as the bytes that an xterm sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"

struct row {
    const char *key, *hex;
};

static void assert_rows(struct vt *vt, const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        vt_key(vt, rows[i].key);
        if (!script_echoed(vt, rows[i].hex))
            fail_msg("%s is not %s", rows[i].key, rows[i].hex);
    }
}

static void test_keys(void **state)
{
    static const struct row rows[] = {
        {"a", "61"},
        {"Z", "5a"},
        {"-", "2d"},
        {"é", "c3a9"},
        {"日", "e697a5"},
        {"Space", "20"},
        {"Enter", "0d"},
        {"Tab", "09"},
        {"BackTab", "1b5b5a"},
        {"S-Tab", "1b5b5a"},
        {"Esc", "1b"},
        {"Backspace", "7f"},
        {"Up", "1b5b41"},
        {"Down", "1b5b42"},
        {"Right", "1b5b43"},
        {"Left", "1b5b44"},
        {"Home", "1b5b48"},
        {"End", "1b5b46"},
        {"PgUp", "1b5b357e"},
        {"PgDn", "1b5b367e"},
        {"Insert", "1b5b327e"},
        {"Delete", "1b5b337e"},
        {"F1", "1b4f50"},
        {"F4", "1b4f53"},
        {"F5", "1b5b31357e"},
        {"F12", "1b5b32347e"},
        {"S-F5", "1b5b31353b327e"},
        {"C-Left", "1b5b313b3544"},
        {"C-M-Right", "1b5b313b3743"},
        {"C-c", "03"},
        {"C-i", "09"},
        {"C-m", "0d"},
        {"C-[", "1b"},
        {"C-\\", "1c"},
        {"C-_", "1f"},
        {"C-Space", "00"},
        {"C-?", "7f"},
        {"M-x", "1b78"},
        {"M-é", "1bc3a9"},
        {"C-M-x", "1b18"},
        {"M-Enter", "1b0d"},
    };
    struct vt *vt = script_echo("");

    (void)state;
    assert_rows(vt, rows, sizeof rows / sizeof *rows);
    vt_end(vt);
}

static void test_application_keys(void **state)
{
    static const struct row rows[] = {
        {"Up", "1b4f41"},           {"Left", "1b4f44"}, {"Home", "1b4f48"},     {"End", "1b4f46"},
        {"C-Left", "1b5b313b3544"}, {"F1", "1b4f50"},   {"Delete", "1b5b337e"},
    };
    struct vt *vt = script_echo("\033[?1h");

    (void)state;
    assert_rows(vt, rows, sizeof rows / sizeof *rows);
    vt_end(vt);
}

/* What ncurses makes of them, which is what the wizard will see. */
static void test_curses_keys(void **state)
{
    static const struct {
        const char *key, *name;
    } rows[] = {
        {"Up", "KEY_UP"},
        {"Down", "KEY_DOWN"},
        {"Left", "KEY_LEFT"},
        {"Right", "KEY_RIGHT"},
        {"Home", "KEY_HOME"},
        {"End", "KEY_END"},
        {"PgUp", "KEY_PPAGE"},
        {"PgDn", "KEY_NPAGE"},
        {"Insert", "KEY_IC"},
        {"Delete", "KEY_DC"},
        {"Backspace", "KEY_BACKSPACE"},
        {"BackTab", "KEY_BTAB"},
        {"F1", "KEY_F(1)"},
        {"F10", "KEY_F(10)"},
        {"F12", "KEY_F(12)"},
        {"C-a", "^A"},
        {"Tab", "^I"},
        {"Esc", "^["},
        {"q", "q"},
    };
    struct vt *vt = script_python("import curses\n"
                                  "def main(w):\n"
                                  "    curses.set_escdelay(25)\n"
                                  "    w.addstr('begin')\n"
                                  "    while True:\n"
                                  "        name = curses.keyname(w.getch()).decode()\n"
                                  "        w.erase()\n"
                                  "        w.addstr(name + '.')\n"
                                  "curses.wrapper(main)\n");
    char text[32];

    (void)state;
    assert_true(vt_wait(vt, "begin"));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "%s.", rows[i].name);
        vt_key(vt, rows[i].key);
        assert_true(vt_wait_row(vt, 0, text));
    }
    vt_end(vt);
}

static void test_paste(void **state)
{
    struct vt *vt = script_echo("");

    (void)state;
    vt_paste(vt, "a\nb\r\nc\rd");
    assert_true(script_echoed(vt, "610d620d630d64"));
    vt_end(vt);

    vt = script_echo("\033[?2004h");
    vt_paste(vt, "a\n");
    assert_true(script_echoed(vt, "1b5b3230307e610d1b5b3230317e"));
    vt_end(vt);
}

/* More than the kernel holds for a program that is slow to read. */
static void test_long_paste(void **state)
{
    enum { SIZE = 300000 };
    char *text = malloc(SIZE + 1);
    struct vt *vt = script_python("import os, tty\n"
                                  "tty.setraw(0)\n"
                                  "os.write(1, b'ready')\n"
                                  "n = 0\n"
                                  "while n < 300000: n += len(os.read(0, 700))\n"
                                  "os.write(1, b' all')\n"
                                  "os.read(0, 1)\n");

    (void)state;
    assert_non_null(text);
    memset(text, 'p', SIZE);
    text[SIZE] = '\0';
    assert_true(vt_wait(vt, "ready"));
    vt_paste(vt, text);
    assert_true(vt_wait(vt, "ready all"));
    vt_end(vt);
    free(text);
}

static void test_mouse(void **state)
{
    struct vt *vt = script_echo("\033[?1000h");

    (void)state;
    vt_click(vt, 4, 9);
    assert_true(script_echoed(vt, "1b5b4d202a251b5b4d232a25"));
    vt_end(vt);

    vt = script_echo("\033[?1000h\033[?1006h");
    vt_click(vt, 4, 9);
    assert_true(script_echoed(vt, "1b5b3c303b31303b354d1b5b3c303b31303b356d"));
    vt_click(vt, 4, 9);
    assert_true(script_echoed(vt, "1b5b3c303b31303b354d1b5b3c303b31303b356d"));
    vt_wheel(vt, 0, 0, -1);
    assert_true(script_echoed(vt, "1b5b3c36343b313b314d"));
    vt_wheel(vt, 0, 0, 2);
    assert_true(script_echoed(vt, "1b5b3c36353b313b314d1b5b3c36353b313b314d"));
    vt_end(vt);
}

static void test_mouse_is_not_asked_for(void **state)
{
    struct vt *vt = script_echo("\033[?1000h\033[?1006h\033[?1000l");

    (void)state;
    vt_click(vt, 4, 9);
    vt_wheel(vt, 4, 9, 3);
    vt_key(vt, "x");
    assert_true(script_echoed(vt, "78"));
    vt_end(vt);
}

/* Through ncurses, which asks for both modes in one sequence. */
static void test_curses_mouse(void **state)
{
    struct vt *vt = script_python("import curses\n"
                                  "def main(w):\n"
                                  "    curses.mousemask(curses.ALL_MOUSE_EVENTS)\n"
                                  "    curses.mouseinterval(0)\n"
                                  "    w.addstr('begin')\n"
                                  "    while True:\n"
                                  "        if w.getch() == curses.KEY_MOUSE:\n"
                                  "            _, x, y, _, events = curses.getmouse()\n"
                                  "            button = (events.bit_length() - 1) // 5 + 1\n"
                                  "            w.addstr(1, 0, f'{y},{x} {button}.')\n"
                                  "            w.clrtoeol()\n"
                                  "curses.wrapper(main)\n");

    (void)state;
    assert_true(vt_wait(vt, "begin"));
    vt_click(vt, 7, 30);
    assert_true(vt_wait_row(vt, 1, "7,30 1.")); /* pressed, released or clicked */
    vt_wheel(vt, 3, 70, -1);
    assert_true(vt_wait_row(vt, 1, "3,70 4."));
    vt_wheel(vt, 23, 79, 1);
    assert_true(vt_wait_row(vt, 1, "23,79 5."));
    vt_end(vt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),         cmocka_unit_test(test_application_keys),
        cmocka_unit_test(test_curses_keys),  cmocka_unit_test(test_paste),
        cmocka_unit_test(test_long_paste),   cmocka_unit_test(test_mouse),
        cmocka_unit_test(test_curses_mouse), cmocka_unit_test(test_mouse_is_not_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
