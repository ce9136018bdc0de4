/* SPDX-License-Identifier: MIT */
/* From the first screen to a loaded device, and what has reached the device then. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wizard.h"

/* The rehearsal of everything by F3 and Enter alone. */
static void test_demo(void **state)
{
    struct wiz z;
    int status;

    (void)state;
    wiz_folder(&z);
    wiz_start(&z, NULL, "demo", "--tui", NULL);
    assert_int_equal(wiz_at(&z), 1);
    wiz_sees(&z, "(*) an emulated device", -1);
    for (int step = 2; step <= 4; step++) {
        wiz_key(&z, "F3");
        assert_int_equal(wiz_at(&z), step);
    }
    wiz_sees(&z, "4. client-id", -1);
    wiz_press(&z, "Load");
    wiz_wait(&z, "The device is loaded");
    assert_int_equal(wiz_at(&z), 5);
    wiz_sees(&z, "OK ", WIZ_GOOD);
    wiz_press(&z, "Quit");
    if (vt_find(z.vt, "Leave?", NULL, NULL))
        wiz_press(&z, "Leave");
    assert_true(vt_exited(z.vt, &status));
    assert_int_equal(status, 0);
    assert_true(vt_is_sane(z.vt));
    wiz_end(&z);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_demo),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
