/* SPDX-License-Identifier: MIT */
/* What the terminal does not show, and what its log holds. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/str.h"
#include "terminal_world.h"

static struct secret key;

/* --- what could be a key --- */

/* No run of twelve characters of the key's base64 stands in the text. */
static void assert_no_key(const char *text)
{
    enum { RUN = 12 };
    const char *body = strchr((const char *)key.data, '\n') + 1;
    const char *stop = strstr(body, "\n-----END");

    for (const char *p = body; p + RUN <= stop; p++) {
        char run_of_it[RUN + 1];

        memcpy(run_of_it, p, RUN);
        run_of_it[RUN] = '\0';
        if (strchr(run_of_it, '\n') == NULL && strstr(text, run_of_it) != NULL)
            fail_msg("\"%.400s\" shows \"%s\"", text, run_of_it);
    }
}

static void look_for_key(void)
{
    size_t n = terminal_count(w.t);

    /* Older ones have been looked at. */
    for (size_t i = n > 8 ? n - 8 : 0; i < n; i++)
        assert_no_key(text_of(i));
}

static char *log_text(const char *name)
{
    static struct secret log;
    static char none[] = "";
    struct stat st;

    assert_int_equal(file_read(path_of(name), 1 << 20, &log, NULL), 0);
    assert_int_equal(stat(path_of(name), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    return log.len > 0 ? (char *)log.data : none;
}

static void a_pasted_key(void **state)
{
    static const enum echo_mode echoes[] = {ECHO_ON, ECHO_OFF};
    struct emulator_options device = emulator_defaults();
    struct terminal_options o = plain();
    const char *log;

    (void)state;
    device.lenient = true;
    for (size_t i = 0; i < sizeof echoes / sizeof echoes[0]; i++) {
        device.echo = echoes[i];
        begin_emulated(&o, &device);
        w.on_news = look_for_key;
        assert_int_equal(terminal_log_start(w.t, path_of("log"), NULL), 0);
        assert_int_equal(send_line("9270,12"), 0);
        await_last("SEND FILE...");
        assert_int_equal(terminal_send_text(w.t, &key, NULL), 0);
        assert_int_equal(send_text("*", NULL), 0);
        await_sent();
        await_last("COMMAND PROCESSED OK");
        assert_int_equal(terminal_log_stop(w.t, NULL), 0);
        log = log_text("log");
        assert_no_key(log);
        assert_non_null(strstr(log, " > <64 bytes>\n"));
        assert_non_null(strstr(log, " > -----END PRIVATE KEY-----\n"));
        assert_true((strstr(log, " < <64 bytes>\n") != NULL) == (echoes[i] == ECHO_ON));
        assert_int_equal(unlink(path_of("log")), 0);
        end();
    }
}

enum { ODD_ECHOES = 12 };

/* A piece of the key as a device may echo it: without line ends, with its own, or behind a prompt.
 */
static size_t echo_of(char *out, size_t at, size_t n, size_t way)
{
    static const char *const prompts[] = {"", "> ", "\r\n", "\x1b[1m"};
    size_t len = 0;

    for (size_t i = at; i < at + n; i++) {
        if (key.data[i] != '\n' || way % 3 == 1)
            out[len++] = (char)key.data[i];
        else if (way % 3 == 2)
            len += (size_t)sprintf(out + len, "\r\n%s", prompts[way % 4]);
    }
    return len;
}

static void a_key_in_odd_echoes(void **state)
{
    struct terminal_options o = plain();
    char bytes[512];

    (void)state;
    for (size_t way = 0; way < ODD_ECHOES; way++) {
        size_t piece = 1 + way * 5;

        begin(&o);
        after_flush();
        for (size_t at = 0; at < key.len; at += piece) {
            size_t n = key.len - at < piece ? key.len - at : piece;

            say_bytes(bytes, echo_of(bytes, at, n, way));
            if (at / piece % 7 == 0)
                (void)poll(NULL, 0, 1);
            if (terminal_dispatch(w.t))
                look_for_key();
        }
        run(250 * USEC_PER_MS);
        for (size_t i = 0; i < terminal_count(w.t); i++)
            assert_no_key(text_of(i));
        end();
    }
}

static void withheld_text(void **state)
{
    static const char *const patterns[] = {"COMMAND PROCESSED OK", "SEND FILE...", "*ERROR*"};
    struct terminal_options o = plain();

    (void)state;
    o.withhold = true;
    o.patterns = patterns;
    o.pattern_count = 3;
    begin(&o);
    after_flush();
    say("hello\r\n\r\n  COMMAND PROCESSED OK \r\n*COMMAND PROCESSED OK\r\nERROR 1\r\nSEND FILE...");
    await("<<5 bytes>\n<\n<  COMMAND PROCESSED OK \n<<21 bytes>\n<<7 bytes>\n<SEND FILE...\n");
    say("!");
    await("<<5 bytes>\n<\n<  COMMAND PROCESSED OK \n<<21 bytes>\n<<7 bytes>\n<<13 bytes>\n");
    run(250 * USEC_PER_MS);
    assert_string_equal(text_of(5), "<13 bytes>");
    assert_int_equal(send_line("AT"), 0);
    await_sent();
    assert_string_equal(text_of(5), "AT");
    assert_string_equal(text_of(6), "<13 bytes>");
    end();
}

/* A known answer is shown in the middle of a key whose end was lost, and ends it. */
static void known_answers_are_shown(void **state)
{
    static const char *const patterns[] = {"COMMAND PROCESSED OK"};
    struct terminal_options o = plain();

    (void)state;
    o.patterns = patterns;
    o.pattern_count = 1;
    begin(&o);
    after_flush();
    say("-----BEGIN PRIVATE KEY-----\r\nhello\r\nCOMMAND PROCESSED OK\r\nhello\r\n");
    await("<-----BEGIN PRIVATE KEY-----\n<<5 bytes>\n<COMMAND PROCESSED OK\n<hello\n");
    end();
}

/* --- the log --- */

static void begin_after_flush(void)
{
    struct terminal_options o = plain();

    begin(&o);
    after_flush();
}

static void a_log(void **state)
{
    struct err err;
    char *text;

    (void)state;
    begin_after_flush();
    say("before\r\n");
    await("<before\n");
    assert_int_equal(terminal_log_stop(w.t, &err), 0);
    assert_int_equal(terminal_log_start(w.t, path_of("log"), &err), 0);
    assert_int_equal(terminal_log_start(w.t, path_of("log2"), &err), ERR_BUSY);
    assert_int_equal(send_line("AT"), 0);
    await("<before\n>AT\n");
    say("O\x1b[0mK\x01\r\nhalf a");
    await("<before\n>AT\n<OK\\x01\n<half a\n");
    text = log_text("log");
    assert_true(str_starts(text, "# comcert terminal log\n# 2"));
    assert_non_null(strstr(text, " at 115200 8N1, flow control none\n"));
    assert_non_null(strstr(text, " > AT\n"));
    assert_non_null(strstr(text, " < OK\\x01\n"));
    assert_null(strstr(text, "before"));
    assert_null(strstr(text, "half"));
    assert_int_equal(terminal_log_stop(w.t, &err), 0);
    assert_non_null(strstr(log_text("log"), " < half a\n"));
    end();
    assert_int_equal(unlink(path_of("log")), 0);
}

/* It is added to, also where half a line was left, and is the user's alone again. */
static void a_log_that_goes_on(void **state)
{
    struct err err;
    char *text;

    (void)state;
    begin_after_flush();
    assert_int_equal(terminal_log_start(w.t, path_of("log"), &err), 0);
    say("half a line\r\n");
    await("<half a line\n");
    assert_int_equal(terminal_log_stop(w.t, &err), 0);
    assert_int_equal(truncate(path_of("log"), (off_t)strlen(log_text("log")) - 6), 0);
    assert_int_equal(chmod(path_of("log"), 0644), 0);
    assert_int_equal(terminal_log_start(w.t, path_of("log"), &err), 0);
    say("another line\r\n");
    await_last("another line");
    end();
    text = log_text("log");
    assert_true(str_starts(text, "# comcert terminal log\n# 2"));
    assert_null(strstr(text + 5, "# comcert terminal log"));
    assert_non_null(strstr(text, " < half a\n# 2"));
    assert_non_null(strstr(text, " < another line\n"));
    assert_int_equal(unlink(path_of("log")), 0);
}

static void no_other_file_is_touched(void **state)
{
    static const char content[] = "-----BEGIN PRIVATE KEY-----\n";
    struct terminal_options o = plain();
    char target[200];
    struct err err;

    (void)state;
    begin(&o);
    (void)snprintf(target, sizeof target, "%s", path_of("key.pem"));
    assert_int_equal(file_write(target, 0600, false, content, sizeof content - 1, NULL), 0);
    assert_int_equal(terminal_log_start(w.t, target, &err), ERR_USAGE);
    assert_int_equal(symlink(target, path_of("link")), 0);
    assert_int_equal(terminal_log_start(w.t, path_of("link"), &err), ERR_USAGE);
    assert_int_equal(terminal_log_start(w.t, folder, &err), ERR_USAGE);
    assert_int_equal(terminal_log_start(w.t, "/dev/null", &err), ERR_USAGE);
    assert_int_equal(terminal_log_start(w.t, "/no/such/folder/log", &err), ERR_MISSING);
    assert_string_equal(log_text("key.pem"), content);
    /* An empty file is nobody's loss. */
    assert_int_equal(truncate(target, 0), 0);
    assert_int_equal(terminal_log_start(w.t, target, &err), 0);
    end();
    assert_true(str_starts(log_text("key.pem"), "# comcert terminal log\n"));
    assert_int_equal(unlink(path_of("link")), 0);
    assert_int_equal(unlink(target), 0);
}

static void a_log_that_cannot_be_written(void **state)
{
    struct rlimit before, small;
    struct err err;

    (void)state;
    begin_after_flush();
    assert_int_equal(terminal_log_start(w.t, path_of("log"), &err), 0);
    run(10 * USEC_PER_MS);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 200;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (int i = 0; i < 20; i++)
        say("one of many lines\r\n");
    run(50 * USEC_PER_MS);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_non_null(strstr(all_lines(), "-the log "));
    assert_non_null(strstr(all_lines(), "is not complete"));
    assert_int_equal(terminal_log_stop(w.t, &err), ERR_IO);
    assert_non_null(strstr(err.text, "is not complete"));
    assert_int_equal(unlink(path_of("log")), 0);
    end();
}

static int set_up(void **state)
{
    int rc = world_make(state);

    return rc != 0 ? rc : file_read("fixtures/pem/pump-7.key", 1 << 16, &key, NULL);
}

static int tear_down(void **state)
{
    secret_reset(&key);
    terminal_destroy(NULL);
    return world_drop(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pasted_key),
        cmocka_unit_test(a_key_in_odd_echoes),
        cmocka_unit_test(withheld_text),
        cmocka_unit_test(known_answers_are_shown),
        cmocka_unit_test(a_log),
        cmocka_unit_test(a_log_that_goes_on),
        cmocka_unit_test(no_other_file_is_touched),
        cmocka_unit_test(a_log_that_cannot_be_written),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
