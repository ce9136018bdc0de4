/* SPDX-License-Identifier: MIT */
/* The line terminal over real ptys: the test is the device, or an emulated device is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "terminal_world.h"

/* --- the flush --- */

static void starts_with_a_flush(void **state)
{
    struct terminal_options o = plain();
    usec began;

    (void)state;
    begin(&o);
    began = clock_now();
    say("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\r\nrest of an ec");
    assert_int_equal(send_line("AT"), 0);
    run(60 * USEC_PER_MS);
    say("ho\r\n");
    assert_int_equal(w.heard.len, 0);
    await_last("AT");
    assert_true(clock_now() - began > 150 * USEC_PER_MS);
    assert_string_equal(all_lines(), "-<51 bytes dropped>\n>AT\n");
    say("hello\r\n");
    await("-<51 bytes dropped>\n>AT\n<hello\n");
    end();

    /* Nothing to drop, nothing to tell. */
    begin(&o);
    after_flush();
    say("hello\r\n");
    await("<hello\n");
    end();
}

static void a_talker_is_flushed_for_a_second(void **state)
{
    struct terminal_options o = plain();
    usec began = clock_now();

    (void)state;
    begin(&o);
    while (terminal_count(w.t) == 0 && clock_now() - began < 5 * USEC_PER_SEC) {
        say("Qw");
        run(20 * USEC_PER_MS);
    }
    assert_true(clock_now() - began > 990 * USEC_PER_MS);
    assert_true(str_ends(text_of(0), " bytes dropped>"));
    /* The end of a line whose start nobody saw. */
    say("x==\r\nhello there\r\n");
    await_last("hello there");
    assert_null(strstr(all_lines(), "Qw"));
    end();
}

/* --- lines --- */

static void lines_end_in_any_way(void **state)
{
    struct terminal_options o = plain();

    (void)state;
    begin(&o);
    after_flush();
    say("one\r\ntwo\rthree\nfour\r");
    await("<one\n<two\n<three\n<four\n");
    say("\nfive, \n\nseven \xC3\xA4\r\n"); /* the LF is that of four */
    await("<one\n<two\n<three\n<four\n<five, \n<\n<seven \xC3\xA4\n");
    end();
}

static void an_unfinished_line_is_the_last(void **state)
{
    struct terminal_options o = plain();
    usec began;

    (void)state;
    begin(&o);
    after_flush();
    say("a prompt> ");
    await("<a prompt> \n");
    assert_true(terminal_line(w.t, 0)->at <= clock_now());
    say("and more");
    await("<a prompt> and more\n");
    say("\r\n");
    await("<a prompt> and more\n");
    /* One word could become a line of a key; it is shown when nothing follows. */
    began = clock_now();
    say("login");
    await("<a prompt> and more\n<<5 bytes>\n");
    await("<a prompt> and more\n<login\n");
    assert_true(clock_now() - began >= 200 * USEC_PER_MS);
    say(": ");
    await("<a prompt> and more\n<login: \n");
    end();
}

static void nap(void)
{
    (void)poll(NULL, 0, 10);
}

static void dispatch_tells_what_is_new(void **state)
{
    struct terminal_options o = plain();

    (void)state;
    begin(&o);
    after_flush();
    assert_false(terminal_dispatch(w.t));
    say("hello there");
    nap();
    assert_true(terminal_dispatch(w.t));
    assert_false(terminal_dispatch(w.t));
    say("\x1b[0m"); /* nothing to be seen */
    nap();
    assert_false(terminal_dispatch(w.t));
    say("\r\n");
    nap();
    assert_true(terminal_dispatch(w.t));
    assert_false(terminal_dispatch(w.t));
    end();
}

/* Whatever comes, what is drawn holds no control character. */
static void assert_harmless(void)
{
    for (size_t i = 0; i < terminal_count(w.t); i++) {
        const unsigned char *p = (const unsigned char *)text_of(i);

        assert_true(strlen(text_of(i)) <= 8 * TERMINAL_LINE_MAX);
        for (; *p != '\0'; p++) {
            assert_true(*p >= 0x20 && *p != 0x7F);
            assert_false(p[0] == 0xC2 && p[1] < 0xA0);                  /* C1 */
            assert_false(p[0] == 0xE2 && p[1] == 0x80 && p[2] == 0xAE); /* right to left */
        }
    }
}

