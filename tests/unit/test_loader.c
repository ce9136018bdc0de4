/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "pki/pki.h"
#include "support.h"

/* The loader against the emulator, in memory, with time that is only a number. */

static const char *const accept_all[] = {"accept-assumed=true", NULL};
static const struct emulator_options echo_on = {.echo = ECHO_ON, .echo_eol = EOL_CRLF};
static const struct plan_options on_pty = {.is_pty = true};

static struct simulation sim; /* large */

static void run(struct bench *b, const char *profile, const struct emulator_options *device)
{
    const struct loader_options options = {.nonce = 0x1234};

    bench_make(b, profile, accept_all, &on_pty);
    simulation_make(&sim, b, &options, device);
    simulation_run(&sim);
}

static void done(struct bench *b)
{
    simulation_reset(&sim);
    bench_reset(b);
}

static struct emulator_options with_fault(const char *spec)
{
    struct emulator_options o = echo_on;
    struct err err;

    assert_int_equal(emulator_fault_parse(spec, &o.faults[0], &err), 0);
    o.fault_count = 1;
    return o;
}

static const struct exchange *exchange_of(const struct bench *b, int slot, size_t *index)
{
    for (size_t i = 0; i < b->plan->count; i++) {
        if (b->plan->exchanges[i].slot == slot) {
            *index = i;
            return &b->plan->exchanges[i];
        }
    }
    fail_msg("no exchange for slot %d", slot);
    return NULL;
}

static const struct exchange_result *result_of(const struct bench *b, int slot)
{
    size_t i = 0;

    exchange_of(b, slot, &i);
    return loader_result(sim.loader, i);
}

static void assert_all_stored(const struct bench *b)
{
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        size_t i;
        const struct exchange *x = exchange_of(b, slot, &i);

        assert_int_equal(sim.stored[slot].len, x->body.len);
        assert_memory_equal(sim.stored[slot].data, x->body.data, x->body.len);
        assert_int_equal(loader_result(sim.loader, i)->state, STATE_LOADED);
    }
}

/* --- what works ------------------------------------------------------------------------------- */

static void test_loads_whatever_the_echo(void **state)
{
    static const char *const profiles[] = {"infinite", "bench"};

    (void)state;
    for (int echo = ECHO_ON; echo <= ECHO_COMMANDS; echo++) {
        for (int eol = EOL_NONE; eol <= EOL_CRLF; eol++) {
            for (size_t p = 0; p < 2; p++) {
                struct emulator_options o = {.echo = (enum echo_mode)echo,
                                             .echo_eol = (enum eol)eol};
                struct bench b;

                run(&b, profiles[p], &o);
                assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
                assert_all_stored(&b);
                assert_null(simulation_event(&sim, EVENT_NOTE, NULL));
                done(&b);
            }
        }
    }
}

static void test_loads_through_harmless_oddities(void **state)
{
    static const char *const specs[] = {"noise", "split", "glued", "no-eol"};

    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        for (int echo = ECHO_ON; echo <= ECHO_COMMANDS; echo++) {
            struct emulator_options o = with_fault(specs[i]);
            struct bench b;

            o.echo = (enum echo_mode)echo;
            o.colour = true;
            print_message("# %s, echo mode %d\n", specs[i], echo);
            run(&b, "infinite", &o);
            assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
            assert_all_stored(&b);
            done(&b);
        }
    }
}

static void test_length_ended_device(void **state)
{
    struct bench b;

    (void)state;
    run(&b, "fixtures/profiles/simcom-sim7600.cfg", &echo_on);
    assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
    assert_all_stored(&b);
    done(&b);
}

/* A 64-byte FIFO whose firmware is away for 10 ms after each line loses nothing, untuned, and takes
 * at most 1.25 times as long as the device itself needs. */
