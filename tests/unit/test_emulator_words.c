/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "support.h"

/* What the emulated device holds, and what it says of its own accord. Time is only a number. */

static const char words[] = "MQTT: connecting to broker.example:8883";
static const usec rest = EMULATOR_REST_MS * USEC_PER_MS;

/* --- the device alone ------------------------------------------------------------------------- */

struct rig {
    struct profile *profile;
    struct emulator *e;
    usec now;
    struct buf out;
    size_t settled;
    usec settled_at;
};

static void start(struct rig *r, const char *profile, const struct emulator_options *options)
{
    struct findings findings = {0};
    struct place nowhere = {0};

    *r = (struct rig){.now = USEC_PER_SEC};
    assert_int_equal(profile_load(profile, NULL, nowhere, &r->profile, &findings), 0);
    findings_reset(&findings);
    r->e = emulator_create(r->profile, options);
    assert_non_null(r->e);
}

static void stop(struct rig *r)
{
    emulator_destroy(r->e);
    profile_destroy(r->profile);
    buf_reset(&r->out);
}

static void drain(struct rig *r)
{
    struct emulator_event event;
    const unsigned char *bytes;
    size_t n;

    while ((n = emulator_output(r->e, r->now, &bytes)) > 0) {
        buf_add(&r->out, bytes, n);
        emulator_sent(r->e, n, r->now);
    }
    while (emulator_next_event(r->e, &event)) {
        if (event.type == EMULATOR_SETTLED) {
            r->settled++;
            r->settled_at = r->now;
        }
    }
}

/* Lets `for_time` pass, stopping at every deadline. */
static void wait(struct rig *r, usec for_time)
{
    usec end = r->now + for_time;

    for (;;) {
        usec deadline;

        drain(r);
        deadline = emulator_deadline(r->e);
        if (deadline > end)
            break;
        r->now = deadline > r->now ? deadline : r->now;
        emulator_tick(r->e, r->now);
    }
    r->now = end;
    emulator_tick(r->e, r->now);
    drain(r);
}

static void type(struct rig *r, const char *text)
{
    emulator_receive(r->e, text, strlen(text), r->now);
    drain(r);
}

/* What the device has sent since the last call must be exactly this. */
static void expect(struct rig *r, const char *text)
{
    buf_add(&r->out, "", 0);
    assert_string_equal(r->out.data, text);
    buf_reset(&r->out);
}

static struct emulator_options keeping(void)
{
    struct emulator_options o = emulator_defaults();

    o.lenient = true;
    o.keep = true;
    return o;
}

static void assert_holds(const struct secret *s, const char *text)
{
    assert_non_null(s);
    assert_int_equal(s->len, strlen(text));
    assert_memory_equal(s->data, text, s->len);
}

static void remembers_what_it_was_given(void **state)
{
    struct emulator_options o = keeping();
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    for (enum setting s = 0; s < SETTING_COUNT; s++)
        assert_null(emulator_setting(r.e, s));
    assert_null(emulator_body(r.e, SLOT_DEVICE_KEY));
    type(&r, "EMU,4,pump-7\rEMU,5,\rEMU,6,s3cret\r9270,12\rone\n*");
    assert_holds(emulator_setting(r.e, SETTING_CLIENT_ID), "pump-7");
    assert_holds(emulator_setting(r.e, SETTING_USERNAME), "");
    assert_holds(emulator_setting(r.e, SETTING_PASSWORD), "s3cret");
    assert_null(emulator_setting(r.e, SETTING_BROKER));
    assert_holds(emulator_body(r.e, SLOT_DEVICE_KEY), "one\n");
    type(&r, "9270,12\rtwo\n*EMU,4,pump-8\r");
    assert_holds(emulator_setting(r.e, SETTING_CLIENT_ID), "pump-8");
    assert_holds(emulator_body(r.e, SLOT_DEVICE_KEY), "two\n");
    assert_null(emulator_body(r.e, SLOT_DEVICE_CERT));
    stop(&r);
}

static void keeps_what_it_had_when_it_refuses(void **state)
{
    struct emulator_options o = keeping();
    struct err err;
    struct rig r;

    (void)state;
    assert_int_equal(emulator_fault_parse("refuse-end:device-cert", &o.faults[0], &err), 0);
    o.fault_count = 1;
    start(&r, "bench", &o);
    type(&r, "9270,11\rone\n*");
    assert_null(emulator_body(r.e, SLOT_DEVICE_CERT));
    wait(&r, 2 * rest);
    assert_int_equal(r.settled, 0);
    stop(&r);
}

