/* SPDX-License-Identifier: MIT */
/* What a user could do by accident, and must not: send what was never shown, take the last device's
 * verdict for the next one's, turn a paste into keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wizard.h"

static const char slow_profile[] = "sed -e '/^emulator-only/d' -e 's/baud = 115200/baud = 9600/' "
                                   "-e 's/^id = .*/id = \"slow\"/' > slow.cfg";

/* A job for the emulated device, in a profile file of its own. */
static void start(struct wiz *z, const struct vt_options *options, const char *profile)
{
    char command[256], job[512];

    wiz_folder(z);
    assert_int_equal(mkdir(wiz_path(z, "got"), 0700), 0);
    wiz_copy(z, "bench.cfg", "src/profiles/bench.cfg");
    snprintf(command, sizeof command, "%s < bench.cfg", slow_profile);
    assert_int_equal(wiz_shell(z, NULL, command), 0);
    wiz_copy(z, "root.pem", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_copy(z, "pump-7.crt", "fixtures/pem/pump-7.crt");
    wiz_copy(z, "pump-7.key", "fixtures/pem/pump-7.key");
    snprintf(job, sizeof job,
             "profile = \"%s\"\n"
             "mqtt: { preset = \"azure\"  hub = \"my-hub\"  device-id = \"pump-7\" }\n"
             "certificates: { server-ca = \"root.pem\"  device-cert = \"pump-7.crt\"  "
             "device-key = \"pump-7.key\" }\n",
             profile);
    wiz_write(z, "job.cfg", 0600, job);
    wiz_device(z, "--profile", wiz_path(z, "slow.cfg"), "--store", "got", NULL);
    wiz_start(z, options, "tui", "--port", z->port, "job.cfg", NULL);
    vt_settle(z->vt);
}

static void assert_nothing_came(const struct wiz *z)
{
    assert_int_equal(wiz_shell(z, NULL, "test -z \"$(ls got)\""), 0);
}

/* All keys in one write: Enter was meant for something else than a page that nobody has seen. */
static void test_keys_typed_ahead(void **state)
{
    static const struct vt_options tall = {.rows = 70, .cols = 100};
    struct wiz z;

    (void)state;
    start(&z, &tall, "./slow.cfg");
    vt_type(z.vt, "\033OR\033OR\033OR\r\r");
    wiz_wait(&z, "What is sent, in this order");
    vt_settle(z.vt);
    wiz_is_at(&z, 4);
    wiz_sees(&z, "Nothing has been sent so far.", -1);
    assert_nothing_came(&z);
    wiz_end(&z);
}

static void load(struct wiz *z)
{
    wiz_step(z, 4);
    wiz_press(z, "Load");
}

/* What is loaded is what was shown, whatever has happened to the profile since. */
static void test_profile_changes(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, NULL, "./slow.cfg");
    wiz_step(&z, 4);
    wiz_focus(&z, "Load");
    assert_int_equal(wiz_shell(&z, NULL, "sed -i -e s/9270,10/9270,99/ slow.cfg"), 0);
    wiz_key(&z, "Enter");
    wiz_wait(&z, "it is not what it was");
    wiz_is_at(&z, 4);
    assert_nothing_came(&z);
    wiz_end(&z);
}

/* A verdict belongs to the job that was loaded: not to a changed one, nor to the next device's. */
static void test_old_verdict(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, NULL, "./slow.cfg");
    load(&z);
    wiz_wait(&z, "OK The device is loaded");
    wiz_wait(&z, "[ Next device ]"); /* the port is closed */
    wiz_step(&z, 2);
    wiz_fill(&z, "IoT hub", "my-other-hub");
    wiz_key(&z, "M-5");
    wiz_is_at(&z, 4);
    wiz_sees_not(&z, "The device is loaded");
    wiz_end(&z);
}

/* The kernel and the terminal both tell of a closed window: that is one wish to stop, and a file
 * that is on its way is finished. */
static void test_hung_up_twice(void **state)
{
    struct wiz z;
    int status;

    (void)state;
    start(&z, NULL, "./slow.cfg");
    load(&z);
    wiz_wait(&z, "server-ca    ==");
    assert_int_equal(kill(vt_pid(z.vt), SIGHUP), 0);
    vt_settle(z.vt);
    assert_int_equal(kill(vt_pid(z.vt), SIGHUP), 0);
    assert_true(vt_exited(z.vt, &status));
    assert_int_equal(status, 130 << 8);
    assert_int_equal(wiz_shell(&z, NULL, "test -s got/server-ca.pem"), 0);
    wiz_end(&z);
}

/* A paste that comes to a halt is not taken, and its rest is never keys. */
static void test_halting_paste(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, NULL, "./slow.cfg");
    wiz_key(&z, "F5");
    wiz_wait(&z, "Terminal: ");
    assert_true(vt_wait_gone(z.vt, "opening ..."));
    vt_type(z.vt, "\033[200~AT+A");
    wiz_wait(&z, "stopped half-way");
    vt_type(z.vt, "B\rAT+RESET\r\033[201~");
    vt_settle(z.vt);
    wiz_sees_not(&z, "AT+");
    wiz_sees_not(&z, "RESET");
    wiz_end(&z);
}

/* A yes to the emulated device is none to a real one. */
static void test_rehearsed_yes(void **state)
{
    struct wiz z;

    (void)state;
    start(&z, NULL, "infinite");
    wiz_step(&z, 1);
    wiz_rehearse(&z);
    wiz_step(&z, 4);
    wiz_key(&z, "Space");
    wiz_sees(&z, "[x] I know the assumed commands", -1);
    wiz_step(&z, 1);
    wiz_fill(&z, "Port", z.port);
    vt_settle(z.vt);
    wiz_step(&z, 4);
    wiz_sees(&z, "[ ] I know the assumed commands", -1);
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_typed_ahead), cmocka_unit_test(test_profile_changes),
        cmocka_unit_test(test_old_verdict),      cmocka_unit_test(test_hung_up_twice),
        cmocka_unit_test(test_halting_paste),    cmocka_unit_test(test_rehearsed_yes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
