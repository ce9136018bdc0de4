/* SPDX-License-Identifier: MIT */
/* A device that talks to the user's terminal instead of to the wizard, and keys that want out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "env_walk.h"

/* A title, a place for the cursor, modes, colours, 8-bit controls, a charset, text that runs
 * backwards, a question that a terminal answers by typing; each of them marked. */
#define POISON                                                                                     \
    "poison = "                                                                                    \
    "(b'\\x1b]0;evil-title\\x07\\x1b]52;c;ZXZpbA==\\x07\\x1b[5;5Hevil-place\\x1b[?1003h'\n"        \
    "          "                                                                                   \
    "b'\\x1b[?1049l\\x1b[31mevil-colour\\x9b7mevil-c1\\x9d0;evil-osc\\x9c\\x1b(0evil-set'\n"       \
    "          b'\\x0eevil-so\\x1b[6n\\x1b[c\\x1bPevil-dcs\\x1b\\\\'\n"                            \
    "          + '\\u202eevil-bidi\\u2066\\u200b\\u009b7m'.encode() + "                            \
    "b'\\x08\\x08\\x7f\\xff\\xfe')\n"

static const char talker[] = POISON "while True:\n"
                                    "    got = os.read(master, 4096)\n"
                                    "    os.write(master, poison + b'\\r\\nsaid\\r\\n')\n";

/* Prompts as it should, so that the load goes as far as it can. */
static const char loader[] = POISON "os.write(master, poison)\n"
                                    "while True:\n"
                                    "    got = os.read(master, 4096)\n"
                                    "    os.write(master, poison + b'\\r\\nERROR 3\\r\\n')\n";

static const char flooder[] = POISON "import threading\n"
                                     "def drain():\n"
                                     "    while True: os.read(master, 4096)\n"
                                     "os.read(master, 1)\n"
                                     "threading.Thread(target=drain, daemon=True).start()\n"
                                     "while True: os.write(master, poison * 8)\n";

static const struct {
    const char *bytes;
    const char *what;
} forbidden[] = {
    {"\033]0;evil", "a title"},
    {"\033]52", "the clipboard"},
    {"\033[5;5Hevil", "a place"},
    {"\033[?1003h", "mouse reporting"},
    {"\033[31mevil", "a colour"},
    {"\033(0evil", "a character set"},
    {"\033[6n", "a question"},
    {"\033[c", "a question"},
    {"\033P", "a device control string"},
    {"\x9b", "an 8-bit CSI"},
    {"\x9d", "an 8-bit OSC"},
    {"\x0e", "a shift"},
    {"\xE2\x80\xAE", "an override"},
    {"\xE2\x81\xA6", "an isolate"},
    {"\xE2\x80\x8B", "something without width"},
};

/* Bytes 0x80 to 0x9F that begin no character. */
static bool is_part_of_utf8(const char *bytes, size_t at)
{
    unsigned char before = at > 0 ? (unsigned char)bytes[at - 1] : 0;

    return before >= 0x80;
}

static bool was_written(const struct vt *vt, const char *text)
{
    const char *bytes, *from;
    size_t n = vt_bytes(vt, &bytes), len = strlen(text);

    for (from = bytes; (from = memmem(from, n - (size_t)(from - bytes), text, len)) != NULL;
         from++) {
        if (len > 1 || (unsigned char)text[0] < 0x80 ||
            !is_part_of_utf8(bytes, (size_t)(from - bytes)))
            return true;
    }
    return false;
}

static void assert_clean(struct vt *vt)
{
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++) {
        if (was_written(vt, forbidden[i].bytes)) {
            vt_print(vt);
            fail_msg("the device sent the terminal %s", forbidden[i].what);
        }
    }
    assert_true(vt_wait_row(vt, 23, "F1 Help"));
}

static struct vt *start(struct env **env, const char *device)
{
    struct vt *vt;

    *env = env_create(115200, "transfer: { prompt-timeout-ms = 1000 }\n");
    env_script(*env, device);
    vt = walk_start(*env, NULL);
    assert_non_null(vt);
    return vt;
}

static void test_in_the_terminal(void **state)
{
    struct env *env;
    struct vt *vt = start(&env, talker);

    (void)state;
    assert_true(walk_terminal(vt));
    vt_type(vt, "hello\r");
    assert_true(vt_wait(vt, "< said"));
    assert_true(vt_find(vt, "evil-place", NULL, NULL));
    assert_clean(vt);
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, ">1 Port"));
    vt_end(vt);
    env_end(env);
}

static void test_in_the_transcript(void **state)
{
    struct env *env;
    struct vt *vt = start(&env, loader);

    (void)state;
    assert_true(walk_review(vt));
    walk_press_load(vt);
    assert_true(walk_failed(vt));
    assert_true(vt_find(vt, "evil", NULL, NULL));
    assert_clean(vt);
    vt_key(vt, "C-c");
    vt_end(vt);
    env_end(env);
}

