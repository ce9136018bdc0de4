/* SPDX-License-Identifier: MIT */
/* Each step says why one cannot go on, and neither F3 nor Alt-N does; what was entered stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wizard.h"

enum { HINT = 22 };

/* On this step, for this reason, and no key leads beyond it. */
static void assert_stays(struct wiz *z, int step, const char *why)
{
    char key[] = "M-1";

    assert_true(vt_wait_row(z->vt, HINT, "Not yet: "));
    assert_true(vt_wait_row(z->vt, HINT, why));
    wiz_sees(z, "Not yet: ", WIZ_WARN);
    wiz_key(z, "F3");
    wiz_is_at(z, step);
    assert_true(vt_wait_row(z->vt, HINT, why));
    for (int to = step + 1; to <= 5; to++) {
        key[2] = (char)('0' + to);
        wiz_key(z, key);
        wiz_is_at(z, step);
        assert_true(vt_wait_row(z->vt, HINT, "Not yet: "));
        assert_true(vt_wait_row(z->vt, HINT, why));
    }
}

/* --- Port ------------------------------------------------------------------------------------- */

static void test_no_port(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, NULL);
    assert_stays(&z, 1, "pick the port that the device is on");
    wiz_key(&z, "F5");
    assert_true(vt_wait_row(z.vt, HINT, "No terminal yet: pick the port"));
    wiz_key(&z, "F6");
    assert_true(vt_wait_row(z.vt, HINT, "Pick a port first."));
    wiz_end(&z);
}

static void test_missing_port(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "tui", "--port", "/dev/ttyNONE9", NULL);
    wiz_wait(&z, "\xE2\x9C\x97 there is no port /dev/ttyNONE9");
    assert_string_equal(wiz_label(&z, wiz_sees(&z, "\xE2\x9C\x97 there is no", WIZ_BAD)), "Port");
    assert_stays(&z, 1, "there is no port /dev/ttyNONE9");
    wiz_fill(&z, "Port", "/dev/null");
    assert_stays(&z, 1, "/dev/null");
    wiz_rehearse(&z);
    wiz_wait(&z, "F3 goes on to Broker");
    wiz_end(&z);
}

static void test_bad_speed(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, NULL);
    wiz_rehearse(&z);
    wiz_fill(&z, "Speed", "fast");
    wiz_sees(&z, "a number from 50 to 4000000", WIZ_BAD);
    assert_stays(&z, 1, "the speed is not a number");
    wiz_fill(&z, "Speed", "9600");
    wiz_wait(&z, "F3 goes on to Broker");
    wiz_end(&z);
}

/* A process that has locked a device, as every terminal program does; 0 if it cannot be opened. */
static pid_t lock_device(const char *path)
{
    int ends[2];
    char told = 0;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) != 0 || write(ends[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ends[1]);
    if (read(ends[0], &told, 1) != 1)
        told = 0;
    close(ends[0]);
    if (told == 0) {
        waitpid(pid, NULL, 0);
        return 0;
    }
    return pid;
}

static void unlock_device(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* The list's first port, if this machine has one. */
static bool first_port(struct wiz *z, char *name, size_t size)
{
    int row;

    if (!vt_find(z->vt, "an emulated device", &row, NULL))
        return false;
    for (int at = 3; at < row; at++) {
        const char *text = wiz_text(z, at, 5, 40);

        if (strncmp(text, "tty", 3) == 0) {
            snprintf(name, size, "/dev/%.*s", (int)strcspn(text, " "), text);
            return true;
        }
    }
    return false;
}

static void test_held_port_of_the_list(void **state)
{
    struct wiz z;
    char name[64], words[64];
    pid_t pid = 0;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, NULL);
    wiz_wait(&z, "an emulated device");
    if (first_port(&z, name, sizeof name))
        pid = lock_device(name);
    wiz_stop(&z);
    if (pid == 0) { /* no serial port here, or none that one may open */
        wiz_end(&z);
        skip();
    }
    wiz_start(&z, NULL, NULL);
    snprintf(words, sizeof words, "in use by %d", (int)pid);
    wiz_wait(&z, words);
    wiz_sees(&z, words, WIZ_WARN);
    wiz_press(&z, name + strlen("/dev/"));
    assert_stays(&z, 1, "another program has this port");
    unlock_device(pid);
    wiz_end(&z);
}

