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
#include "job/manifest.h"

static struct manifest *list;
static struct findings said;

static int forget(void **state)
{
    (void)state;
    manifest_free(list);
    list = NULL;
    findings_reset(&said);
    return 0;
}

static int take(const char *text, size_t n)
{
    forget(NULL);
    return manifest_parse("lists/bench.csv", text, n, &list, &said);
}

static void good(const char *text, size_t rows)
{
    if (take(text, strlen(text)) != 0)
        fail_msg("%s: %s", text, said.items[0].what);
    assert_int_equal(manifest_count(list), rows);
}

/* Refused, first of all for this, in this line. */
static void bad(const char *text, const char *code, int line)
{
    assert_int_equal(take(text, strlen(text)), ERR_VALUE);
    assert_null(list);
    assert_string_equal(said.items[0].code, code);
    assert_int_equal(said.items[0].line, line);
    assert_string_equal(said.items[0].file, "lists/bench.csv");
}

static void value(size_t row, const char *column, const char *wanted)
{
    const char *got = manifest_value(list, row, column);

    if (wanted == NULL)
        assert_null(got);
    else
        assert_string_equal(got, wanted);
}

static void test_columns(void **state)
{
    char *path;

    (void)state;
    good("device-id,device-cert,mqtt.hub,equipment,Sha256\n"
         "p1,a.crt,h1,E-1,00\n"
         "p2,/abs/b.crt,,,\n",
         2);
    value(0, "device-id", "p1");
    value(0, "mqtt.device-id", "p1");
    value(0, "sha256", "00");
    value(0, "mqtt.hub", "h1");
    value(0, "port", NULL);
    value(1, "mqtt.hub", NULL);
    value(1, "equipment", NULL);
    path = manifest_path(list, 0, "device-cert");
    assert_string_equal(path, "lists/a.crt");
    free(path);
    path = manifest_path(list, 1, "device-cert");
    assert_string_equal(path, "/abs/b.crt");
    free(path);
    assert_null(manifest_path(list, 0, "device-key"));
    assert_string_equal(manifest_name(list), "lists/bench.csv");
    bad("device_id,device-cert\np1,a\n", "manifest-column", 1);
    assert_non_null(strstr(said.items[0].remedy, "`device-id`"));
    bad("\n\ndevice-id,device-id\np1,a\n", "manifest-column", 3);
    bad("p1,a.crt\np2,b.crt\n", "manifest-column", 1);
    bad("device-id,colour,shape\np1,red,round\n", "manifest-column", 1);
    assert_int_equal(said.count, 2);
}

static void test_forms(void **state)
{
    (void)state;
    good("\xEF\xBB\xBF"
         "device-id;port\r\n p1 ;\"a;b\"\r\n",
         1);
    value(0, "device-id", "p1");
    value(0, "port", "a;b");
    assert_string_equal(said.items[0].code, "manifest-separator");
    good("device-id\tport\np1\tx\n", 1);
    value(0, "port", "x");
    good("sep=;\ndevice-id;port\np1;a,b\n", 1);
    assert_int_equal(manifest_line(list, 0), 3);
    value(0, "port", "a,b");
    good("device-id,port\rp1,x\rp2,y\r", 2);
    assert_int_equal(manifest_line(list, 1), 3);
    good("device-id\np1", 1);
    good("device-id,port,\np1,x,\np2,y,,,\n,,\n\n \np3,z,\n", 3);
    assert_int_equal(manifest_line(list, 2), 7);
    good("device-id,port\n\"p\n1\",\"say \"\"x\"\"\"\np2,\"\r\n\"\np3,\n", 3);
    value(0, "device-id", "p\n1");
    value(0, "port", "say \"x\"");
    value(1, "port", "\r\n");
    assert_int_equal(manifest_line(list, 0), 2);
    assert_int_equal(manifest_line(list, 1), 4);
    assert_int_equal(manifest_line(list, 2), 6);
}

