/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "device/emulator.h"
#include "device/pattern.h"
#include "pki/pki.h"

/* The emulated device in memory; time is only a number. The expected texts are written out: nothing
 * here is computed from the profile. */

enum { BODY_BYTES = 200 };

struct rig {
    struct profile *profile;
    struct emulator *e;
    usec now;
    struct buf out; /* everything the device has sent */
    usec last_out;  /* when its last byte was offered */
    size_t stored, refused, overrun, hung_up;
    struct emulator_event last;  /* STORED, SETTING or REFUSED */
    struct emulator_event saved; /* the last STORED */
    struct secret body;          /* of it */
};

static struct emulator_options with(const char *const *faults)
{
    struct emulator_options o = emulator_defaults();
    struct err err;

    o.lenient = true;
    for (; faults != NULL && *faults != NULL; faults++)
        assert_int_equal(emulator_fault_parse(*faults, &o.faults[o.fault_count++], &err), 0);
    return o;
}

static struct emulator_options with_fault(const char *fault)
{
    const char *const faults[] = {fault, NULL};

    return with(faults);
}

static void start(struct rig *r, const char *profile, const struct emulator_options *options)
{
    struct findings findings = {0};
    struct place nowhere = {0};

    *r = (struct rig){.now = USEC_PER_SEC};
    if (profile_load(profile, NULL, nowhere, &r->profile, &findings) != 0)
        fail_msg("%s: %s", profile, findings.count > 0 ? findings.items[0].what : "?");
    findings_reset(&findings);
    r->e = emulator_create(r->profile, options);
    assert_non_null(r->e);
}

static void stop(struct rig *r)
{
    emulator_destroy(r->e);
    profile_destroy(r->profile);
    secret_reset(&r->body);
    buf_reset(&r->out);
}

static void take_events(struct rig *r)
{
    struct emulator_event event;

    while (emulator_next_event(r->e, &event)) {
        if (event.type == EMULATOR_OVERRUN) {
            r->overrun += event.n;
            continue;
        }
        r->stored += event.type == EMULATOR_STORED;
        r->refused += event.type == EMULATOR_REFUSED;
        r->hung_up += event.type == EMULATOR_HUNG_UP;
        if (event.type == EMULATOR_STORED) {
            assert_int_equal(secret_set(&r->body, event.body->data, event.body->len, NULL), 0);
            r->saved = event;
        }
        r->last = event;
    }
}

static void drain(struct rig *r)
{
    const unsigned char *bytes;
    size_t n;

    while (r->out.len < 6U * 1024 * 1024 && (n = emulator_output(r->e, r->now, &bytes)) > 0) {
        buf_add(&r->out, bytes, n);
        emulator_sent(r->e, n, r->now);
        r->last_out = r->now;
    }
    take_events(r);
}

/* Lets `for_time` pass, stopping at every deadline. */
static void wait(struct rig *r, usec for_time)
{
    usec end = r->now + for_time;

    for (;;) {
        usec deadline;

        drain(r);
        deadline = emulator_deadline(r->e);
        assert_true(deadline > r->now);
        if (deadline > end)
            break;
        r->now = deadline;
        emulator_tick(r->e, r->now);
    }
    r->now = end;
    emulator_tick(r->e, r->now);
    drain(r);
}

static void put(struct rig *r, const void *bytes, size_t n)
{
    emulator_receive(r->e, bytes, n, r->now);
    drain(r);
}

static void type(struct rig *r, const char *text)
{
    put(r, text, strlen(text));
}

/* What the device has sent since the last call must be exactly this. */
static void expect(struct rig *r, const char *text)
{
    buf_add(&r->out, "", 0);
    assert_string_equal(r->out.data, text);
    buf_reset(&r->out);
}

static bool said(const struct rig *r, const char *text)
{
    return r->out.len > 0 && memmem(r->out.data, r->out.len, text, strlen(text)) != NULL;
}

/* Four lines of 49 characters, LF after each. */
static const char *body_text(void)
{
    static char body[BODY_BYTES + 1];

    for (size_t i = 0; i < BODY_BYTES; i++)
        body[i] = i % 50 == 49 ? '\n' : (char)('A' + i % 26);
    return body;
}

