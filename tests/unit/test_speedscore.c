/* SPDX-License-Identifier: MIT */
/* The judgement of Find speed, against what a UART makes of a line at the wrong speed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device/speedscore.h"

static const long speeds[] = {1200,  2400,   4800,   9600,   19200, 38400,
                              57600, 115200, 230400, 460800, 921600};
enum { SPEEDS = sizeof speeds / sizeof speeds[0] };

static struct speedscore score_of(const char *text)
{
    struct speedscore s = {0};

    speedscore_sent(&s);
    speedscore_take(&s, text, strlen(text));
    return s;
}

static int value_of(const char *text)
{
    struct speedscore s = score_of(text);

    return speedscore_value(&s);
}

/* --- a UART: start bit, eight data bits from the lowest, stop bit --- */

/* A line that carries bytes at a speed, with an idle gap of so many bits before each. */
struct signal {
    const char *bytes;
    size_t n;
    long baud;
    int gap;
};

/* Its level at time t, in seconds. */
static bool level(const struct signal *line, double t)
{
    size_t at = (size_t)(t * (double)line->baud), frame = (size_t)(10 + line->gap);
    int bit = (int)(at % frame) - line->gap;

    if (at / frame >= line->n || bit < 0 || bit == 9)
        return true;
    return bit != 0 && ((unsigned char)line->bytes[at / frame] >> (bit - 1) & 1) != 0;
}

/* From t to where the level may change next. */
static double next_edge(const struct signal *line, double t)
{
    return ((double)(size_t)(t * (double)line->baud) + 1.0001) / (double)line->baud;
}

/* What a receiver at another speed reads; it starts to look at the line at `t`. A byte without a
 * stop bit is passed on as it is, as drivers do, and not counted as damaged. */
static void receive(struct speedscore *s, const struct signal *line, double t, long speed)
{
    double bit = 1.0 / (double)speed;
    double end = (double)line->n * (10 + line->gap) / (double)line->baud;

    while (t < end && s->bytes < 2000) {
        unsigned char c = 0;

        if (level(line, t)) {
            t = next_edge(line, t);
            continue;
        }
        for (int i = 0; i < 8; i++)
            c |= (unsigned char)(level(line, t + (1.5 + i) * bit) << i);
        speedscore_take(s, &c, 1);
        t += 9.5 * bit;
        while (t < end && !level(line, t))
            t = next_edge(line, t); /* a start bit is an edge */
    }
}

/* Which speed is found when this is all that comes, whatever the speed. */
static size_t found(const struct signal *line, double from, int *values)
{
    for (size_t i = 0; i < SPEEDS; i++) {
        struct speedscore s = {0};

        speedscore_sent(&s);
        receive(&s, line, from, speeds[i]);
        values[i] = speedscore_value(&s);
    }
    return speedscore_pick(values, SPEEDS);
}

/* Everything that a device may say to a line end, and a log. */
static const char *const sayings[] = {
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\r\r",
    "\n\n",
    "\r\n> \r\n> ",
    "\r\nERROR\r\n",
    "\r\nlogin: ",
    "\r\nOK\r\n",
    "[0000012.345] wlan: rssi -71 dBm, channel 6\r\n[0000012.346] heap: 18232 free, largest "
    "9216\r\n"
    "last: uptime 86400 s, 3 resets\r\n[0000012.347] adc: vbat 3712 mV\r\n"
    "[0000013.345] wlan: rssi -70 dBm, channel 6\r\n[0000013.346] heap: 18232 free, largest "
    "9216\r\n",
    "UUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUUU\r\n",
};

static void the_right_speed_or_none(void **state)
{
    static const int gaps[] = {0, 1, 5, 40};

    (void)state;
    for (size_t i = 0; i < SPEEDS * 4; i++) {
        for (size_t k = 0; k < sizeof sayings / sizeof sayings[0]; k++) {
            struct signal line = {sayings[k], strlen(sayings[k]), speeds[i / 4], gaps[i % 4]};
            int values[SPEEDS];
            size_t at = found(&line, 0, values);

            /* So little, or so regular, may be too little to tell; but never a wrong speed. */
            if (at != i / 4 && (at < SPEEDS || (line.n > 2 && line.bytes[0] != 'U')))
                fail_msg("%.20s... at %ld with a gap of %d has %d; %ld has %d", line.bytes,
                         line.baud, line.gap, values[i / 4], at < SPEEDS ? speeds[at] : 0,
                         at < SPEEDS ? values[at] : 0);
        }
    }
}

/* Listening begins anywhere in a log, in the middle of a byte. */
static void the_middle_of_a_log(void **state)
{
    (void)state;
    for (size_t i = 0; i < SPEEDS; i++) {
        struct signal line = {sayings[9], strlen(sayings[9]), speeds[i], 0};
        int values[SPEEDS];

        for (int part = 0; part < 97; part++) {
            double from = (double)part / 97 * (double)line.n * 5 / (double)line.baud; /* a half */

            if (found(&line, from, values) != i)
                fail_msg("at %ld, from part %d: %d", line.baud, part, values[i]);
        }
    }
}

