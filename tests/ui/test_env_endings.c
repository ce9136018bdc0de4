/* SPDX-License-Identifier: MIT */
/* However the wizard ends, the terminal is as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "env_walk.h"

static struct env *env;

static int set_up(void **state)
{
    (void)state;
    env = env_create(115200, NULL);
    env_emulate(env, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    env_end(env);
    return 0;
}

static struct vt *start_at(const struct place *place)
{
    struct vt *vt = walk_start(env, NULL);

    assert_non_null(vt);
    if (!walk_to(vt, place))
        fail_msg("did not get to: %s", place->name);
    return vt;
}

static void assert_ends(struct vt *vt, int wanted, const char *what)
{
    int status = -1;

    if (!vt_exited(vt, &status) || status != wanted || !vt_is_sane(vt)) {
        vt_print(vt);
        fail_msg("%s: status %#x, not %#x, or not sane", what, (unsigned)status, (unsigned)wanted);
    }
    vt_end(vt);
}

static void test_signals_everywhere(void **state)
{
    static const int numbers[] = {SIGTERM, SIGHUP, SIGINT};

    (void)state;
    for (size_t i = 0; i < place_count; i++) {
        for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
            struct vt *vt = start_at(&places[i]);

            kill(vt_pid(vt), numbers[n]);
            assert_ends(vt, 130 << 8, places[i].name);
        }
    }
}

/* Before there is anything on the screen. */
static void test_a_signal_at_the_start(void **state)
{
    const char *const argv[] = {getenv("COMCERT"), "tui", env->job, NULL};

    (void)state;
    for (int ms = 0; ms < 60; ms += 6) {
        static const struct vt_options options = {.rows = 24, .cols = 80};
        struct vt *vt = vt_start(&options, argv);
        int status;

        (void)vt_pump(vt, ms);
        kill(vt_pid(vt), SIGTERM);
        assert_true(vt_exited(vt, &status));
        if ((status != 130 << 8 && status != SIGTERM) || !vt_is_sane(vt)) {
            vt_print(vt);
            fail_msg("after %d ms: status %#x", ms, (unsigned)status);
        }
        vt_end(vt);
    }
}

/* The crash is told to whoever waits, and to a core file; the screen is given back before. A
 * sanitizer that catches it first would tell another story. */
static void test_crashes(void **state)
{
    static const int numbers[] = {SIGSEGV, SIGABRT, SIGBUS};

    (void)state;
    setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0:handle_sigbus=0", 1);
    for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++) {
        for (size_t i = 0; i < place_count; i += 3) {
            struct vt *vt = start_at(&places[i]);
            int status = 0;

            kill(vt_pid(vt), numbers[n]);
            if (!vt_exited(vt, &status) || !vt_is_sane(vt))
                fail_msg("signal %d: it lives on, or not sane", numbers[n]);
            assert_int_equal(status & 0x7F, numbers[n]);
            vt_end(vt);
        }
    }
    unsetenv("ASAN_OPTIONS");
}

/* Each press closes what lies above; at a step it leaves, as nothing was entered. */
static void test_control_c(void **state)
{
    (void)state;
    for (size_t i = 0; i < place_count; i++) {
        struct vt *vt = start_at(&places[i]);

        if (i > 3) {
            vt_key(vt, "C-c");
            assert_true(vt_wait_gone(vt, places[i].text));
        }
        vt_key(vt, "C-c");
        assert_ends(vt, 0, places[i].name);
    }
}

/* What was typed is not lost by one wrong key. */
static void test_control_c_asks_when_there_is_something_to_lose(void **state)
{
    struct vt *vt = start_at(&places[1]);

    (void)state;
    vt_type(vt, "x");
    vt_key(vt, "Tab");
    vt_type(vt, "x");
    vt_settle(vt);
    vt_key(vt, "C-c");
    assert_true(vt_wait(vt, "Leave?"));
    vt_key(vt, "C-c");
    assert_true(vt_wait_gone(vt, "Leave?"));
    vt_key(vt, "C-c");
    assert_true(vt_wait(vt, "[ Leave ]"));
    vt_key(vt, "Left");
    vt_key(vt, "Left");
    vt_key(vt, "Enter");
    assert_ends(vt, 0, "left");
}

/* The window is closed: no terminal is left to be sane, but a process that stayed would hold the
 * port and burn time. */
static void test_hang_up(void **state)
{
    static const char code[] =
        "import os, pty, sys, time\n"
        "pid, master = pty.fork()\n"
        "if pid == 0:\n"
        "    os.environ['TERM'] = 'xterm'\n"
        "    os.execv(sys.argv[1], sys.argv[1:])\n"
        "seen = b''\n"
        "while b'F10' not in seen: seen += os.read(master, 4096)\n"
        "os.close(master)\n"
        "print('status', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)\n"
        "time.sleep(60)\n";
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {"python3", "-c", code, getenv("COMCERT"), "tui", env->job, NULL};
    struct vt *vt = vt_start(&options, argv);

    (void)state;
    assert_true(vt_wait(vt, "status 130"));
    vt_end(vt);
}

/* --- during a load ---------------------------------------------------------------------------- */

static void slow_down(void)
{
    env_end(env);
    env = env_create(9600, NULL);
    env_emulate(env, NULL);
}

/* The body that is on its way is finished, nothing more is sent, and that is said where it stays.
 */
static void test_a_signal_in_a_load(void **state)
{
    struct vt *vt;
    char *stored;
    int status;

    (void)state;
    slow_down();
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    assert_true(walk_load(vt));
    kill(vt_pid(vt), SIGTERM);
    assert_true(vt_exited(vt, &status));
    assert_int_equal(status, 130 << 8);
    assert_true(vt_is_sane(vt));
    assert_true(vt_find(vt, "NOT OK", NULL, NULL));
    assert_true(vt_find(vt, "loaded: server CA", NULL, NULL));
    stored = env_read(env, "store/server-ca.pem");
    assert_int_equal(strlen(stored), 1294);
    free(stored);
    stored = env_read(env, "store/device-cert.pem");
    assert_string_equal(stored, "");
    free(stored);
    vt_end(vt);
}

/* Ctrl-C in a load asks; a second one is "no". */
static void test_control_c_in_a_load(void **state)
{
    struct vt *vt;

    (void)state;
    slow_down();
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    assert_true(walk_load(vt));
    vt_key(vt, "C-c");
    assert_true(vt_wait(vt, "Stop the load?"));
    vt_key(vt, "C-c");
    assert_true(vt_wait_gone(vt, "Stop the load?"));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    vt_end(vt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_signals_everywhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_signal_at_the_start, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_crashes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_control_c, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_control_c_asks_when_there_is_something_to_lose, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_hang_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_signal_in_a_load, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_control_c_in_a_load, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