/* One upload of body_text with its terminator; what is said lands in r->out. */
static void upload(struct rig *r, const char *command)
{
    type(r, command);
    type(r, "\r");
    wait(r, USEC_PER_SEC);
    type(r, body_text());
    type(r, "*");
    wait(r, 5 * USEC_PER_SEC);
}

/* --- the plain dialect --- */

static void stores_an_upload(void **state)
{
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    type(&r, "9270,10\r");
    expect(&r, "9270,10\r\nSEND FILE...\r\n");
    type(&r, "ab\ncd\n");
    expect(&r, "ab\r\ncd\r\n");
    r.now += 500;
    type(&r, "*");
    expect(&r, "*\r\nCOMMAND PROCESSED OK\r\n");
    assert_int_equal(r.stored, 1);
    assert_int_equal(r.last.slot, SLOT_SERVER_CA);
    assert_int_equal(r.body.len, 6);
    assert_memory_equal(r.body.data, "ab\ncd\n", 6);
    assert_true(r.last.body_ended == r.now - 500);
    stop(&r);
}

static void takes_every_line_end(void **state)
{
    static const char *const ends[] = {"\r", "\n", "\r\n"};
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    for (size_t i = 0; i < 3; i++) {
        type(&r, "EMU,4,pump-7");
        type(&r, ends[i]);
        expect(&r, "EMU,4,pump-7\r\nCOMMAND PROCESSED OK\r\n");
        assert_int_equal(r.last.type, EMULATOR_SETTING);
        assert_int_equal(r.last.setting, SETTING_CLIENT_ID);
        assert_string_equal(r.last.text, "pump-7");
    }
    /* The LF of the command's CR LF is no part of the body. */
    type(&r, "9270,11\r\nx*");
    assert_int_equal(r.body.len, 1);
    stop(&r);
}

static void keeps_the_password_to_itself(void **state)
{
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    type(&r, "EMU,6,hunter2\r");
    assert_int_equal(r.last.setting, SETTING_PASSWORD);
    assert_string_equal(r.last.text, "");
    assert_int_equal(r.last.n, 7);
    stop(&r);
}

static void refuses_what_it_does_not_know(void **state)
{
    struct emulator_options o = with(NULL);
    struct buf longline = {0};
    struct rig r;

    (void)state;
    start(&r, "infinite", &o);
    type(&r, "\r9270,13\r");
    expect(&r, "\r\n9270,13\r\nERROR 1: unknown command\r\n");
    assert_true(pattern_matches(r.profile->upload.fail[0], "ERROR 1: unknown command", 24, NULL));
    for (int i = 0; i < 3000; i++)
        buf_add_char(&longline, 'x');
    buf_add_char(&longline, '\r');
    type(&r, longline.data);
    assert_true(said(&r, "ERROR 2: line too long"));
    buf_reset(&r.out);
    type(&r, "9270,10\r");
    assert_true(said(&r, "SEND FILE..."));
    buf_reset(&longline);
    stop(&r);
}

static void judges_what_it_is_given(void **state)
{
    struct emulator_options o = with(NULL);
    struct secret pem = {0};
    struct rig r;

    (void)state;
    o.lenient = false;
    assert_int_equal(file_read("src/pki/roots/digicert-global-root-g2.pem", 65536, &pem, NULL), 0);
    start(&r, "infinite", &o);
    upload(&r, "9270,10");
    assert_true(said(&r, "*\r\nERROR 3: not what belongs here\r\n"));
    assert_int_equal(r.stored, 0);
    buf_reset(&r.out);
    type(&r, "9270,10\r");
    put(&r, pem.data, pem.len);
    type(&r, "*");
    assert_true(said(&r, "*\r\nCOMMAND PROCESSED OK\r\n"));
    assert_int_equal(r.body.len, pem.len);
    assert_memory_equal(r.body.data, pem.data, pem.len);
    /* A certificate is no key. */
    type(&r, "9270,12\r");
    put(&r, pem.data, pem.len);
    type(&r, "*");
    assert_int_equal(r.last.type, EMULATOR_REFUSED);
    assert_int_equal(r.last.slot, SLOT_DEVICE_KEY);
    secret_reset(&pem);
    stop(&r);
}