static void test_slow_firmware_loses_nothing(void **state)
{
    struct emulator_options o = echo_on;
    struct bench b;

    (void)state;
    o.fifo = 64;
    o.away_per_line = 10 * USEC_PER_MS;
    run(&b, "bench", &o);
    assert_int_equal(sim.overruns, 0);
    assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
    assert_all_stored(&b);
    for (int slot = 0; slot < SLOT_COUNT; slot++) {
        size_t i, lines = 0;
        const struct exchange *x = exchange_of(&b, slot, &i);
        usec line_time = (usec)x->body.len * sim.byte_ns / 1000, away, took, least;

        for (size_t k = 0; k < x->body.len; k++)
            lines += x->body.data[k] == '\n';
        away = (usec)lines * o.away_per_line;
        least = away > line_time ? away : line_time;
        took = sim.stored_ended[slot] - sim.stored_began[slot];
        print_message("# slot %d: %.2f of the device's own time\n", slot,
                      (double)took / (double)least);
        assert_true(took * 100 <= least * 125);
    }
    done(&b);
}

static void test_line_rate(void **state)
{
    static const struct {
        enum echo_mode echo;
        usec delay;
    } rows[] = {{ECHO_OFF, 0}, {ECHO_ON, 0}, {ECHO_ON, USEC_PER_MS}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct emulator_options o = echo_on;
        struct bench b;

        o.echo = rows[i].echo;
        o.echo_delay = rows[i].delay;
        run(&b, "bench", &o);
        assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
        for (int slot = 0; slot < SLOT_COUNT; slot++) {
            double took = (double)(sim.stored_ended[slot] - sim.stored_began[slot]);
            double line = (double)(sim.stored[slot].len - 1) * (double)sim.byte_ns / 1000;

            print_message("# echo %d delay %d: %.1f %%\n", rows[i].echo, (int)rows[i].delay,
                          100 * line / took);
            assert_true(line / took >= 0.97);
            assert_string_equal(result_of(&b, slot)->limited_by, "line speed");
        }
        done(&b);
    }
}

static void test_says_that_the_echo_delay_limits(void **state)
{
    struct emulator_options o = echo_on;
    struct bench b;

    (void)state;
    o.echo_delay = 16 * USEC_PER_MS;
    run(&b, "bench", &o);
    assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
    assert_string_equal(result_of(&b, SLOT_DEVICE_KEY)->limited_by, "echo delay");
    assert_true(result_of(&b, SLOT_DEVICE_KEY)->echo_delay > 14 * USEC_PER_MS);
    assert_true(result_of(&b, SLOT_DEVICE_KEY)->echo_delay < 20 * USEC_PER_MS);
    done(&b);
}

/* --- what fails ------------------------------------------------------------------------------- */

struct row {
    const char *fault, *profile;
    enum load_outcome outcome;
    enum load_failure failure;
    enum device_state state; /* of the device certificate, whose slot is struck */
    bool loads_next;         /* the private key was sent too */
};

