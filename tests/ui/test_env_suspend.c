/* SPDX-License-Identifier: MIT */
/* Ctrl-Z and fg, from a shell as a user has it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env_walk.h"

static struct env *env;

static void set_up_at(int baud)
{
    env = env_create(baud, NULL);
    env_emulate(env, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    env_end(env);
    return 0;
}

/* The wizard, started by bash at its prompt, with the terminal's modes told as "[...]" by `stty`.
 */
static struct vt *start_from_shell(void)
{
    static const char *const list[] = {"PS1=shell> ", NULL};
    static const struct vt_options options = {.rows = 24, .cols = 80, .env = list};
    static const char *const argv[] = {"bash", "--norc", "--noprofile", "-i", NULL};
    struct vt *vt = vt_start(&options, argv);
    char command[512];

    assert_true(vt_wait(vt, "shell>"));
    snprintf(command, sizeof command, "%s tui %s\n", getenv("COMCERT"), env->job);
    vt_type(vt, command);
    assert_true(vt_wait(vt, "F3 goes on to Broker"));
    return vt;
}

/* What is typed shows, and lines end as they should. */
static void assert_shell_is_usable(struct vt *vt)
{
    static int times;
    char command[128], text[32];

    assert_true(vt_wait_gone(vt, "F1 Help"));
    assert_true(vt_wait(vt, "Stopped"));
    assert_true(vt_cursor(vt, NULL, NULL));
    times++;
    snprintf(command, sizeof command,
             "stty -a | grep -c -e '-echo ' -e '-opost'; clear; "
             "printf 'a\\nb%%s\\n' %d\n",
             times);
    vt_type(vt, command);
    snprintf(text, sizeof text, "b%d", times);
    assert_true(vt_wait_row(vt, 1, text));
    assert_true(vt_wait_row(vt, 2, "shell>"));
}

static void back(struct vt *vt, const char *text)
{
    unsigned long written = vt_written(vt);

    vt_type(vt, "fg\n");
    assert_true(vt_wait(vt, text));
    assert_true(vt_wait_row(vt, 23, "F1 Help"));
    assert_true(vt_written(vt) - written > 500); /* all of it, not what has changed */
}

static void leave(struct vt *vt)
{
    vt_key(vt, "C-c");
    assert_true(vt_wait_gone(vt, "F1 Help"));
    vt_type(vt, "echo ended $?\n");
    assert_true(vt_wait(vt, "ended 0"));
    vt_end(vt);
}

static void test_everywhere(void **state)
{
    (void)state;
    set_up_at(115200);
    for (size_t i = 0; i < place_count; i++) {
        struct vt *vt = start_from_shell();

        assert_true(walk_to(vt, &places[i]));
        vt_key(vt, "C-z");
        assert_shell_is_usable(vt);
        back(vt, places[i].text);
        vt_key(vt, "C-z");
        assert_shell_is_usable(vt);
        back(vt, places[i].text);
        if (i > 3) {
            vt_key(vt, "C-c");
            assert_true(vt_wait_gone(vt, places[i].text));
        }
        leave(vt);
    }
}

/* Keys and mouse are as before after that, and the window may have another size. */
static void test_another_size(void **state)
{
    struct vt *vt;

    (void)state;
    set_up_at(115200);
    vt = start_from_shell();
    vt_key(vt, "C-z");
    assert_shell_is_usable(vt);
    vt_resize(vt, 30, 100);
    vt_settle(vt);
    vt_type(vt, "fg\n");
    assert_true(vt_wait_row(vt, 29, "F1 Help"));
    assert_true(vt_wait_row(vt, 0, ">1 Port"));
    vt_click(vt, 0, 24);
    assert_true(vt_wait(vt, ">2 Broker"));
    vt_key(vt, "F2");
    assert_true(vt_wait(vt, ">1 Port"));
    leave(vt);
}

/* The device waits for its bytes: no. */
static void test_in_a_load(void **state)
{
    struct vt *vt;

    (void)state;
    set_up_at(9600);
    vt = start_from_shell();
    assert_true(walk_load(vt));
    vt_key(vt, "C-z");
    assert_true(vt_wait(vt, "Not now: a load is running, and the device waits for its bytes"));
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, "Stop the load?"));
    vt_key(vt, "C-z");
    assert_true(vt_wait(vt, "Not now"));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    vt_key(vt, "C-z");
    assert_shell_is_usable(vt);
    back(vt, " OK The device");
    leave(vt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_everywhere, tear_down),
        cmocka_unit_test_teardown(test_another_size, tear_down),
        cmocka_unit_test_teardown(test_in_a_load, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
