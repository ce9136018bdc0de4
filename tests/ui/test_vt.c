/* SPDX-License-Identifier: MIT */
/* The harness: a program's birth, waits, its end, and what it leaves behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "script.h"

static int status_of(struct vt *vt)
{
    int status = -1;

    assert_true(vt_exited(vt, &status));
    return status;
}

/* --- birth ------------------------------------------------------------------------------------ */

static void test_environment(void **state)
{
    static const char *const env[] = {"FOO=bar", "TERM=vt100", "LC_ALL", NULL};
    static const struct vt_options options = {.rows = 10, .cols = 60, .env = env};
    const char *const argv[] = {"sh", "-c",
                                "echo $TERM/$FOO/${LC_ALL-none}/; stty size; tty; ps -o tpgid= $$;"
                                "[ \"$(pwd)\" = \"$HOME\" ] && [ -z \"$(ls -A)\" ] && echo home",
                                NULL};
    struct vt *vt = vt_start(&options, argv);
    char group[32];

    (void)state;
    snprintf(group, sizeof group, "%d", (int)vt_pid(vt)); /* in the foreground of its terminal */
    assert_true(vt_wait_row(vt, 4, "home"));
    assert_string_equal(vt_row(vt, 0), "vt100/bar/none/");
    assert_string_equal(vt_row(vt, 1), "10 60");
    assert_non_null(strstr(vt_row(vt, 2), "/dev/pts/"));
    assert_non_null(strstr(vt_row(vt, 3), group));
    vt_end(vt);
}

static void test_home_goes(void **state)
{
    struct vt *vt = script_shell("mkdir -p a/b && ln -s / a/root && echo text >a/b/c && echo made");
    char home[256];

    (void)state;
    snprintf(home, sizeof home, "%s", vt_home(vt));
    assert_true(vt_wait(vt, "made"));
    assert_int_equal(access(home, F_OK), 0);
    vt_end(vt);
    assert_int_not_equal(access(home, F_OK), 0);
}

static void test_folder(void **state)
{
    static const struct vt_options options = {.cwd = "/usr"};
    const char *const argv[] = {"pwd", NULL};
    struct vt *vt = vt_start(&options, argv);

    (void)state;
    assert_true(vt_wait_row(vt, 0, "/usr"));
    vt_end(vt);
}

/* --- waits and the end ------------------------------------------------------------------------ */

static void test_statuses(void **state)
{
    struct vt *vt = script_shell("exit 3");
    int status = status_of(vt);

    (void)state;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 3);
    vt_end(vt);

    vt = script_shell("kill -TERM $$");
    status = status_of(vt);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    vt_end(vt);
}

/* The last words are on the screen however soon after them the program ends. */
static void test_last_words(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct vt *vt = script_shell("seq 5000; printf 'the end'");
        const char *bytes;
        size_t n;

        assert_int_equal(status_of(vt), 0);
        assert_string_equal(vt_row(vt, 23), "the end");
        n = vt_bytes(vt, &bytes);
        assert_int_equal(n, vt_written(vt));
        assert_memory_equal(bytes, "1\r\n2\r\n", 6);
        assert_memory_equal(bytes + n - 7, "the end", 7);
        vt_end(vt);
    }
}

static void test_wait_ends_with_the_program(void **state)
{
    struct vt *vt = script_shell("echo something");

    (void)state;
    assert_false(vt_wait(vt, "something else"));
    assert_true(vt_wait(vt, "something"));
    assert_false(vt_wait_row(vt, 1, "something"));
    assert_true(vt_wait_gone(vt, "something else"));
    assert_false(vt_wait_gone(vt, "something"));
    vt_end(vt);
}

static void test_waits(void **state)
{
    struct vt *vt = script_shell("read a; echo one; read b; printf '\\033[Htwo\\033[J'; read c");
    int row = -1, col = -1;

    (void)state;
    vt_type(vt, "x\n");
    assert_true(vt_wait(vt, "one"));
    assert_true(vt_find(vt, "ne", &row, &col));
    assert_int_equal(row, 1);
    assert_int_equal(col, 1);
    vt_type(vt, "y\n");
    assert_true(vt_wait_gone(vt, "one"));
    assert_true(vt_wait_row(vt, 0, "two"));
    vt_end(vt);
}

static void test_settle(void **state)
{
    struct vt *vt = script_python("import time\n"
                                  "input('ready')\n"
                                  "end = time.process_time() + 0.3\n"
                                  "while time.process_time() < end: pass\n"
                                  "print('thought')\n"
                                  "input()\n");

    (void)state;
    assert_true(vt_wait(vt, "ready"));
    vt_type(vt, "\n");
    vt_settle(vt); /* also while it thinks and is silent */
    assert_true(vt_find(vt, "thought", NULL, NULL));
    assert_true(vt_cpu_ms(vt) >= 290);
    vt_end(vt);
}