static void holds_nothing_unless_told_to(void **state)
{
    struct emulator_options o = keeping();
    struct rig r;

    (void)state;
    o.keep = false;
    start(&r, "bench", &o);
    type(&r, "EMU,4,pump-7\r9270,12\rone\n*");
    assert_null(emulator_setting(r.e, SETTING_CLIENT_ID));
    assert_null(emulator_body(r.e, SLOT_DEVICE_KEY));
    wait(&r, 10 * rest);
    assert_int_equal(r.settled, 0);
    stop(&r);
}

static void is_given_settings_by_form(void **state)
{
    struct emulator_options o = keeping();
    struct err err;
    struct rig r;

    (void)state;
    start(&r, "infinite", &o);
    assert_int_equal(emulator_give_setting(r.e, SETTING_BROKER, "b.example", 9, &err), 0);
    assert_holds(emulator_setting(r.e, SETTING_BROKER), "b.example");
    wait(&r, 10 * rest);
    assert_int_equal(r.settled, 0); /* nothing came over the line */
    expect(&r, "");
    stop(&r);
}

static void settles_once_the_line_is_quiet(void **state)
{
    struct emulator_options o = keeping();
    struct rig r;
    usec heard;

    (void)state;
    start(&r, "bench", &o);
    type(&r, "EMU,4,pump-7\r");
    wait(&r, rest / 2);
    type(&r, "EMU,1,b.example\r");
    heard = r.now;
    wait(&r, rest - 1);
    assert_int_equal(r.settled, 0);
    wait(&r, 1);
    assert_int_equal(r.settled, 1);
    assert_true(r.settled_at == heard + rest);
    wait(&r, 100 * rest);
    assert_int_equal(r.settled, 1);
    type(&r, "EMU,4,pump-8\r");
    wait(&r, rest);
    assert_int_equal(r.settled, 2);
    /* A refused command is no news. */
    type(&r, "EMU,9,x\r");
    wait(&r, 10 * rest);
    assert_int_equal(r.settled, 2);
    stop(&r);
}

static void does_not_settle_in_the_middle_of_something(void **state)
{
    static const char *const middles[] = {"E", "9270,12\r", "9270,12\rabc\n"};
    static const char *const ends[] = {"MU,4,x\r", "abc\n*", "*"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct emulator_options o = keeping();
        struct rig r;

        start(&r, "bench", &o);
        type(&r, "EMU,4,pump-7\r");
        type(&r, middles[i]);
        assert_true(emulator_announce(r.e, words));
        wait(&r, 100 * rest);
        assert_int_equal(r.settled, 0);
        buf_reset(&r.out);
        type(&r, ends[i]);
        assert_int_equal(r.settled, 0);
        assert_null(memmem(r.out.data, r.out.len, words, strlen(words)));
        buf_reset(&r.out);
        wait(&r, rest);
        assert_int_equal(r.settled, 1);
        expect(&r, "MQTT: connecting to broker.example:8883\r\n");
        stop(&r);
    }
}

/* The answer is late: the line is at rest only after it. */
static void waits_for_its_own_answer(void **state)
{
    struct emulator_options o = keeping();
    struct rig r;

    (void)state;
    o.latency = 3 * rest;
    start(&r, "bench", &o);
    assert_true(emulator_announce(r.e, words));
    type(&r, "EMU,4,pump-7\r");
    expect(&r, "MQTT: connecting to broker.example:8883\r\nEMU,4,pump-7\r\n");
    assert_true(emulator_announce(r.e, words));
    wait(&r, 3 * rest + rest - 1);
    expect(&r, "COMMAND PROCESSED OK\r\n");
    assert_int_equal(r.settled, 0);
    wait(&r, 1);
    expect(&r, "MQTT: connecting to broker.example:8883\r\n");
    assert_int_equal(r.settled, 1);
    stop(&r);
}

static void says_lines_in_order_and_forgets_the_oldest(void **state)
{
    struct emulator_options o = keeping();
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    type(&r, "9270,12\r");
    for (int i = 0; i < EMULATOR_WORDS_WAITING + 2; i++) {
        char text[16];

        (void)snprintf(text, sizeof text, "line %d", i);
        assert_true(emulator_announce(r.e, text));
    }
    type(&r, "one\n*");
    buf_reset(&r.out);
    wait(&r, rest);
    expect(&r, "line 2\r\nline 3\r\nline 4\r\nline 5\r\nline 6\r\nline 7\r\nline 8\r\nline 9\r\n");
    assert_true(emulator_announce(r.e, "one"));
    emulator_hush(r.e);
    wait(&r, 10 * rest);
    expect(&r, "");
    stop(&r);
}

