/* SPDX-License-Identifier: MIT */
/* Pictures of the wizard for the README: screens FOLDER [NAME...] drives $COMCERT to each screen of
 * the table (or those named) and writes FOLDER/NAME.svg. They are of the demo, which needs nothing
 * of this machine, and the same from run to run (still.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/demo.h"
#include "still.h"
#include "svg.h"
#include "vt.h"

struct screen {
    const char *name, *title;
    bool (*drive)(struct vt *vt); /* to the screen, and whether it got there */
};

/* --- what the drives have in common ----------------------------------------------------------- */

/* Keys by name, separated by blanks; each is taken in before the next. */
static void press(struct vt *vt, const char *keys)
{
    char key[16];
    int n;

    for (; sscanf(keys, " %15s%n", key, &n) == 1; keys += n) {
        vt_key(vt, key);
        vt_settle(vt);
    }
}

/* Step by step: forward to the one whose tab reads so. */
static bool go(struct vt *vt, const char *tab)
{
    static const char *const tabs[] = {">2 Broker", ">3 Certificates", ">4 Review"};

    for (size_t i = 0; i < sizeof tabs / sizeof *tabs; i++) {
        press(vt, "F3");
        if (!vt_wait_row(vt, 0, tabs[i]))
            return false;
        if (strcmp(tabs[i], tab) == 0)
            return true;
    }
    return false;
}

static const char *text_of(const struct embedded *table, const char *name)
{
    while (table->name != NULL && strcmp(table->name, name) != 0)
        table++;
    return table->text;
}

/* A file in the program's HOME, which is where it runs. */
static bool make_file(const struct vt *vt, const char *name, const char *text, size_t n)
{
    char path[1024];
    FILE *f;
    bool good;

    snprintf(path, sizeof path, "%s/%s", vt_home(vt), name);
    f = fopen(path, "we");
    good = f != NULL && fchmod(fileno(f), 0600) == 0 && fwrite(text, 1, n, f) == n;
    return f != NULL && fclose(f) == 0 && good;
}

/* --- the drives ------------------------------------------------------------------------------- */

static bool drive_port(struct vt *vt)
{
    return vt_wait(vt, "[ Find speed ]") && vt_wait_gone(vt, "Looking ...");
}

static bool drive_broker(struct vt *vt)
{
    return go(vt, ">2 Broker") && vt_wait(vt, "/messages/events/");
}

/* The key of another certificate. */
static bool drive_certificates(struct vt *vt)
{
    const char *key = text_of(embedded_demo, "other-key");

    if (key == NULL || !make_file(vt, "other.key", key, strlen(key)) || !go(vt, ">3 Certificates"))
        return false;
    press(vt, "Down Down Down Down");
    vt_type(vt, "other.key");
    return vt_wait(vt, "does not belong");
}

/* A profile of which no document gives all commands. */
static bool drive_review(struct vt *vt)
{
    press(vt, "Down Down Left");
    return vt_wait(vt, "Infinite Informatics") && go(vt, ">4 Review") &&
           vt_wait(vt, "I know the assumed commands to be right");
}

static bool load(struct vt *vt)
{
    if (!go(vt, ">4 Review"))
        return false;
    press(vt, "End");
    vt_key(vt, "Enter");
    return vt_wait_row(vt, 0, ">5 Load");
}

/* The transcript's beginning: its end is never twice the same. */
static bool scroll_up(struct vt *vt)
{
    for (int i = 0; i < 40; i++)
        vt_key(vt, "PgUp");
    return vt_wait(vt, "scrolled back") && vt_wait(vt, "broker       begins");
}

/* A row of the bars is between a fifth and four fifths. */
static bool is_underway(const struct vt *vt, const char *name)
{
    int row;

    return vt_find(vt, name, &row, NULL) && strstr(vt_row((struct vt *)vt, row), "====") != NULL &&
           strstr(vt_row((struct vt *)vt, row), "....") != NULL;
}

/* Of the built-in device one would hardly catch a sight: this one has a slower line. */
static bool make_slow_profile(struct vt *vt)
{
    const char *bench = text_of(embedded_profiles, "bench"), *fast = "baud = 115200";
    const char *at = bench != NULL ? strstr(bench, fast) : NULL;
    char text[16384];
    int n;

    if (at == NULL)
        return false;
    n = snprintf(text, sizeof text, "%.*sbaud = 9600%s", (int)(at - bench), bench,
                 at + strlen(fast));
    return n < (int)sizeof text && make_file(vt, "slow.cfg", text, (size_t)n);
}

static bool drive_loading(struct vt *vt)
{
    if (!make_slow_profile(vt))
        return false;
    press(vt, "Down Down Right Down");
    vt_type(vt, "slow.cfg");
    if (!vt_wait(vt, "9600 by the profile"))
        return false;
    press(vt, "Up Up Up Space"); /* the emulated device, which now speaks it */
    if (!load(vt) || !vt_wait(vt, "device-cert  ====") || !scroll_up(vt))
        return false;
    return is_underway(vt, "device-cert ");
}

static bool drive_loaded(struct vt *vt)
{
    return load(vt) && vt_wait(vt, "OK The device is loaded") && vt_wait(vt, "Save report") &&
           scroll_up(vt);
}

static const struct screen screens[] = {
    {"port", "comcert: the port", drive_port},
    {"broker", "comcert: the broker", drive_broker},
    {"certificates", "comcert: the certificates", drive_certificates},
    {"review", "comcert: the review", drive_review},
    {"loading", "comcert: loading", drive_loading},
    {"loaded", "comcert: loaded", drive_loaded},
};

/* --- taking them ------------------------------------------------------------------------------ */

/* In a name space of its own the program finds no serial port, whatever this machine has. Without
 * one it finds what is there, and only a machine that has none makes the picture of that step. */
static const char hide[] = "mkdir -p none\n"
                           "hide='mount --bind none /sys/class/tty'\n"
                           "unshare -rm sh -c \"$hide\" 2>/dev/null || exec \"$@\"\n"
                           "exec unshare -rm sh -c \"$hide\"' && exec \"$@\"' sh \"$@\"\n";

/* Takes in the rest of the frame of which the drive has seen its text. While a load runs frames
 * follow one another without end, with pauses. */
static void finish_frame(struct vt *vt, bool goes_on)
{
    unsigned long written;

    if (!goes_on)
        vt_settle(vt);
    do {
        written = vt_written(vt);
        (void)vt_pump(vt, 5);
    } while (vt_written(vt) != written);
}

static bool take(const struct screen *s, const char *folder)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};
    const char *const argv[] = {"sh", "-c", hide, "sh", getenv("COMCERT"), "demo", "--tui", NULL};
    char path[1024];
    struct vt *vt = vt_start(&options, argv);
    bool done = vt_wait_row(vt, 0, ">1 Port") && s->drive(vt);
    bool has_ports;

    if (done)
        finish_frame(vt, s->drive == drive_loading);
    has_ports = s->drive == drive_port && vt_find(vt, "( ) tty", NULL, NULL);

    snprintf(path, sizeof path, "%s/%s.svg", folder, s->name);
    if (done && !has_ports) {
        still_make(vt);
        svg_write(vt, path, s->title);
    }
    printf("  %-5s %s\n", !done ? "FAIL" : has_ports ? "SKIP" : "SVG", path);
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
