/* SPDX-License-Identifier: MIT */
/* The wizard in windows of other sizes, and of sizes that change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "env_walk.h"

#define TOO_SMALL "comcert needs 80 x 24"

/* Nothing of the last size is left: the footer stands in the last row, the tabs in the first. */
static void assert_fits(struct vt *vt, int rows, const char *place)
{
    vt_settle(vt);
    if (!vt_wait_row(vt, rows - 1, "F1 Help"))
        fail_msg("no footer in the last row: %s", place);
}

static void resize_through(struct vt *vt, const struct place *place)
{
    static const int sizes[][2] = {{60, 200}, {24, 200}, {60, 80}, {24, 80}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        vt_resize(vt, 10, 40);
        if (!vt_wait(vt, "comcert needs 80 x 24, this is 40 x 10"))
            fail_msg("%s, 40 x 10", place->name);
        vt_resize(vt, sizes[i][0], sizes[i][1]);
        if (!vt_wait_gone(vt, "comcert needs"))
            fail_msg("%s, %d x %d", place->name, sizes[i][1], sizes[i][0]);
        assert_fits(vt, sizes[i][0], place->name);
    }
    if (!vt_wait(vt, place->text))
        fail_msg("%s has gone", place->name);
}

static void test_every_place(void **state)
{
    struct env *env = env_create(115200, NULL);

    (void)state;
    env_emulate(env, NULL);
    for (size_t i = 0; i < place_count; i++) {
        struct vt *vt = walk_start(env, NULL);

        assert_non_null(vt);
        assert_true(walk_to(vt, &places[i]));
        resize_through(vt, &places[i]);
        vt_end(vt);
    }
    env_end(env);
}

/* Bars go on while nothing of them can be seen, and the load ends as if nothing had been. */
static void test_while_a_load_runs(void **state)
{
    static const int sizes[][2] = {{60, 200}, {10, 40}, {24, 80}, {25, 81}, {1, 2}, {30, 120}};
    struct env *env = env_create(9600, NULL);
    struct vt *vt;

    (void)state;
    env_emulate(env, NULL);
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    assert_true(walk_load(vt));
    for (size_t i = 0; i < 24; i++) {
        vt_resize(vt, sizes[i % 6][0], sizes[i % 6][1]);
        (void)vt_pump(vt, 30);
    }
    vt_resize(vt, 10, 40);
    assert_true(vt_wait(vt, TOO_SMALL));
    assert_true(vt_wait(vt, "a load is running"));
    vt_resize(vt, 24, 80);
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    assert_fits(vt, 24, "loaded");
    vt_end(vt);
    env_end(env);
}

/* What cannot be seen is not edited; Ctrl-C still leaves. */
static void test_keys_in_a_small_window(void **state)
{
    static const struct vt_options small = {.rows = 10, .cols = 40};
    struct env *env = env_create(115200, NULL);
    const char *const argv[] = {getenv("COMCERT"), "tui", env->job, NULL};
    struct vt *vt = vt_start(&small, argv);
    int status;

    (void)state;
    assert_true(vt_wait(vt, TOO_SMALL));
    vt_type(vt, "abc\t\r");
    vt_key(vt, "F10");
    vt_settle(vt);
    vt_resize(vt, 24, 80);
    assert_true(vt_wait(vt, ">1 Port"));
    assert_false(vt_find(vt, "abc", NULL, NULL));
    vt_resize(vt, 23, 80);
    assert_true(vt_wait(vt, TOO_SMALL));
    vt_key(vt, "C-c");
    assert_true(vt_exited(vt, &status));
    assert_int_equal(status, 0);
    assert_true(vt_is_sane(vt));
    vt_end(vt);
    env_end(env);
}

/* At 200 columns what is wide uses them: the whole finding stands in one row. */
static void test_a_large_window(void **state)
{
    static const struct vt_options large = {.rows = 60, .cols = 200};
    struct env *env = env_create(115200, NULL);
    struct vt *vt;

    (void)state;
    env_emulate(env, NULL);
    vt = walk_start(env, &large);
    assert_non_null(vt);
    assert_true(walk_review(vt));
    assert_true(vt_wait(vt, "What was found"));
    assert_true(vt_find(vt, "[ Load ]", NULL, NULL));
    assert_true(vt_find(vt, "my-hub.azure-devices.net/pump-7/?api-version=2021-04-12", NULL, NULL));
    vt_end(vt);
    env_end(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_place),
        cmocka_unit_test(test_while_a_load_runs),
        cmocka_unit_test(test_keys_in_a_small_window),
        cmocka_unit_test(test_a_large_window),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
