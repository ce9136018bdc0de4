/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/config.h"

static const struct config_key schema[] = {
    {.path = "name", .type = CONFIG_STRING},
    {.path = "group", .type = CONFIG_GROUP},
    {.path = "group.text", .type = CONFIG_STRING},
    {.path = "group.number", .type = CONFIG_INT},
    {.path = "group.flag", .type = CONFIG_BOOL},
    {.path = "list", .type = CONFIG_BOOL_OR_STRINGS},
    {.path = NULL},
};

static struct config *new_config(void)
{
    struct config *c;
    struct err err;

    assert_int_equal(config_new("x.cfg", &c, &err), 0);
    assert_string_equal(config_name(c), "x.cfg");
    return c;
}

static void put(struct config *c, const char *key, const char *value)
{
    struct buf assignment = {0};
    struct err err = {0};

    buf_printf(&assignment, "%s=%s", key, value);
    if (config_set(c, schema, assignment.data, &err) != 0)
        fail_msg("%s", err.text);
    buf_reset(&assignment);
}

static struct config *parse(const char *text, size_t n)
{
    struct findings f = {0};
    struct config *c;

    if (config_parse("back.cfg", text, n, &c, &f) != 0)
        fail_msg("%s\n%s", f.items[0].what, text);
    return c;
}

/* c as text and back again; *text is what was written, to be freed. */
static struct config *round_trip(const struct config *c, char **text)
{
    struct buf out = {0};
    struct err err = {0};
    struct config *back;

    if (config_print(c, &out, &err) != 0)
        fail_msg("%s", err.text);
    back = parse(out.data, out.len);
    *text = buf_take(&out);
    return back;
}

static void test_form(void **state)
{
    struct config *c = new_config(), *back;
    char *text;

    (void)state;
    put(c, "name", "a \"b\" \\c\td\n\x1b[2J\x7F p\xC3\xBCmp \xE2\x80\xAE \xFF");
    put(c, "group.number", "8883");
    put(c, "group.flag", "true");
    put(c, "list", "one, two");
    back = round_trip(c, &text);
    assert_string_equal(
        text, "name = \"a \\\"b\\\" \\\\c\\td\\n\\x1B[2J\\x7F p\xC3\xBCmp \\xE2\\x80\\xAE "
              "\\xFF\"\n"
              "group : {\n"
              "  number = 8883\n"
              "  flag = true\n"
              "}\n"
              "list = [ \"one\", \"two\" ]\n");
    assert_string_equal(config_string(back, "name"), config_string(c, "name"));
    assert_int_equal(config_int(back, "group.number", 0), 8883);
    assert_string_equal(config_string_at(back, "list", 1), "two");
    free(text);
    config_free(back);
    config_free(c);
}

/* What libconfig or the pass before it could trip over. */
static void test_values(void **state)
{
    static const char *const values[] = {
        "",
        "@include \"x\"",
        "\n@include \"/etc/passwd\"\n",
        "\\x00",
        "\\\\x00",
        "\\",
        "\\\\",
        "\"",
        "\\\"",
        "\" name = \"b",
        "*/ /* # //",
        "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B\x0C\x0D\x0E\x0F",
        "\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1A\x1B\x1C\x1D\x1E\x1F\x20",
        "\x7F",
        "\x7F"
        "41",
        "\x1B"
        "a0",
        "\xEF\xBB\xBF",
        "\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80",
        "\x80\xFF\xC3",
        "true",
        "12345678901234567890",
    };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct config *c = new_config(), *back;
        char *text;

        put(c, "name", values[i]);
        put(c, "group.text", values[i]);
        back = round_trip(c, &text);
        assert_string_equal(config_string(back, "name"), values[i]);
        assert_string_equal(config_string(back, "group.text"), values[i]);
        for (const char *p = text; *p != '\0'; p++)
            assert_true((unsigned char)*p >= 0x20 || *p == '\n');
        free(text);
        config_free(back);
        config_free(c);
    }
}

static void test_long(void **state)
{
    enum { LONG = 300000 };
    struct config *c = new_config(), *back;
    char *value = malloc(LONG + 1), *text;
    struct buf out = {0};
    struct err err;

    (void)state;
    assert_non_null(value);
    memset(value, '\\', LONG);
    value[LONG] = '\0';
    put(c, "name", value);
    back = round_trip(c, &text);
    assert_string_equal(config_string(back, "name"), value);
    /* Twice that is more than a file may hold. */
    put(c, "group.text", value);
    assert_int_equal(config_print(c, &out, &err), ERR_VALUE);
    assert_non_null(strstr(err.text, "1024 KiB"));
    assert_null(out.data);
    free(text);
    free(value);
    config_free(back);
    config_free(c);
}

/* Every byte but NUL, in any order. */
static void test_random(void **state)
{
    unsigned seed = 1;

    (void)state;
    for (int run = 0; run < 300; run++) {
        struct config *c = new_config(), *back;
        char value[201] = "", *text;
        size_t n = (size_t)(rand_r(&seed) % 200);

        for (size_t i = 0; i < n; i++)
            value[i] = (char)(1 + rand_r(&seed) % 255);
        put(c, "group.text", value);
        back = round_trip(c, &text);
        assert_string_equal(config_string(back, "group.text"), value);
        free(text);
        config_free(back);
        config_free(c);
    }
}

/* What was read is written again, in the same order. */
static void test_reprint(void **state)
{
    static const char source[] = "a: { b = ( { c = 1 }, { c = -2 d = ( \"x\", ( ) ) } ) e = [ ] }\n"
                                 "f = 0x10 g = 1.5 h: { }";
    struct config *c = parse(source, strlen(source)), *back, *again;
    char *text, *second;

    (void)state;
    back = round_trip(c, &text);
    again = round_trip(back, &second);
    assert_string_equal(text, second);
    assert_int_equal(config_int(again, "a.b.[1].c", 0), -2);
    assert_int_equal(config_int(again, "f", 0), 16);
    assert_true(config_has(again, "h"));
    free(text);
    free(second);
    config_free(again);
    config_free(back);
    config_free(c);
}

static void test_empty(void **state)
{
    struct config *c = new_config(), *back;
    char *text;

    (void)state;
    back = round_trip(c, &text);
    assert_string_equal(text, "");
    assert_false(config_has(back, "name"));
    free(text);
    config_free(back);
    config_free(c);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *key;
    } rows[] = {
        {"a: { b = 0.1234567890123456789 }", "`b`"},
        {"a = ( 1, 0.1234567890123456789 )", "`a`"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct config *c = parse(rows[i].text, strlen(rows[i].text));
        struct buf out = {0};
        struct err err = {0};

        buf_add_str(&out, "before");
        if (config_print(c, &out, &err) != ERR_VALUE)
            fail_msg("%s was written as %s", rows[i].text, out.data);
        if (strstr(err.text, rows[i].key) == NULL)
            fail_msg("%s", err.text);
        assert_string_equal(out.data, "before");
        buf_reset(&out);
        config_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_form),    cmocka_unit_test(test_values),
        cmocka_unit_test(test_long),    cmocka_unit_test(test_random),
        cmocka_unit_test(test_reprint), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