static void test_mistakes(void **state)
{
    static const char utf16[] = "\xFF\xFE"
                                "d\0e\0";
    static const char nul[] = "device-id\np\0q\n";

    (void)state;
    bad("", "manifest-empty", 0);
    bad("\n \n", "manifest-empty", 0);
    bad("device-id\n\n", "manifest-empty", 0);
    bad("device-id,port\np1\n", "manifest-fields", 2);
    bad("device-id,port\np1,x\n\np2,x,y\n", "manifest-fields", 4);
    assert_non_null(strstr(said.items[0].what, "row 2 "));
    bad("device-id,\np1,x\n", "manifest-fields", 2);
    bad("device-id\np\"1\n", "manifest-syntax", 2);
    bad("device-id\n\"p1\nx\n", "manifest-syntax", 2);
    bad("device-id\n\"p\"1\n", "manifest-syntax", 2);
    bad("device-id\np\xE4\n", "manifest-encoding", 2);
    bad("PK\x03\x04...", "manifest-encoding", 0);
    assert_int_equal(take(utf16, sizeof utf16 - 1), ERR_VALUE);
    assert_string_equal(said.items[0].code, "manifest-encoding");
    assert_int_equal(take(nul, sizeof nul - 1), ERR_VALUE);
    assert_string_equal(said.items[0].code, "manifest-encoding");
    assert_int_equal(said.items[0].line, 2);
    assert_int_equal(manifest_read("/dev/null", &list, &said), ERR_VALUE);
    assert_int_equal(manifest_read("no/such.csv", &list, &said), ERR_VALUE);
}

static void test_many_mistakes(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_add_str(&b, "device-id,port\n");
    for (int i = 0; i < 1000; i++)
        buf_add_str(&b, "p\n");
    bad(b.data, "manifest-fields", 2);
    assert_int_equal(said.count, 21);
    assert_non_null(strstr(said.items[20].what, "980 more"));
    buf_reset(&b);
    /* More cells than any header has. */
    buf_add_str(&b, "device-id\n");
    for (int i = 0; i < 5000; i++)
        buf_add_str(&b, ",");
    buf_add_str(&b, "x\n");
    bad(b.data, "manifest-fields", 2);
    buf_reset(&b);
}

static void no_secret(const char *text, const char *secret)
{
    assert_int_equal(take(text, strlen(text)), ERR_VALUE);
    assert_string_equal(said.items[0].code, "manifest-secret");
    for (size_t i = 0; i < said.count; i++) {
        assert_null(strstr(said.items[i].what, secret));
        assert_true(said.items[i].remedy == NULL || strstr(said.items[i].remedy, secret) == NULL);
    }
}

static void test_secrets(void **state)
{
    (void)state;
    no_secret("device-id,mqtt.password\np1,Hunter2\n", "Hunter2");
    no_secret("device-id,Passphrase\np1,Hunter2\n", "Hunter2");
    no_secret("device-id,device-key\np1,\"-----BEGIN PRIVATE KEY-----\nAAAABBBB\n\"\n", "AAAABBBB");
    no_secret("device-id,mqtt.username\np1,HostName=h;SharedAccessKey=AAAABBBB\n", "AAAABBBB");
    good("device-id,mqtt.password-file\np1,pw\n", 1);
}

static void test_size(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_add_str(&b, "device-id\n");
    for (int i = 0; i < MANIFEST_MAX_ROWS; i++)
        buf_add_str(&b, "p\n");
    good(b.data, MANIFEST_MAX_ROWS);
    assert_int_equal(manifest_line(list, MANIFEST_MAX_ROWS - 1), MANIFEST_MAX_ROWS + 1);
    buf_add_str(&b, "p\n");
    bad(b.data, "manifest-size", MANIFEST_MAX_ROWS + 2);
    buf_reset(&b);
}

/* --- jobs ----------------------------------------------------------------------------------- */

static struct jobfile_base *read_base(void)
{
    static const char *const sets[] = {"mqtt.hub=base-hub"};
    struct jobfile_base *base;
    struct findings f = {0};

    assert_int_equal(jobfile_base_read("fixtures/jobs/full.cfg", sets, 1, &base, &f), 0);
    findings_reset(&f);
    return base;
}

