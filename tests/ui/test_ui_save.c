/* SPDX-License-Identifier: MIT */
/* What is saved: a job that gives the same plan without the wizard, files for what has none, and a
 * report without secrets. */
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

#include "wizard.h"

static const char job[] = "# by hand\n"
                          "profile = \"bench\"\n"
                          "mqtt: {\n"
                          "  preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\"\n"
                          "  topic = \"devices/pump-7/messages/events/a=\\\"b\\\"\"\n"
                          "}\n"
                          "port: { baud = 57600 }\n"
                          "certificates: {\n"
                          "  server-ca = \"root.pem\"  device-cert = \"pump-7.crt\"\n"
                          "  device-key = \"pump-7.key\"\n"
                          "}\n"
                          "transfer: { retries = 2  window = 64 }\n";

static void start(struct wiz *z)
{
    wiz_folder(z);
    wiz_copy(z, "root.pem", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_copy(z, "pump-7.crt", "fixtures/pem/pump-7.crt");
    wiz_copy(z, "pump-7.key", "fixtures/pem/pump-7.key");
    wiz_write(z, "job.cfg", 0600, job);
}

/* By F4 under a name; what is said then is in row 22. */
static void save_as(struct wiz *z, const char *name)
{
    wiz_key(z, "F4");
    wiz_wait(z, "Save the job");
    wiz_fill(z, "File", name);
    wiz_key(z, "Enter");
}

/* Two jobs are the same plan with the same bodies: the emulated device gets the same bytes. */
static void assert_same_load(struct wiz *z, const char *a, const char *b)
{
    char command[1024];

    snprintf(command, sizeof command,
             "\"$COMCERT\" check --json --dry-run %s | grep '\"type\":\"plan\"' >plan-a &&"
             "\"$COMCERT\" check --json --dry-run %s | grep '\"type\":\"plan\"' >plan-b &&"
             "cmp plan-a plan-b >&2",
             a, b);
    assert_int_equal(wiz_shell(z, NULL, command), 0);
    snprintf(command, sizeof command,
             "rm -rf got-a got got-b; mkdir got &&"
             "\"$COMCERT\" load -q -p %s %s && mv got got-a && mkdir got &&"
             "\"$COMCERT\" load -q -p %s %s && mv got got-b && rm got-?/timing.txt &&"
             "test -s got-a/device-key.pem && diff -r got-a got-b >&2",
             z->port, a, z->port, b);
    assert_int_equal(wiz_shell(z, NULL, command), 0);
}

static void test_same_plan(void **state)
{
    struct wiz z;
    char *saved;

    (void)state;
    start(&z);
    wiz_device(&z, "--profile", "bench", "--store", "got", "--baud", "57600", NULL);
    wiz_start(&z, NULL, "tui", "job.cfg", NULL);
    wiz_rehearse(&z);
    assert_int_equal(mkdir(wiz_path(&z, "deep"), 0700), 0);
    save_as(&z, "deep/copy.cfg"); /* paths are relative to the job */
    wiz_wait(&z, "The job was saved as deep/copy.cfg");
    wiz_sees(&z, "copy.cfg", -1);
    saved = wiz_read(&z, "deep/copy.cfg", NULL);
    assert_non_null(saved);
    assert_null(strstr(saved, "/dev/")); /* the rehearsal's pty is nobody's port */
    assert_non_null(strstr(saved, "57600"));
    free(saved);
    assert_same_load(&z, "job.cfg", "deep/copy.cfg");
    wiz_end(&z);
}

/* --- what has no file ---------------------------------------------------------------------------
 */

static void paste(struct wiz *z, int slot, const char *name)
{
    char *text = wiz_read(z, name, NULL);

    wiz_card(z, slot);
    vt_paste(z->vt, text);
    vt_settle(z->vt);
    free(text);
    wiz_wait(z, "held in memory, in no file");
}

static void test_pasted(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    wiz_device(&z, "--profile", "bench", "--store", "got", "--baud", "57600", NULL);
    wiz_start(&z, NULL, "tui", "job.cfg", NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 3);
    paste(&z, 0, "root.pem");
    paste(&z, 1, "pump-7.crt");
    paste(&z, 2, "pump-7.key");
    wiz_key(&z, "F4");
    wiz_wait(&z, "gets one beside the job");
    wiz_fill(&z, "File", "copy.cfg");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "The job was saved as copy.cfg");
    wiz_same(&z, "copy-device-key.pem", "pump-7.key");
    assert_int_equal(wiz_mode(&z, "copy-device-key.pem"), 0600);
    wiz_same(&z, "copy-device-cert.pem", "pump-7.crt");
    wiz_same(&z, "copy-server-ca.pem", "root.pem");
    vt_settle(z.vt);
    wiz_sees_not(&z, "held in memory");
    assert_same_load(&z, "job.cfg", "copy.cfg");
    wiz_end(&z);
}