/* Each fault strikes the second slot; the third must stay untouched unless the device came back. */
static const struct row rows[] = {
    {"no-prompt", "infinite", LOAD_NO_ANSWER, FAILURE_NO_PROMPT, STATE_UNKNOWN, false},
    {"refuse", "infinite", LOAD_REFUSED, FAILURE_REFUSED, STATE_UNTOUCHED, false},
    {"refuse-body", "infinite", LOAD_REFUSED, FAILURE_REFUSED, STATE_UNKNOWN, false},
    {"refuse-end", "infinite", LOAD_REFUSED, FAILURE_REFUSED, STATE_UNKNOWN, false},
    {"silent", "infinite", LOAD_NO_ANSWER, FAILURE_NO_ANSWER, STATE_UNKNOWN, false},
    /* asked, it says so */
    {"silent", "bench", LOAD_REFUSED, FAILURE_REFUSED, STATE_UNKNOWN, false},
    {"reboot", "bench", LOAD_REFUSED, FAILURE_REBOOTED, STATE_UNKNOWN, false},
    {"hang-up", "infinite", LOAD_PORT_GONE, FAILURE_LINK_LOST, STATE_UNKNOWN, false},
    {"lost", "infinite", LOAD_REFUSED, FAILURE_ECHO_MISMATCH, STATE_UNKNOWN, false},
    {"changed", "infinite", LOAD_REFUSED, FAILURE_ECHO_MISMATCH, STATE_UNKNOWN, false},
    {"lost", "bench", LOAD_REFUSED, FAILURE_ECHO_MISMATCH, STATE_UNKNOWN, false},
    {"lost:device-cert:100x1", "bench", LOAD_DONE, FAILURE_NONE, STATE_LOADED, true},
    {"changed:device-cert:700x1", "bench", LOAD_DONE, FAILURE_NONE, STATE_LOADED, true},
    {"ok-early", "infinite", LOAD_REFUSED, FAILURE_ANSWERED_EARLY, STATE_UNKNOWN, false},
    {"ok-in-log", "infinite", LOAD_REFUSED, FAILURE_REFUSED, STATE_UNKNOWN, false},
    {"truncated", "infinite", LOAD_NO_ANSWER, FAILURE_NO_ANSWER, STATE_UNKNOWN, false},
    {"garbage", "infinite", LOAD_NO_ANSWER, FAILURE_SPEED_MISMATCH, STATE_UNKNOWN, false},
    {"lost-ok", "infinite", LOAD_NO_ANSWER, FAILURE_NO_ANSWER, STATE_UNKNOWN, false},
    {"lost-ok", "bench", LOAD_DONE, FAILURE_NONE, STATE_LOADED, true},
    {"echo-stops", "infinite", LOAD_DONE, FAILURE_NONE, STATE_LOADED, true},
};

static void check_row(const struct row *row)
{
    char spec[64];
    struct emulator_options o;
    struct bench b;
    const struct exchange_result *ca, *cert, *key;

    snprintf(spec, sizeof spec, strchr(row->fault, ':') != NULL ? "%s" : "%s:device-cert",
             row->fault);
    o = with_fault(spec);
    print_message("# %s on %s\n", spec, row->profile);
    run(&b, row->profile, &o);
    ca = result_of(&b, SLOT_SERVER_CA);
    cert = result_of(&b, SLOT_DEVICE_CERT);
    key = result_of(&b, SLOT_DEVICE_KEY);
    assert_string_equal(load_outcome_name(loader_outcome(sim.loader)),
                        load_outcome_name(row->outcome));
    assert_string_equal(load_failure_name(cert->failure), load_failure_name(row->failure));
    assert_string_equal(device_state_name(cert->state), device_state_name(row->state));
    assert_int_equal(ca->state, STATE_LOADED);
    assert_int_equal(key->state, row->loads_next ? STATE_LOADED : STATE_UNTOUCHED);
    assert_int_equal(key->began != 0, row->loads_next);
    if (cert->state == STATE_LOADED)
        assert_all_stored(&b);
    assert_true(sim.now - USEC_PER_SEC <= b.plan->limit);
    done(&b);
}

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_row(&rows[i]);
}

/* Wherever a byte is lost or changed, with echo on it is noticed: nothing damaged is called loaded.
 */
static void test_every_lost_byte_is_noticed(void **state)
{
    (void)state;
    for (size_t at = 0; at < 1250; at += at < 140 || at > 1180 ? 1 : 37) {
        static const char *const kinds[] = {"lost", "changed"};

        for (size_t k = 0; k < 2; k++) {
            char spec[64];
            struct emulator_options o;
            struct bench b;

            snprintf(spec, sizeof spec, "%s:device-cert:%zu", kinds[k], at);
            o = with_fault(spec);
            o.lenient = true;
            o.echo_eol = at % 2 == 0 ? EOL_CRLF : EOL_LF;
            run(&b, "infinite", &o);
            if (loader_outcome(sim.loader) == LOAD_DONE && at < b.plan->exchanges[1].body.len) {
                fail_msg("%s was not noticed", spec);
            }
            done(&b);
        }
    }
}

