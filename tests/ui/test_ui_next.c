/* SPDX-License-Identifier: MIT */
/* After one device the next one: port and broker stay, whatever has the old ID in it gets the new
 * one, and a file that is not there is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wizard.h"

static void load(struct wiz *z)
{
    wiz_step(z, 4);
    wiz_press(z, "Load");
    wiz_wait(z, "The device is loaded");
}

static void start(struct wiz *z, const char *mqtt)
{
    char job[1024];

    wiz_folder(z);
    assert_int_equal(mkdir(wiz_path(z, "got"), 0700), 0);
    wiz_copy(z, "root.pem", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_copy(z, "pump-7.crt", "fixtures/pem/pump-7.crt");
    wiz_copy(z, "pump-7.key", "fixtures/pem/pump-7.key");
    snprintf(job, sizeof job,
             "profile = \"bench\"\nmqtt: { %s }\ncertificates: { server-ca = \"root.pem\"  "
             "device-cert = \"pump-7.crt\"  device-key = \"pump-7.key\" }\n",
             mqtt);
    wiz_write(z, "job.cfg", 0600, job);
    wiz_device(z, "--profile", "bench", "--no-rate-limit", "--store", "got", NULL);
    wiz_start(z, NULL, "tui", "--port", z->port, "job.cfg", NULL);
    load(z);
}

static void next(struct wiz *z, const char *id)
{
    wiz_press(z, "Next device");
    wiz_wait(z, "Unplug this device");
    wiz_fill(z, "Its ID", id);
    wiz_key(z, "Enter");
    wiz_wait(z, "Now the files of the next device.");
    wiz_is_at(z, 3);
}

static const char azure[] = "preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\"";

static void test_files_are_there(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, azure);
    assert_int_equal(wiz_shell(&z, NULL,
                               "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
                               " -nodes -days 400 -keyout pump-8.key -out pump-8.crt"
                               " -subj /CN=pump-8 2>/dev/null"),
                     0);
    next(&z, "pump-8");
    wiz_card(&z, 0);
    wiz_sees(&z, "root.pem", -1);
    wiz_card(&z, 1);
    wiz_wait(&z, "subject  CN=pump-8");
    wiz_step(&z, 1);
    assert_string_equal(wiz_value(&z, "Port"), z.port);
    wiz_step(&z, 2);
    assert_string_equal(wiz_value(&z, "IoT hub"), "my-hub");
    assert_string_equal(wiz_value(&z, "Device ID"), "pump-8");
    wiz_sees(&z, "my-hub.azure-devices.net/pump-8/", -1);
    wiz_sees(&z, "devices/pump-8/messages/events/", -1);
    wiz_sees_not(&z, "pump-7");
    load(&z);
    assert_int_equal(wiz_shell(&z, NULL,
                               "openssl x509 -in got/device-cert.pem -noout -subject |"
                               "grep -q pump-8"),
                     0);
    wiz_end(&z);
}

static void test_files_are_missing(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, azure);
    next(&z, "pump-8");
    wiz_card(&z, 1);
    wiz_wait(&z, "There is no file pump-8.crt");
    wiz_sees(&z, "\xE2\x9C\x97 There is no file pump-8.crt", WIZ_BAD);
    wiz_card(&z, 2);
    wiz_wait(&z, "There is no file pump-8.key");
    wiz_sees(&z, "Not yet: There is no file pump-8", WIZ_WARN);
    wiz_key(&z, "F3");
    wiz_is_at(&z, 3);
    wiz_end(&z);
}

/* What was typed out has the ID in it, and has it replaced wherever it stands. */
static void test_typed_out(void **state)
{
    struct wiz z;

    (void)state;
    start(&z,
          "preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\"  client-id = \"pump-7\"  "
          "username = \"my-hub.azure-devices.net/pump-7/?api-version=2021-04-12\"  "
          "topic = \"devices/pump-7/messages/events/from=pump-7\"");
    next(&z, "pump-12");
    wiz_step(&z, 2);
    assert_string_equal(wiz_value(&z, "Client ID"), "pump-12");
    assert_string_equal(wiz_value(&z, "Topic"), "devices/pump-12/messages/events/from=pump-12");
    wiz_sees(&z, "my-hub.azure-devices.net/pump-12/?api", -1);
    wiz_sees_not(&z, "pump-7");
    wiz_end(&z);
}

/* Its password was the last device's own. */
static void test_password_goes(void **state)
{
    struct wiz z;

    (void)state;
    start(&z,
          "broker = \"broker.example\"  client-id = \"pump-7\"  username = \"me\"  topic = \"a\"");
    wiz_step(&z, 2);
    wiz_press(&z, "Type a password");
    vt_type(z.vt, "secret");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "typed: 6 bytes");
    load(&z); /* the job has changed: what was loaded before is not shown for it */
    next(&z, "pump-8");
    wiz_step(&z, 2);
    wiz_sees(&z, "no password", -1);
    wiz_end(&z);
}

static void test_leave_it(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, azure);
    wiz_press(&z, "Next device");
    wiz_wait(&z, "Unplug this device");
    wiz_key(&z, "Esc");
    wiz_is_at(&z, 5);
    wiz_step(&z, 2);
    assert_string_equal(wiz_value(&z, "Device ID"), "pump-7");
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_there), cmocka_unit_test(test_files_are_missing),
        cmocka_unit_test(test_typed_out),       cmocka_unit_test(test_password_goes),
        cmocka_unit_test(test_leave_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
