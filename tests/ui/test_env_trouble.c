/* SPDX-License-Identifier: MIT */
/* Loads that do not go as they should: stopped, cut off, refused. */
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

#define QUICK "transfer: { prompt-timeout-ms = 1500 result-timeout-ms = 1500 }\n"

static struct vt *begin(struct env *env, const char *fault)
{
    const char *const options[] = {"--fault", fault, NULL};
    struct vt *vt;

    env_emulate(env, fault != NULL ? options : NULL);
    vt = walk_start(env, NULL);
    assert_non_null(vt);
    assert_true(walk_load(vt));
    return vt;
}

static void end(struct vt *vt, struct env *env)
{
    vt_end(vt);
    env_end(env);
}

/* --- stopping --------------------------------------------------------------------------------- */

/* "  123 of 4107" of the row "all". */
static int bytes_of_all(struct vt *vt)
{
    int row, bytes = -1;
    const char *of;

    if (!vt_find(vt, " of 4107", &row, NULL))
        return -1;
    of = strstr(vt_row(vt, row), " of 4107");
    while (of[-1] >= '0' && of[-1] <= '9')
        of--;
    sscanf(of, "%d", &bytes);
    return bytes;
}

static void test_asking_holds_nothing_up(void **state)
{
    struct env *env = env_create(9600, NULL);
    struct vt *vt = begin(env, NULL);
    int before;

    (void)state;
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, "Stop the load?"));
    before = bytes_of_all(vt);
    while (bytes_of_all(vt) < before + 500 && vt_pump(vt, 10))
        ;
    assert_true(vt_find(vt, "Stop the load?", NULL, NULL));
    vt_key(vt, "Enter"); /* Go on */
    assert_true(vt_wait_gone(vt, "Stop the load?"));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    end(vt, env);
}

/* Who answers too late finds the question gone. */
static void test_the_end_answers_the_question(void **state)
{
    struct env *env = env_create(38400, NULL);
    struct vt *vt = begin(env, NULL);

    (void)state;
    vt_key(vt, "Esc");
    assert_true(walk_loaded(vt));
    assert_false(vt_find(vt, "Stop the load?", NULL, NULL));
    end(vt, env);
}

static void test_stop_finishes_the_file(void **state)
{
    struct env *env = env_create(9600, NULL);
    struct vt *vt = begin(env, NULL);

    (void)state;
    assert_true(walk_stop(vt));
    assert_true(walk_failed(vt));
    assert_true(vt_find(vt, "loaded: server CA", NULL, NULL));
    assert_true(vt_find(vt, "untouched: device certificate", NULL, NULL));
    assert_true(vt_find(vt, "[ Retry ]", NULL, NULL));
    vt_key(vt, "Enter");
    assert_true(vt_wait_gone(vt, "NOT OK"));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    end(vt, env);
}

/* A second stop breaks the file off: nobody knows what the device has now. */
static void test_stop_twice(void **state)
{
    struct env *env = env_create(4800, NULL);
    struct vt *vt = begin(env, NULL);

    (void)state;
    assert_true(walk_stop(vt));
    assert_true(vt_wait(vt, "stopping ..."));
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, "Stop at once"));
    vt_key(vt, "Right");
    vt_key(vt, "Enter");
    assert_true(walk_failed(vt));
    assert_true(vt_find(vt, "unknown: server CA", NULL, NULL));
    assert_true(vt_find(vt, "untouched: device certificate", NULL, NULL));
    assert_true(vt_find(vt, "[ Recover and retry ]", NULL, NULL));
    end(vt, env);
}

/* What the device still waits for is ended first, after a question that is not "yes" by default. */
static void test_recover(void **state)
{
    struct env *env = env_create(19200, NULL);
    struct vt *vt = begin(env, NULL);

    (void)state;
    assert_true(walk_stop(vt));
    vt_key(vt, "Esc");
    assert_true(vt_wait(vt, "Stop at once"));
    vt_key(vt, "Right");
    vt_key(vt, "Enter");
    assert_true(walk_failed(vt));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "Recover and load"));
    vt_key(vt, "Enter");
    assert_true(vt_wait_gone(vt, "Recover and load"));
    vt_key(vt, "Enter");
    assert_true(vt_wait(vt, "Recover and load"));
    vt_key(vt, "Left");
    vt_key(vt, "Left");
    vt_key(vt, "Enter");
    assert_true(vt_wait_gone(vt, "Recover and load"));
    assert_true(vt_wait_gone(vt, "NOT OK"));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    end(vt, env);
}

/* --- the adapter goes ------------------------------------------------------------------------- */

static void assert_says_lost(struct vt *vt)
{
    assert_true(walk_failed(vt));
    if (!vt_find(vt, "went away", NULL, NULL) && !vt_find(vt, "gone", NULL, NULL) &&
        !vt_find(vt, "hung up", NULL, NULL)) {
        vt_print(vt);
        fail();
    }
    assert_true(vt_find(vt, "next: ", NULL, NULL));
}

