/* SPDX-License-Identifier: MIT */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>

struct vt *script_shell(const char *code)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {"sh", "-c", code, NULL};

    return vt_start(&options, argv);
}

struct vt *script_python(const char *code)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {"python3", "-c", code, NULL};

    return vt_start(&options, argv);
}

static const char echo[] = "import os, sys, tty\n"
                           "tty.setraw(0)\n"
                           "seen = b''\n"
                           "os.write(1, sys.argv[1].encode())\n"
                           "while True:\n"
                           "    os.write(1, f'\\x1b[H={seen.hex()}.\\x1b[K'.encode())\n"
                           "    seen += os.read(0, 4096)\n"
                           "    if b'\\xff' in seen:\n"
                           "        seen = seen[seen.rindex(b'\\xff') + 1:]\n";

struct vt *script_echo(const char *begin)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {"python3", "-c", echo, begin, NULL};
    struct vt *vt = vt_start(&options, argv);

    if (vt_wait_row(vt, 0, "=."))
        vt_settle(vt);
    return vt;
}

bool script_echoed(struct vt *vt, const char *hex)
{
    char text[160];

    snprintf(text, sizeof text, "=%s.", hex);
    if (!vt_wait_row(vt, 0, text))
        return false;
    vt_type(vt, "\xff");
    return vt_wait_row(vt, 0, "=.");
}
