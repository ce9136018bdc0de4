/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/config.h"

static const char *const colours[] = {"red", "green", NULL};

static const struct config_key schema[] = {
    {.path = "name", .type = CONFIG_STRING, .required = true, .min = 1, .max = 8, .help = "a name"},
    {.path = "mqtt", .type = CONFIG_GROUP},
    {.path = "mqtt.port", .type = CONFIG_INT, .min = 1, .max = 65535},
    {.path = "mqtt.tls", .type = CONFIG_BOOL},
    {.path = "mqtt.client-id", .type = CONFIG_STRING},
    {.path = "mqtt.password-file", .type = CONFIG_STRING, .secret = true},
    {.path = "files", .type = CONFIG_GROUP},
    {.path = "files.device-cert", .type = CONFIG_STRING},
    {.path = "files.colour", .type = CONFIG_STRINGS, .words = colours},
    {.path = "accept", .type = CONFIG_BOOL_OR_STRINGS},
    {.path = "count", .type = CONFIG_INT},
    {.path = "proof", .type = CONFIG_GROUPS},
    {.path = "proof[].key", .type = CONFIG_STRING, .required = true, .help = "what is proved"},
    {.path = "proof[].mark", .type = CONFIG_STRING},
    {.path = NULL},
};

/* Parses and checks; what is found stays in f. */
static struct config *parse(const char *text, struct findings *f)
{
    struct config *c;

    *f = (struct findings){0};
    if (config_parse("job.cfg", text, strlen(text), &c, f) != 0) {
        assert_null(c);
        return NULL;
    }
    if (config_check(c, schema, f) != 0)
        assert_int_equal(findings_worst(f), SEVERITY_ERROR);
    return c;
}

/* The text gives exactly one finding, of this code and line, with these words in it. */
static void assert_one(const char *text, const char *code, int line, const char *what,
                       const char *remedy)
{
    struct findings f;
    struct config *c = parse(text, &f);

    if (f.count != 1 || strcmp(f.items[0].code, code) != 0 || f.items[0].line != line ||
        strstr(f.items[0].what, what) == NULL ||
        (remedy != NULL &&
         (f.items[0].remedy == NULL || strstr(f.items[0].remedy, remedy) == NULL))) {
        print_error("input: <<%s>>, %zu findings\n", text, f.count);
        for (size_t i = 0; i < f.count; i++)
            print_error("  %s:%d %s | %s\n", f.items[i].code, f.items[i].line, f.items[i].what,
                        f.items[i].remedy != NULL ? f.items[i].remedy : "-");
        fail();
    }
    assert_string_equal(f.items[0].file, "job.cfg");
    config_free(c);
    findings_reset(&f);
}

static void test_values(void **state)
{
    struct findings f;
    struct config *c = parse("\xEF\xBB\xBFname = \"x\\\"y#;\"\r\n"
                             "mqtt: { port = 8883  tls = True, client-id = \"a\" \"b\"; } # end\n"
                             "files = { colour = [\"red\", \"green\"] }\n"
                             "/* { [ \" */ accept = (\"one\", \"two\") // )\n"
                             "proof = ( { key = \"k\" }, { key = \"l\" mark = \"\\x41\" } )\n"
                             "count = -12",
                             &f);

    (void)state;
    assert_non_null(c);
    assert_int_equal(f.count, 0);
    assert_string_equal(config_string(c, "name"), "x\"y#;");
    assert_int_equal(config_int(c, "mqtt.port", 1), 8883);
    assert_true(config_bool(c, "mqtt.tls", false));
    assert_string_equal(config_string(c, "mqtt.client-id"), "ab");
    assert_int_equal(config_count(c, "files.colour"), 2);
    assert_string_equal(config_string_at(c, "files.colour", 1), "green");
    assert_null(config_string_at(c, "files.colour", 2));
    assert_string_equal(config_string_at(c, "accept", 0), "one");
    assert_false(config_is_bool(c, "accept"));
    assert_int_equal(config_count(c, "proof"), 2);
    assert_string_equal(config_string(c, "proof.[1].mark"), "A");
    assert_int_equal(config_int(c, "count", 0), -12);
    assert_int_equal(config_place(c, "files.colour").line, 3);
    assert_string_equal(config_place(c, "files.colour").file, "job.cfg");
    config_free(c);
}

