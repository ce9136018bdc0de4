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

/* The loader against words put into a device's mouth: what it makes of lines that come too early,
 * too late, cut off or quoted. The device here is a script; only time and bytes are real. */

struct talk {
    struct bench b;
    struct loader *l;
    usec now;
    size_t sent;       /* bytes handed over so far */
    bool echo;         /* the device echoes, line ends as CRLF */
    bool unechoed_end; /* but not the terminator */
    unsigned char wire[16384];
    struct event log[512];
    size_t log_count;
};

static struct talk t;

static void begin(const char *profile, const char *const *assignments, bool echo)
{
    static const char *const all[] = {"accept-assumed=true", NULL};
    const struct plan_options on_pty = {.is_pty = true};
    const struct loader_options options = {.nonce = 1};

    memset(&t, 0, sizeof t);
    bench_make(&t.b, profile, assignments != NULL ? assignments : all, &on_pty);
    t.l = loader_create(t.b.plan, &options);
    assert_non_null(t.l);
    t.now = USEC_PER_SEC;
    t.echo = echo;
    loader_start(t.l, t.now);
}

static void end(void)
{
    loader_destroy(t.l);
    bench_reset(&t.b);
}

static void listen(void)
{
    struct event e;

    while (loader_next_event(t.l, &e)) {
        if (t.log_count < 512 && e.type != EVENT_ECHO && e.type != EVENT_SENT)
            t.log[t.log_count++] = e;
    }
}

static void say_bytes(const void *bytes, size_t n)
{
    loader_receive(t.l, bytes, n, t.now);
    listen();
}

static void say(const char *text)
{
    say_bytes(text, strlen(text));
}

static void echo(unsigned char byte)
{
    if (byte == '\r' || byte == '\n')
        say("\r\n");
    else if (!(t.unechoed_end && byte == '*'))
        say_bytes(&byte, 1);
}

/* One byte over the line, and its echo. False if nothing may go out now. */
static bool step(void)
{
    const unsigned char *bytes;
    unsigned char byte;

    if (t.now >= loader_deadline(t.l))
        loader_tick(t.l, t.now);
    (void)loader_wants_flush(t.l);
    if (loader_output(t.l, t.now, &bytes) == 0)
        return false;
    byte = bytes[0];
    assert_true(t.sent < sizeof t.wire);
    t.wire[t.sent++] = byte;
    loader_sent(t.l, 1, t.now);
    t.now += 87;
    if (t.echo)
        echo(byte);
    listen();
    return true;
}

/* Time passes; what may go out does. */
static void wait_for(usec time)
{
    usec until = t.now + time;

    while (t.now < until && loader_outcome(t.l) == LOAD_RUNNING) {
        usec at = loader_deadline(t.l);

        if (step())
            continue;
        t.now = at > t.now && at < until ? at : t.now + 1000;
    }
    loader_tick(t.l, t.now);
    listen();
}

static bool has_sent(const char *text)
{
    return memmem(t.wire, t.sent, text, strlen(text)) != NULL;
}

/* Until the wire holds this text. */
static void until_sent(const char *text)
{
    for (int i = 0; i < 1000000 && !has_sent(text); i++) {
        if (!step())
            t.now += 100;
    }
    assert_true(has_sent(text));
}

static const struct exchange_result *first(void)
{
    return loader_result(t.l, 0);
}

static void assert_failed(enum load_failure failure, enum device_state state)
{
    assert_string_equal(load_failure_name(first()->failure), load_failure_name(failure));
    assert_string_equal(device_state_name(first()->state), device_state_name(state));
}

/* The server CA is sent up to and with its terminator. */
static void first_body(void)
{
    until_sent("9270,10\r");
    say("SEND FILE...\r\n");
    until_sent("-----END CERTIFICATE-----\n*");
}

/* --- after the terminator --------------------------------------------------------------------- */

static void test_terminator_may_stay_unechoed(void **state)
{
    (void)state;
    begin("infinite", NULL, true);
    t.unechoed_end = true;
    first_body();
    t.now += 5000;
    say("\r\nCOMMAND PROCESSED OK\r\n");
    wait_for(USEC_PER_SEC);
    assert_int_equal(first()->state, STATE_LOADED);
    end();
}

static void test_failure_after_an_unechoed_success_counts(void **state)
{
    (void)state;
    begin("infinite", NULL, true);
    t.unechoed_end = true;
    first_body();
    t.now += 2000;
    say("\r\nCOMMAND PROCESSED OK\r\n");
    t.now += 50000;
    say("ERROR: flash\r\n");
    wait_for(USEC_PER_SEC);
    assert_failed(FAILURE_REFUSED, STATE_UNKNOWN);
    end();
}

