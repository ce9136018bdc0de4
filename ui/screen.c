/* SPDX-License-Identifier: MIT */
#include "ui/screen.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <curses.h>

#include "base/buf.h"
#include "base/str.h"
#include "ui/keys.h"
#include "ui/theme.h"
#include "ui/usertty.h"

/* Told to the terminal besides what terminfo knows: a paste arrives in brackets. */
#define PASTE_ON  "\033[?2004h"
#define PASTE_OFF "\033[?2004l"

/* What ends everything that a wizard may have switched on, for a handler that can ask nobody:
 * mouse, paste, cursor, keypad, attributes, alternate screen. Unknown sequences are ignored by
 * terminals. */
#define EMERGENCY                                                                                  \
    "\033[?1006l\033[?1000l" PASTE_OFF "\033[?25h\033[?1l\033>\033[0m\033(B\033[?1049l\r\n"

static const int crashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
enum { CRASHES = sizeof crashes / sizeof crashes[0] };

static struct {
    SCREEN *curses;
    FILE *out;     /* memory that curses writes to */
    int errors;    /* memory that standard error goes to; -1 */
    int stderr_fd; /* the real one */
    struct sigaction before[CRASHES];
    bool unicode;
    int cursor_row, cursor_col;
} screen = {.errors = -1, .stderr_fd = -1, .cursor_row = -1};

/* --- crashes -------------------------------------------------------------------------------- */

static void on_crash(int number, siginfo_t *info, void *context)
{
    ssize_t n = write(STDOUT_FILENO, EMERGENCY, sizeof EMERGENCY - 1);

    (void)n;
    (void)context;
    usertty_restore();
    if (screen.stderr_fd >= 0)
        (void)dup2(screen.stderr_fd, STDERR_FILENO);
    for (size_t i = 0; i < CRASHES; i++)
        (void)sigaction(crashes[i], &screen.before[i], NULL);
    /* A fault strikes again when the handler returns, now with its old effect; what a process has
     * sent (abort, kill -SEGV) has to be sent again. */
    if (info->si_code <= 0)
        (void)raise(number);
}

static void catch_crashes(void)
{
    struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_NODEFER | SA_SIGINFO};

    for (size_t i = 0; i < CRASHES; i++)
        (void)sigaction(crashes[i], &action, &screen.before[i]);
}

static void release_crashes(void)
{
    for (size_t i = 0; i < CRASHES; i++)
        (void)sigaction(crashes[i], &screen.before[i], NULL);
}

/* --- standard error ------------------------------------------------------------------------- */

static void capture_errors(void)
{
    screen.errors = memfd_create("stderr", MFD_CLOEXEC);
    screen.stderr_fd = screen.errors >= 0 ? dup(STDERR_FILENO) : -1;
    if (screen.stderr_fd < 0 || dup2(screen.errors, STDERR_FILENO) < 0) {
        close(screen.errors);
        screen.errors = -1;
    }
}

/* What it holds may come from anywhere, a device included. */
static void replay_errors(void)
{
    char bytes[4096];
    struct buf safe = {0};
    ssize_t n;

    if (screen.errors < 0)
        return;
    fflush(stderr);
    (void)dup2(screen.stderr_fd, STDERR_FILENO);
    close(screen.stderr_fd);
    screen.stderr_fd = -1;
    (void)lseek(screen.errors, 0, SEEK_SET);
    while ((n = read(screen.errors, bytes, sizeof bytes)) > 0) {
        for (ssize_t i = 0, from = 0; i <= n; i++) {
            if (i < n && bytes[i] != '\n')
                continue;
            str_escape(&safe, bytes + from, (size_t)(i - from));
            if (i < n)
                buf_add_char(&safe, '\n');
            from = i + 1;
        }
    }
    if (safe.data != NULL)
        fputs(safe.data, stderr);
    buf_reset(&safe);
    close(screen.errors);
    screen.errors = -1;
}

/* --- curses --------------------------------------------------------------------------------- */

/* What curses has written so far goes on to the terminal. */
static void collect(void)
{
    int fd = fileno(screen.out);
    char bytes[8192];
    ssize_t n;

    (void)fflush(screen.out);
    (void)lseek(fd, 0, SEEK_SET);
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        usertty_put(bytes, (size_t)n);
    /* Memory that cannot be given back would be written to the terminal again. */
    if (ftruncate(fd, 0) == 0)
        (void)lseek(fd, 0, SEEK_SET);
}