static void test_absent_values(void **state)
{
    struct findings f;
    struct config *c = parse("name = \"x\" files = { colour = \"red\" }", &f);

    (void)state;
    assert_false(config_has(c, "mqtt.port"));
    assert_null(config_string(c, "mqtt.client-id"));
    assert_null(config_string(c, "mqtt"));
    assert_int_equal(config_int(c, "mqtt.port", 7), 7);
    assert_int_equal(config_int(c, "name", 7), 7);
    assert_true(config_bool(c, "mqtt.tls", true));
    assert_int_equal(config_count(c, "accept"), 0);
    assert_int_equal(config_count(c, "files.colour"), 1);
    assert_string_equal(config_string_at(c, "files.colour", 0), "red");
    assert_null(config_string_at(c, "files.colour", 1));
    assert_null(config_string_at(c, "accept", 0));
    assert_int_equal(config_place(c, "mqtt.port").line, 0);
    config_free(c);
    config_free(NULL);
}

static void test_syntax(void **state)
{
    static const struct {
        const char *text, *code;
        int line;
        const char *what, *remedy;
    } rows[] = {
        {"name = \"x\"\n@include \"/etc\"\n", "config-syntax", 2, "@include", NULL},
        {"name = \"a\\x00b\"", "config-syntax", 1, "\\x00", NULL},
        {"name = \"x\"\ncount = 99999999999", "config-value", 2, "11 digits", NULL},
        {"name = \"x\" count = 1234567890", "config-value", 1, "10 digits", NULL},
        {"name = \"x\" count = 0x80000000", "config-value", 1, "8 digits", NULL},
        {"\n\nname = pump-7", "config-syntax", 3, "`name`", "double quotes"},
        {"name = /dev/ttyUSB0", "config-syntax", 1, "`name`", "double quotes"},
        {"name = 192.0.2.1", "config-syntax", 1, "`name`", "double quotes"},
        {"name = true.example", "config-syntax", 1, "`name`", "double quotes"},
        {"accept = [ yes ]", "config-syntax", 1, "`accept`", "double quotes"},
        {"name = 'x'", "config-syntax", 1, "only stand inside quotes", "double quotes"},
        {"name = \xE2\x80\x9Cx\xE2\x80\x9D", "config-syntax", 1, "inside quotes", NULL},
        {"name = \"x\"\nmqtt: {\n port = 1\n", "config-syntax", 2, "never closed", NULL},
        {"mqtt: { port = 1 )\n", "config-syntax", 1, "is closed by )", NULL},
        {"}\n", "config-syntax", 1, "closes nothing", NULL},
        {"name = \"x", "config-syntax", 1, "no closing quote", NULL},
        {"/* never", "config-syntax", 1, "comment", NULL},
        {"name =", "config-syntax", 1, "`name` has no value", NULL},
        {"mqtt: { port = }", "config-syntax", 1, "`port` has no value", NULL},
        {"name = \"a\nfiles: { colour = \"red\" }", "config-syntax", 2, "", "begins in line 1"},
        {"name \"x\"", "config-syntax", 1, "`name` is not followed by =", NULL},
        {"name", "config-syntax", 1, "`name` is not followed by =", NULL},
        {"mqtt { port = 1 }", "config-syntax", 1, "`mqtt` is not followed by =", NULL},
        {"\"x\"", "config-syntax", 1, "without a name", NULL},
        {"name = \"x\" \"y\" 7", "config-syntax", 1, "without a name", NULL},
        {"accept = [\"a\" /**/ true]", "config-syntax", 1, "no comma", NULL},
        {"accept = [1 \"a\"]", "config-syntax", 1, "no comma", NULL},
        {"name = \"x\";; count = 1", "config-syntax", 1, "cannot be understood", NULL},
        {"name = \"x\"\nname = \"y\"", "config-duplicate", 2, "`name`", NULL},
        {"a = \"b = 1\" mqtt: { tls = true tls = false }", "config-duplicate", 1, "`tls`", NULL},
        {"name = ((((((((((((((((((", "config-syntax", 1, "nested", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_one(rows[i].text, rows[i].code, rows[i].line, rows[i].what, rows[i].remedy);
}

static void test_nul(void **state)
{
    static const char utf16[] = "n\0a\0m\0e\0";
    struct findings f = {0};
    struct config *c;

    (void)state;
    assert_int_equal(config_parse("x", utf16, sizeof utf16 - 1, &c, &f), ERR_SYNTAX);
    assert_non_null(strstr(findings_get(&f, "config-syntax")->remedy, "UTF-16"));
    findings_reset(&f);
}

/* Harmless where they stand, so not refused. */
static void test_not_refused(void **state)
{
    static const char *const texts[] = {
        "name = \"@include\"",
        "# @include \"/etc\"\nname = \"x\"",
        "name = \"12345678\" /* 99999999999 */",
        "name = \"\\\\x00\"",
        "name = \"a\\x01\"",
        "name = \"x\" count = 123456789L",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct findings f;
        struct config *c = parse(texts[i], &f);

        if (f.count != 0)
            fail_msg("%s: %s", texts[i], f.items[0].what);
        config_free(c);
    }
}

static void test_schema(void **state)
{
    static const struct {
        const char *text, *code;
        int line;
        const char *what, *remedy;
    } rows[] = {
        {"name = \"x\"\nfiles: {\n device-crt = \"a\" }", "config-unknown-key", 3,
         "`files.device-crt`", "Did you mean `device-cert`?"},
        {"name = \"x\" device-cert = \"a\"", "config-unknown-key", 1, "`device-cert`",
         "It belongs into `files`."},
        {"name = \"x\" mqtt: { colour = \"a\" }", "config-unknown-key", 1, "`mqtt.colour`",
         "It belongs into `files`."},
        {"name = \"x\" mqtt: { name = \"a\" }", "config-unknown-key", 1, "`mqtt.name`",
         "It belongs into the top of the file."},
        {"name = \"x\" mqtt: { mark = \"a\" }", "config-unknown-key", 1, "", "into `proof`."},
        {"name = \"x\" mqtt: { device-crt = \"a\" }", "config-unknown-key", 1, "",
         "Did you mean `device-cert`? It belongs into `files`."},
        {"name = \"x\" mqtt: { password = \"a\" }", "config-unknown-key", 1, "",
         "Did you mean `password-file`?"},
        {"name = \"x\" files: { cert = \"a\" }", "config-unknown-key", 1, "",
         "Did you mean `device-cert`?"},
        {"name = \"x\" mqtt: { zzz = 1 }", "config-unknown-key", 1, "", "Known here: port, tls"},
        {"name = \"x\" zzzzzz: { a = 1 }", "config-unknown-key", 1, "`zzzzzz`", "Known here"},
        {"name = 5", "config-type", 1, "must be a text", "double quotes"},
        {"name = \"x\" mqtt: { port = \"8883\" }", "config-type", 1, "whole number",
         "Remove the quotes"},
        {"name = \"x\" mqtt: { port = 1.5 }", "config-type", 1, "whole number", NULL},
        {"name = \"x\" mqtt: { tls = 1 }", "config-type", 1, "true or false", NULL},
        {"name = \"x\" mqtt: { tls = \"true\" }", "config-type", 1, "true or false", "quotes"},
        {"name = \"x\" mqtt = 1", "config-type", 1, "a group", NULL},
        {"name = \"x\" accept = [1, 2]", "config-type", 1, "`accept`", NULL},
        {"name = \"x\" proof = { key = \"a\" }", "config-type", 1, "a list of groups", NULL},
        {"name = \"x\" mqtt: { port = 0 }", "config-value", 1, "`port` is 0", "from 1 to 65535"},
        {"name = \"\"", "config-value", 1, "`name` is empty", NULL},
        {"name = \"123456789\"", "config-value", 1, "9 bytes; at most 8", NULL},
        {"name = \"x\" files: { colour = \"gren\" }", "config-value", 1, "", "mean \"green\"?"},
        {"name = \"x\" files: { colour = [\"red\", \"blue\"] }", "config-value", 1, "",
         "It can be \"red\", \"green\"."},
        {"\n", "config-missing", 0, "`name` is missing", "a name"},
        {"name = \"x\"\nproof = (\n { mark = \"m\" } )", "config-missing", 3,
         "proof, entry 1: `key` is missing", "what is proved"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_one(rows[i].text, rows[i].code, rows[i].line, rows[i].what, rows[i].remedy);
}

static void test_all_at_once(void **state)
{
    struct findings f;
    struct config *c = parse("mqtt: { prt = 1 tls = 3 port = 70000 }\nnam = \"x\"", &f);

    (void)state;
    assert_int_equal(f.count, 5);
    assert_int_equal(findings_count(&f, SEVERITY_ERROR), 5);
    assert_string_equal(findings_get(&f, "config-unknown-key")->key, "mqtt.prt");
    assert_string_equal(findings_get(&f, "config-type")->key, "mqtt.tls");
    assert_string_equal(findings_get(&f, "config-value")->key, "mqtt.port");
    assert_string_equal(findings_get(&f, "config-missing")->key, "name");
    findings_reset(&f);
    config_free(c);
}

static void test_set(void **state)
{
    struct findings f;
    struct config *c = parse("name = \"x\" mqtt: { port = 1 } accept = true", &f);
    struct err err;

    (void)state;
    assert_int_equal(config_set(c, schema, "name=a=b", &err), 0);
    assert_int_equal(config_set(c, schema, "mqtt.port=8883", &err), 0);
    assert_int_equal(config_set(c, schema, "mqtt.tls=true", &err), 0);
    assert_int_equal(config_set(c, schema, "files.device-cert=~/x y.pem", &err), 0);
    assert_int_equal(config_set(c, schema, "files.colour= red , green ", &err), 0);
    assert_int_equal(config_set(c, schema, "accept=one,two", &err), 0);
    assert_int_equal(config_check(c, schema, &f), 0);
    assert_string_equal(config_string(c, "name"), "a=b");
    assert_int_equal(config_int(c, "mqtt.port", 0), 8883);
    assert_true(config_bool(c, "mqtt.tls", false));
    assert_string_equal(config_string(c, "files.device-cert"), "~/x y.pem");
    assert_int_equal(config_count(c, "files.colour"), 2);
    assert_string_equal(config_string_at(c, "files.colour", 0), "red");
    assert_string_equal(config_string_at(c, "files.colour", 1), "green");
    assert_string_equal(config_string_at(c, "accept", 1), "two");
    assert_int_equal(config_place(c, "mqtt.port").line, 0);
    assert_int_equal(config_set(c, schema, "accept=false", &err), 0);
    assert_true(config_is_bool(c, "accept"));
    assert_int_equal(config_set(c, schema, "mqtt.port=70000", &err), 0);
    assert_int_equal(config_check(c, schema, &f), ERR_VALUE);
    assert_string_equal(f.items[0].file, "--set");
    findings_reset(&f);
    config_free(c);
}

static void test_set_refused(void **state)
{
    static const struct {
        const char *assignment, *text, *remedy;
    } rows[] = {
        {"mqtt.prt=1", "`mqtt.prt`", "Did you mean `port`?"},
        {"client-id=1", "`client-id`", "It belongs into `mqtt`."},
        {"mqtt.password=hunter2", "`mqtt.password`", "`password-file`"},
        {"mqtt.password-file=x", "secret", ""},
        {"mqtt.port=1x", "whole number", ""},
        {"mqtt.port=", "whole number", ""},
        {"mqtt.port=9999999999", "whole number", ""},
        {"mqtt.tls=yes", "true or false", ""},
        {"mqtt=1", "is a group", ""},
        {"proof[].key=1", "part of a list", ""},
        {"files.colour=red", "other than a group", ""},
        {"name", "KEY=VALUE", "--set"},
        {"=x", "KEY=VALUE", "--set"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct findings f;
        struct config *c = parse("name = \"x\" files = 1", &f);
        struct err err;

        assert_int_equal(config_set(c, schema, rows[i].assignment, &err), ERR_USAGE);
        assert_non_null(strstr(err.text, rows[i].text));
        assert_non_null(strstr(err.remedy, rows[i].remedy));
        assert_null(strstr(err.text, "hunter2"));
        assert_null(strstr(err.remedy, "hunter2"));
        config_free(c);
        findings_reset(&f);
    }
}

static void test_files(void **state)
{
    char dir[] = "/tmp/comcert-config-XXXXXX";
    char fifo[64], big[64];
    struct findings f = {0};
    struct config *c = (struct config *)1;
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(fifo, sizeof fifo, "%s/fifo", dir);
    snprintf(big, sizeof big, "%s/big", dir);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    file = fopen(big, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), 1024 * 1024 + 1), 0);
    fclose(file);
    assert_int_equal(config_load(dir, &c, &f), ERR_VALUE);
    assert_null(c);
    assert_int_equal(config_load(fifo, &c, &f), ERR_VALUE);
    assert_int_equal(config_load(big, &c, &f), ERR_VALUE);
    assert_int_equal(config_load("/nonexistent/x.cfg", &c, &f), ERR_MISSING);
    assert_int_equal(f.count, 4);
    for (size_t i = 0; i < f.count; i++)
        assert_string_equal(f.items[i].code, "config-unreadable");
    findings_reset(&f);
    unlink(fifo);
    unlink(big);
    rmdir(dir);
}

/* Looking for duplicates costs libconfig quadratic time, so the number of settings is limited. */
static void test_too_many_settings(void **state)
{
    struct buf text = {0};
    struct findings f = {0};
    struct config *c;

    (void)state;
    for (int i = 0; i <= 10000; i++)
        buf_printf(&text, "a%d=1\n", i);
    assert_int_equal(config_parse("x", text.data, text.len, &c, &f), ERR_SYNTAX);
    assert_non_null(strstr(f.items[0].what, "10000"));
    buf_reset(&text);
    findings_reset(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_absent_values),
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_not_refused),
        cmocka_unit_test(test_schema),
        cmocka_unit_test(test_all_at_once),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_refused),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_too_many_settings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
