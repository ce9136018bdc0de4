/* SPDX-License-Identifier: MIT */
/* 256 colours, 8, none, and terminals without line drawing: what can be told in one can be told in
 * all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "env_walk.h"

static const struct kind {
    const char *name;
    const char *env[4];
    const char *argument; /* of comcert tui, or NULL */
    int colours;
} kinds[] = {
    {"256", {"TERM=xterm-256color"}, NULL, 256},
    {"8", {"TERM=xterm"}, NULL, 8},
    {"NO_COLOR", {"TERM=xterm-256color", "NO_COLOR=1"}, NULL, 0},
    {"--no-color", {"TERM=xterm-256color"}, "--no-color", 0},
    {"vt100", {"TERM=vt100"}, NULL, 0},
    {"C", {"TERM=xterm-256color", "LC_ALL=C"}, NULL, 256},
    {"vt100, C", {"TERM=vt100", "LC_ALL=C"}, NULL, 0},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static struct vt *start(const struct env *env, const struct kind *kind)
{
    const struct vt_options options = {.rows = 24, .cols = 80, .env = kind->env};
    const char *const argv[] = {getenv("COMCERT"), "tui", env->job, kind->argument, NULL};
    struct vt *vt = vt_start(&options, argv);

    assert_true(vt_wait(vt, "F3 goes on to Broker"));
    return vt;
}

static struct vt_cell cell_at(struct vt *vt, const char *text)
{
    int row, col;

    if (!vt_find(vt, text, &row, &col))
        fail_msg("\"%s\" is not on the screen", text);
    return vt_cell(vt, row, col);
}

static bool look_same(struct vt_cell a, struct vt_cell b)
{
    return a.bold == b.bold && a.dim == b.dim && a.underline == b.underline &&
           a.reverse == b.reverse && a.fg == b.fg && a.bg == b.bg;
}

static void assert_differ(const struct kind *kind, struct vt_cell a, struct vt_cell b,
                          const char *what)
{
    if (look_same(a, b))
        fail_msg("%s: %s cannot be told (fg %d, bg %d)", kind->name, what, a.fg, a.bg);
}

/* No colour where none was wished for; colours of the palette that is there. */
static void assert_palette(struct vt *vt, const struct kind *kind)
{
    for (int row = 0; row < 24; row++) {
        for (int col = 0; col < 80; col++) {
            struct vt_cell cell = vt_cell(vt, row, col);

            if (cell.fg >= kind->colours || cell.bg >= kind->colours)
                fail_msg("%s: colour %d on %d at %d, %d", kind->name, cell.fg, cell.bg, row, col);
        }
    }
}

static void test_steps_and_rows(void **state)
{
    struct env *env = env_create(115200, NULL);

    (void)state;
    env_emulate(env, NULL);
    for (size_t i = 0; i < KINDS; i++) {
        struct vt *vt = start(env, &kinds[i]);
        struct vt_cell row;

        assert_differ(&kinds[i], cell_at(vt, "1 Port"), cell_at(vt, "2 Broker"), "the step");
        assert_true(vt_find(vt, ">1 Port", NULL, NULL));
        assert_palette(vt, &kinds[i]);
        while (!vt_find(vt, "(*) an emulated", NULL, NULL)) {
            row = cell_at(vt, "an emulated");
            vt_key(vt, "Down");
            vt_settle(vt);
            if (!look_same(row, cell_at(vt, "an emulated")))
                break;
        }
        assert_differ(&kinds[i], row, cell_at(vt, "an emulated"), "the row with the focus");
        vt_end(vt);
    }
    env_end(env);
}

/* A field, a choice and a button each look different once they have the focus. */
static void test_focus(void **state)
{
    struct env *env = env_create(115200, NULL);

    (void)state;
    env_emulate(env, NULL);
    for (size_t i = 0; i < KINDS; i++) {
        struct vt *vt = start(env, &kinds[i]);
        struct vt_cell hub, choice, button;

        vt_key(vt, "M-2");
        assert_true(vt_wait(vt, ">2 Broker"));
        vt_settle(vt);
        hub = cell_at(vt, "my-hub ");
        choice = cell_at(vt, "Azure IoT Hub");
        button = cell_at(vt, "Try at the broker");
        vt_key(vt, "Tab");
        vt_settle(vt);
        assert_differ(&kinds[i], hub, cell_at(vt, "my-hub "), "a field's focus");
        assert_differ(&kinds[i], choice, cell_at(vt, "Azure IoT Hub"), "a choice's focus");
        assert_true(vt_find(vt, "(*) Azure", NULL, NULL));
        vt_key(vt, "BackTab");
        vt_key(vt, "BackTab");
        vt_key(vt, "BackTab");
        vt_settle(vt);
        if (look_same(button, cell_at(vt, "Try at the broker")))
            vt_key(vt, "Tab");
        vt_settle(vt);
        assert_differ(&kinds[i], button, cell_at(vt, "Try at the broker"), "a button's focus");
        vt_end(vt);
    }
    env_end(env);
}

/* Severity has a mark of its own besides its colour. */
static void test_severity(void **state)
{
    struct env *env = env_create(115200, NULL);

    (void)state;
    env_emulate(env, NULL);
    for (size_t i = 0; i < KINDS; i++) {
        struct vt *vt = start(env, &kinds[i]);
        bool ascii = strstr(kinds[i].name, "C") == kinds[i].name || i == KINDS - 1;

        assert_true(vt_find(vt, "! line settings that no", NULL, NULL));
        assert_differ(&kinds[i], cell_at(vt, "! line settings"), cell_at(vt, "Device family"),
                      "a warning");
        assert_true(vt_find(vt, ascii ? "1 Port +" : "1 Port \xE2\x9C\x93", NULL, NULL));
        vt_key(vt, "M-2");
        assert_true(vt_wait(vt, ">2 Broker"));
        vt_key(vt, "Tab");
        for (int k = 0; k < 10; k++)
            vt_key(vt, "Backspace");
        assert_true(vt_wait(vt, "Not yet: "));
        assert_true(vt_wait(vt, ascii ? "x no hub" : "\xE2\x9C\x97 "));
        assert_palette(vt, &kinds[i]);
        vt_end(vt);
    }
    env_end(env);
}

static void test_progress_and_the_end(void **state)
{
    struct env *env = env_create(115200, NULL);

    (void)state;
    env_emulate(env, NULL);
    for (size_t i = 0; i < KINDS; i++) {
        struct vt *vt = start(env, &kinds[i]);

        assert_true(walk_load(vt));
        assert_true(walk_loaded(vt));
        assert_true(vt_find(vt, "====================", NULL, NULL));
        assert_true(vt_find(vt, " OK The device", NULL, NULL));
        assert_palette(vt, &kinds[i]);
        vt_end(vt);
    }
    env_end(env);
}

/* Boxes and rules in the terminal's own drawing set or in ASCII: no byte that it cannot take. */
static void test_boxes_without_unicode(void **state)
{
    struct env *env = env_create(115200, NULL);

    (void)state;
    env_emulate(env, NULL);
    for (size_t i = 0; i < KINDS; i++) {
        bool plain = strstr(kinds[i].name, "C") == kinds[i].name || i == KINDS - 1;
        struct vt *vt = start(env, &kinds[i]);
        const char *bytes;
        size_t n;

        for (const char *const *key = (const char *const[]){"M-3", "F6", "Esc", "F4", NULL};
             *key != NULL; key++) {
            vt_key(vt, *key);
            vt_settle(vt);
        }
        assert_true(vt_wait(vt, "Save the job"));
        assert_true(vt_find(vt, "\xE2\x94\x8C\xE2\x94\x80 Save the job", NULL, NULL));
        n = vt_bytes(vt, &bytes);
        for (size_t at = 0; plain && at < n; at++)
            assert_in_range((unsigned char)bytes[at], 0, 0x7F);
        vt_end(vt);
    }
    env_end(env);
}

/* ncurses keeps what it has allocated for a terminal that it does not know then. */
static void test_unknown_terminals(void **state)
{
    static const struct {
        const char *env, *says;
    } rows[] = {
        {"TERM=nobody-knows", "the terminal type \"nobody-knows\" is not known here"},
        {"TERM=dumb", "a terminal of the type \"dumb\" has no screen to draw on"},
        {"TERM=", "TERM is not set"},
        {"TERM", "TERM is not set"},
    };
    struct env *env = env_create(115200, NULL);

    (void)state;
    setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const list[] = {rows[i].env, NULL};
        const struct vt_options options = {.rows = 24, .cols = 80, .env = list};
        const char *const argv[] = {getenv("COMCERT"), "tui", env->job, NULL};
        struct vt *vt = vt_start(&options, argv);
        int status = -1;

        if (!vt_exited(vt, &status) || status != 2 << 8 || !vt_is_sane(vt))
            fail_msg("%s: status %#x, or not sane", rows[i].env, (unsigned)status);
        if (!vt_find(vt, rows[i].says, NULL, NULL) ||
            !vt_find(vt, "comcert load JOB", NULL, NULL)) {
            vt_print(vt);
            fail_msg("%s", rows[i].env);
        }
        assert_false(walk_wrote(vt, "\033", 1));
        vt_end(vt);
    }
    unsetenv("ASAN_OPTIONS");
    env_end(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_and_rows),
        cmocka_unit_test(test_focus),
        cmocka_unit_test(test_severity),
        cmocka_unit_test(test_progress_and_the_end),
        cmocka_unit_test(test_boxes_without_unicode),
        cmocka_unit_test(test_unknown_terminals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
