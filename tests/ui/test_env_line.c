/* SPDX-License-Identifier: MIT */
/* Listen, the line terminal, Find speed; and a terminal that does not read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env_walk.h"

/* Writes down every byte that it gets; says "tick" by itself, "you said ..." to a line. */
static const char counter[] =
    "line = b''\n"
    "while True:\n"
    "    if not select.select([master], [], [], 0.05)[0]:\n"
    "        os.write(master, b'it ticks\\r\\n')\n"
    "        continue\n"
    "    for c in os.read(master, 4096):\n"
    "        note('%02x' % c)\n"
    "        if c == 13: os.write(master, b'you said ' + line + b'\\r\\n')\n"
    "        line = b'' if c == 13 else line + bytes([c])\n";

static const char silent[] = "while True: note(os.read(master, 4096).hex())\n";

static struct vt *start(struct env **env, const char *device)
{
    struct vt *vt;

    *env = env_create(115200, NULL);
    env_script(*env, device);
    vt = walk_start(*env, NULL);
    assert_non_null(vt);
    return vt;
}

static void end(struct vt *vt, struct env *env)
{
    vt_end(vt);
    env_end(env);
}

/* The device has got exactly these bytes, each a line of hexadecimal. */
static void assert_got(const struct env *env, const char *bytes)
{
    char *notes = env_read(env, "notes");

    assert_string_equal(notes, bytes);
    free(notes);
}

static void test_listening_sends_nothing(void **state)
{
    struct env *env;
    struct vt *vt = start(&env, counter);

    (void)state;
    vt_key(vt, "F6");
    /* A pty has no DTR to warn of. */
    assert_true(vt_wait(vt, "< it ticks"));
    assert_true(vt_find(vt, "listening", NULL, NULL));
    vt_type(vt, "abc\r");
    vt_paste(vt, "pasted\n");
    assert_true(vt_wait(vt, "Listening only: nothing is sent."));
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, ">1 Port"));
    assert_got(env, "");
    end(vt, env);
}

/* Opened by nobody here: asking is all that is looked at. */
static void test_a_real_port_is_asked_for(void **state)
{
    struct env *env = env_create(115200, NULL);
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {getenv("COMCERT"), "tui", env->job, "--port", "/dev/ttyS0", NULL};
    struct vt *vt;

    (void)state;
    if (access("/dev/ttyS0", F_OK) != 0) {
        env_end(env);
        skip();
    }
    vt = vt_start(&options, argv);
    assert_true(vt_wait(vt, "F3 goes on to Broker"));
    vt_key(vt, "F6");
    assert_true(vt_wait(vt, "Opening /dev/ttyS0 raises DTR and RTS, which resets some devices."));
    assert_true(vt_find(vt, "Nothing is sent.", NULL, NULL));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "DTR and RTS"));
    vt_key(vt, "F5");
    assert_true(vt_wait(vt, "Only what you type is sent."));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "DTR and RTS"));
    vt_key(vt, "F7");
    assert_true(vt_wait(vt, "Opening /dev/ttyS0 raises DTR and RTS"));
    end(vt, env);
}

static void test_a_line(void **state)
{
    struct env *env;
    struct vt *vt = start(&env, counter);

    (void)state;
    vt_key(vt, "F5");
    assert_true(vt_wait(vt, "< it ticks"));
    assert_true(vt_find(vt, "dev  115200 8N1", NULL, NULL));
    vt_type(vt, "hi");
    vt_settle(vt);
    assert_got(env, "");
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "< you said hi"));
    assert_true(vt_find(vt, "> hi", NULL, NULL));
    assert_got(env, "68\n69\n0d\n"); /* the profile's line end is CR */
    end(vt, env);
}

static void test_pasted_lines_ask(void **state)
{
    struct env *env;
    struct vt *vt = start(&env, counter);

    (void)state;
    vt_key(vt, "F5");
    assert_true(vt_wait(vt, "< it ticks"));
    vt_paste(vt, "a\nb\n");
    assert_true(vt_wait(vt, "Send 2 lines, 4 bytes"));
    vt_key(vt, "Enter"); /* what is hit by mistake is No */
    assert_true(vt_wait_gone(vt, "Send 2 lines"));
    assert_got(env, "");
    vt_paste(vt, "a\nb\n");
    assert_true(vt_wait(vt, "Send 2 lines, 4 bytes"));
    vt_key(vt, "Left");
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "< you said b"));
    assert_got(env, "61\n0d\n62\n0d\n");
    end(vt, env);
}

