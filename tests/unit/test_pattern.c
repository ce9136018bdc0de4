/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "device/pattern.h"
#include "device/template.h"

static bool matches(const char *pattern, const char *line)
{
    return pattern_matches(pattern, line, strlen(line), NULL);
}

static void literal_text_is_a_whole_line(void **state)
{
    (void)state;
    assert_true(matches("OK", "OK"));
    assert_true(matches("OK", " \tOK  "));
    assert_true(matches(" OK ", "OK"));
    assert_false(matches("OK", "OK."));
    assert_false(matches("OK", "last: OK (3)"));
    assert_false(matches("OK", "ok"));
    assert_false(matches("OK", "O"));
    assert_false(matches("OK", ""));
    assert_false(matches("COMMAND PROCESSED OK", "COMMAND  PROCESSED OK"));
    assert_false(matches("", ""));
    assert_false(matches("", "x"));
    assert_false(matches("   ", ""));
}

static void wildcards(void **state)
{
    (void)state;
    assert_true(matches("*", ""));
    assert_true(matches("*", "anything"));
    assert_true(matches("*ERROR*", "ERROR"));
    assert_true(matches("*ERROR*", "an ERROR 5"));
    assert_false(matches("*ERROR*", "ERRO R"));
    assert_true(matches("a**b", "ab"));
    assert_true(matches("a*b*c", "a-b-b-c"));
    assert_false(matches("a*b*c", "a-c-b"));
    assert_true(matches("*ab", "aab"));
}

static void escapes(void **state)
{
    (void)state;
    assert_true(matches("\\*", "*"));
    assert_false(matches("\\*", "x"));
    assert_true(matches("\\{size\\}", "{size}"));
    assert_true(matches("\\\\", "\\"));
    assert_true(matches("\\x2a\\x2A", "**"));
    assert_true(matches("a\\x07b", "a\ab"));
}

static void captures(void **state)
{
    struct capture c;
    const char *line = "+QFUPL: 1318,f6E";

    (void)state;
    assert_true(pattern_matches("+QFUPL: {size},{digest}", line, strlen(line), &c));
    assert_string_equal(c.size, "1318");
    assert_string_equal(c.digest, "f6E");
    assert_string_equal(c.code, "");

    line = "+CME ERROR: no such file ";
    assert_true(pattern_matches("+CME ERROR: {code}", line, strlen(line), &c));
    assert_string_equal(c.code, "no such file");

    assert_true(pattern_matches("<{code}>", "<>", 2, &c));
    assert_string_equal(c.code, "");
    assert_true(pattern_matches("*: {size}", "a: 5: 12", 8, &c));
    assert_string_equal(c.size, "12");
    /* A number takes all of its digits. */
    assert_true(pattern_matches("{size}*", "123 bytes", 9, &c));
    assert_string_equal(c.size, "123");
    assert_true(pattern_matches("{size}{digest}", "12ab", 4, &c));
    assert_string_equal(c.size, "12");
    assert_string_equal(c.digest, "ab");

    assert_false(matches("{size}", ""));
    assert_false(matches("{size}", "12a"));
    assert_false(matches("{digest}", "12g"));
    assert_false(matches("{nonce}", "{nonce}"));
    assert_false(matches("{nonce}", "x"));
}

/* A digest that is cut short could pass for another one. */
static void long_captures(void **state)
{
    char line[PATTERN_CAPTURE_MAX + 2];
    struct capture c;

    (void)state;
    memset(line, 'A', sizeof line);
    assert_true(pattern_matches("{digest}", line, PATTERN_CAPTURE_MAX, &c));
    assert_int_equal(strlen(c.digest), PATTERN_CAPTURE_MAX);
    assert_false(pattern_matches("{digest}", line, PATTERN_CAPTURE_MAX + 1, &c));
    assert_string_equal(c.digest, "");
    assert_true(pattern_matches("{code}", line, PATTERN_CAPTURE_MAX + 1, &c));
    assert_int_equal(strlen(c.code), PATTERN_CAPTURE_MAX);
}

static void any_byte_may_come(void **state)
{
    char line[256];

    (void)state;
    for (int i = 0; i < 256; i++)
        line[i] = (char)i;
    assert_true(pattern_matches("*", line, sizeof line, NULL));
    assert_false(pattern_matches("OK", line, sizeof line, NULL));
    assert_false(pattern_matches("OK", "OK\0", 3, NULL));
    assert_true(pattern_matches("\\xFF", "\xFF", 1, NULL));
}