static void answers_sync_with_the_truth(void **state)
{
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    type(&r, "EMU,0,a1\r");
    expect(&r, "EMU,0,a1\r\nSYNC a1 NOT STORED\r\n");
    upload(&r, "9270,10");
    buf_reset(&r.out);
    type(&r, "EMU,0,b2\r");
    expect(&r, "EMU,0,b2\r\nSYNC b2 STORED\r\n");
    stop(&r);
}

static void aborts(void **state)
{
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    type(&r, "9270,12\rabc");
    buf_reset(&r.out);
    type(&r, "\x18");
    expect(&r, "\x18\r\nUPLOAD CANCELLED\r\n");
    type(&r, "EMU,0,x\r");
    assert_true(said(&r, "SYNC x NOT STORED"));
    buf_reset(&r.out);
    /* At the command line it takes back what was typed. */
    type(&r, "junk\x18"
             "9270,12\r");
    assert_true(said(&r, "SEND FILE..."));
    stop(&r);

    /* The other device has only its terminator: a truncated file that it takes. */
    start(&r, "infinite", &o);
    type(&r, "9270,12\rabc*");
    assert_true(said(&r, "*\r\nCOMMAND PROCESSED OK\r\n"));
    assert_int_equal(r.stored, 1);
    stop(&r);
}

static void ends_a_body_by_its_length(void **state)
{
    static const char path[] = "fixtures/profiles/simcom-sim7600.cfg";
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    start(&r, path, &o);
    type(&r, "AT\r");
    expect(&r, "AT\r\nOK\r\n");
    type(&r, "AT+CCERTDOWN=\"cert.pem\",8\r\n");
    expect(&r, "AT+CCERTDOWN=\"cert.pem\",8\r\n>\r\n");
    type(&r, "abc\nd*f\n");
    expect(&r, "abc\r\nd*f\r\nOK\r\n");
    assert_int_equal(r.last.slot, SLOT_DEVICE_CERT);
    assert_memory_equal(r.body.data, "abc\nd*f\n", 8);
    type(&r, "AT+CCERTDOWN=\"cert.pem\",99999\r");
    assert_true(said(&r, "\r\nERROR\r\n"));
    buf_reset(&r.out);
    type(&r, "AT+CCERTDOWN=\"cert.pem\",x\r");
    assert_true(said(&r, "\r\nERROR\r\n"));
    stop(&r);
}

static void bounds_a_body(void **state)
{
    struct emulator_options o = with(NULL);
    char chunk[1000];
    struct rig r;

    (void)state;
    memset(chunk, 'A', sizeof chunk);
    chunk[sizeof chunk - 1] = '\n';
    start(&r, "infinite", &o);
    type(&r, "9270,10\r");
    for (int i = 0; i < 80; i++)
        put(&r, chunk, sizeof chunk);
    assert_true(said(&r, "ERROR 4: too large"));
    assert_int_equal(r.stored, 0);
    stop(&r);
}

/* --- echo, delays, FIFO --- */