static void test_jobs(void **state)
{
    struct jobfile_base *base = read_base();
    struct findings f = {0};
    struct job job;

    (void)state;
    good("device-id,device-cert,port,mqtt.tls,mqtt.port,equipment\n"
         "p1,a.crt,/dev/ttyUSB7,FALSE,1883,E1\n"
         "p2,,,,,\n"
         "p3,,,never,70000,\n",
         3);
    job_init(&job);
    assert_int_equal(manifest_job(list, 0, base, &job, &f), 0);
    assert_string_equal(job.device_id, "p1");
    assert_string_equal(job.hub, "base-hub");
    assert_string_equal(job.credentials[SLOT_DEVICE_CERT].path, "lists/a.crt");
    assert_string_equal(job.credentials[SLOT_DEVICE_KEY].path, "fixtures/jobs/pump-7.key");
    assert_string_equal(job.device, "/dev/ttyUSB7");
    assert_string_equal(job_value(&job, SETTING_TLS), "false");
    assert_string_equal(job_value(&job, SETTING_PORT), "1883");
    job_reset(&job);
    /* Nothing of one row stays for the next. */
    assert_int_equal(manifest_job(list, 1, base, &job, &f), 0);
    assert_string_equal(job.device_id, "p2");
    assert_string_equal(job.device, "/dev/ttyUSB0");
    assert_string_equal(job_value(&job, SETTING_PORT), "8883");
    assert_string_equal(job.credentials[SLOT_DEVICE_CERT].path, "/abs/pump-7.crt");
    job_reset(&job);
    assert_int_equal(f.count, 0);
    assert_int_equal(manifest_job(list, 2, base, &job, &f), ERR_VALUE);
    assert_true(f.count >= 2);
    for (size_t i = 0; i < f.count; i++) {
        assert_string_equal(f.items[i].file, "lists/bench.csv");
        assert_int_equal(f.items[i].line, 4);
    }
    findings_reset(&f);
    jobfile_base_free(base);
}

/* --- any text ------------------------------------------------------------------------------- */

static uint32_t seed;

static uint32_t dice(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 16) % n;
}

static void test_any_text(void **state)
{
    static const char *const pieces[] = {
        "device-id", "port", ",", ",", ";",  "\n",      "\n",       "\r\n", "\r",       "\"",
        "\"",        "\"\"", "x", " ", "\t", "sep=;\n", "\xC3\xA4", "\xFF", "mqtt.hub", "equipment",
    };

    (void)state;
    for (seed = 1; seed < 20000;) {
        uint32_t start = seed, n = dice(40);
        struct buf b = {0};

        buf_add_str(&b, dice(4) != 0 ? "device-id,port\n" : "");
        for (uint32_t i = 0; i < n; i++)
            buf_add_str(&b, pieces[dice(sizeof pieces / sizeof pieces[0])]);
        if (take(b.data, b.len) == 0) {
            int last = 1;

            assert_true(manifest_count(list) > 0);
            for (size_t i = 0; i < manifest_count(list); i++) {
                /* Rows may share a line only if they came by CR and LF of one. */
                assert_true(manifest_line(list, i) > last);
                last = manifest_line(list, i);
                (void)manifest_value(list, i, "port");
            }
        } else {
            assert_null(list);
            assert_int_equal(findings_worst(&said), SEVERITY_ERROR);
        }
        buf_reset(&b);
        seed = start + 1;
    }
}

/* Cells of any content, quoted as they must be, come back with their rows and lines. */
static void test_round_trip(void **state)
{
    static const char *const pieces[] = {"a", "\"", ",", "\n", "\r\n", ";", " b", "\xC3\xA4", "'"};

    (void)state;
    for (seed = 1; seed < 4000;) {
        uint32_t start = seed, rows = 1 + dice(6);
        char cells[6][64];
        int lines[6], line = 2;
        struct buf b = {0};

        buf_add_str(&b, "device-id,port\n");
        for (uint32_t r = 0; r < rows; r++) {
            cells[r][0] = 'c';
            cells[r][1] = '\0';
            for (uint32_t i = dice(8); i > 0; i--)
                strcat(cells[r], pieces[dice(sizeof pieces / sizeof pieces[0])]);
            if (dice(3) == 0) {
                buf_add_str(&b, "\n");
                line++;
            }
            lines[r] = line;
            buf_add_str(&b, "d,\"");
            for (const char *p = cells[r]; *p != '\0'; p++) {
                line += *p == '\n';
                buf_add_str(&b, *p == '"' ? "\"" : "");
                buf_add_char(&b, *p);
            }
            buf_add_str(&b, "\"\n");
            line++;
        }
        good(b.data, rows);
        for (uint32_t r = 0; r < rows; r++) {
            value(r, "port", cells[r]);
            assert_int_equal(manifest_line(list, r), lines[r]);
        }
        buf_reset(&b);
        seed = start + 1;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_columns, forget),
        cmocka_unit_test_teardown(test_forms, forget),
        cmocka_unit_test_teardown(test_mistakes, forget),
        cmocka_unit_test_teardown(test_many_mistakes, forget),
        cmocka_unit_test_teardown(test_secrets, forget),
        cmocka_unit_test_teardown(test_size, forget),
        cmocka_unit_test_teardown(test_jobs, forget),
        cmocka_unit_test_teardown(test_any_text, forget),
        cmocka_unit_test_teardown(test_round_trip, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