static void hostile_sequences(void **state)
{
    static const char nasty[] = "\x1b]0;title\x07title set\r\n"
                                "\x1b[2J\x1b[Hscreen cleared\r\n"
                                "\x1b[31mred\x1b[0m text\r\n"
                                "\x1bP1;2|dcs \x1b\\end\r\n"
                                "\x9b"
                                "2J eight bits\r\n"
                                "\xC2\x9B"
                                "2J utf-8\r\n"
                                "abc\x08\x08\x08xyz\x7F tab\there\r\n"
                                "\xE2\x80\xAE sdrawkcab\r\n"
                                "\x1b]52;c;ZXZpbA==";
    struct terminal_options o = plain();

    (void)state;
    begin(&o);
    after_flush();
    say_bytes(nasty, sizeof nasty - 1);
    say_bytes("\0nul\0\r\nlast line\r\n", 18);
    await_last("last line");
    assert_harmless();
    assert_string_equal(text_of(0), "title set");
    assert_string_equal(text_of(1), "screen cleared");
    assert_string_equal(text_of(2), "red text");
    assert_string_equal(text_of(4), "\\x9B2J eight bits");
    assert_string_equal(text_of(5), "\\u{009B}2J utf-8");
    assert_string_equal(text_of(6), "abc\\x08\\x08\\x08xyz\\x7F tab\\there");
    end();
}

static void random_bytes(void **state)
{
    struct terminal_options o = plain();
    char bytes[1000];

    (void)state;
    begin(&o);
    after_flush();
    srand(7);
    for (int round = 0; round < 40; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)(rand() >> 7);
        say_bytes(bytes, sizeof bytes);
        turn(clock_now() + USEC_PER_SEC);
        assert_harmless();
    }
    assert_true(terminal_count(w.t) > 100);
    end();
}

static void a_flood_without_line_end(void **state)
{
    struct terminal_options o = plain();
    size_t total = 0, news = 0;
    char block[1024];

    (void)state;
    begin(&o);
    after_flush();
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = i % 7 == 0 ? ' ' : '\x01'; /* the longest when escaped */
    while (total < 4U << 20) {
        ssize_t n = write(w.master, block, sizeof block);

        total += n > 0 ? (size_t)n : 0;
        if (n < 0)
            assert_int_equal(errno, EAGAIN);
        news += terminal_dispatch(w.t);
        assert_true(terminal_count(w.t) <= TERMINAL_LINES_MAX + 1);
    }
    run(50 * USEC_PER_MS);
    assert_true(news > 0);
    assert_true(terminal_forgotten(w.t) > 4000);
    assert_int_equal(terminal_forgotten(w.t) + terminal_count(w.t),
                     (total + TERMINAL_LINE_MAX - 1) / TERMINAL_LINE_MAX);
    assert_harmless();
    say("\r\nhello there\r\n");
    await_last("hello there");
    end();
}

static void old_lines_are_forgotten(void **state)
{
    struct terminal_options o = plain();
    char line[32];

    (void)state;
    begin(&o);
    after_flush();
    for (int i = 0; i < 2500; i++) {
        (void)snprintf(line, sizeof line, "line no. %d\r\n", i);
        say(line);
        if (i % 50 == 49)
            turn(clock_now() + USEC_PER_SEC);
    }
    await_last("line no. 2499");
    assert_int_equal(terminal_count(w.t), TERMINAL_LINES_MAX);
    assert_int_equal(terminal_forgotten(w.t), 500);
    assert_string_equal(text_of(0), "line no. 500");
    end();
}

/* A line of just the length of a piece is one line. */
static void long_lines_come_in_pieces(void **state)
{
    struct terminal_options o = plain();
    char text[TERMINAL_LINE_MAX + 10];

    (void)state;
    memset(text, '-', sizeof text);
    begin(&o);
    after_flush();
    say_bytes(text, TERMINAL_LINE_MAX);
    say("\r\n");
    say_bytes(text, sizeof text);
    say("\r\n");
    await_last("----------");
    assert_int_equal(terminal_count(w.t), 3);
    assert_int_equal(strlen(text_of(0)), TERMINAL_LINE_MAX);
    assert_int_equal(strlen(text_of(1)), TERMINAL_LINE_MAX);
    end();
}

/* --- sending --- */

static void speaks_with_a_device(void **state)
{
    struct emulator_options device = emulator_defaults();
    struct terminal_options o = plain();

    (void)state;
    device.colour = true;
    begin_emulated(&o, &device);
    assert_int_equal(send_line("EMU,4,pump-7"), 0);
    await(">EMU,4,pump-7\n<EMU,4,pump-7\n<COMMAND PROCESSED OK\n");
    run(20 * USEC_PER_MS); /* its line end */
    assert_int_equal(send_line(""), 0);
    await(">EMU,4,pump-7\n<EMU,4,pump-7\n<COMMAND PROCESSED OK\n>\n<\n");
    end();
}