static void echoes_as_told(void **state)
{
    static const struct {
        enum echo_mode mode;
        enum eol eol;
        const char *text;
    } rows[] = {
        {ECHO_ON, EOL_CRLF, "9270,10\r\nSEND FILE...\r\na\r\nb\r\n*\r\nCOMMAND PROCESSED OK\r\n"},
        {ECHO_ON, EOL_CR, "9270,10\rSEND FILE...\r\na\rb\r*\r\nCOMMAND PROCESSED OK\r\n"},
        {ECHO_ON, EOL_LF, "9270,10\nSEND FILE...\r\na\nb\n*\r\nCOMMAND PROCESSED OK\r\n"},
        {ECHO_ON, EOL_NONE, "9270,10SEND FILE...\r\nab*\r\nCOMMAND PROCESSED OK\r\n"},
        {ECHO_COMMANDS, EOL_CRLF, "9270,10\r\nSEND FILE...\r\nCOMMAND PROCESSED OK\r\n"},
        {ECHO_OFF, EOL_CRLF, "SEND FILE...\r\nCOMMAND PROCESSED OK\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct emulator_options o = with(NULL);
        struct rig r;

        o.echo = rows[i].mode;
        o.echo_eol = rows[i].eol;
        start(&r, "bench", &o);
        type(&r, "9270,10\ra\nb\n*");
        expect(&r, rows[i].text);
        stop(&r);
    }
}

static void takes_its_time(void **state)
{
    struct emulator_options o = with(NULL);
    usec began;
    struct rig r;

    (void)state;
    o.echo_delay = 20 * USEC_PER_MS;
    o.latency = 70 * USEC_PER_MS;
    start(&r, "bench", &o);
    began = r.now;
    type(&r, "9270,10\r");
    assert_int_equal(r.out.len, 0);
    assert_true(emulator_deadline(r.e) == began + 20 * USEC_PER_MS);
    wait(&r, 69 * USEC_PER_MS);
    expect(&r, "9270,10\r\n");
    wait(&r, USEC_PER_MS);
    expect(&r, "SEND FILE...\r\n");
    assert_true(emulator_deadline(r.e) == USEC_NEVER);
    stop(&r);
}

static void wraps_in_colour(void **state)
{
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    o.colour = true;
    o.echo = ECHO_OFF;
    start(&r, "bench", &o);
    type(&r, "EMU,1,b\r");
    expect(&r, "\x1b[32mCOMMAND PROCESSED OK\x1b[0m\r\n");
    stop(&r);
}

/* 64 bytes of FIFO, firmware 10 ms away after each line: a window of 64 unechoed bytes loses
 * nothing, one of 65 does. */
static size_t lost_with_window(size_t window)
{
    struct emulator_options o = with(NULL);
    const char *body = body_text();
    size_t sent = 0, echoed, lost;
    struct rig r;

    o.fifo = 64;
    o.away_per_line = 10 * USEC_PER_MS;
    o.echo_eol = EOL_LF;
    start(&r, "bench", &o);
    type(&r, "9270,10\r");
    wait(&r, USEC_PER_SEC);
    buf_reset(&r.out);
    while (sent < BODY_BYTES && r.now < 10 * USEC_PER_SEC) {
        echoed = r.out.len;
        if (sent - echoed < window)
            put(&r, body + sent++, 1);
        wait(&r, 87);
    }
    wait(&r, USEC_PER_SEC);
    lost = r.overrun;
    stop(&r);
    return lost;
}

static void loses_what_the_fifo_cannot_hold(void **state)
{
    struct emulator_options o = with(NULL);
    struct rig r;

    (void)state;
    assert_int_equal(lost_with_window(48), 0);
    assert_int_equal(lost_with_window(64), 0);
    assert_true(lost_with_window(65) > 0);

    /* What waits is looked at when the firmware is back, and only then echoed. */
    o.fifo = 4;
    o.away_per_line = 10 * USEC_PER_MS;
    start(&r, "bench", &o);
    type(&r, "\r123456");
    expect(&r, "\r\n");
    assert_int_equal(r.overrun, 2);
    wait(&r, 9999);
    assert_int_equal(r.out.len, 0);
    wait(&r, 1);
    expect(&r, "1234");
    stop(&r);
}

/* Splits the input in every way that a seed gives, with time standing still. */
static void any_split_is_the_same(void **state)
{
    static const char *const faults[] = {NULL,        "noise",  "reboot::60", "refuse-body::60",
                                         "glued",     "no-eol", "ok-early",   "echo-stops::70",
                                         "lost::133", "silent", "truncated"};

    (void)state;
    for (size_t f = 0; f < sizeof faults / sizeof faults[0]; f++) {
        struct emulator_options o = faults[f] == NULL ? with(NULL) : with_fault(faults[f]);
        struct buf whole = {0}, input = {0};

        buf_printf(&input, "\r\nEMU,4,x\r\nnonsense\n9270,12\r%s*\r9270,11\r\n%s*EMU,0,q\r",
                   body_text(), body_text());
        for (unsigned seed = 0; seed < 40; seed++) {
            unsigned rnd = seed;
            struct rig r;

            start(&r, "bench", &o);
            for (size_t i = 0; i < input.len;) {
                size_t n;

                rnd = rnd * 1103515245U + 12345U;
                n = seed == 0 ? input.len : 1 + (rnd >> 16) % (seed == 1 ? 1 : 7 * seed);
                if (n > input.len - i)
                    n = input.len - i;
                put(&r, input.data + i, n);
                i += n;
            }
            wait(&r, 10 * USEC_PER_SEC);
            if (seed == 0)
                buf_add(&whole, r.out.data, r.out.len);
            assert_int_equal(r.out.len, whole.len);
            assert_memory_equal(r.out.data, whole.data, whole.len);
            stop(&r);
        }
        buf_reset(&whole);
        buf_reset(&input);
    }
}

/* --- faults --- */

/* Every fault in an upload: what the device then says last, and whether it stored. */
static void strikes_every_fault(void **state)
{
    static const struct {
        const char *fault;
        const char *says;   /* somewhere in what it said; NULL: nothing to look for */
        const char *silent; /* nowhere in it */
        bool stored;
    } rows[] = {
        {"no-prompt", "9270,10\r\n", "SEND FILE", false},
        {"refuse", "9270,10\r\nERROR 5: refused\r\n", "SEND FILE", false},
        {"refuse-body", "\r\nERROR 5: refused\r\n", "COMMAND PROCESSED", false},
        {"refuse-end", "*\r\nERROR 5: refused\r\n", "COMMAND PROCESSED", false},
        {"silent", "SEND FILE...\r\nABC", "COMMAND PROCESSED", false},
        {"deaf", NULL, "9270", false},
        {"reboot", "\r\nEMULATED DEVICE READY\r\n", "COMMAND PROCESSED", false},
        {"lost::3", "SEND FILE...\r\nABCEF", "\nABCDEF", true},
        {"changed::1", "SEND FILE...\r\nACC", "\nABC", true},
        {"stall", "*\r\nCOMMAND PROCESSED OK\r\n", NULL, true},
        {"noise", "dBm, channel 6\r\nSEND FILE...\r\nAB", NULL, true},
        {"split", "*\r\nCOMMAND PROCESSED OK\r\n", NULL, true},
        {"truncated", "*\r\nCOMMAND PR", "COMMAND PRO", true},
        {"glued", "*COMMAND PROCESSED OK\r\n", NULL, true},
        {"no-eol", "SEND FILE...ABC", "OK\r", true},
        {"ok-in-log", "*\r\nlast: COMMAND PROCESSED OK (3)\r\nERROR 5: refused\r\n", NULL, false},
        {"ok-early", "\r\nCOMMAND PROCESSED OK\r\n", "*\r\nCOMMAND", true},
        {"echo-stops", "\r\nCOMMAND PROCESSED OK\r\n", "*", true},
        {"garbage", "\xF8\x80\x1E", "SEND FILE", false},
        {"lost-ok", "*", "COMMAND PROCESSED", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct emulator_options o = with_fault(rows[i].fault);
        struct rig r;

        start(&r, "bench", &o);
        upload(&r, "9270,10");
        if (rows[i].says != NULL && !said(&r, rows[i].says))
            fail_msg("%s does not say %s", rows[i].fault, rows[i].says);
        if (rows[i].silent != NULL && said(&r, rows[i].silent))
            fail_msg("%s says %s", rows[i].fault, rows[i].silent);
        if (r.stored != rows[i].stored)
            fail_msg("%s: %zu stored", rows[i].fault, r.stored);
        stop(&r);
    }
}

static void floods(void **state)
{
    struct emulator_options o = with_fault("flood");
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    upload(&r, "9270,10");
    assert_true(r.out.len > 2U * 1024 * 1024);
    assert_null(memchr(r.out.data + 1000, '\n', r.out.len - 1000));
    stop(&r);
}

static void hangs_up(void **state)
{
    struct emulator_options o = with_fault("hang-up:server-ca:50");
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    upload(&r, "9270,10");
    assert_int_equal(r.hung_up, 1);
    assert_true(emulator_deadline(r.e) == USEC_NEVER);
    buf_reset(&r.out);
    type(&r, "9270,10\r");
    assert_int_equal(r.out.len, 0);
    stop(&r);
}

static void stalls_for_two_seconds(void **state)
{
    struct emulator_options o = with_fault("stall:server-ca:10");
    struct rig r;

    (void)state;
    o.fifo = 64;
    start(&r, "bench", &o);
    type(&r, "9270,10\r");
    buf_reset(&r.out);
    type(&r, body_text());
    expect(&r, "ABCDEFGHIJK");
    assert_int_equal(r.overrun, BODY_BYTES - 11 - 64);
    wait(&r, 2 * USEC_PER_SEC - 1);
    assert_int_equal(r.out.len, 0);
    wait(&r, 1);
    assert_true(r.out.len >= 64);
    stop(&r);
}

static void restarts_in_300_ms(void **state)
{
    struct emulator_options o = with_fault("reboot:server-ca:10");
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    type(&r, "9270,10\r");
    buf_reset(&r.out);
    type(&r, body_text());
    expect(&r, "ABCDEFGHIJK");
    wait(&r, 300 * USEC_PER_MS - 1);
    assert_int_equal(r.out.len, 0);
    wait(&r, 1);
    expect(&r, "\r\nEMULATED DEVICE READY\r\n");
    /* It is at its command line, and forgot what came in between. */
    type(&r, "9270,10\r");
    assert_true(said(&r, "SEND FILE..."));
    stop(&r);
}

static void splits_replies(void **state)
{
    struct emulator_options o = with_fault("split");
    usec began;
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    began = r.now;
    type(&r, "EMU,1,b\r");
    expect(&r, "EMU,1,b\r\nCOM");
    wait(&r, 30 * USEC_PER_MS);
    expect(&r, "MAN");
    wait(&r, USEC_PER_SEC);
    assert_true(r.last_out == began + 7 * 30 * USEC_PER_MS);
    stop(&r);
}

static void takes_the_rest_of_a_refused_body_for_commands(void **state)
{
    struct emulator_options o = with_fault("refuse-body:server-ca:60");
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    upload(&r, "9270,10");
    /* The rest of the second line, and the third and the fourth. */
    assert_int_equal(r.refused, 4);
    buf_reset(&r.out);
    type(&r, "\r9270,11\r");
    assert_true(said(&r, "SEND FILE..."));
    stop(&r);
}

static void strikes_its_slot_and_as_often_as_told(void **state)
{
    struct emulator_options o = with_fault("refuse-end:device-certx2");
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    upload(&r, "9270,10");
    assert_int_equal(r.stored, 1);
    upload(&r, "9270,11");
    upload(&r, "9270,11");
    assert_int_equal(r.stored, 1);
    upload(&r, "9270,11");
    assert_int_equal(r.stored, 2);
    stop(&r);

    o = with_fault("deafx1");
    start(&r, "bench", &o);
    type(&r, "EMU,1,b\r");
    assert_int_equal(r.out.len, 0);
    type(&r, "EMU,1,b\r");
    expect(&r, "EMU,1,b\r\nCOMMAND PROCESSED OK\r\n");
    stop(&r);
}

static void strikes_settings_too(void **state)
{
    static const struct {
        const char *fault, *says;
    } rows[] = {
        {"refuse", "EMU,1,b\r\nERROR 5: refused\r\n"},
        {"silent", "EMU,1,b\r\n"},
        {"lost-ok", "EMU,1,b\r\n"},
        {"truncated", "EMU,1,b\r\nCOMMAND PR"},
        {"no-eol", "EMU,1,b\r\nCOMMAND PROCESSED OK"},
        {"ok-in-log", "EMU,1,b\r\nlast: COMMAND PROCESSED OK (3)\r\nERROR 5: refused\r\n"},
        {"refuse:device-key", "EMU,1,b\r\nCOMMAND PROCESSED OK\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct emulator_options o = with_fault(rows[i].fault);
        struct rig r;

        start(&r, "bench", &o);
        type(&r, "EMU,1,b\r");
        expect(&r, rows[i].says);
        stop(&r);
    }
}

static void tells_the_truth_when_its_answer_was_lost(void **state)
{
    struct emulator_options o = with_fault("lost-ok");
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    upload(&r, "9270,12");
    buf_reset(&r.out);
    type(&r, "EMU,0,77\r");
    expect(&r, "EMU,0,77\r\nSYNC 77 STORED\r\n");
    stop(&r);
    o = with_fault("silent");
    start(&r, "bench", &o);
    upload(&r, "9270,12");
    buf_reset(&r.out);
    type(&r, "EMU,0,77\r");
    expect(&r, "EMU,0,77\r\nSYNC 77 NOT STORED\r\n");
    stop(&r);
}

static void strikes_several_at_once(void **state)
{
    static const char *const faults[] = {"lost:server-ca:3", "lost:server-ca:7", "glued", NULL};
    struct emulator_options o = with(faults);
    struct rig r;

    (void)state;
    start(&r, "bench", &o);
    upload(&r, "9270,10");
    assert_int_equal(r.body.len, BODY_BYTES - 2);
    assert_true(said(&r, "*COMMAND PROCESSED OK\r\n"));
    stop(&r);
}

/* --- fault texts --- */

static void parses_faults(void **state)
{
    struct emulator_fault f;
    struct err err;

    (void)state;
    assert_int_equal(emulator_fault_parse("lost:device-key:700", &f, &err), 0);
    assert_int_equal(f.fault, FAULT_LOST);
    assert_int_equal(f.slot, SLOT_DEVICE_KEY);
    assert_int_equal(f.at, 700);
    assert_int_equal(f.times, 0);
    assert_int_equal(emulator_fault_parse("reboot:server-ca:100x1", &f, &err), 0);
    assert_int_equal(f.fault, FAULT_REBOOT);
    assert_int_equal(f.at, 100);
    assert_int_equal(f.times, 1);
    assert_int_equal(emulator_fault_parse("refusex3", &f, &err), 0);
    assert_int_equal(f.fault, FAULT_REFUSE);
    assert_int_equal(f.slot, -1);
    assert_int_equal(f.times, 3);
    assert_int_equal(emulator_fault_parse("stall::7", &f, &err), 0);
    assert_int_equal(f.slot, -1);
    assert_int_equal(f.at, 7);
    assert_int_equal(emulator_fault_parse("stall", &f, &err), 0);
    assert_int_equal(f.at, 100);
}

static void refuses_wrong_faults(void **state)
{
    static const char *const wrong[] = {"",
                                        "rebot",
                                        "lost:device-kye",
                                        "lost::-1",
                                        "lost::1:2",
                                        "refuse:device-key:5",
                                        "none",
                                        "lost::12345678901",
                                        "x3"};
    struct emulator_fault f;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        if (emulator_fault_parse(wrong[i], &f, &err) != ERR_USAGE)
            fail_msg("\"%s\" was taken", wrong[i]);
    }
    assert_int_equal(emulator_fault_parse("rebot", &f, &err), ERR_USAGE);
    assert_non_null(strstr(err.remedy, "reboot"));
    assert_int_equal(emulator_fault_parse("lost:device-kye", &f, &err), ERR_USAGE);
    assert_non_null(strstr(err.remedy, "device-key"));
}

static void names_every_fault(void **state)
{
    struct emulator_fault f;

    (void)state;
    for (int i = FAULT_NONE + 1; i < FAULT_COUNT; i++) {
        assert_int_equal(emulator_fault_parse(fault_name((enum fault)i), &f, NULL), 0);
        assert_int_equal(f.fault, i);
        assert_true(strlen(fault_help((enum fault)i)) > 10);
    }
}

static int set_up(void **state)
{
    struct err err;

    (void)state;
    return pki_start(&err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_an_upload),
        cmocka_unit_test(takes_every_line_end),
        cmocka_unit_test(keeps_the_password_to_itself),
        cmocka_unit_test(refuses_what_it_does_not_know),
        cmocka_unit_test(judges_what_it_is_given),
        cmocka_unit_test(answers_sync_with_the_truth),
        cmocka_unit_test(aborts),
        cmocka_unit_test(ends_a_body_by_its_length),
        cmocka_unit_test(bounds_a_body),
        cmocka_unit_test(echoes_as_told),
        cmocka_unit_test(takes_its_time),
        cmocka_unit_test(wraps_in_colour),
        cmocka_unit_test(loses_what_the_fifo_cannot_hold),
        cmocka_unit_test(any_split_is_the_same),
        cmocka_unit_test(strikes_every_fault),
        cmocka_unit_test(floods),
        cmocka_unit_test(hangs_up),
        cmocka_unit_test(stalls_for_two_seconds),
        cmocka_unit_test(restarts_in_300_ms),
        cmocka_unit_test(splits_replies),
        cmocka_unit_test(takes_the_rest_of_a_refused_body_for_commands),
        cmocka_unit_test(strikes_its_slot_and_as_often_as_told),
        cmocka_unit_test(strikes_settings_too),
        cmocka_unit_test(tells_the_truth_when_its_answer_was_lost),
        cmocka_unit_test(strikes_several_at_once),
        cmocka_unit_test(parses_faults),
        cmocka_unit_test(refuses_wrong_faults),
        cmocka_unit_test(names_every_fault),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