static void test_echo_of_the_terminator_after_success_is_early(void **state)
{
    (void)state;
    begin("infinite", NULL, true);
    t.unechoed_end = true;
    first_body();
    wait_for(1500 * USEC_PER_MS); /* longer than an echo may stall */
    say("saving\r\n");
    say("COMMAND PROCESSED OK\r\n");
    t.now += 1000;
    say("*");
    wait_for(USEC_PER_SEC);
    assert_failed(FAILURE_ANSWERED_EARLY, STATE_UNKNOWN);
    end();
}

/* Refused although it was echoed whole: another attempt would end the same way. */
static void test_no_retry_after_a_body_echoed_correctly(void **state)
{
    (void)state;
    begin("infinite", NULL, true);
    first_body();
    wait_for(1500 * USEC_PER_MS);
    say("\r\nERROR: bad\r\n");
    wait_for(3 * USEC_PER_SEC);
    assert_failed(FAILURE_REFUSED, STATE_UNKNOWN);
    assert_int_equal(first()->attempts, 1);
    end();
}

static void test_nothing_follows_a_terminator_that_was_not_answered(void **state)
{
    size_t sent;

    (void)state;
    begin("infinite", NULL, true);
    until_sent("9270,10\r");
    say("SEND FILE...\r\n");
    while (t.sent < 208)
        step();
    t.echo = false; /* the echo stops, and comes back wrong after the terminator */
    until_sent("-----END CERTIFICATE-----\n*");
    sent = t.sent;
    t.now += 3000;
    say_bytes(t.wire + 300, 40);
    wait_for(60 * USEC_PER_SEC);
    assert_int_equal(first()->state, STATE_UNKNOWN);
    assert_int_equal(t.sent, sent);
    end();
}

static void test_an_answer_cut_off_by_a_hang_up_is_none(void **state)
{
    (void)state;
    begin("infinite", NULL, false);
    first_body();
    t.now += 5000;
    say("COMMAND PROCESSED OK");
    loader_link_lost(t.l, t.now + 100);
    assert_int_equal(loader_outcome(t.l), LOAD_PORT_GONE);
    assert_failed(FAILURE_LINK_LOST, STATE_UNKNOWN);
    end();
}

/* The computer stood still between reading and writing: what waits in the kernel is older than the
 * terminator that is about to go. */
static void test_a_stop_before_the_terminator_reads_first(void **state)
{
    const unsigned char *bytes;

    (void)state;
    begin("infinite", NULL, false);
    until_sent("9270,10\r");
    say("SEND FILE...\r\n");
    until_sent("-----END CERTIFICATE-----\n");
    t.now += 60 * USEC_PER_SEC;
    assert_int_equal(loader_output(t.l, t.now, &bytes), 0);
    say("\r\nCOMMAND PROCESSED OK\r\n");
    assert_failed(FAILURE_ANSWERED_EARLY, STATE_UNKNOWN);
    end();
}

/* --- before the body -------------------------------------------------------------------------- */

static void test_a_blank_after_the_prompt_is_part_of_it(void **state)
{
    (void)state;
    begin("infinite", NULL, true);
    until_sent("9270,10\r");
    say("SEND FILE... ");
    until_sent("-----END CERTIFICATE-----\n*");
    say("\r\nCOMMAND PROCESSED OK\r\n");
    assert_int_equal(first()->state, STATE_LOADED);
    end();
}

static void test_a_refusal_may_quote_the_command(void **state)
{
    (void)state;
    begin("infinite", NULL, false);
    until_sent("9270,10\r");
    t.now += 1000;
    say("ERROR 9270,10\r\n");
    assert_failed(FAILURE_REFUSED, STATE_UNTOUCHED);
    end();
}

static void test_a_slow_echo_of_the_command_is_no_damage(void **state)
{
    (void)state;
    begin("infinite", NULL, false);
    until_sent("9270,10\r");
    say("9270,1");
    wait_for(250 * USEC_PER_MS);
    say("0\r\nSEND FILE...\r\n");
    assert_int_equal(first()->failure, FAILURE_NONE);
    until_sent("-----BEGIN CERT");
    end();
}

static void test_a_damaged_echo_of_the_command_sends_no_body(void **state)
{
    (void)state;
    begin("infinite", NULL, false);
    until_sent("9270,10\r");
    say("9270,1?\r\nSEND FILE...\r\n");
    wait_for(USEC_PER_SEC);
    assert_failed(FAILURE_ECHO_MISMATCH, STATE_UNKNOWN);
    assert_false(has_sent("-----BEGIN"));
    end();
}