static void test_deaf_device_gets_nothing(void **state)
{
    struct emulator_options o = with_fault("deaf");
    struct bench b;
    size_t i;

    (void)state;
    run(&b, "infinite", &o);
    assert_int_equal(loader_outcome(sim.loader), LOAD_NO_ANSWER);
    assert_int_equal(sim.sent, exchange_of(&b, SLOT_SERVER_CA, &i)->command.len);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->failure_at, 0);
    done(&b);
}

static void test_echo_without_prompt_is_told(void **state)
{
    struct emulator_options o = with_fault("no-prompt");
    struct bench b;

    (void)state;
    run(&b, "infinite", &o);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->failure, FAILURE_NO_PROMPT);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->failure_at, 1);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->body_sent, 0);
    done(&b);
}

static void test_flood_ends(void **state)
{
    struct emulator_options o = with_fault("flood");
    struct bench b;

    (void)state;
    run(&b, "infinite", &o);
    assert_int_not_equal(loader_outcome(sim.loader), LOAD_DONE);
    assert_true(sim.now - USEC_PER_SEC <= b.plan->limit);
    done(&b);
}

/* --- secrets ---------------------------------------------------------------------------------- */

/* With echo on the device sends the whole key back, and then some: none of it is in any event. */
static void test_no_event_holds_the_key(void **state)
{
    static const char *const specs[] = {"noise", "lost:device-key:300", "echo-stops:device-key:200",
                                        "refuse-body:device-key:300", "split"};

    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        struct emulator_options o = with_fault(specs[i]);
        struct bench b;
        const struct exchange *x;
        size_t index;

        run(&b, "infinite", &o);
        x = exchange_of(&b, SLOT_DEVICE_KEY, &index);
        for (size_t k = 0; k < sim.log_count; k++) {
            const struct event *e = &sim.log[k];

            for (size_t at = 64; at + 12 < x->body.len; at += 5)
                assert_null(memmem(e->text, e->text_len, x->body.data + at, 12));
        }
        done(&b);
    }
}

/* --- stopping --------------------------------------------------------------------------------- */

static void cancel_in_body(struct bench *b, const char *profile, const char *const *assignments,
                           bool twice)
{
    const struct loader_options options = {.nonce = 1};

    bench_make(b, profile, assignments, &on_pty);
    simulation_make(&sim, b, &options, &echo_on);
    sim.cancel_when_sent = b->plan->exchanges[0].command.len + 400;
    sim.cancel_again_at = twice ? 1 : 0;
    simulation_run(&sim);
}

static void test_cancel_once_finishes_the_body(void **state)
{
    struct bench b;

    (void)state;
    cancel_in_body(&b, "infinite", accept_all, false);
    assert_int_equal(loader_outcome(sim.loader), LOAD_CANCELLED);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->state, STATE_LOADED);
    assert_int_equal(result_of(&b, SLOT_DEVICE_CERT)->state, STATE_UNTOUCHED);
    assert_int_equal(sim.stored_count[SLOT_SERVER_CA], 1);
    assert_int_equal(sim.stored_count[SLOT_DEVICE_CERT], 0);
    done(&b);
}

static void test_cancel_twice_sends_nothing_more_unless_accepted(void **state)
{
    static const char *const with_abort[] = {"accept-assumed=device-cert,device-key,abort", NULL};
    struct bench b;

    (void)state;
    cancel_in_body(&b, "infinite", accept_all, true);
    assert_int_equal(loader_outcome(sim.loader), LOAD_CANCELLED);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->state, STATE_UNKNOWN);
    assert_true(loader_device_in_upload(sim.loader));
    assert_null(simulation_event(&sim, EVENT_ABORTED, NULL));
    assert_int_equal(sim.stored_count[SLOT_SERVER_CA], 0);
    done(&b);

    cancel_in_body(&b, "infinite", with_abort, true);
    assert_int_equal(loader_outcome(sim.loader), LOAD_CANCELLED);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->state, STATE_UNKNOWN);
    assert_false(loader_device_in_upload(sim.loader));
    assert_non_null(simulation_event(&sim, EVENT_ABORTED, NULL));
    done(&b);
}

