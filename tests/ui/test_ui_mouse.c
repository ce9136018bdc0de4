/* SPDX-License-Identifier: MIT */
/* By mouse alone: tabs, fields, rows, buttons, the footer's keys, and the wheel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/stat.h>

#include "wizard.h"

static void click_footer(struct wiz *z, const char *text)
{
    int col;

    for (col = 0; col + (int)strlen(text) < 80; col++) {
        if (strcmp(wiz_text(z, 23, col, col + (int)strlen(text)), text) == 0) {
            vt_click(z->vt, 23, col + 1);
            vt_settle(z->vt);
            return;
        }
    }
    fail_msg("%s is not in the footer", text);
}

static void test_tabs_and_footer(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "demo", "--tui", NULL);
    wiz_click(&z, "3 Certificates");
    wiz_is_at(&z, 3);
    wiz_click(&z, "1 Port");
    wiz_is_at(&z, 1);
    wiz_click(&z, "5 Load"); /* as far as one may go */
    wiz_is_at(&z, 4);
    click_footer(&z, "F2 Back");
    wiz_is_at(&z, 3);
    click_footer(&z, "F3 Next");
    wiz_is_at(&z, 4);
    click_footer(&z, "F1 Help");
    wiz_wait(&z, "Everything that will be sent");
    click_footer(&z, "Esc Close");
    wiz_sees_not(&z, "Everything that will be sent");
    click_footer(&z, "F4 Save");
    wiz_wait(&z, "Save the job");
    wiz_click(&z, "[ Leave it ]");
    wiz_sees_not(&z, "Save the job");
    wiz_end(&z);
}

static void test_fields(void **state)
{
    struct wiz z;
    int row;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, NULL);
    wiz_click(&z, "an emulated device"); /* a row is picked at once */
    wiz_sees(&z, "(*) an emulated device", -1);
    row = wiz_sees(&z, "Speed", -1);
    vt_click(z.vt, row, 20);
    vt_settle(z.vt);
    assert_string_equal(wiz_focused(&z), "Speed");
    vt_type(z.vt, "9600");
    vt_settle(z.vt);
    assert_int_equal(strncmp(wiz_value(&z, "Speed"), "9600 ", 5), 0);
    wiz_click(&z, "2 Broker");
    row = wiz_sees(&z, "Topic", -1);
    vt_click(z.vt, row, 3); /* on its label */
    vt_settle(z.vt);
    vt_type(z.vt, "a/b");
    vt_settle(z.vt);
    assert_string_equal(wiz_value(&z, "Topic"), "a/b");
    wiz_click(&z, "[ Type a password ]");
    wiz_wait(&z, "It stays in memory");
    vt_type(z.vt, "secret");
    vt_settle(z.vt);
    wiz_click(&z, "[ Use it ]");
    wiz_wait(&z, "typed: 6 bytes");
    wiz_end(&z);
}

/* A click on one of the words of a choice picks that word. */
static void test_choice(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, NULL);
    wiz_click(&z, "an emulated device");
    wiz_click(&z, "2 Broker");
    wiz_click(&z, "AWS IoT Core");
    wiz_sees(&z, "(*) AWS IoT Core", -1);
    wiz_click(&z, "Azure IoT Hub");
    wiz_sees(&z, "(*) Azure IoT Hub", -1);
    wiz_click(&z, "( ) other");
    wiz_sees(&z, "(*) other", -1);
    wiz_end(&z);
}

static void test_wheel(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "demo", "--tui", NULL);
    wiz_click(&z, "3 Certificates");
    wiz_sees_not(&z, "Private key of");
    vt_wheel(z.vt, 10, 10, 3);
    wiz_wait(&z, "Private key of");
    wiz_sees_not(&z, "Take a whole folder");
    vt_wheel(z.vt, 10, 10, -9);
    wiz_wait(&z, "Take a whole folder");
    wiz_end(&z);
}

/* The whole load by mouse: the button is wheeled into sight. */
static void test_load(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "demo", "--tui", NULL);
    wiz_click(&z, "4 Review");
    wiz_sees_not(&z, "[ Load ]");
    vt_wheel(z.vt, 10, 10, 20);
    wiz_wait(&z, "[ Load ]");
    vt_settle(z.vt);
    wiz_click(&z, "[ Load ]");
    wiz_wait(&z, "The device is loaded");
    wiz_click(&z, "[ Next device ]");
    wiz_wait(&z, "Unplug this device");
    click_footer(&z, "Esc Close");
    wiz_sees_not(&z, "Unplug this device");
    wiz_end(&z);
}

static void test_browser(void **state)
{
    struct wiz z;

    (void)state;
    wiz_folder(&z);
    assert_int_equal(mkdir(wiz_path(&z, "stick"), 0700), 0);
    wiz_copy(&z, "stick/root.pem", "fixtures/pem/digicert-global-root-g2.pem");
    wiz_start(&z, NULL, NULL);
    wiz_click(&z, "an emulated device");
    wiz_click(&z, "3 Certificates");
    wiz_click(&z, "[ Browse ]");
    wiz_wait(&z, "stick/");
    wiz_click(&z, "stick/"); /* selects */
    wiz_click(&z, "stick/"); /* takes */
    wiz_wait(&z, "root DigiCert Global Root G2");
    wiz_click(&z, "root.pem");
    wiz_click(&z, "root.pem");
    wiz_wait(&z, "known as DigiCert Global Root G2");
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tabs_and_footer),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_wheel),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_browser),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