static void says_plain_short_lines_only(void **state)
{
    struct emulator_options o = keeping();
    char longer[400], *end;
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    assert_false(emulator_announce(r.e, ""));
    assert_false(emulator_announce(r.e, "  "));
    assert_true(emulator_announce(r.e, "a\r\x1b[31m\x7f\xc3\xa4z"));
    wait(&r, rest);
    expect(&r, "a??[31m???z\r\n");
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_true(emulator_announce(r.e, longer));
    wait(&r, rest);
    assert_int_equal(r.out.len, EMULATOR_WORDS_MAX + 2);
    end = r.out.data + r.out.len - 6;
    assert_memory_equal(end, "x...\r\n", 6);
    stop(&r);
}

static void never_says_what_reads_like_an_answer(void **state)
{
    static const char *const lines[] = {"COMMAND PROCESSED OK", "MQTT: failed: ERROR 5",
                                        "SEND FILE... now", "EMULATED DEVICE READY",
                                        "UPLOAD CANCELLED"};
    struct emulator_options o = keeping();
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_false(emulator_announce(r.e, lines[i]));
    assert_true(emulator_announce(r.e, "MQTT: failed: error 5"));
    wait(&r, rest);
    expect(&r, "MQTT: failed: error 5\r\n");
    stop(&r);
    start(&r, "infinite", &o);
    assert_false(emulator_announce(r.e, "MQTT: failed: INVALID name"));
    stop(&r);
}

/* Nobody reads: what does not fit is lost, and it lives on. */
static void speaks_to_nobody(void **state)
{
    struct emulator_options o = keeping();
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    for (int i = 0; i < 1000; i++) {
        assert_true(emulator_announce(r.e, words));
        emulator_tick(r.e, r.now += rest);
    }
    drain(&r);
    wait(&r, rest);
    assert_true(r.out.len <= (EMULATOR_WORDS_WAITING + 1) * (strlen(words) + 2));
    buf_reset(&r.out);
    type(&r, "EMU,4,x\r");
    expect(&r, "EMU,4,x\r\nCOMMAND PROCESSED OK\r\n");
    stop(&r);
}

/* --- with a loader ---------------------------------------------------------------------------- */

/* Loader and device without a line between them: what one says the other hears at once. */
struct talk {
    struct bench bench;
    struct loader *loader;
    struct emulator *e;
    usec now;
    size_t steps;
    size_t announce_at; /* step */
    bool crossing;      /* the words cross every command on its way to the device */
    size_t started;     /* exchanges */
    bool busy;          /* the device has heard a byte of an exchange that has not ended */
    size_t said, said_inside, told;
    size_t loaded;
};

static void take_device_events(struct talk *t)
{
    struct emulator_event event;

    while (emulator_next_event(t->e, &event)) {
        if (event.type != EMULATOR_SETTLED)
            t->busy = false;
    }
}

static void take_loader_events(struct talk *t)
{
    struct event event;

    while (loader_next_event(t->loader, &event)) {
        t->started += event.type == EVENT_EXCHANGE_STARTED;
        t->told += event.type == EVENT_REPLY && event.text_len == strlen(words) &&
                   memcmp(event.text, words, event.text_len) == 0;
    }
}

static void device_speaks(struct talk *t)
{
    const unsigned char *bytes;
    size_t n;

    while ((n = emulator_output(t->e, t->now, &bytes)) > 0) {
        bool own = memmem(bytes, n, words, strlen(words)) != NULL;

        t->said += own;
        t->said_inside += own && t->busy;
        loader_receive(t->loader, bytes, n, t->now);
        emulator_sent(t->e, n, t->now);
        take_loader_events(t);
    }
    take_device_events(t);
}

static void loader_speaks(struct talk *t, size_t *crossed)
{
    const unsigned char *bytes;
    size_t n;

    while ((n = loader_output(t->loader, t->now, &bytes)) > 0) {
        unsigned char copy[4096];

        assert_true(n <= sizeof copy);
        memcpy(copy, bytes, n);
        loader_sent(t->loader, n, t->now);
        if (t->crossing && t->started > *crossed) {
            *crossed = t->started;
            loader_receive(t->loader, words, strlen(words), t->now);
            loader_receive(t->loader, "\r\n", 2, t->now);
        }
        t->busy = true;
        emulator_receive(t->e, copy, n, t->now);
        device_speaks(t);
    }
    take_loader_events(t);
}

