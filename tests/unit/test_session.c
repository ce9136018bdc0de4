/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "run/emuhost.h"
#include "run/session.h"
#include "support.h"

/* One load over a pty in one loop with the emulated device, as a caller with a loop of its own does
 * it. */

/* Stands before the C library's: a system without random bytes. */
static bool no_random;

ssize_t getrandom(void *bytes, size_t n, unsigned flags)
{
    if (no_random) {
        errno = ENOSYS;
        return -1;
    }
    return syscall(SYS_getrandom, bytes, n, flags);
}

struct seen {
    size_t count;
    usec first;
    enum event_type last;
    enum load_outcome outcome;
};

static void observe(void *ctx, size_t index, const struct event *event)
{
    struct seen *seen = ctx;

    assert_int_equal(index, 0);
    if (seen->count++ == 0)
        seen->first = event->at;
    seen->last = event->type;
    seen->outcome = event->outcome;
}

struct rig {
    struct bench bench;
    struct emuhost *host;
};

static void rig_make(struct rig *rig)
{
    static const char *const accept_all[] = {"accept-assumed=true", NULL};
    const struct plan_options plan = {.is_pty = true, .only = "device-key"};
    struct emuhost_options options = {.device = emulator_defaults()};
    struct err err;

    bench_make(&rig->bench, "bench", accept_all, &plan);
    options.profile = rig->bench.profile;
    assert_int_equal(emuhost_create(&options, 1, &rig->host, &err), 0);
}

static void rig_reset(struct rig *rig)
{
    emuhost_destroy(rig->host);
    bench_reset(&rig->bench);
}

static struct port *open_port(const struct rig *rig)
{
    struct port *port;
    struct err err;

    if (port_open(emuhost_name(rig->host, 0), &rig->bench.plan->line, &port, &err) != 0)
        fail_msg("%s", err.text);
    return port;
}

static void run(struct session *s, struct rig *rig)
{
    usec end = clock_now() + 30 * USEC_PER_SEC;

    while (runner_active(s->runner) > 0 && clock_now() < end) {
        struct pollfd fds[2];
        usec here, there, now = clock_now();
        size_t n = runner_pollfds(s->runner, fds, 1, &here);

        n += emuhost_pollfds(rig->host, fds + n, 1, &there);
        if (there < here)
            here = there;
        (void)poll(fds, n, here > now + 10000 ? 10 : here > now ? 1 : 0);
        emuhost_dispatch(rig->host);
        runner_dispatch(s->runner);
    }
    runner_dispatch(s->runner);
}

static void test_a_load(void **state)
{
    struct session s = {0};
    struct seen seen = {0};
    struct rig rig;
    struct err err;
    usec before = clock_now();

    (void)state;
    rig_make(&rig);
    assert_int_equal(session_start(&s, rig.bench.plan, open_port(&rig), observe, &seen, &err), 0);
    assert_int_equal(seen.count, 0); /* nothing is told before the runner is driven */
    assert_true(s.began >= before && s.began <= clock_now());
    assert_ptr_equal(s.plan, rig.bench.plan);
    run(&s, &rig);
    assert_int_equal(seen.last, EVENT_FINISHED);
    assert_int_equal(seen.outcome, LOAD_DONE);
    assert_true(seen.first >= s.began);
    assert_int_equal(loader_result(s.loader, 0)->state, STATE_LOADED);
    session_end(&s);
    assert_null(s.port);
    assert_null(s.loader);
    assert_null(s.runner);
    session_end(&s);
    rig_reset(&rig);
}

static void test_a_start_that_fails_closes_the_port(void **state)
{
    struct session s = {0};
    struct port *port;
    struct rig rig;
    struct err err;
    int fd;

    (void)state;
    rig_make(&rig);
    port = open_port(&rig);
    fd = port_fd(port);
    no_random = true;
    assert_int_not_equal(session_start(&s, rig.bench.plan, port, observe, NULL, &err), 0);
    no_random = false;
    assert_non_null(strstr(err.text, "random"));
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    assert_null(s.port);
    session_end(&s);
    rig_reset(&rig);
}

static void test_a_session_that_never_was(void **state)
{
    struct session s = {0};

    (void)state;
    session_end(&s);
    assert_null(s.port);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_load),
        cmocka_unit_test(test_a_start_that_fails_closes_the_port),
        cmocka_unit_test(test_a_session_that_never_was),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
