/* SPDX-License-Identifier: MIT */
/* Pictures of screens: well-formed, the same for the same screen, each thing where it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script.h"
#include "svg.h"

static char *read_file(const char *folder, const char *name)
{
    char path[512], *text = NULL;
    size_t size = 0;
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "re");
    assert_non_null(f);
    assert_true(getdelim(&text, &size, '\0', f) > 0);
    fclose(f);
    return text;
}

/* The picture of what printf(1) makes of this; to be freed. */
static char *picture_of(const char *format)
{
    static const struct vt_options options = {.rows = 4, .cols = 20};
    const char *const argv[] = {"/usr/bin/printf", format, NULL};
    struct vt *vt = vt_start(&options, argv);
    char path[512], *svg;
    int status;

    assert_true(vt_exited(vt, &status));
    snprintf(path, sizeof path, "%s/a.svg", vt_home(vt));
    svg_write(vt, path, "a <title> & \"more\"");
    svg = read_file(vt_home(vt), "a.svg");
    vt_end(vt);
    return svg;
}

static void assert_has(const char *svg, const char *part)
{
    if (strstr(svg, part) == NULL)
        fail_msg("no %s in\n%s", part, svg);
}

static void test_parts(void **state)
{
    static const struct {
        const char *format, *part;
    } rows[] = {
        {"x", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"124\""},
        {"x", "<title>a &lt;title&gt; &amp; &quot;more&quot;</title>"},
        {"a b", "<text y=\"14\"><tspan x=\"0\" textLength=\"27\">a b</tspan></text>"},
        {"\\n  a  b", "<text y=\"32\"><tspan x=\"18\">a</tspan><tspan x=\"45\">b</tspan></text>"},
        {"<&>", ">&lt;&amp;&gt;<"},
        {"\\033[31ma", "<tspan x=\"0\" fill=\"#cd0000\">a"},
        {"\\033[38;5;208ma", "fill=\"#ff8700\">a"},
        {"\\033[38;5;244ma", "fill=\"#808080\">a"},
        {"\\033[38;2;1;2;3ma", "fill=\"#010203\">a"},
        {"\\033[1ma", "<tspan x=\"0\" font-weight=\"bold\">a"},
        {"\\033[3ma", "font-style=\"italic\">a"},
        {"\\033[2ma", "fill=\"#898c91\">a"},
        {"\\033[7ma", "fill=\"#14161b\">a"},
        {"\\033[7ma", "fill=\"#d8dbe0\" shape-rendering=\"crispEdges\" d=\"M0 0h9v18h-9z\""},
        {" \\033[44m   ", "<path fill=\"#0000ee\" shape-rendering=\"crispEdges\" "
                          "d=\"M9 0h27v18h-27z\"/>"},
        {"\\033[4ma b  ", "d=\"M0 16h45v1h-45z\""},
        {"日本x", "<tspan x=\"0\">日</tspan><tspan x=\"18\">本</tspan><tspan x=\"36\">x"},
        {"✓ ok", "<tspan x=\"0\">✓</tspan><tspan x=\"18\" textLength=\"18\">ok"},
        {"──x", "d=\"M0 9h18v1h-18z\"/>\n<text y=\"14\"><tspan x=\"18\">x"},
        {"ab", "<rect x=\"18\" y=\"0\" width=\"9\" height=\"18\" fill-opacity"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *svg = picture_of(rows[i].format);

        assert_has(svg, rows[i].part);
        free(svg);
    }
}

/* Every character that has a shape of its own, and what XML cannot say. */
#define MANY                                                                                       \
    "import sys\n"                                                                                 \
    "print(''.join(map(chr, range(0x2500, 0x25a0))))\n"                                            \
    "print(''.join(map(chr, range(0x20, 0x7f))), '\\ufffe\\uffff\\ufffd e\\u0301 \\U0001f512')\n"  \
    "print('\\x1b[?25l\\x1b[4;31mend')\n"

static void test_well_formed(void **state)
{
    struct vt *vt = script_python(MANY "sys.stdin.readline()\n"
                                       "import xml.dom.minidom as dom\n"
                                       "dom.parse('a.svg')\n"
                                       "same = open('a.svg').read() == open('b.svg').read()\n"
                                       "print('well-formed', same)\n");
    char path[512];

    (void)state;
    assert_true(vt_wait(vt, "end"));
    snprintf(path, sizeof path, "%s/a.svg", vt_home(vt));
    svg_write(vt, path, "x");
    snprintf(path, sizeof path, "%s/b.svg", vt_home(vt));
    svg_write(vt, path, "x");
    vt_type(vt, "\n");
    assert_true(vt_wait(vt, "well-formed True"));
    vt_end(vt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_well_formed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