static void step(struct talk *t, size_t *crossed)
{
    usec at;

    if (t->steps++ == t->announce_at)
        assert_true(emulator_announce(t->e, words));
    device_speaks(t);
    loader_speaks(t, crossed);
    at = loader_deadline(t->loader);
    if (emulator_deadline(t->e) < at)
        at = emulator_deadline(t->e);
    if (at > t->now && at != USEC_NEVER)
        t->now = at;
    emulator_tick(t->e, t->now);
    device_speaks(t);
    loader_tick(t->loader, t->now);
    take_loader_events(t);
}

/* A whole load, and two seconds more. */
static void talk(struct talk *t, const char *profile, enum echo_mode echo, size_t announce_at,
                 bool crossing)
{
    static const char *const accept_all[] = {"accept-assumed=true", NULL};
    const struct plan_options plan = {.is_pty = true};
    const struct loader_options options = {.nonce = 0x1234};
    struct emulator_options device = emulator_defaults();
    size_t crossed = 0;

    *t = (struct talk){.now = USEC_PER_SEC, .announce_at = announce_at, .crossing = crossing};
    device.echo = echo;
    device.keep = true;
    bench_make(&t->bench, profile, accept_all, &plan);
    t->loader = loader_create(t->bench.plan, &options);
    t->e = emulator_create(t->bench.profile, &device);
    assert_non_null(t->loader);
    assert_non_null(t->e);
    loader_start(t->loader, t->now);
    while (loader_outcome(t->loader) == LOAD_RUNNING) {
        step(t, &crossed);
        assert_true(t->steps < 100000);
    }
    take_loader_events(t);
    emulator_tick(t->e, t->now += 2 * USEC_PER_SEC);
    device_speaks(t);
    assert_int_equal(loader_outcome(t->loader), LOAD_DONE);
    for (size_t i = 0; i < t->bench.plan->count; i++)
        t->loaded += loader_result(t->loader, i)->state == STATE_LOADED;
    assert_int_equal(t->loaded, t->bench.plan->count);
}

static void hang_up(struct talk *t)
{
    loader_destroy(t->loader);
    emulator_destroy(t->e);
    bench_reset(&t->bench);
}

static void never_speaks_inside_an_exchange(void **state)
{
    static const char *const profiles[] = {"bench", "infinite"};

    (void)state;
    for (size_t p = 0; p < 2; p++) {
        size_t steps = 1;

        for (size_t at = 0; at < steps; at++) {
            struct talk t;

            talk(&t, profiles[p], (enum echo_mode)(at % 3), at, false);
            if (t.steps > steps)
                steps = t.steps;
            assert_int_equal(t.said_inside, 0);
            assert_int_equal(t.said, at < t.steps);
            hang_up(&t);
        }
        assert_true(steps > 20);
    }
}

/* The device spoke just before the command reached it: the loader takes it for what it is. */
static void is_understood_when_words_cross_a_command(void **state)
{
    static const char *const profiles[] = {"bench", "infinite"};

    (void)state;
    for (size_t p = 0; p < 2; p++) {
        for (int echo = ECHO_ON; echo <= ECHO_COMMANDS; echo++) {
            struct talk t;

            talk(&t, profiles[p], (enum echo_mode)echo, SIZE_MAX, true);
            assert_true(t.told >= 1); /* those after a key are hidden */
            hang_up(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remembers_what_it_was_given),
        cmocka_unit_test(keeps_what_it_had_when_it_refuses),
        cmocka_unit_test(holds_nothing_unless_told_to),
        cmocka_unit_test(is_given_settings_by_form),
        cmocka_unit_test(settles_once_the_line_is_quiet),
        cmocka_unit_test(does_not_settle_in_the_middle_of_something),
        cmocka_unit_test(waits_for_its_own_answer),
        cmocka_unit_test(says_lines_in_order_and_forgets_the_oldest),
        cmocka_unit_test(says_plain_short_lines_only),
        cmocka_unit_test(never_says_what_reads_like_an_answer),
        cmocka_unit_test(speaks_to_nobody),
        cmocka_unit_test(never_speaks_inside_an_exchange),
        cmocka_unit_test(is_understood_when_words_cross_a_command),
    };

    return cmocka_run_group_tests(tests, support_start, support_stop);
}