static void test_typed_password(void **state)
{
    struct wiz z;
    char *text;

    (void)state;
    start(&z);
    wiz_write(&z, "job.cfg", 0600,
              "profile = \"bench\"\nmqtt: { broker = \"broker.example\"  client-id = \"pump-7\"  "
              "username = \"me\"  topic = \"a\" }\n");
    wiz_start(&z, NULL, "tui", "job.cfg", NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 2);
    wiz_press(&z, "Type a password");
    wiz_wait(&z, "It stays in memory");
    vt_type(z.vt, "s3cret word");
    vt_settle(z.vt);
    wiz_sees(&z, "***********", -1);
    wiz_key(&z, "Enter");
    wiz_wait(&z, "typed: 11 bytes");
    save_as(&z, "copy.cfg");
    wiz_wait(&z, "The job was saved as copy.cfg");
    text = wiz_read(&z, "copy-password.txt", NULL);
    assert_string_equal(text, "s3cret word");
    free(text);
    assert_int_equal(wiz_mode(&z, "copy-password.txt"), 0600);
    text = wiz_read(&z, "copy.cfg", NULL);
    assert_non_null(strstr(text, "copy-password.txt"));
    assert_null(strstr(text, "s3cret"));
    free(text);
    assert_false(wiz_wrote(&z, "s3cret"));
    assert_int_equal(wiz_shell(&z, NULL, "\"$COMCERT\" check copy.cfg 2>&1"), 0);
    wiz_end(&z);
}

/* --- what is there already ----------------------------------------------------------------------
 */

static void test_existing_file(void **state)
{
    struct wiz z;
    char *text;

    (void)state;
    start(&z);
    wiz_write(&z, "other.cfg", 0644, "precious\n");
    wiz_start(&z, NULL, "tui", "job.cfg", NULL);
    save_as(&z, "other.cfg");
    wiz_wait(&z, "There is such a file");
    wiz_key(&z, "Enter"); /* the harmless answer is the one that Enter gives */
    text = wiz_read(&z, "other.cfg", NULL);
    assert_string_equal(text, "precious\n");
    free(text);
    save_as(&z, "other.cfg");
    wiz_wait(&z, "There is such a file");
    wiz_press(&z, "Replace it");
    wiz_wait(&z, "The job was saved as other.cfg");
    text = wiz_read(&z, "other.cfg", NULL);
    assert_non_null(strstr(text, "my-hub"));
    free(text);
    wiz_end(&z);
}

/* A key's file that is in the way is not overwritten unasked either. */
static void test_existing_key(void **state)
{
    struct wiz z;
    char *text;

    (void)state;
    start(&z);
    wiz_write(&z, "copy-device-key.pem", 0600, "precious\n");
    wiz_start(&z, NULL, "tui", "job.cfg", NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 3);
    paste(&z, 2, "pump-7.key");
    save_as(&z, "copy.cfg");
    vt_settle(z.vt);
    text = wiz_read(&z, "copy-device-key.pem", NULL);
    assert_string_equal(text, "precious\n");
    free(text);
    wiz_sees_not(&z, "The job was saved");
    wiz_end(&z);
}

static void test_no_such_folder(void **state)
{
    struct wiz z;

    (void)state;
    start(&z);
    wiz_start(&z, NULL, "tui", "job.cfg", NULL);
    save_as(&z, "none/copy.cfg");
    wiz_wait(&z, "Not saved: ");
    wiz_sees(&z, "Not saved: ", WIZ_BAD);
    wiz_end(&z);
}

/* --- the report ------------------------------------------------------------------------------- */

/* No line of the key is in it. */
static void assert_no_key(const struct wiz *z, const char *report)
{
    char *key = wiz_read(z, "pump-7.key", NULL), *rest = key, *line;

    while ((line = strsep(&rest, "\n")) != NULL) {
        if (strlen(line) > 8)
            assert_null(strstr(report, line));
    }
    free(key);
}

static void test_report(void **state)
{
    struct wiz z;
    char *text;

    (void)state;
    start(&z);
    wiz_write(&z, "word", 0600, "s3cret word\n");
    wiz_write(
        &z, "job.cfg", 0600,
        "profile = \"bench\"\nmqtt: { broker = \"broker.example\"  client-id = \"pump-7\"  "
        "username = \"me\"  topic = \"a\"  password-file = \"word\" }\ncertificates: { "
        "server-ca = \"root.pem\"  device-cert = \"pump-7.crt\"  device-key = \"pump-7.key\" }\n");
    wiz_device(&z, "--profile", "bench", NULL);
    wiz_start(&z, NULL, "tui", "--port", z.port, "job.cfg", NULL);
    wiz_step(&z, 4);
    wiz_press(&z, "Load");
    wiz_wait(&z, "The device is loaded");
    wiz_press(&z, "Save report");
    wiz_wait(&z, "pump-7-report.txt");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "The report was saved as pump-7-report.txt");
    text = wiz_read(&z, "pump-7-report.txt", NULL);
    assert_non_null(text);
    assert_non_null(strstr(text, "Transcript"));
    assert_non_null(strstr(text, "device-key"));
    assert_null(strstr(text, "s3cret"));
    assert_no_key(&z, text);
    free(text);
    assert_false(wiz_wrote(&z, "s3cret"));
    assert_false(wiz_wrote(&z, "MII"));
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_plan),      cmocka_unit_test(test_pasted),
        cmocka_unit_test(test_typed_password), cmocka_unit_test(test_existing_file),
        cmocka_unit_test(test_existing_key),   cmocka_unit_test(test_no_such_folder),
        cmocka_unit_test(test_report),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
