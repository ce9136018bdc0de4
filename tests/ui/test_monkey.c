/* SPDX-License-Identifier: MIT */
/* The monkey itself: it passes a good program and catches each kind of bad one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* A curses program that is good for 40 keys, then does what its argument says. */
static const char program[] =
    "import curses, os, signal, sys, time\n"
    "what, n = sys.argv[1], 0\n"
    "def turn(w):\n"
    "    if what == 'deaf':\n"
    "        while True: time.sleep(1)\n"
    "    if what == 'blind': signal.signal(signal.SIGWINCH, signal.SIG_IGN)\n"
    "    if what == 'dead': os.kill(os.getpid(), signal.SIGSEGV)\n"
    "    if what == 'wild': os._exit(0)\n"
    "    if what == 'rude':\n"
    "        curses.endwin()\n"
    "        os._exit(9)\n"
    "    if what == 'leaky':\n"
    "        path = os.environ['ASAN_OPTIONS'].split('log_path=')[1].split(':')[0]\n"
    "        open(f'{path}.{os.getpid()}', 'w').write('leaked')\n"
    "def main(w):\n"
    "    global n\n"
    "    curses.raw()\n"
    "    curses.mousemask(curses.ALL_MOUSE_EVENTS)\n"
    "    while n < 80:\n"
    "        if n == 40: turn(w)\n"
    "        w.erase()\n"
    "        try: w.addstr(0, 0, f'{n} {w.getmaxyx()}')\n"
    "        except curses.error: pass\n"
    "        w.getch()\n"
    "        n += what != 'blind' or n < 40\n"
    "        if what == 'blind' and n == 40: turn(w)\n"
    "if what == 'alone': print('I go')\n"
    "else: curses.wrapper(main)\n";

/* Lets the monkey play with this kind of program; answers its status and what it says. */
static int play(const char *kind, int seconds, char *says, size_t size)
{
    char command[4096];
    size_t n;
    FILE *f;

    snprintf(command, sizeof command,
             "\"$BUILD/tests/ui/monkey\" %d 7 -t 1500 -w word -- python3 -c \"%s\" %s 2>&1",
             seconds, program, kind);
    f = popen(command, "r");
    assert_non_null(f);
    n = fread(says, 1, size - 1, f);
    says[n] = '\0';
    return pclose(f);
}

static void test_kinds(void **state)
{
    static const struct {
        const char *kind, *says;
        int status;
    } rows[] = {
        {"good", "\nok 1 - ", 0},
        {"deaf", "\nnot ok 1 - the program does not read what is typed (seed 7, act ", 1},
        {"blind", "\nnot ok 1 - the program does not redraw after a resize", 1},
        {"dead", "\nnot ok 1 - the program died of signal 11", 1},
        {"wild", "\nnot ok 1 - the program left the terminal insane", 1},
        {"rude", "\nnot ok 1 - the program ended with status 9", 1},
        {"leaky", "\nnot ok 1 - a sanitizer has reported something", 1},
        {"alone", "\nnot ok 1 - the program ended by itself, with status 0", 1},
    };
    char says[65536];

    (void)state;
    if (getenv("BUILD") == NULL)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        /* A bad one ends the run, whose time must only suffice on a busy machine. */
        int status = play(rows[i].kind, rows[i].status == 0 ? 2 : 120, says, sizeof says);

        if (strncmp(says, "1..1\n", 5) != 0 || strstr(says, rows[i].says) == NULL ||
            !WIFEXITED(status) || WEXITSTATUS(status) != rows[i].status)
            fail_msg("%s: status %#x, %s", rows[i].kind, (unsigned)status, says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
