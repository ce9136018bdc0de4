/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "device/echo.h"
#include "device/pacing.h"
#include "device/reply.h"

/* Echo, pacing and lines: the loader's three instruments, each by itself. */

static const char body[] =
    "-----BEGIN X-----\nAAAABBBBCCCCDDDD\nEEEEFFFFGGGGHHHH\n-----END X-----\n*";
enum { BODY_LEN = sizeof body - 2, SENT_LEN = sizeof body - 1 };

static void start(struct echo *e)
{
    echo_init(e, (const unsigned char *)body, BODY_LEN, EOL_LF);
    e->handed = SENT_LEN;
}

/* Feeds text; returns the number of bytes that matched, or -1 at the first difference. */
static int feed(struct echo *e, const char *text, size_t n)
{
    int matched = 0;

    for (size_t i = 0; i < n; i++) {
        switch (echo_feed(e, (unsigned char)text[i])) {
        case ECHO_MATCHED:
            matched++;
            break;
        case ECHO_DIFFERS:
            return -1;
        case ECHO_FOREIGN:
        case ECHO_WITHDRAWN:
            break;
        }
    }
    return matched;
}

/* What the device received, as it echoes it with this line end. */
static size_t echo_with(char *out, const char *received, size_t len, const char *eol)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        if (received[i] == '\n') {
            memcpy(out + n, eol, strlen(eol));
            n += strlen(eol);
        } else {
            out[n++] = received[i];
        }
    }
    return n;
}

static void test_every_line_end_is_an_echo(void **state)
{
    static const char *const eols[] = {"", "\r", "\n", "\r\n"};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char text[200];
        size_t n = echo_with(text, body, SENT_LEN, eols[i]);
        struct echo e;

        start(&e);
        assert_int_equal(feed(&e, text, n), (int)n);
        assert_int_equal(e.pos, SENT_LEN);
        assert_true(e.seen);
        assert_true(echo_complete(&e, SENT_LEN));
    }
}

/* Every byte that the device got, line ends included: lost or changed, it shows in the echo. */
static void test_every_lost_or_changed_byte_differs(void **state)
{
    static const char *const eols[] = {"\r", "\n", "\r\n"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        for (size_t at = ECHO_SURE_AFTER; at < SENT_LEN; at++) {
            char got[200], text[200];
            struct echo e;

            memcpy(got, body, at);
            memcpy(got + at, body + at + 1, SENT_LEN - at - 1);
            start(&e);
            assert_true(feed(&e, text, echo_with(text, got, SENT_LEN - 1, eols[i])) < 0 ||
                        e.pos < SENT_LEN);
            memcpy(got, body, SENT_LEN);
            got[at] = '#';
            start(&e);
            assert_true(feed(&e, text, echo_with(text, got, SENT_LEN, eols[i])) < 0 ||
                        e.pos < SENT_LEN);
        }
    }
}

static void test_a_line_of_the_devices_own_is_no_difference(void **state)
{
    static const char text[] = "-----BEGIN X-----\r\n12:00 heartbeat\r\nAAAABBBBCCCCDDDD\r\n";
    struct echo e;

    (void)state;
    start(&e);
    assert_true(feed(&e, text, sizeof text - 1) > 0);
    assert_int_equal(e.pos, 18 + 17);
    start(&e);
    assert_int_equal(feed(&e, "-----BEGIN X-----\r\nAAAA12:00 heart", 34), -1);
    assert_int_equal(e.pos, 18 + 4);
}

static void test_a_false_start_is_withdrawn(void **state)
{
    struct echo e;

    (void)state;
    start(&e);
    assert_int_equal(echo_feed(&e, '-'), ECHO_MATCHED);
    assert_int_equal(echo_feed(&e, '-'), ECHO_MATCHED);
    assert_int_equal(echo_feed(&e, '>'), ECHO_WITHDRAWN);
    assert_int_equal(e.withdrawn, 2);
    assert_int_equal(e.pos, 0);
    assert_false(e.seen);
}

static void test_a_lost_start_of_line_resembles(void **state)
{
    struct echo e;

    (void)state;
    start(&e);
    feed(&e, body, 18); /* the first line and its end */
    assert_true(echo_resembles(&e, (const unsigned char *)"AABBBBCCCCDDDD", 14));
    assert_true(echo_resembles(&e, (const unsigned char *)"?AAABBBBCCCCDDDD", 16));
    assert_false(echo_resembles(&e, (const unsigned char *)"12:00 heartbeat", 15));
    assert_false(echo_resembles(&e, (const unsigned char *)"ERROR 7", 7));
}

static void test_nothing_is_echo_before_it_was_sent(void **state)
{
    struct echo e;

    (void)state;
    start(&e);
    e.handed = 4;
    assert_int_equal(feed(&e, "----", 4), 4);
    assert_int_equal(echo_feed(&e, '-'), ECHO_WITHDRAWN);
}

/* --- pacing ----------------------------------------------------------------------------------- */

static const struct line_settings line_115200 = {.baud = 115200, .frame = "8N1"};
static const struct line_settings line_9600 = {.baud = 9600, .frame = "8N1"};

static void test_never_more_than_the_allowance_ahead(void **state)
{
    struct pacing p;

    (void)state;
    pacing_init(&p, &line_9600, 0);
    assert_int_equal(pacing_room(&p, 1000, 0, 64), 48); /* 48 bytes are more than 20 ms */
    pacing_sent(&p, 48, 1000);
    assert_int_equal(pacing_room(&p, 1000, 0, 64), 0);
    assert_int_equal(pacing_outstanding(&p, 1000), 48);
    assert_int_equal(pacing_outstanding(&p, 1000 + 25000), 24);
    assert_int_equal(pacing_left_at(&p), 1000 + 50000);
    pacing_init(&p, &line_115200, 0);
    assert_int_equal(pacing_room(&p, 0, 0, 64), 230); /* 20 ms */
}