/* A stop that is asked for while the last body is on its way, and lets it be finished, stops
 * nothing: all is loaded, and nothing else is said. */
static void test_cancel_in_the_last_body_is_no_cancel(void **state)
{
    const struct plan_options last = {.is_pty = true, .only = "device-key"};
    const struct loader_options options = {.nonce = 1};
    struct bench b;

    (void)state;
    bench_make(&b, "infinite", accept_all, &last);
    simulation_make(&sim, &b, &options, &echo_on);
    sim.cancel_when_sent = b.plan->exchanges[0].command.len + 400;
    simulation_run(&sim);
    assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
    assert_int_equal(result_of(&b, SLOT_DEVICE_KEY)->state, STATE_LOADED);
    done(&b);
}

static void test_cancel_before_anything_is_sent(void **state)
{
    const struct loader_options options = {.settle = true};
    struct bench b;

    (void)state;
    bench_make(&b, "infinite", accept_all, &on_pty);
    simulation_make(&sim, &b, &options, &echo_on);
    sim.cancel_at = sim.now + 1000;
    simulation_run(&sim);
    assert_int_equal(loader_outcome(sim.loader), LOAD_CANCELLED);
    assert_int_equal(sim.sent, 0);
    assert_int_equal(result_of(&b, SLOT_SERVER_CA)->state, STATE_UNTOUCHED);
    done(&b);
}

static void test_recover_ends_an_open_upload(void **state)
{
    const struct plan_options options = {.is_pty = true, .recover = true};
    const struct loader_options loader = {.nonce = 1};
    struct bench b;

    (void)state;
    bench_make(&b, "infinite", accept_all, &options);
    simulation_make(&sim, &b, &loader, &echo_on);
    /* An earlier run has left the device inside an upload. */
    emulator_receive(sim.emulator, "9270,10\r-----BEGIN CERT", 23, sim.now);
    simulation_run(&sim);
    assert_int_equal(loader_outcome(sim.loader), LOAD_DONE);
    assert_all_stored(&b);
    done(&b);
}

/* --- properties ------------------------------------------------------------------------------- */

/* What was seen, without what depends on how bytes were grouped. */
static void digest_log(char *out, size_t size)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < sim.log_count && used + 64 < size; i++) {
        const struct event *e = &sim.log[i];

        if (e->type == EVENT_PROGRESS || e->type == EVENT_ECHO || e->type == EVENT_SENT)
            continue;
        used += (size_t)snprintf(out + used, size - used, "%d/%zu/%d/%.*s;", e->type, e->exchange,
                                 e->failure, (int)(e->text_len < 32 ? e->text_len : 32), e->text);
    }
}

static void test_any_split_gives_the_same_events(void **state)
{
    static const char *const specs[] = {"noise", "refuse-end:device-key", "lost:device-cert:500",
                                        "ok-early:server-ca", "garbage:device-key"};
    static char whole[65536], split[65536];

    (void)state;
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        for (size_t part = 0; part < 4; part++) {
            struct emulator_options o = with_fault(specs[i]);
            const struct loader_options options = {.nonce = 7};
            struct bench b;

            bench_make(&b, "infinite", accept_all, &on_pty);
            simulation_make(&sim, &b, &options, &o);
            sim.split = part;
            simulation_run(&sim);
            digest_log(part == 0 ? whole : split, sizeof whole);
            if (part != 0)
                assert_string_equal(whole, split);
            done(&b);
        }
    }
}

/* A device that sends anything at any time: the loader always ends, in time, and never says loaded
 * without having seen the answer. */