static void retry_with_recovery(struct vt *vt)
{
    vt_key(vt, "Enter");
    vt_settle(vt);
    if (vt_find(vt, "Load only", NULL, NULL)) {
        vt_key(vt, "Left");
        vt_key(vt, "Enter");
    }
    assert_true(vt_wait_gone(vt, "NOT OK"));
}

static void test_the_adapter_is_pulled(void **state)
{
    struct env *env = env_create(9600, NULL);
    struct vt *vt = begin(env, NULL);

    (void)state;
    env_stop_device(env);
    assert_says_lost(vt);
    retry_with_recovery(vt); /* not back yet */
    assert_true(vt_wait(vt, "Nothing was sent: the device is as it was."));
    env_emulate(env, NULL);
    vt_key(vt, "Enter");
    assert_true(vt_wait_gone(vt, "Nothing was sent"));
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    end(vt, env);
}

static void test_the_device_hangs_up(void **state)
{
    struct env *env = env_create(38400, NULL);
    struct vt *vt = begin(env, "hang-up:device-cert:500x1");

    (void)state;
    assert_says_lost(vt);
    env_stop_device(env);
    env_emulate(env, NULL);
    retry_with_recovery(vt);
    assert_true(walk_loaded(vt));
    assert_true(env_is_stored(env));
    end(vt, env);
}

/* --- the wizard says what the batch says ------------------------------------------------------ */

/* From "OK" on, its lines joined by one blank, to the line that begins with "next:" or ends it. */
static void join(char *out, size_t size, const char *text)
{
    size_t n = 0;
    bool blank = false;

    for (; *text != '\0' && n + 2 < size; text++) {
        bool is_blank = *text == ' ' || *text == '\n' || *text == '\r';

        if (!is_blank && blank && n > 0)
            out[n++] = ' ';
        if (!is_blank)
            out[n++] = *text;
        blank = is_blank;
    }
    out[n] = '\0';
}

static void state_on_screen(struct vt *vt, char *out, size_t size)
{
    char text[4096] = "";
    int row, end_row;

    assert_true(vt_find(vt, "NOT OK", &row, NULL));
    assert_true(vt_find(vt, "next: ", &end_row, NULL) ||
                vt_find(vt, "[ Next device ]", &end_row, NULL));
    for (; row < end_row; row++) {
        strcat(text, vt_row(vt, row));
        strcat(text, " ");
    }
    join(out, size, text);
}

/* What `comcert load` says of the same job. */
static void state_in_batch(const struct env *env, char *out, size_t size)
{
    char command[1024], text[8192];
    const char *from;
    size_t n;
    FILE *f;

    snprintf(command, sizeof command, "\"$COMCERT\" load '%s' --no-color 2>&1 </dev/null",
             env->job);
    f = popen(command, "r");
    assert_non_null(f);
    n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    pclose(f);
    from = strstr(text, "NOT OK");
    if (from == NULL)
        fail_msg("no NOT OK in: %s", text);
    text[from - text + (long)strcspn(from, "\n")] = '\0';
    join(out, size, from);
}

static void restart(struct env *env, const char *fault)
{
    const char *const options[] = {"--fault", fault, NULL};

    env_stop_device(env);
    env_emulate(env, options);
}

static void test_verdicts(void **state)
{
    static const char *const faults[] = {"refuse:device-key",      "refuse-end:device-cert",
                                         "silent:server-ca",       "no-prompt:device-cert",
                                         "lost:device-cert:300",   "reboot:device-key:500",
                                         "garbage:server-ca",      "ok-early:device-cert:90",
                                         "hang-up:device-key:700", "refuse-body:server-ca:9"};

    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
        struct env *env = env_create(115200, QUICK);
        char screen[2048], batch[2048];
        struct vt *vt;

        restart(env, faults[i]);
        state_in_batch(env, batch, sizeof batch);
        restart(env, faults[i]);
        vt = walk_start(env, NULL);
        assert_non_null(vt);
        assert_true(walk_review(vt));
        walk_press_load(vt);
        assert_true(walk_failed(vt));
        state_on_screen(vt, screen, sizeof screen);
        if (strcmp(screen, batch) != 0) {
            vt_print(vt);
            fail_msg("%s\nwizard: %s\nbatch:  %s", faults[i], screen, batch);
        }
        end(vt, env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asking_holds_nothing_up),
        cmocka_unit_test(test_the_end_answers_the_question),
        cmocka_unit_test(test_stop_finishes_the_file),
        cmocka_unit_test(test_stop_twice),
        cmocka_unit_test(test_recover),
        cmocka_unit_test(test_the_adapter_is_pulled),
        cmocka_unit_test(test_the_device_hangs_up),
        cmocka_unit_test(test_verdicts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
