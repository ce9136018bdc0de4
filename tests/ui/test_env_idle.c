/* SPDX-License-Identifier: MIT */
/* Nothing happens, and nothing is spent on it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "env_walk.h"

enum { IDLE_MS = 2000, MOST_MS = 10 };

static unsigned long idle(struct vt *vt, unsigned long *written)
{
    struct timespec now, end;
    unsigned long before = vt_cpu_ms(vt), had = vt_written(vt);

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += IDLE_MS / 1000;
    do {
        vt_pump(vt, 50);
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
    *written = vt_written(vt) - had;
    return vt_cpu_ms(vt) - before;
}

/* A line cursor that blinks by redrawing, a clock, a port list that is asked again and again: all
 * of them would show here. The kernel counts in 10 ms. */
static void test_every_place(void **state)
{
    struct env *env = env_create(115200, NULL);

    (void)state;
    env_emulate(env, NULL);
    for (size_t i = 0; i < place_count; i++) {
        struct vt *vt = walk_start(env, NULL);
        unsigned long ms, written;

        assert_non_null(vt);
        assert_true(walk_to(vt, &places[i]));
        if (vt_find(vt, "Trying", NULL, NULL))
            assert_true(vt_wait(vt, "The device speaks text"));
        vt_settle(vt);
        ms = idle(vt, &written);
        if (ms > MOST_MS || written > 0)
            fail_msg("%s: %lu ms of CPU, %lu bytes written", places[i].name, ms, written);
        vt_end(vt);
    }
    env_end(env);
}

static void test_after_a_load(void **state)
{
    struct env *env = env_create(115200, NULL);
    unsigned long ms, written;
    struct vt *vt;

    (void)state;
    env_emulate(env, NULL);
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    assert_true(walk_load(vt));
    assert_true(walk_loaded(vt));
    vt_settle(vt);
    ms = idle(vt, &written);
    assert_in_range(ms, 0, MOST_MS);
    assert_int_equal(written, 0);
    vt_end(vt);
    env_end(env);
}

/* The emulated device inside of the wizard costs nothing either while nobody talks to it. */
static void test_rehearsing(void **state)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {getenv("COMCERT"), "demo", "--tui", NULL};
    struct vt *vt = vt_start(&options, argv);
    unsigned long ms, written;

    (void)state;
    assert_true(vt_wait(vt, "F3 goes on to Broker"));
    vt_settle(vt);
    ms = idle(vt, &written);
    assert_in_range(ms, 0, MOST_MS);
    assert_int_equal(written, 0);
    vt_end(vt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_place),
        cmocka_unit_test(test_after_a_load),
        cmocka_unit_test(test_rehearsing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