/* A pty is in no list: who has it is said where it is opened, before anything is sent. */
static void test_held_port_by_name(void **state)
{
    struct wiz z;
    char words[64];
    pid_t pid;

    (void)state;
    wiz_folder(&z);
    wiz_copy(&z, "root.pem", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_write(&z, "job.cfg", 0600,
              "profile = \"bench\"\ncertificates: { server-ca = \"root.pem\" }\n");
    wiz_device(&z, "--profile", "bench", NULL);
    pid = lock_device(z.port);
    assert_int_not_equal(pid, 0);
    wiz_start(&z, NULL, "tui", "--port", z.port, "job.cfg", NULL);
    wiz_step(&z, 4);
    wiz_press(&z, "Load");
    snprintf(words, sizeof words, "is in use by process %d", (int)pid);
    wiz_wait(&z, words);
    wiz_sees(&z, words, WIZ_BAD);
    wiz_sees(&z, "Nothing was sent: the device is as it was.", -1);
    unlock_device(pid);
    wiz_press(&z, "Retry");
    wiz_wait(&z, "The device is loaded");
    wiz_end(&z);
}

/* --- Broker, Certificates, Review ------------------------------------------------------------- */

static void test_no_hub(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 2);
    wiz_focus(&z, "Broker is");
    wiz_key(&z, "Right");
    assert_stays(&z, 2, "no hub is given");
    assert_string_equal(wiz_label(&z, wiz_sees(&z, "\xE2\x9C\x97 no hub is given", WIZ_BAD)),
                        "IoT hub");
    wiz_fill(&z, "IoT hub", "my-hub");
    assert_stays(&z, 2, "no device ID is given");
    wiz_fill(&z, "Device ID", "pump-7");
    wiz_wait(&z, "F3 goes on to Certificates");
    wiz_end(&z);
}

static void test_nothing_to_load(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 3);
    assert_stays(&z, 3, "there is nothing to load yet");
    wiz_end(&z);
}

static void test_not_accepted(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_copy(&z, "pump-7.crt", "fixtures/pem/pump-7.crt");
    wiz_start(&z, NULL, NULL);
    wiz_rehearse(&z);
    wiz_step(&z, 3);
    wiz_fill_card(&z, 1, "pump-7.crt");
    wiz_step(&z, 4);
    assert_stays(&z, 4, "the assumed commands are not accepted");
    wiz_sees(&z, "[ Load ]", WIZ_DIM);
    wiz_click(&z, "[ Load ]");
    wiz_is_at(&z, 4);
    wiz_press(&z, "I know the assumed commands");
    wiz_sees(&z, "[x] I know", -1);
    wiz_wait(&z, "Ready: Load sends it");
    wiz_key(&z, "Enter"); /* the yes is taken back */
    wiz_sees(&z, "[ ] I know", -1);
    assert_stays(&z, 4, "the assumed commands are not accepted");
    wiz_end(&z);
}

/* Load is the only way to the last step while nothing was loaded. */
static void test_nothing_but_load_loads(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "demo", "--tui", NULL);
    wiz_step(&z, 3);
    for (int i = 0; i < 3; i++) {
        wiz_key(&z, "M-5");
        wiz_is_at(&z, 4);
        assert_true(vt_wait_row(z.vt, HINT, "Nothing is sent before you press Load"));
    }
    wiz_end(&z);
}

/* --- going back ------------------------------------------------------------------------------- */

static void test_back_loses_nothing(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_copy(&z, "root.pem", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_start(&z, NULL, NULL);
    wiz_rehearse(&z);
    wiz_fill(&z, "Speed", "9600");
    wiz_step(&z, 2);
    wiz_fill(&z, "Broker IP", "broker.example");
    wiz_fill(&z, "Topic", "pumps/7");
    wiz_step(&z, 3);
    wiz_fill_card(&z, 0, "root.pem");
    wiz_keys(&z, "F2", 2);
    wiz_is_at(&z, 1);
    wiz_sees(&z, "(*) an emulated device", -1);
    assert_int_equal(strncmp(wiz_value(&z, "Speed"), "9600 ", 5), 0);
    wiz_key(&z, "Esc"); /* no step before it: nothing happens */
    wiz_is_at(&z, 1);
    wiz_step(&z, 2);
    assert_string_equal(wiz_value(&z, "Broker IP"), "broker.example");
    assert_string_equal(wiz_value(&z, "Topic"), "pumps/7");
    wiz_step(&z, 3);
    assert_string_equal(wiz_value(&z, "File"), "root.pem");
    wiz_sees(&z, "known as DigiCert Global Root G2", -1);
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_port),
        cmocka_unit_test(test_missing_port),
        cmocka_unit_test(test_bad_speed),
        cmocka_unit_test(test_held_port_of_the_list),
        cmocka_unit_test(test_held_port_by_name),
        cmocka_unit_test(test_no_hub),
        cmocka_unit_test(test_nothing_to_load),
        cmocka_unit_test(test_not_accepted),
        cmocka_unit_test(test_nothing_but_load_loads),
        cmocka_unit_test(test_back_loses_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