static void test_while_listening(void **state)
{
    static const char babbler[] = POISON "while True:\n"
                                         "    os.write(master, poison + b'\\r\\nsaid\\r\\n')\n"
                                         "    time.sleep(0.1)\n";
    struct env *env;
    struct vt *vt = start(&env, babbler);

    (void)state;
    vt_key(vt, "F6");
    assert_true(vt_wait(vt, "< said"));
    assert_clean(vt);
    vt_end(vt);
    env_end(env);
}

/* Megabytes without a line end: keys still answer, and it can be left. */
static void test_a_flood(void **state)
{
    struct env *env;
    struct vt *vt = start(&env, flooder);

    (void)state;
    assert_true(walk_terminal(vt));
    vt_type(vt, "go\r");
    assert_true(vt_wait(vt, "evil"));
    vt_type(vt, "still here");
    assert_true(vt_wait(vt, "> still here"));
    vt_key(vt, "F1");
    assert_true(vt_wait(vt, "draw the screen anew"));
    vt_key(vt, "Esc");
    assert_true(vt_wait_gone(vt, "draw the screen anew"));
    assert_clean(vt);
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, ">1 Port"));
    assert_true(walk_review(vt));
    walk_press_load(vt);
    assert_true(walk_failed(vt));
    assert_clean(vt);
    vt_end(vt);
    env_end(env);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void assert_no_key(const char *bytes, size_t n, const char *where)
{
    for (const char *const *line = env_key_lines(); *line != NULL; line++) {
        /* Any twenty characters of a line would be too many. */
        for (size_t at = 0; at + 20 <= strlen(*line); at += 20) {
            if (memmem(bytes, n, *line + at, 20) != NULL)
                fail_msg("a part of the key is in %s", where);
        }
    }
}

/* The device echoes all of it, and the whole way is walked. */
static void test_the_key_is_never_shown(void **state)
{
    static const struct vt_options large = {.rows = 60, .cols = 200};
    struct env *env = env_create(115200, NULL);
    struct vt *vt;
    const char *bytes;
    size_t n;

    (void)state;
    env_emulate(env, NULL);
    vt = walk_start(env, &large);
    assert_non_null(vt);
    for (int step = '2'; step <= '3'; step++) {
        vt_key(vt, (const char[]){'M', '-', (char)step, '\0'});
        vt_settle(vt);
    }
    assert_true(walk_load(vt));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    n = vt_bytes(vt, &bytes);
    assert_true(memmem(bytes, n, "9270,12", 7) != NULL);
    assert_no_key(bytes, n, "what was drawn");
    vt_end(vt);
    env_end(env);
}

/* A device that says its key when it is asked, and a log that is on. */
static void test_a_key_in_the_terminal(void **state)
{
    static const char teller[] = "os.read(master, 1)\n"
                                 "time.sleep(0.1)\n"
                                 "os.write(master, b'\\r\\n' + open(KEY, 'rb').read()"
                                 ".replace(b'\\n', b'\\r\\n') + b'end of it\\r\\n')\n"
                                 "while True: os.read(master, 4096)\n";
    char *path = realpath("fixtures/pem/pump-7.key", NULL), code[2048], *log;
    struct env *env = env_create(115200, NULL);
    const struct vt_options here = {.rows = 40, .cols = 100, .cwd = env->dir};
    struct vt *vt;
    const char *bytes;
    size_t n;

    (void)state;
    snprintf(code, sizeof code, "KEY = '%s'\n%s", path, teller);
    env_script(env, code);
    vt = walk_start(env, &here);
    assert_non_null(vt);
    assert_true(walk_terminal(vt));
    vt_key(vt, "F6");
    assert_true(vt_wait(vt, "Log to a file"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "Logging."));
    vt_type(vt, "show key\r");
    assert_true(vt_wait(vt, "< end of it"));
    vt_key(vt, "F6");
    assert_true(vt_wait(vt, "The log is complete."));
    n = vt_bytes(vt, &bytes);
    assert_no_key(bytes, n, "what was drawn");
    log = env_read(env, "comcert-terminal.log");
    assert_non_null(strstr(log, "end of it"));
    assert_no_key(log, strlen(log), "the log");
    free(log);
    free(path);
    vt_end(vt);
    env_end(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_the_terminal),        cmocka_unit_test(test_in_the_transcript),
        cmocka_unit_test(test_while_listening),        cmocka_unit_test(test_a_flood),
        cmocka_unit_test(test_the_key_is_never_shown), cmocka_unit_test(test_a_key_in_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