static void test_window_grows_to_48_and_no_further(void **state)
{
    struct pacing p;

    (void)state;
    pacing_init(&p, &line_115200, 0);
    p.windowed = true;
    assert_int_equal(pacing_room(&p, 0, 0, 64), 16);
    pacing_echoed(&p, 10);
    assert_int_equal(p.window, 26);
    for (int i = 0; i < 100; i++)
        pacing_echoed(&p, 10);
    assert_int_equal(p.window, 48);
    assert_int_equal(pacing_room(&p, 0, 48, 64), 0);
    assert_true(pacing_wait(&p, 0, 48) == USEC_NEVER);
    pacing_start(&p, 1, 64, 100);
    p.windowed = true;
    for (int i = 0; i < 100; i++)
        pacing_echoed(&p, 10);
    assert_int_equal(p.window, 64);
    pacing_start(&p, 2, 0, 100);
    assert_int_equal(p.window_max, 24); /* the second attempt is slower */
    assert_int_equal(p.slow_percent, 50);
}

static void test_half_speed_goes_line_by_line(void **state)
{
    struct pacing p;
    usec after;

    (void)state;
    pacing_init(&p, &line_115200, 0);
    p.slow_percent = 50;
    assert_int_equal(pacing_room(&p, 0, 0, 65), 65);
    pacing_sent(&p, 65, 0);
    after = pacing_wait(&p, 0, 0);
    assert_true(after >= 2 * pacing_time(&p, 65) - 2);
    assert_int_equal(pacing_room(&p, after - 10, 0, 65), 0);
    assert_int_equal(pacing_room(&p, after, 0, 65), 65);
}

static void test_a_held_line_moves_the_clock(void **state)
{
    struct pacing p;

    (void)state;
    pacing_init(&p, &line_9600, 0);
    pacing_sent(&p, 48, 0);
    pacing_queued(&p, 40, 60000); /* by the clock all had left */
    assert_int_equal(pacing_outstanding(&p, 60000), 40);
}

/* An empty queue says nothing: the clock must not be pushed along by it. */
static void test_an_empty_queue_leaves_the_clock_alone(void **state)
{
    struct pacing p;

    (void)state;
    pacing_init(&p, &line_9600, 0);
    pacing_sent(&p, 48, 0);
    pacing_queued(&p, 0, 70000);
    assert_int_equal(pacing_left_at(&p), 50000);
}

/* --- lines ------------------------------------------------------------------------------------ */

static size_t lines_of(const char *text, size_t n, char *last, size_t *last_len)
{
    struct control_filter filter = {0};
    struct reply r = {0};
    size_t lines = 0;

    for (size_t i = 0; i < n; i++) {
        const unsigned char *line;
        size_t len;

        if (!control_filter_pass(&filter, (unsigned char)text[i]) ||
            !reply_add(&r, (unsigned char)text[i], 5))
            continue;
        line = reply_text(&r, &len);
        if (!reply_is_empty(&r)) {
            lines++;
            memcpy(last, line, len);
            *last_len = len;
        }
        reply_clear(&r);
    }
    return lines;
}

static void test_colours_and_nuls_are_dropped(void **state)
{
    static const char text[] = "\x1b[1;32m OK\0 \x1b[0m\r\n\x1b]0;title\x07\x1b(\r\n";
    char last[300];
    size_t len = 0;

    (void)state;
    assert_int_equal(lines_of(text, sizeof text - 1, last, &len), 1);
    assert_int_equal(len, 2);
    assert_memory_equal(last, "OK", 2);
}

static void test_an_endless_sequence_is_given_up(void **state)
{
    char text[400], last[300];
    size_t len = 0;

    (void)state;
    memset(text, '1', sizeof text);
    memcpy(text, "\x1b[", 2);
    memcpy(text + sizeof text - 5, "\nOK\r\n", 5);
    assert_true(lines_of(text, sizeof text, last, &len) >= 1);
    assert_memory_equal(last, "OK", 2);
}

static void test_a_line_too_long_is_no_answer(void **state)
{
    struct reply r = {0};
    size_t n = 1;

    (void)state;
    for (int i = 0; i < 100000; i++)
        assert_false(reply_add(&r, 'x', 1));
    reply_text(&r, &n);
    assert_int_equal(n, 0);
    assert_int_equal(r.raw, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_line_end_is_an_echo),
        cmocka_unit_test(test_every_lost_or_changed_byte_differs),
        cmocka_unit_test(test_a_line_of_the_devices_own_is_no_difference),
        cmocka_unit_test(test_a_false_start_is_withdrawn),
        cmocka_unit_test(test_a_lost_start_of_line_resembles),
        cmocka_unit_test(test_nothing_is_echo_before_it_was_sent),
        cmocka_unit_test(test_never_more_than_the_allowance_ahead),
        cmocka_unit_test(test_window_grows_to_48_and_no_further),
        cmocka_unit_test(test_half_speed_goes_line_by_line),
        cmocka_unit_test(test_a_held_line_moves_the_clock),
        cmocka_unit_test(test_an_empty_queue_leaves_the_clock_alone),
        cmocka_unit_test(test_colours_and_nuls_are_dropped),
        cmocka_unit_test(test_an_endless_sequence_is_given_up),
        cmocka_unit_test(test_a_line_too_long_is_no_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
