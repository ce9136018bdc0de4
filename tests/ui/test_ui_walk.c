/* SPDX-License-Identifier: MIT */
/* From the first screen to a loaded device, and what has reached the device then. */
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

static void leave(struct wiz *z)
{
    int status;

    wiz_press(z, "Quit");
    if (vt_find(z->vt, "Leave?", NULL, NULL))
        wiz_press(z, "Leave");
    assert_true(vt_exited(z->vt, &status));
    assert_int_equal(status, 0);
    assert_true(vt_is_sane(z->vt));
}

/* --- the rehearsal ---------------------------------------------------------------------------- */

static void test_demo(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "demo", "--tui", NULL);
    wiz_is_at(&z, 1);
    wiz_sees(&z, "(*) an emulated device", -1);
    for (int step = 2; step <= 4; step++) {
        wiz_key(&z, "F3");
        wiz_is_at(&z, step);
    }
    wiz_sees(&z, "4. client-id", -1);
    wiz_key(&z, "Enter"); /* what is pressed is seen first */
    wiz_is_at(&z, 4);
    assert_string_equal(wiz_focused(&z), "Load");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "The device is loaded");
    wiz_is_at(&z, 5);
    wiz_sees(&z, "OK ", WIZ_GOOD);
    leave(&z);
    wiz_end(&z);
}

/* The tour back from the end and forth again does not load anything once more. */
static void test_back_from_the_end(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "demo", "--tui", NULL);
    wiz_step(&z, 4);
    wiz_press(&z, "Load");
    wiz_wait(&z, "The device is loaded");
    for (int step = 4; step >= 1; step--) {
        wiz_key(&z, "F2");
        wiz_is_at(&z, step);
    }
    wiz_step(&z, 5);
    wiz_sees(&z, "The device is loaded", WIZ_GOOD);
    wiz_end(&z);
}

/* --- a device and three files ----------------------------------------------------------------- */

static void make_stick(struct wiz *z)
{
    wiz_folder(z);
    assert_int_equal(mkdir(wiz_path(z, "stick"), 0700), 0);
    assert_int_equal(mkdir(wiz_path(z, "got"), 0700), 0);
    wiz_copy(z, "stick/root.pem", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_copy(z, "stick/pump-7.crt", "fixtures/pem/pump-7.crt");
    wiz_copy(z, "stick/pump-7.key", "fixtures/pem/pump-7.key");
    wiz_copy(z, "stick/other.key", "fixtures/pem/other.key");
    wiz_write(z, "stick/read me.txt", 0600, "Nothing.\n");
    wiz_device(z, "--profile", "infinite", "--store", "got", NULL);
}

static void to_certificates(struct wiz *z)
{
    wiz_start(z, NULL, NULL);
    wiz_fill(z, "Port", z->port);
    wiz_wait(z, "F3 goes on to Broker");
    wiz_key(z, "F3");
    wiz_focus(z, "Broker is");
    wiz_key(z, "Right");
    wiz_fill(z, "IoT hub", "my-hub");
    wiz_fill(z, "Device ID", "pump-7");
    assert_true(strncmp(wiz_value(z, "Topic"), "devices/pump-7/messages/events/", 31) == 0);
    wiz_key(z, "F3");
    wiz_is_at(z, 3);
}

/* Nothing is sent before the yes and Load. */
static void load(struct wiz *z)
{
    char *got;

    wiz_wait(z, "F3 goes on to Review");
    wiz_key(z, "F3");
    wiz_is_at(z, 4);
    assert_int_equal(wiz_shell(z, &got, "ls got"), 0);
    assert_string_equal(got, "");
    free(got);
    wiz_press(z, "I know the assumed commands");
    wiz_wait(z, "Ready: Load sends it");
    wiz_press(z, "Load");
    wiz_wait(z, "[ Next device ]");
    wiz_sees(z, "OK ", WIZ_GOOD);
    wiz_sees(z, "loaded", -1);
}

/* The saved job, loaded without the wizard, stores the same in the same device. */
static void compare_with_batch(struct wiz *z)
{
    char *got;

    wiz_key(z, "F4");
    wiz_key(z, "Enter");
    wiz_wait(z, "The job was saved as pump-7.cfg");
    assert_int_equal(rename(wiz_path(z, "got"), wiz_path(z, "got-by-wizard")), 0);
    assert_int_equal(mkdir(wiz_path(z, "got"), 0700), 0);
    assert_int_equal(wiz_shell(z, NULL, "\"$COMCERT\" load -q pump-7.cfg"), 0);
    assert_int_equal(wiz_shell(z, &got, "cd got; ls *.pem"), 0);
    assert_string_equal(got, "device-cert.pem\ndevice-key.pem\nserver-ca.pem\n");
    free(got);
    assert_int_equal(wiz_shell(z, NULL, "diff -r -x timing.txt got got-by-wizard >&2"), 0);
}

/* One typed with completion, two picked. */
static void test_typed_and_picked(void **state)
{
    struct wiz z;

    (void)state;
    make_stick(&z);
    to_certificates(&z);
    wiz_fill_card(&z, 0, "sti");
    wiz_key(&z, "Tab");
    vt_type(z.vt, "roo");
    vt_settle(z.vt);
    wiz_key(&z, "Tab");
    wiz_wait(&z, "known as DigiCert Global Root G2");
    wiz_card(&z, 1);
    wiz_key(&z, "F6");
    wiz_wait(&z, "A file for the device certificate");
    vt_type(z.vt, "sti");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "pump-7.crt");
    wiz_wait(&z, "CN=pump-7");
    wiz_sees_not(&z, "other.key");
    wiz_sees_not(&z, "read me.txt");
    vt_type(z.vt, "pump");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "issuer");
    wiz_card(&z, 2);
    wiz_key(&z, "Enter");
    wiz_wait(&z, "A file for the private key");
    wiz_wait(&z, "private key RSA 2048");
    wiz_sees_not(&z, "pump-7.crt");
    vt_type(z.vt, "pump");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "private key, RSA 2048");
    wiz_key(&z, "PgDn");
    wiz_sees(&z, "key matches certificate", WIZ_GOOD);
    load(&z);
    compare_with_batch(&z);
    wiz_end(&z);
}

static void test_whole_folder(void **state)
{
    struct wiz z;

    (void)state;
    make_stick(&z);
    to_certificates(&z);
    wiz_key(&z, "F8");
    wiz_wait(&z, "A folder with the files of one device");
    vt_type(z.vt, "stick");
    wiz_key(&z, "Enter");
    wiz_wait(&z, "pump-7.key");
    wiz_key(&z, "F6");
    wiz_wait(&z, "Which file is which");
    wiz_sees(&z, "root.pem", -1);
    wiz_sees(&z, "pump-7.key is the private key of pump-7.crt", WIZ_DIM);
    wiz_press(&z, "Take these");
    load(&z);
    compare_with_batch(&z);
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo),
        cmocka_unit_test(test_back_from_the_end),
        cmocka_unit_test(test_typed_and_picked),
        cmocka_unit_test(test_whole_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