static void test_any_bytes_end_in_time(void **state)
{
    static const char *const words[] = {"SEND FILE...",
                                        "\r\n",
                                        "COMMAND PROCESSED OK\r\n",
                                        "*",
                                        "9270,10",
                                        "ERROR\r\n",
                                        "-----BEGIN",
                                        "\x1b[3",
                                        "\0x"};
    struct bench b;
    unsigned seed = 1;

    (void)state;
    bench_make(&b, "infinite", accept_all, &on_pty);
    for (int round = 0; round < 300; round++) {
        const struct loader_options options = {.nonce = 3, .settle = round % 2 == 0};
        struct loader *l = loader_create(b.plan, &options);
        usec now = USEC_PER_SEC, start = now;
        struct event e;

        assert_non_null(l);
        loader_start(l, now);
        while (loader_outcome(l) == LOAD_RUNNING) {
            const unsigned char *bytes;
            size_t n;
            usec at;

            if (rand_r(&seed) % 3 == 0) {
                const char *w = words[rand_r(&seed) % 9];

                loader_receive(l, w, strlen(w) + (size_t)(rand_r(&seed) % 2), now);
            }
            if (now >= loader_deadline(l))
                loader_tick(l, now);
            while ((n = loader_output(l, now, &bytes)) > 0)
                loader_sent(l, n < 7 ? n : 7, now);
            (void)loader_wants_flush(l);
            while (loader_next_event(l, &e))
                ;
            at = loader_deadline(l);
            now += rand_r(&seed) % 4 == 0 ? rand_r(&seed) % 300000 : 1000;
            now = at < now ? (at > now - 1000 ? at : now) : now;
            assert_true(now - start <= b.plan->limit + 5 * USEC_PER_SEC);
        }
        loader_destroy(l);
    }
    bench_reset(&b);
}

/* The host is stopped for ten seconds while the answer waits in the kernel: the answer counts. */
static void test_a_stopped_host_moves_the_limits(void **state)
{
    const struct loader_options options = {.nonce = 3};
    static const char reply[] = "\r\nSEND FILE...\r\n";
    const unsigned char *bytes;
    struct bench b;
    struct loader *l;
    usec now = USEC_PER_SEC;
    struct event e;
    bool told = false;
    size_t n;

    (void)state;
    bench_make(&b, "infinite", accept_all, &on_pty);
    l = loader_create(b.plan, &options);
    loader_start(l, now);
    while ((n = loader_output(l, now, &bytes)) > 0)
        loader_sent(l, n, now);
    now += 60 * USEC_PER_SEC; /* far past the limit for the prompt */
    loader_receive(l, reply, sizeof reply - 1, now);
    loader_tick(l, now);
    assert_int_equal(loader_outcome(l), LOAD_RUNNING);
    assert_true(loader_output(l, now, &bytes) > 0);
    while (loader_next_event(l, &e))
        told |= e.type == EVENT_NOTE && strcmp(e.code, "host-stopped") == 0;
    assert_true(told);
    loader_destroy(l);
    bench_reset(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_loads_whatever_the_echo),
        cmocka_unit_test(test_loads_through_harmless_oddities),
        cmocka_unit_test(test_length_ended_device),
        cmocka_unit_test(test_slow_firmware_loses_nothing),
        cmocka_unit_test(test_line_rate),
        cmocka_unit_test(test_says_that_the_echo_delay_limits),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_every_lost_byte_is_noticed),
        cmocka_unit_test(test_deaf_device_gets_nothing),
        cmocka_unit_test(test_echo_without_prompt_is_told),
        cmocka_unit_test(test_flood_ends),
        cmocka_unit_test(test_no_event_holds_the_key),
        cmocka_unit_test(test_cancel_once_finishes_the_body),
        cmocka_unit_test(test_cancel_twice_sends_nothing_more_unless_accepted),
        cmocka_unit_test(test_cancel_in_the_last_body_is_no_cancel),
        cmocka_unit_test(test_cancel_before_anything_is_sent),
        cmocka_unit_test(test_recover_ends_an_open_upload),
        cmocka_unit_test(test_any_split_gives_the_same_events),
        cmocka_unit_test(test_any_bytes_end_in_time),
        cmocka_unit_test(test_a_stopped_host_moves_the_limits),
    };
    struct err err;

    if (pki_start(&err) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