static void test_the_log(void **state)
{
    struct env *env = env_create(115200, NULL);
    const struct vt_options here = {.rows = 24, .cols = 80, .cwd = env->dir};
    char path[ENV_PATH + 32], *log;
    struct stat st;
    struct vt *vt;

    (void)state;
    env_script(env, counter);
    vt = walk_start(env, &here);
    assert_non_null(vt);
    vt_key(vt, "F5");
    assert_true(vt_wait(vt, "< it ticks"));
    vt_key(vt, "F6");
    assert_true(vt_wait(vt, "comcert-terminal.log"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "Logging."));
    vt_type(vt, "hello\r");
    assert_true(vt_wait(vt, "< you said hello"));
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, ">1 Port"));
    vt_settle(vt);
    snprintf(path, sizeof path, "%s/comcert-terminal.log", env->dir);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    log = env_read(env, "comcert-terminal.log");
    assert_non_null(strstr(log, "you said hello"));
    free(log);
    end(vt, env);
}

/* One after the other: a load waits until the terminal's port is closed, and a load that runs gives
 * no terminal. */
static void test_terminal_and_load(void **state)
{
    struct env *env = env_create(9600, NULL);
    struct vt *vt;

    (void)state;
    env_emulate(env, NULL);
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    assert_true(walk_review(vt));
    assert_true(walk_terminal(vt));
    vt_type(vt, "\r");
    vt_key(vt, "Esc");
    walk_press_load(vt);
    assert_true(vt_wait(vt, "==="));
    vt_key(vt, "F5");
    assert_true(vt_wait(vt, "Not now: the load has the port."));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    assert_true(walk_terminal(vt));
    vt_type(vt, "x\r");
    assert_true(vt_wait(vt, "> x"));
    end(vt, env);
}

/* --- find speed ------------------------------------------------------------------------------- */

/* The job says 19200, which is wrong; nothing is sent before the question is answered. */
static void find(int baud)
{
    struct env *env = env_create(19200, NULL);
    char text[64];
    struct vt *vt;

    env->baud = baud;
    env_emulate(env, NULL);
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    vt_key(vt, "F7");
    assert_true(vt_wait(vt, "a line end is sent, and nothing else"));
    vt_key(vt, "Enter");
    snprintf(text, sizeof text, "The device speaks text at %d. Enter takes it.", baud);
    assert_true(vt_wait(vt, text));
    vt_key(vt, "Enter");
    assert_true(vt_wait_gone(vt, "Enter takes it"));
    snprintf(text, sizeof text, "Speed          %d ", baud);
    assert_true(vt_wait(vt, text));
    assert_true(walk_load(vt)); /* and it is right */
    assert_true(walk_loaded(vt));
    end(vt, env);
}

static void test_find_speed(void **state)
{
    (void)state;
    find(9600);
    find(38400);
}

static void test_find_speed_of_a_silent_device(void **state)
{
    struct env *env;
    struct vt *vt = start(&env, silent);
    char *notes;

    (void)state;
    vt_key(vt, "F7");
    assert_true(vt_wait(vt, "Try them"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "No speed stands out"));
    assert_true(vt_find(vt, "silence", NULL, NULL));
    notes = env_read(env, "notes");
    assert_int_equal(strspn(notes, "0d\n"), strlen(notes));
    free(notes);
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, "Speed          115200 "));
    end(vt, env);
}

/* --- a terminal that does not read ------------------------------------------------------------ */

static void test_a_stalled_terminal(void **state)
{
    struct env *env = env_create(9600, NULL);
    struct vt *vt;

    (void)state;
    env_emulate(env, NULL);
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    assert_true(walk_load(vt));
    vt_stall(vt, true);
    for (int i = 0; i < 60 && !env_is_stored(env); i++) {
        vt_key(vt, "C-l"); /* whole screens, so that the kernel's buffer is full soon */
        vt_pump(vt, 100);
    }
    for (int i = 0; i < 300 && !env_is_stored(env); i++)
        vt_pump(vt, 100);
    assert_true(env_is_stored(env));
    vt_stall(vt, false);
    assert_true(walk_loaded(vt));
    vt_key(vt, "F1");
    assert_true(vt_wait(vt, "draw the screen anew"));
    end(vt, env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listening_sends_nothing),
        cmocka_unit_test(test_a_real_port_is_asked_for),
        cmocka_unit_test(test_a_line),
        cmocka_unit_test(test_pasted_lines_ask),
        cmocka_unit_test(test_the_log),
        cmocka_unit_test(test_terminal_and_load),
        cmocka_unit_test(test_find_speed),
        cmocka_unit_test(test_find_speed_of_a_silent_device),
        cmocka_unit_test(test_a_stalled_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