static void wrong_patterns(void **state)
{
    static const char *const wrong[] = {
        "",   "   ", "{",   "}",    "a}b",   "{size", "{}",           "{Size}",       "{si ze}",
        "\\", "\\n", "\\x", "\\x1", "\\xg1", "\\x00", "{size}{size}", "{code}*{code}"};
    static const char *const right[] = {"OK", "*", "{nonce}", "\\x01", "a{slot}-{size}", "\\}"};
    char longest[PATTERN_TOKENS_MAX + 2];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        err.text[0] = '\0';
        assert_int_equal(pattern_check(wrong[i], &err), ERR_SYNTAX);
        assert_true(strlen(err.text) > 0);
        assert_false(matches(wrong[i], wrong[i]));
    }
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++)
        assert_int_equal(pattern_check(right[i], NULL), 0);
    memset(longest, 'a', sizeof longest);
    longest[PATTERN_TOKENS_MAX] = '\0';
    assert_int_equal(pattern_check(longest, NULL), 0);
    assert_true(matches(longest, longest));
    longest[PATTERN_TOKENS_MAX] = 'a';
    longest[PATTERN_TOKENS_MAX + 1] = '\0';
    assert_int_equal(pattern_check(longest, NULL), ERR_SYNTAX);
}

/* --- properties ------------------------------------------------------------------------------- */

static uint32_t seed = 12345;

static unsigned below(unsigned n)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % n;
}

/* What the header says, in the fewest words: slow, for short lines. */
static bool slow_match(const char *p, const char *line, size_t n)
{
    if (*p == '\0')
        return n == 0;
    if (*p == '*' || strncmp(p, "{code}", 6) == 0) {
        for (size_t i = 0; i <= n; i++) {
            if (slow_match(p + (*p == '*' ? 1 : 6), line + i, n - i))
                return true;
        }
        return false;
    }
    if (strncmp(p, "{size}", 6) == 0 || strncmp(p, "{digest}", 8) == 0) {
        bool size = p[1] == 's';

        for (size_t i = 0; i < n && strchr(size ? "0123456789" : "0123456789abAB", line[i]); i++) {
            if (slow_match(p + (size ? 6 : 8), line + i + 1, n - i - 1))
                return true;
        }
        return false;
    }
    return n > 0 && *p == *line && slow_match(p + 1, line + 1, n - 1);
}

static void agrees_with_the_definition(void **state)
{
    static const char *const pieces[] = {"*", "a", "b", "1", "A", "-", "*", "a"};
    int hits = 0;

    (void)state;
    for (int round = 0; round < 200000; round++) {
        static const char *const names[] = {"{size}", "{digest}", "{code}"};
        char pattern[128] = "", line[16];
        unsigned used = 0;
        size_t n = below(9);

        for (unsigned i = below(7) + 1; i > 0; i--) {
            unsigned name = below(3);

            if (below(4) == 0 && (used & 1U << name) == 0) {
                used |= 1U << name;
                strcat(pattern, names[name]);
            } else {
                strcat(pattern, pieces[below(8)]);
            }
        }
        for (size_t i = 0; i < n; i++)
            line[i] = "abA1-"[below(5)];
        line[n] = '\0';
        if (pattern_matches(pattern, line, n, NULL) != slow_match(pattern, line, n))
            fail_msg("pattern '%s', line '%s'", pattern, line);
        hits += slow_match(pattern, line, n);
    }
    assert_true(hits > 10000);
}

static void captures_are_what_stands_there(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        char line[64], size[16], digest[16];
        size_t i, n = 1 + below(8), m = 1 + below(8);
        struct capture c;

        for (i = 0; i < n; i++)
            size[i] = (char)('0' + below(10));
        size[n] = '\0';
        for (i = 0; i < m; i++)
            digest[i] = "0123456789abcdefABCDEF"[below(22)];
        digest[m] = '\0';
        strcpy(line, below(2) ? "+X: " : "log +X: ");
        strcat(line, size);
        strcat(line, ",\"");
        strcat(line, digest);
        strcat(line, "\"");
        assert_true(pattern_matches("*+X: {size},\"{digest}\"", line, strlen(line), &c));
        assert_string_equal(c.size, size);
        assert_string_equal(c.digest, digest);
    }
}

static void random_bytes_do_no_harm(void **state)
{
    (void)state;
    for (int round = 0; round < 100000; round++) {
        char pattern[40], line[40];
        size_t n = below(39), m = below(40);
        struct capture c;

        for (size_t i = 0; i < n; i++)
            pattern[i] = below(3) ? "*{}\\x size"[below(10)] : (char)(1 + below(255));
        pattern[n] = '\0';
        for (size_t i = 0; i < m; i++)
            line[i] = (char)below(256);
        if (pattern_matches(pattern, line, m, &c))
            assert_int_equal(pattern_check(pattern, NULL), 0);
        (void)pattern_text_occurs(pattern, "value");
        (void)pattern_is_definite(pattern);
    }
}

