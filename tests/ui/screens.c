/* SPDX-License-Identifier: MIT */
/* Pictures of the program for the README: screens FOLDER [NAME...] drives $COMCERT to each screen
 * of the table (or those named) and writes FOLDER/NAME.svg. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "svg.h"
#include "vt.h"

enum { ARGUMENTS_MAX = 8 };

struct screen {
    const char *name, *title;
    int rows, cols;
    const char *arguments[ARGUMENTS_MAX];
    bool (*drive)(struct vt *vt); /* to the screen, and whether it got there */
};

static bool drive_help(struct vt *vt)
{
    return vt_wait(vt, "Exit status") && vt_wait(vt, "comcert");
}

static const struct screen screens[] = {
    {"help", "comcert --help", 34, 82, {"--help"}, drive_help},
};

static bool take(const struct screen *s, const char *folder)
{
    const struct vt_options options = {.rows = s->rows, .cols = s->cols};
    const char *argv[ARGUMENTS_MAX + 2] = {getenv("COMCERT")};
    char path[1024];
    struct vt *vt;
    bool done;

    memcpy(argv + 1, s->arguments, sizeof s->arguments);
    snprintf(path, sizeof path, "%s/%s.svg", folder, s->name);
    vt = vt_start(&options, argv);
    done = s->drive(vt);
    if (done) {
        vt_settle(vt);
        svg_write(vt, path, s->title);
    }
    printf("  %-5s %s\n", done ? "SVG" : "FAIL", path);
    vt_end(vt);
    return done;
}

static bool is_wanted(const struct screen *s, char *const *names)
{
    if (*names == NULL)
        return true;
    for (; *names != NULL; names++) {
        if (strcmp(*names, s->name) == 0)
            return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    bool all = true;

    if (argc < 2 || getenv("COMCERT") == NULL) {
        fputs("Usage: COMCERT=PROGRAM screens FOLDER [NAME...]\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < sizeof screens / sizeof *screens; i++) {
        if (is_wanted(&screens[i], argv + 2))
            all = take(&screens[i], argv[1]) && all;
    }
    return all ? 0 : 1;
}