static void text_speaks(void **state)
{
    (void)state;
    assert_int_equal(value_of("\r\n\r\n"), 100);
    assert_int_equal(value_of("\r\nlogin: "), 100);
    assert_true(value_of("\r\n") >= SPEEDSCORE_SPEAKS);
    assert_true(value_of("\r\r") >= SPEEDSCORE_SPEAKS);
    assert_true(value_of("\r\nOK\r\n") >= SPEEDSCORE_SPEAKS);
    assert_int_equal(value_of("\r\n\x1b[32mCOMMAND PROCESSED OK\x1b[0m\r\n"), 100);
    assert_true(value_of("\r\ntemperature 23.5 \xC2\xB0"
                         "C\r\n") >= SPEEDSCORE_SPEAKS);
}

static void chance_does_not(void **state)
{
    struct speedscore s = {0};
    unsigned speaks = 0;

    (void)state;
    assert_int_equal(value_of(""), 0);
    assert_true(value_of("a") < SPEEDSCORE_SPEAKS);
    assert_true(value_of("\r") < SPEEDSCORE_SPEAKS);
    assert_true(value_of("\xF8\x80\x1E\xE6") == 0);
    assert_true(value_of("ab\xF8"
                         "c\x80\x1E"
                         "de\xE6\xFE\r\n") <= 10);
    speedscore_take(&s, "\0\0\0\0\r\n", 6);
    assert_int_equal(s.bad, 4);
    assert_true(speedscore_value(&s) <= 10);
    srand(1);
    for (int i = 0; i < 20000; i++) {
        s = (struct speedscore){0};
        for (int n = 1 + rand() % 8; n > 0; n--)
            speedscore_take(&s, &(unsigned char){(unsigned char)(rand() >> 8)}, 1);
        speaks += speedscore_value(&s) >= SPEEDSCORE_SPEAKS;
    }
    assert_true(speaks <= 40); /* two in a thousand */
}

static void damaged_bytes_weigh_against_it(void **state)
{
    struct speedscore s = score_of("\r\nOK\r\n");

    (void)state;
    speedscore_damaged(&s, 3);
    assert_true(speedscore_value(&s) < SPEEDSCORE_SPEAKS);
}

static void echoes(void **state)
{
    struct speedscore s = {0};

    (void)state;
    assert_false(speedscore_is_echoed(&s));
    speedscore_take(&s, "\r\n", 2);
    assert_false(speedscore_is_echoed(&s));
    speedscore_sent(&s);
    assert_false(speedscore_is_echoed(&s));
    speedscore_take(&s, "\r\nERROR\r\n", 9);
    assert_true(speedscore_is_echoed(&s));
    speedscore_sent(&s);
    speedscore_take(&s, "ERROR\r\n", 7);
    assert_false(speedscore_is_echoed(&s));
}

static void samples(void **state)
{
    char out[SPEEDSCORE_SAMPLE];
    struct speedscore s = score_of("\r\nOK\x1b[m\r\n");

    (void)state;
    speedscore_sample(&s, out);
    assert_string_equal(out, "\\r\\nOK\\x1B[m\\r\\n");
    s = score_of(
        "\xF8\x80\x1E\xE6\xF8\x80\x1E\xE6\xF8\x80\x1E\xE6\xF8\x80\x1E\xE6\xF8\x80\x1E\xE6");
    speedscore_sample(&s, out);
    assert_true(strlen(out) < sizeof out);
    assert_non_null(strstr(out, "..."));
    s = (struct speedscore){0};
    speedscore_sample(&s, out);
    assert_string_equal(out, "");
    /* An upload that an earlier run left open echoes whatever it likes. */
    s = score_of("\r\nMIIEvQIBADANBgkqhk");
    speedscore_sample(&s, out);
    assert_string_equal(out, "<20 bytes>");
    s = score_of("> MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBFz");
    speedscore_sample(&s, out);
    assert_string_equal(out, "<56 bytes>");
    s = score_of("-----BEGIN PRIVATE KEY-----\r\nMIIE\r\n");
    speedscore_sample(&s, out);
    assert_string_equal(out, "<35 bytes>");
}

static void picks(void **state)
{
    (void)state;
    assert_int_equal(speedscore_pick((int[]){0, 3, 100, 9}, 4), 2);
    assert_int_equal(speedscore_pick((int[]){100, 100, 100}, 3), 3);
    assert_int_equal(speedscore_pick((int[]){90, 0, 75}, 3), 3);
    assert_int_equal(speedscore_pick((int[]){90, 0, 70}, 3), 0);
    assert_int_equal(speedscore_pick((int[]){49, 0, 0}, 3), 3);
    assert_int_equal(speedscore_pick((int[]){0}, 1), 1);
    assert_int_equal(speedscore_pick(NULL, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_right_speed_or_none),
        cmocka_unit_test(the_middle_of_a_log),
        cmocka_unit_test(text_speaks),
        cmocka_unit_test(chance_does_not),
        cmocka_unit_test(damaged_bytes_weigh_against_it),
        cmocka_unit_test(echoes),
        cmocka_unit_test(samples),
        cmocka_unit_test(picks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