/* Were this exponential, the test would never end: alarm() ends it. */
static void worst_cases_take_no_time(void **state)
{
    enum { LINE = 20000 };
    static const char *const worst[] = {"*a", "*a{code}*a", "{size}", "*aa*"};
    char *line = malloc(LINE);

    (void)state;
    assert_non_null(line);
    memset(line, 'a', LINE);
    alarm(60);
    for (size_t i = 0; i < sizeof worst / sizeof worst[0]; i++) {
        char pattern[PATTERN_TOKENS_MAX + 32] = "";

        while (strlen(pattern) < 180 && (i != 1 || *pattern == '\0'))
            strcat(pattern, i == 2 ? "*a" : worst[i]);
        strcat(pattern, i == 2 ? "{size}b" : "b");
        assert_int_equal(pattern_check(pattern, NULL), 0);
        assert_false(pattern_matches(pattern, line, LINE, NULL));
    }
    alarm(0);
    free(line);
}

/* --- templates, and values that read like answers --------------------------------------------- */

static void texts_of_the_device(void **state)
{
    (void)state;
    assert_true(pattern_text_occurs("COMMAND PROCESSED OK", "xCOMMAND PROCESSED OKx"));
    assert_false(pattern_text_occurs("COMMAND PROCESSED OK", "PROCESSED"));
    assert_true(pattern_text_occurs("*ERROR*", "BROKER-ERRORLESS"));
    assert_false(pattern_text_occurs("*ERROR*", "error"));
    assert_true(pattern_text_occurs("+CME ERROR: {code}", "+CME ERROR:"));
    assert_true(pattern_text_occurs("A*LONGER", "a LONGER one"));
    assert_false(pattern_text_occurs("A*LONGER", "A"));
    assert_false(pattern_text_occurs(">", "a>b"));
    assert_true(pattern_text_occurs("\\*\\*", "a**b"));
    assert_false(pattern_text_occurs("*", "anything"));
    assert_true(pattern_is_definite("{size}"));
    assert_true(pattern_is_definite("*O*"));
    assert_false(pattern_is_definite("*"));
    assert_false(pattern_is_definite("*{code}*"));
}

static void expect_text(struct secret *s, const char *text)
{
    assert_int_equal(s->len, strlen(text));
    assert_memory_equal(s->data, text, s->len);
    secret_reset(s);
}

static void templates(void **state)
{
    const struct template_value values[] = {
        {"length", "1318", 4}, {"value", "a{slot}*", 8}, {"none", "", 0}, {NULL, NULL, 0}};
    struct secret out = {0};
    struct err err;
    char before, after;

    (void)state;
    assert_int_equal(template_expand("X=\"{value}\",{length}", values, &out, &err), 0);
    expect_text(&out, "X=\"a{slot}*\",1318");
    assert_int_equal(template_expand("{none}\\{x\\}\\\\{none}", values, &out, &err), 0);
    expect_text(&out, "{x}\\");
    assert_int_equal(template_expand("{other}", values, &out, &err), ERR_VALUE);
    assert_non_null(strstr(err.text, "{other}"));
    assert_int_equal(template_expand("a\\*", values, &out, &err), ERR_SYNTAX);
    assert_int_equal(template_expand("a}", values, &out, &err), ERR_SYNTAX);
    secret_reset(&out);

    assert_int_equal(pattern_expand("\\*{value} {size}{code}", values, &out, &err), 0);
    assert_true(pattern_matches((char *)out.data, "*a{slot}* 12x", 13, NULL));
    expect_text(&out, "\\*a\\{slot\\}\\* {size}{code}");

    assert_true(template_has("a{value}", "value"));
    assert_false(template_has("a\\{value\\}", "value"));
    template_neighbours("EMU,4,{value}", "value", &before, &after);
    assert_int_equal(before, ',');
    assert_int_equal(after, '\0');
    template_neighbours("X \"{value}\\}y", "value", &before, &after);
    assert_int_equal(before, '"');
    assert_int_equal(after, '}');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literal_text_is_a_whole_line),
        cmocka_unit_test(wildcards),
        cmocka_unit_test(escapes),
        cmocka_unit_test(captures),
        cmocka_unit_test(long_captures),
        cmocka_unit_test(any_byte_may_come),
        cmocka_unit_test(wrong_patterns),
        cmocka_unit_test(agrees_with_the_definition),
        cmocka_unit_test(captures_are_what_stands_there),
        cmocka_unit_test(random_bytes_do_no_harm),
        cmocka_unit_test(worst_cases_take_no_time),
        cmocka_unit_test(texts_of_the_device),
        cmocka_unit_test(templates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
