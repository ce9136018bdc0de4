/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "run/trace.h"
#include "run/transcript.h"
#include "support.h"

/* Traces of runs over what the emulator can do, held byte for byte against fixtures/transcripts;
 * and what becomes of the file. */

static struct simulation sim; /* large */

/* Stands before base/clock: a trace begins at time 0, as the simulation's other times count from
 * there. */
usec clock_now(void)
{
    return 0;
}

static const struct traced {
    const char *name; /* of the file in fixtures/transcripts */
    const char *profile, *only, *fault;
    const char *assignments[4];
    enum echo_mode echo;
} cases[] = {
    /* All events of each fit into the log. */
    {"device-key", "infinite", "device-key", NULL, {"accept-assumed=true"}, ECHO_ON},
    {"no-echo", "infinite", NULL, NULL, {"accept-assumed=true"}, ECHO_OFF},
    {"again",
     "infinite",
     "device-cert",
     "lost:device-cert:300x1",
     {"accept-assumed=device-cert,abort", "transfer.retries=1"},
     ECHO_ON},
    {"echo-stops",
     "infinite",
     "device-cert",
     "echo-stops:device-cert:300",
     {"accept-assumed=true"},
     ECHO_ON},
    {"refused",
     "infinite",
     "device-key",
     "refuse-end:device-key",
     {"accept-assumed=true"},
     ECHO_ON},
    {"password",
     "bench",
     "client-id,password",
     "split",
     {"accept-assumed=true", "mqtt.password-file=fixtures/transcripts/password"},
     ECHO_ON},
};

static void run(struct bench *b, const struct traced *c)
{
    rehearse(&sim, b,
             &(struct rehearsal){.profile = c->profile,
                                 .assignments = c->assignments,
                                 .only = c->only,
                                 .fault = c->fault,
                                 .echo = c->echo});
    assert_true(sim.log_count < LOG_MAX);
}

static void write_trace(const char *path, const struct bench *b)
{
    struct trace *t;
    struct err err;

    assert_int_equal(trace_open(path, "1.0", b->plan, "/dev/\x1b[2J", &t, &err), 0);
    assert_int_equal(trace_begin(t, &err), 0);
    for (size_t i = 0; i < sim.log_count; i++)
        trace_event(t, &sim.log[i]);
    assert_int_equal(trace_close(t, &err), 0);
}

static const char *slurp(const char *path)
{
    static char space[2][65536];
    static int next;
    char *text = space[next = !next];
    FILE *f = fopen(path, "r");
    size_t n;

    assert_non_null(f);
    n = fread(text, 1, sizeof space[0] - 1, f);
    text[n] = '\0';
    fclose(f);
    return text;
}

/* The first line holds the time of day. */
static const char *after_date(const char *trace)
{
    const char *end = strchr(trace, '\n');

    assert_int_equal(strncmp(trace, "# comcert 1.0, 20", 17), 0);
    assert_int_equal(end - trace, strlen("# comcert 1.0, 2026-05-17T10:00:00Z"));
    return end + 1;
}

static void test_each_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[] = "/tmp/comcert-trace-XXXXXX", expected[80];
        struct bench b;
        const char *text;
        int fd = mkstemp(path);

        assert_true(fd >= 0);
        close(fd);
        snprintf(expected, sizeof expected, "fixtures/transcripts/%s.trace", cases[i].name);
        run(&b, &cases[i]);
        write_trace(path, &b);
        text = slurp(path);
        assert_null(strchr(text, '\x1b'));
        assert_no_key(&b, text);
        assert_null(strstr(text, "s3cret"));
        if (strcmp(after_date(text), after_date(slurp(expected))) != 0)
            fail_msg("%s differs from %s", path, expected);
        unlink(path);
        rehearsal_reset(&sim, &b);
    }
}

static void add_line(void *ctx, const char *line, size_t n)
{
    assert_int_equal(strlen(line), n);
    assert_null(strchr(line, '\n'));
    buf_add_str(ctx, line);
    buf_add_char(ctx, '\n');
}