/* curses cannot ask its output, which is memory, for the size. */
static void tell_size(void)
{
    char number[16];
    int rows, cols;

    usertty_size(&rows, &cols);
    snprintf(number, sizeof number, "%d", rows);
    (void)setenv("LINES", number, 1);
    snprintf(number, sizeof number, "%d", cols);
    (void)setenv("COLUMNS", number, 1);
}

/* Unknown, or (dumb) one whose cursor cannot be moved. Nothing has gone to it so far. */
static int refuse_terminal(const char *term, struct err *err)
{
    bool known = screen.curses != NULL;

    if (known)
        delscreen(screen.curses);
    (void)fclose(screen.out);
    screen.curses = NULL;
    if (term == NULL || term[0] == '\0')
        err_set(err, ERR_USAGE, "TERM is not set: nobody knows what kind of terminal this is");
    else if (known)
        err_set(err, ERR_USAGE, "a terminal of the type \"%s\" has no screen to draw on", term);
    else
        err_set(err, ERR_USAGE, "the terminal type \"%s\" is not known here", term);
    err_remedy(err, "Set TERM to what it is (xterm, vt100), or use `comcert load JOB`.");
    return ERR_USAGE;
}

static int start_curses(struct err *err)
{
    const char *term = getenv("TERM");
    char *lines = str_copy(getenv("LINES")), *columns = str_copy(getenv("COLUMNS"));
    int fd = memfd_create("screen", MFD_CLOEXEC);

    screen.out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (screen.out == NULL)
        return err_set_errno(err, errno, "cannot get memory for the screen");
    tell_size();
    screen.curses = newterm(NULL, screen.out, usertty_stream());
    (void)(lines != NULL ? setenv("LINES", lines, 1) : unsetenv("LINES"));
    (void)(columns != NULL ? setenv("COLUMNS", columns, 1) : unsetenv("COLUMNS"));
    free(lines);
    free(columns);
    if (screen.curses != NULL && tigetstr("cup") != NULL)
        return 0;
    return refuse_terminal(term, err);
}

int screen_start(bool colour, struct err *err)
{
    int rc;

    (void)setlocale(LC_CTYPE, "");
    screen.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    rc = usertty_start(err);
    if (rc == 0)
        rc = start_curses(err);
    if (rc != 0) {
        usertty_stop();
        return rc;
    }
    catch_crashes();
    capture_errors();
    usertty_raw();
    (void)typeahead(-1);
    keys_start();
    theme_start(colour);
    usertty_put(PASTE_ON, sizeof PASTE_ON - 1);
    return 0;
}

static void leave(void)
{
    usertty_put(PASTE_OFF, sizeof PASTE_OFF - 1);
    (void)curs_set(1);
    (void)endwin();
    collect();
    usertty_drain(1000);
    usertty_restore();
}

void screen_stop(void)
{
    if (screen.curses == NULL)
        return;
    leave();
    keys_stop();
    delscreen(screen.curses);
    (void)fclose(screen.out);
    screen.curses = NULL;
    release_crashes();
    replay_errors();
    usertty_stop();
}

void screen_suspend(void)
{
    leave();
}

void screen_resume(void)
{
    usertty_raw();
    usertty_put(PASTE_ON, sizeof PASTE_ON - 1);
    screen_resize();
    keys_resume();
    screen_redraw();
}

void screen_resize(void)
{
    int rows, cols;

    usertty_size(&rows, &cols);
    (void)resizeterm(rows, cols);
    screen_redraw();
}

void screen_redraw(void)
{
    (void)clearok(curscr, TRUE);
}

void screen_cursor(int row, int col)
{
    screen.cursor_row = row;
    screen.cursor_col = col;
}

void screen_flush(void)
{
    (void)curs_set(screen.cursor_row >= 0 ? 1 : 0);
    if (screen.cursor_row >= 0)
        (void)move(screen.cursor_row, screen.cursor_col);
    (void)wnoutrefresh(stdscr);
    (void)doupdate();
    collect();
    (void)usertty_pump();
}

bool screen_is_unicode(void)
{
    return screen.unicode;
}