static void test_taken(void **state)
{
    struct vt *vt = script_python("import tty, os, signal\n"
                                  "tty.setraw(0)\n"
                                  "signal.signal(signal.SIGUSR1, lambda *_: None)\n"
                                  "print('deaf')\n"
                                  "signal.pause()\n"
                                  "while True: os.read(0, 100)\n");

    (void)state;
    assert_true(vt_wait(vt, "deaf"));
    vt_type(vt, "abc");
    vt_settle(vt); /* gives up: it sleeps */
    assert_false(vt_taken(vt, 50));
    kill(vt_pid(vt), SIGUSR1);
    assert_true(vt_taken(vt, 5000));
    vt_end(vt);
}

static void test_stall(void **state)
{
    struct vt *vt = script_python("input('ready')\n"
                                  "print('x' * 1000000)\n"
                                  "print('through')\n"
                                  "input()\n");
    unsigned long before;

    (void)state;
    assert_true(vt_wait(vt, "ready"));
    vt_stall(vt, true);
    before = vt_written(vt);
    vt_type(vt, "\n");
    vt_settle(vt);
    assert_int_equal(vt_written(vt), before);
    vt_stall(vt, false);
    assert_true(vt_wait(vt, "through"));
    assert_true(vt_written(vt) > before + 1000000);
    vt_end(vt);
}

static void test_bytes_are_bounded(void **state)
{
    struct vt *vt = script_shell("head -c 9000000 /dev/zero | tr '\\0' a; echo; echo last");
    const char *bytes;
    size_t n;

    (void)state;
    assert_int_equal(status_of(vt), 0);
    n = vt_bytes(vt, &bytes);
    assert_in_range(n, 4 << 20, 8 << 20);
    assert_memory_equal(bytes + n - 6, "last\r\n", 6);
    assert_true(vt_written(vt) > 9000000);
    vt_end(vt);
}

/* Job control needs a shell above the program. */
static void test_suspend(void **state)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {"bash", "--norc", "-i", NULL};
    struct vt *vt = vt_start(&options, argv);

    (void)state;
    vt_type(vt, "sed -u s/a/b/\naaa\n");
    assert_true(vt_wait(vt, "baa"));
    vt_key(vt, "C-z");
    assert_true(vt_wait(vt, "Stopped"));
    vt_type(vt, "fg\naab\n");
    assert_true(vt_wait(vt, "bab"));
    vt_key(vt, "C-d");
    vt_type(vt, "exit 7\n");
    assert_int_equal(WEXITSTATUS(status_of(vt)), 7);
    vt_end(vt);
}

/* --- what is left behind ---------------------------------------------------------------------- */

static void test_insane(void **state)
{
    static const char *const sins[] = {
        "printf '\\033[?1049h'",
        "printf '\\033[?25l'",
        "printf '\\033[?1000h'",
        "printf '\\033[?1003;1006h'",
        "printf '\\033[?2004h'",
        "printf '\\033[?1004h'",
        "printf '\\033[?1h'",
        "printf '\\033='",
        "printf '\\033[31m'",
        "printf '\\033[44m'",
        "printf '\\033[1m'",
        "printf '\\033[2m'",
        "printf '\\033[7m'",
        "stty -echo",
        "stty raw",
        "stty -isig",
        "stty min 3",
        "python3 -c 'import os; os.set_blocking(0, False)'",
    };

    (void)state;
    for (size_t i = 0; i < sizeof sins / sizeof *sins; i++) {
        struct vt *vt = script_shell(sins[i]);

        assert_int_equal(status_of(vt), 0);
        if (vt_is_sane(vt))
            fail_msg("taken for sane: %s", sins[i]);
        vt_end(vt);
    }
}

static void test_sane(void **state)
{
    struct vt *vt = script_python("import curses, os\n"
                                  "def main(w):\n"
                                  "    curses.curs_set(0)\n"
                                  "    curses.mousemask(curses.ALL_MOUSE_EVENTS)\n"
                                  "    curses.init_pair(1, curses.COLOR_RED, curses.COLOR_BLUE)\n"
                                  "    w.addstr('wild', curses.color_pair(1) | curses.A_DIM)\n"
                                  "    w.getch()\n"
                                  "curses.wrapper(main)\n"
                                  "print('tame')\n");

    (void)state;
    assert_true(vt_wait(vt, "wild"));
    assert_false(vt_is_sane(vt));
    vt_key(vt, "Enter");
    assert_int_equal(status_of(vt), 0);
    assert_true(vt_find(vt, "tame", NULL, NULL));
    assert_true(vt_is_sane(vt));
    vt_end(vt);
}

static void test_reports(void **state)
{
    struct vt *vt = script_shell("true");

    (void)state;
    assert_int_equal(status_of(vt), 0);
    assert_false(vt_reported(vt));
    vt_end(vt);

    vt = script_shell("path=${UBSAN_OPTIONS#*log_path=}; echo 'a false alarm' >\"${path%%:*}.$$\"");
    assert_int_equal(status_of(vt), 0);
    assert_true(vt_reported(vt));
    vt_end(vt); /* told, so it passes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_home_goes),
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_last_words),
        cmocka_unit_test(test_wait_ends_with_the_program),
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_settle),
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_stall),
        cmocka_unit_test(test_bytes_are_bounded),
        cmocka_unit_test(test_suspend),
        cmocka_unit_test(test_insane),
        cmocka_unit_test(test_sane),
        cmocka_unit_test(test_reports),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