/* The same lines as in a file, without one. */
static void test_lines(void **state)
{
    struct transcript t;
    struct buf lines = {0};
    struct bench b;

    (void)state;
    run(&b, &cases[0]);
    transcript_init(&t, b.plan, 0, add_line, &lines);
    transcript_heading(&t, "1.0", 1795305600, "/dev/\x1b[2J");
    assert_int_equal(strncmp(lines.data, "# comcert 1.0, 2026-11-22T00:00:00Z\n", 36), 0);
    for (size_t i = 0; i < sim.log_count; i++)
        transcript_event(&t, &sim.log[i]);
    transcript_end(&t);
    assert_false(t.lost);
    assert_string_equal(after_date(lines.data),
                        after_date(slurp("fixtures/transcripts/device-key.trace")));
    buf_reset(&lines);
    rehearsal_reset(&sim, &b);
}

/* What is gathered comes when it is asked for, once, and may go on. */
static void test_pending_lines(void **state)
{
    struct event sent = {.type = EVENT_SENT, .at = 90 * USEC_PER_SEC, .n = 3};
    struct event echo = {.type = EVENT_ECHO, .at = 90 * USEC_PER_SEC + 5, .n = 2};
    struct event late = {.type = EVENT_SENT, .at = 91 * USEC_PER_SEC, .n = 4};
    struct transcript t;
    struct buf lines = {0};
    struct bench b;

    (void)state;
    run(&b, &cases[0]);
    transcript_init(&t, b.plan, USEC_PER_SEC, add_line, &lines);
    transcript_end(&t);
    transcript_event(&t, &sent);
    transcript_event(&t, &sent);
    transcript_event(&t, &echo);
    assert_int_equal(lines.len, 0);
    transcript_end(&t);
    transcript_end(&t);
    assert_string_equal(lines.data, "  89.000000 device-key   > <6 bytes>\n"
                                    "  89.000005 device-key   < echo of 2 bytes\n");
    buf_reset(&lines);
    transcript_event(&t, &sent);
    transcript_event(&t, &late);
    assert_string_equal(lines.data, "  89.000000 device-key   > <3 bytes>\n");
    buf_reset(&lines);
    rehearsal_reset(&sim, &b);
}

/* A file that is no trace is refused and stays as it is. */
static void assert_kept(const char *path, const char *text, const struct bench *b)
{
    FILE *f = fopen(path, "w");
    struct trace *t;
    struct err err;

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(trace_open(path, "1.0", b->plan, "p", &t, &err), ERR_USAGE);
    assert_occurs(err.text, "exists and is no trace");
    assert_null(t);
    assert_string_equal(slurp(path), text);
}

static void test_file(void **state)
{
    char dir[] = "/tmp/comcert-trace-XXXXXX";
    char path[64], link[64];
    struct trace *t;
    struct bench b;
    struct err err;
    struct stat st;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/trace", dir);
    snprintf(link, sizeof link, "%s/link", dir);
    run(&b, &cases[0]);
    write_trace(path, &b);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    /* An existing file of ours is replaced and made private; anything else is refused. */
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(trace_open(path, "1.0", b.plan, "p", &t, &err), 0);
    assert_int_equal(trace_close(t, &err), 0); /* the port could not be opened */
    assert_occurs(slurp(path), "finished");
    assert_int_equal(trace_open(path, "1.0", b.plan, "p", &t, &err), 0);
    assert_int_equal(trace_begin(t, &err), 0);
    assert_int_equal(trace_close(t, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_null(strstr(slurp(path), "finished"));
    assert_int_equal(symlink(path, link), 0);
    assert_int_equal(trace_open(link, "1.0", b.plan, "p", &t, &err), ERR_USAGE);
    assert_int_equal(trace_open(dir, "1.0", b.plan, "p", &t, &err), ERR_USAGE);
    assert_kept(path, "-----BEGIN PRIVATE KEY-----\n", &b);
    assert_kept(path, "# comcert job of pump 7\nprofile = \"infinite\"\n", &b);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(trace_open(path, "1.0", b.plan, "p", &t, &err), 0);
    assert_int_equal(trace_close(t, &err), 0);
    assert_int_equal(access(path, F_OK), -1); /* never begun: nothing stays */
    assert_int_equal(trace_open(dir, "1.0", b.plan, "p", &t, &err), ERR_USAGE);
    assert_null(t);
    assert_int_equal(trace_open("/nowhere/x", "1.0", b.plan, "p", &t, &err), ERR_MISSING);
    assert_int_equal(trace_close(NULL, &err), 0);
    unlink(link);
    unlink(path);
    rmdir(dir);
    rehearsal_reset(&sim, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_byte),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_pending_lines),
        cmocka_unit_test(test_file),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