static void line_ends_are_the_devices(void **state)
{
    static const struct {
        enum eol eol;
        const char *heard;
        const char *shown;
    } cases[] = {
        {EOL_CR, "AT\ra b\r\rc d\re f", ">AT\n>a b\n>\n>c d\n>e f\n"},
        {EOL_LF, "AT\na b\n\nc d\ne f", ">AT\n>a b\n>\n>c d\n>e f\n"},
        {EOL_CRLF, "AT\r\na b\r\n\r\nc d\r\ne f", ">AT\n>a b\n>\n>c d\n>e f\n"},
        {EOL_NONE, "ATa bc de f", ">ATa bc de f\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct terminal_options o = plain();

        o.eol = cases[i].eol;
        begin(&o);
        assert_int_equal(send_line("AT"), 0);
        assert_int_equal(send_text("a b\r\n\nc d\re f", NULL), 0);
        assert_int_equal(terminal_pending(w.t), strlen(cases[i].heard));
        await(cases[i].shown);
        run(10 * USEC_PER_MS);
        assert_string_equal(w.heard.data, cases[i].heard);
        end();
    }
}

/* n times the letter a. */
static struct secret make_long(size_t n)
{
    struct secret s = {0};

    assert_int_equal(secret_reserve(&s, n, NULL), 0);
    memset(s.data, 'a', n);
    s.len = n;
    return s;
}

static void what_is_not_sent(void **state)
{
    struct terminal_options o = plain();
    struct secret much = make_long(TERMINAL_PENDING_MAX + 1);
    struct err err;

    (void)state;
    begin(&o);
    assert_int_equal(send_line("one\rtwo"), ERR_VALUE);
    assert_int_equal(send_line("one\ntwo"), ERR_VALUE);
    assert_int_equal(terminal_send_text(w.t, &much, &err), ERR_BUSY);
    assert_int_equal(terminal_pending(w.t), 0);
    much.len = TERMINAL_PENDING_MAX;
    assert_int_equal(terminal_send_text(w.t, &much, &err), 0);
    assert_int_equal(send_line("a"), ERR_BUSY);
    assert_int_equal(terminal_pending(w.t), TERMINAL_PENDING_MAX);
    terminal_drop_pending(w.t);
    assert_int_equal(terminal_pending(w.t), 0);
    assert_int_equal(send_line("hi there"), 0);
    await("-1048576 bytes were not sent\n>hi there\n");
    end();
    secret_reset(&much);
}

static void one_that_only_listens(void **state)
{
    struct terminal_options o = plain();
    struct err err;

    (void)state;
    o.listen_only = true;
    begin(&o);
    assert_int_equal(send_line("AT"), ERR_UNSUPPORTED);
    assert_int_equal(send_text("AT\n", &err), ERR_UNSUPPORTED);
    assert_non_null(strstr(err.text, "only listens"));
    after_flush();
    say("hello there\r\n");
    await("<hello there\n");
    assert_int_equal(w.heard.len, 0);
    end();
}

enum { PASTED = 200 };

static usec paste_began;
static size_t heard_total;

/* No more than the allowance is ever ahead of the line. */
static void check_pace(size_t n)
{
    usec now = clock_now();

    heard_total += n;
    assert_true(heard_total <= 48 + 1 + (size_t)((now - paste_began) * 960 / USEC_PER_SEC));
}

static void assert_pasted_lines(void)
{
    char line[32];

    assert_int_equal(terminal_count(w.t), PASTED);
    for (int i = 0; i < PASTED; i++) {
        (void)snprintf(line, sizeof line, "line %d", i);
        assert_string_equal(text_of((size_t)i), line);
        assert_true(terminal_line(w.t, (size_t)i)->source == TERMINAL_SENT);
    }
}

static void a_paste_is_paced(void **state)
{
    struct terminal_options o = plain();
    struct buf text = {0}, wanted = {0};
    usec before, longest = 0, deadline;
    struct pollfd fd;

    (void)state;
    for (int i = 0; i < PASTED; i++) {
        buf_printf(&text, "line %d\n", i);
        buf_printf(&wanted, "line %d\r", i);
    }
    o.line.baud = 9600;
    begin(&o);
    w.on_heard = check_pace;
    after_flush();
    paste_began = clock_now(); /* before the terminal's own clock can have started */
    assert_int_equal(send_text(text.data, NULL), 0);
    while (terminal_pending(w.t) > 0) {
        before = clock_now();
        (void)terminal_dispatch(w.t);
        longest = clock_now() - before > longest ? clock_now() - before : longest;
        (void)terminal_pollfd(w.t, &fd, &deadline);
        assert_true(terminal_pending(w.t) == 0 || deadline <= clock_now() + 60 * USEC_PER_MS);
        turn(clock_now() + USEC_PER_SEC);
        assert_true(clock_now() - paste_began < 20 * USEC_PER_SEC);
    }
    /* All but the allowance has left by then. */
    assert_true(clock_now() - paste_began >= (usec)(wanted.len - 48) * USEC_PER_SEC / 960);
    assert_true(longest < 200 * USEC_PER_MS);
    run(20 * USEC_PER_MS);
    assert_string_equal(w.heard.data, wanted.data);
    assert_pasted_lines();
    buf_reset(&text);
    buf_reset(&wanted);
    end();
}

/* A device that takes nothing any more: nothing blocks, nothing spins, and what waits can be
 * dropped. */
static void a_line_that_is_held_up(void **state)
{
    struct terminal_options o = plain();
    struct secret much = make_long(200000);
    struct pollfd fd;
    usec deadline;
    size_t left;

    (void)state;
    o.line.baud = 4000000;
    begin(&o);
    after_flush();
    assert_int_equal(terminal_send_text(w.t, &much, NULL), 0);
    do {
        assert_true(terminal_pending(w.t) > 100000);
        (void)terminal_dispatch(w.t);
        assert_int_equal(terminal_pollfd(w.t, &fd, &deadline), 1);
        (void)poll(NULL, 0, 1);
    } while ((fd.events & POLLOUT) == 0);
    assert_true(deadline == USEC_NEVER);
    assert_int_equal(poll(&fd, 1, 0), 0);
    /* It goes on when the device does. */
    left = terminal_pending(w.t);
    run(100 * USEC_PER_MS);
    assert_true(terminal_pending(w.t) < left);
    terminal_drop_pending(w.t);
    assert_int_equal(send_line("hi there"), 0);
    await_last("hi there");
    secret_reset(&much);
    end();
}

static void leave(void)
{
    (void)close(w.master);
    w.master = -1;
    for (int i = 0; i < 100 && !terminal_gone(w.t); i++)
        turn(clock_now() + 50 * USEC_PER_MS);
    assert_true(terminal_gone(w.t));
}

static void the_port_goes_away(void **state)
{
    struct terminal_options o = plain();
    struct pollfd fd;
    usec deadline;

    (void)state;
    o.line.baud = 1200;
    begin(&o);
    after_flush();
    say("hello there\r\nhalf a");
    await("<hello there\n<half a\n");
    assert_int_equal(send_text("a line, which is rather long for the speed of this line\n", NULL),
                     0);
    run(20 * USEC_PER_MS);
    assert_true(terminal_pending(w.t) > 0 && terminal_pending(w.t) < 56);
    assert_false(terminal_gone(w.t));
    leave();
    assert_int_equal(terminal_pending(w.t), 0);
    assert_int_equal(send_line("AT"), ERR_GONE);
    terminal_drop_pending(w.t);
    run(250 * USEC_PER_MS); /* until what was said last is settled */
    assert_int_equal(terminal_pollfd(w.t, &fd, &deadline), 0);
    assert_true(deadline == USEC_NEVER);
    assert_non_null(strstr(all_lines(), "<hello there\n>a line, which"));
    assert_non_null(strstr(all_lines(), "-the port has gone away\n"));
    assert_non_null(strstr(all_lines(), " bytes were not sent\n<half a\n"));
    end();

    /* In the flush. */
    begin(&o);
    leave();
    assert_string_equal(all_lines(), "-the port has gone away\n");
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_with_a_flush),
        cmocka_unit_test(a_talker_is_flushed_for_a_second),
        cmocka_unit_test(lines_end_in_any_way),
        cmocka_unit_test(an_unfinished_line_is_the_last),
        cmocka_unit_test(dispatch_tells_what_is_new),
        cmocka_unit_test(hostile_sequences),
        cmocka_unit_test(random_bytes),
        cmocka_unit_test(a_flood_without_line_end),
        cmocka_unit_test(old_lines_are_forgotten),
        cmocka_unit_test(long_lines_come_in_pieces),
        cmocka_unit_test(speaks_with_a_device),
        cmocka_unit_test(line_ends_are_the_devices),
        cmocka_unit_test(what_is_not_sent),
        cmocka_unit_test(one_that_only_listens),
        cmocka_unit_test(a_paste_is_paced),
        cmocka_unit_test(a_line_that_is_held_up),
        cmocka_unit_test(the_port_goes_away),
    };

    return cmocka_run_group_tests(tests, world_make, world_drop);
}
