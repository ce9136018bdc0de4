/* SPDX-License-Identifier: MIT */
/* The README's pictures are of the wizard as it is now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "still.h"

/* A picture that differs is taken again, twice, and so is a screen that was not reached: on a
 * busy machine a load's events may come apart in another way than ever. A changed wizard differs
 * each time. */
static const char compare[] =
    "new=$(mktemp -d) kept=fixtures/screens bad=\n"
    "trap 'rm -rf \"$new\"' EXIT\n"
    "screens=$BUILD/tests/ui/screens\n"
    "\"$screens\" \"$new\" >&2\n"
    "for name in $(cd \"$new\" && ls; cd \"$OLDPWD/$kept\" && ls); do\n"
    "    case $name in port.svg) [ -e \"$new/$name\" ] || continue ;; esac\n"
    "    for try in 1 2; do\n"
    "        cmp -s \"$new/$name\" \"$kept/$name\" ||\n"
    "            \"$screens\" \"$new\" \"${name%.svg}\" >&2\n"
    "    done\n"
    "    cmp -s \"$new/$name\" \"$kept/$name\" && continue\n"
    "    case $bad in *\" $name\"*) ;; *) bad=\"$bad $name\" ;; esac\n"
    "    diff \"$kept/$name\" \"$new/$name\" >&2\n"
    "done\n"
    "[ -z \"$bad\" ] && exit 0\n"
    "echo \"# no picture of the wizard any more:$bad. Look at it, then: make screens\" >&2\n"
    "exit 1\n";

static void test_pictures(void **state)
{
    (void)state;
    if (getenv("BUILD") == NULL || getenv("COMCERT") == NULL)
        skip();
    assert_int_equal(system(compare), 0);
}

/* --- what is made to stand still -------------------------------------------------------------- */

static void assert_still(const char *format, const char *row)
{
    static const struct vt_options options = {.rows = 2, .cols = 60};
    const char *const argv[] = {"/usr/bin/printf", format, NULL};
    struct vt *vt = vt_start(&options, argv);
    int status;

    assert_true(vt_exited(vt, &status));
    still_make(vt);
    assert_string_equal(vt_row(vt, 0), row);
    vt_end(vt);
}

static void test_still(void **state)
{
    static const struct {
        const char *format, *row;
    } rows[] = {
        {" /dev/pts/3 at 9600  loading", " /dev/pts/7 at 9600  loading"},
        {" /dev/pts/123 at 9600    loading", " /dev/pts/7 at 9600      loading"},
        {" Port                                        /dev/pts/3  ",
         " Port                                        /dev/pts/7"},
        {" Port                                       /dev/pts/13  ",
         " Port                                        /dev/pts/7"},
        {" until then, 4069 days left; RSA", " until then, 4000 days left; RSA"},
        {" until then, 12 days left; RSA    x", " until then, 4000 days left; RSA  x"},
        {"    0.123456 broker  begins", "    0.000000 broker  begins"},
        {"   12.123456 broker  begins", "    0.000000 broker  begins"},
        {" a loaded, 7 %% of line rate, limited by echo", " a loaded, 99 % of line rate"},
        {" a  ===.......   12 of 200  12.3 s left", " a  ======....  120 of 200  0.5 s left"},
        {" a  ===.......   12 of 200  9.9 s left on the line",
         " a  =====.....  100 of 200  2.2 s left on the line"},
        {" nothing 0.5 of it", " nothing 0.5 of it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        print_message("# %s\n", rows[i].format);
        assert_still(rows[i].format, rows[i].row);
    }
}

/* Colours and attributes stay where they are. */
static void test_looks(void **state)
{
    static const struct vt_options options = {.rows = 2, .cols = 60};
    const char *const argv[] = {"/usr/bin/printf",
                                "\\033[1;38;5;208m/dev/pts/12\\033[0;2;7m at\\033[m  "
                                "\\033[38;2;1;2;3mx",
                                NULL};
    struct vt *vt = vt_start(&options, argv);
    int status;

    (void)state;
    assert_true(vt_exited(vt, &status));
    still_make(vt);
    assert_string_equal(vt_row(vt, 0), "/dev/pts/7 at   x");
    assert_true(vt_cell(vt, 0, 9).bold && vt_cell(vt, 0, 9).fg == 208);
    assert_true(vt_cell(vt, 0, 11).dim && vt_cell(vt, 0, 12).reverse);
    assert_int_equal(vt_cell(vt, 0, 16).fg, 0x1010203);
    vt_end(vt);
}

/* A field ends where the text at the right begins, one column before it. */
static void test_field(void **state)
{
    static const struct vt_options options = {.rows = 2, .cols = 60};
    static const char *const names[] = {"/dev/pts/1", "/dev/pts/12", "/dev/pts/123"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char format[80];
        const char *const argv[] = {"/usr/bin/printf", format, NULL};
        struct vt *vt;
        int status;

        snprintf(format, sizeof format, "Port \\033[44m%*s\\033[m %s", 50 - (int)strlen(names[i]),
                 "", names[i]);
        vt = vt_start(&options, argv);
        assert_true(vt_exited(vt, &status));
        still_make(vt);
        assert_string_equal(vt_row(vt, 0) + 44, "  /dev/pts/7");
        assert_int_equal(vt_cell(vt, 0, 44).bg, 4);
        assert_int_equal(vt_cell(vt, 0, 45).bg, -1);
        vt_end(vt);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_still),
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_field),
        cmocka_unit_test(test_pictures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