static void test_character_set_sequences_are_dropped(void **state)
{
    (void)state;
    begin("infinite", NULL, false);
    first_body();
    t.now += 1000;
    say("\x1b(B\x1b[mCOMMAND PROCESSED OK\r\n");
    assert_int_equal(first()->state, STATE_LOADED);
    end();
}

/* --- the way back ----------------------------------------------------------------------------- */

static const char *const with_abort[] = {"accept-assumed=device-cert,device-key,abort", NULL};

/* Success that was on its way before the abort had been sent says nothing about the abort. */
static void test_an_abort_is_answered_after_it_was_sent(void **state)
{
    (void)state;
    begin("infinite", with_abort, false);
    until_sent("9270,10\r");
    say("9270,1?\r\nCOMMAND PROCESSED OK\r\nSEND FILE...\r\n");
    for (size_t i = 0; i < t.log_count; i++)
        assert_int_not_equal(t.log[i].type, EVENT_ABORTED);
    until_sent("9270,10\r*");
    end();
}

static void test_an_echoed_abort_is_recognised(void **state)
{
    bool aborted = false;

    (void)state;
    begin("infinite", with_abort, true);
    until_sent("9270,10\r");
    say("SEND FILE...\r\n");
    while (t.sent < 400)
        step();
    say("?"); /* the echo differs */
    wait_for(300 * USEC_PER_MS);
    assert_true(t.wire[t.sent - 1] == '*');
    t.now += 1000;
    say("COMMAND PROCESSED OK\r\n"); /* glued to the echo of the abort */
    for (size_t i = 0; i < t.log_count; i++)
        aborted |= t.log[i].type == EVENT_ABORTED;
    assert_true(aborted);
    assert_int_equal(first()->state, STATE_UNKNOWN);
    end();
}

/* What a killed run left on the line may be a key's echo. */
static void test_what_looks_like_a_body_is_not_shown_before_the_first_command(void **state)
{
    const struct plan_options options = {.is_pty = true, .recover = true};
    const struct loader_options loader = {.nonce = 1, .settle = true};
    static const char *const all[] = {"accept-assumed=true", NULL};
    bool banner = false;

    (void)state;
    memset(&t, 0, sizeof t);
    bench_make(&t.b, "infinite", all, &options);
    t.l = loader_create(t.b.plan, &loader);
    t.now = USEC_PER_SEC;
    loader_start(t.l, t.now);
    say("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r\nBOOT v1.2 ready\r\n");
    wait_for(200 * USEC_PER_MS);
    say("pB0kq3x7Wm1gkqMIIEvQIBADAN*\r\n> MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r\n");
    /* Line ends may be echoed as nothing: a whole key is then one line. */
    for (int i = 0; i < 20; i++)
        say("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC");
    say("\r\n");
    for (size_t i = 0; i < t.log_count; i++) {
        assert_null(memmem(t.log[i].text, t.log[i].text_len, "BADAN", 5));
        banner |= memmem(t.log[i].text, t.log[i].text_len, "v1.2", 4) != NULL;
    }
    assert_true(banner);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminator_may_stay_unechoed),
        cmocka_unit_test(test_failure_after_an_unechoed_success_counts),
        cmocka_unit_test(test_echo_of_the_terminator_after_success_is_early),
        cmocka_unit_test(test_no_retry_after_a_body_echoed_correctly),
        cmocka_unit_test(test_nothing_follows_a_terminator_that_was_not_answered),
        cmocka_unit_test(test_an_answer_cut_off_by_a_hang_up_is_none),
        cmocka_unit_test(test_a_stop_before_the_terminator_reads_first),
        cmocka_unit_test(test_a_blank_after_the_prompt_is_part_of_it),
        cmocka_unit_test(test_a_refusal_may_quote_the_command),
        cmocka_unit_test(test_a_slow_echo_of_the_command_is_no_damage),
        cmocka_unit_test(test_a_damaged_echo_of_the_command_sends_no_body),
        cmocka_unit_test(test_character_set_sequences_are_dropped),
        cmocka_unit_test(test_an_abort_is_answered_after_it_was_sent),
        cmocka_unit_test(test_an_echoed_abort_is_recognised),
        cmocka_unit_test(test_what_looks_like_a_body_is_not_shown_before_the_first_command),
    };
    struct err err;

    if (pki_start(&err) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
