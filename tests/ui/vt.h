/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_VT_H
#define COMCERT_TESTS_UI_VT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A program in a pty of its own, with a model of the terminal that it believes to talk to: what it
 * writes becomes a screen, what a test types becomes the bytes that an xterm would send.
 *
 * Nothing here sleeps to be right. The model takes in what the program writes only inside of the
 * functions that wait (vt_wait..., vt_settle, vt_taken, vt_exited); everything that looks is about
 * the screen as it stood at the end of the last wait. A wait that finds its end returns at once;
 * one that doesn't gives up after 10 s (30 s under AddressSanitizer), or as soon as the program has
 * ended and all that it wrote is on the screen, prints the screen to standard error and answers
 * false.
 *
 * Misuse and what the system refuses fail the running test. Rows and columns count from 0. */
struct vt;

struct vt_options {
    int rows, cols; /* 0: 24, 80; at least 1 x 2 */

    /* NULL or a NULL-ended list of "NAME=value", which sets, and "NAME", which removes. They come
     * on top of PATH, HOME (a new empty folder), TERM=xterm-256color, LC_ALL=C.UTF-8 and the
     * sanitizers' options, by which reports go to files under $BUILD/log: on the screen they would
     * be lost. */
    const char *const *env;

    const char *cwd; /* NULL: the new HOME, where what is written does no harm */
};

/* Runs argv (found in PATH; a relative name with a slash counts from the test's own folder) as the
 * leader of a session whose terminal is the pty. As there is no shell above it, the kernel discards
 * SIGTSTP for it: a test of Ctrl-Z runs the program from an interactive shell. */
struct vt *vt_start(const struct vt_options *o, const char *const *argv);

/* Kills what is left of the program and its process group, removes HOME, frees. Then fails the test
 * if a sanitizer has reported something that vt_reported has not told before. NULL is allowed. */
void vt_end(struct vt *vt);

pid_t vt_pid(const struct vt *vt);
const char *vt_home(const struct vt *vt);
void vt_size(const struct vt *vt, int *rows, int *cols);

/* --- the user's side -------------------------------------------------------------------------- */

/* Bytes as they are. What the pty cannot take yet is sent by the next function that waits. */
void vt_type(struct vt *vt, const char *text);

/* One key: "F1" to "F12", "Up", "Down", "Left", "Right", "Home", "End", "PgUp", "PgDn", "Insert",
 * "Delete", "Tab", "BackTab", "Enter", "Esc", "Backspace", "Space", or one character of UTF-8;
 * before it any of "C-", "M-" and "S-". It follows the modes that the program has set. */
void vt_key(struct vt *vt, const char *name);

/* Bracketed if the program has asked for that. As in xterm, a line end goes out as CR. */
void vt_paste(struct vt *vt, const char *text);

/* The left button, down and up; the wheel by steps, towards the end of the text if positive.
 * Nothing is sent while the program has not asked for the mouse. */
void vt_click(struct vt *vt, int row, int col);
void vt_wheel(struct vt *vt, int row, int col, int steps);

/* The program gets SIGWINCH. At least 1 x 2. */
void vt_resize(struct vt *vt, int rows, int cols);

/* A terminal that does not read (Ctrl-S, a dead link): while stalled, nothing that the program
 * writes is taken, until the kernel's buffer is full and its write blocks or says EAGAIN. */
void vt_stall(struct vt *vt, bool stalled);

/* --- waiting ---------------------------------------------------------------------------------- */

/* Until the text stands somewhere on the screen, inside one row; until it does not; until it stands
 * in that row. */
bool vt_wait(struct vt *vt, const char *text);
bool vt_wait_gone(struct vt *vt, const char *text);
bool vt_wait_row(struct vt *vt, int row, const char *text);

/* Until the program has read what was typed, sleeps, and has written nothing for 60 ms; for when
 * there is no text to wait for. A program that sleeps without reading is taken as settled after a
 * second, and one that starts slowly may sleep too: its first screen is for vt_wait. */
void vt_settle(struct vt *vt);

/* Until the program has read all that was typed; false, quietly, after the time. */
bool vt_taken(struct vt *vt, int timeout_ms);

/* Until the program has ended. The status is waitpid's. */
bool vt_exited(struct vt *vt, int *status);

/* Takes in what the program writes, waiting up to timeout_ms for a first byte; false once the
 * program has ended and nothing is left. For loops of a test's own. */
bool vt_pump(struct vt *vt, int timeout_ms);

/* --- looking ---------------------------------------------------------------------------------- */

/* Where the text stands, inside one row: the first from above. row and col may be NULL. */
bool vt_find(const struct vt *vt, const char *text, int *row, int *col);

/* UTF-8, without trailing blanks; valid until the next call. */
const char *vt_row(struct vt *vt, int row);

/* The screen in a frame to standard error, as TAP comments. */
void vt_print(const struct vt *vt);

struct vt_cell {
    char text[16]; /* "" for an empty cell and for the right half of a wide one */
    int width;     /* 1; 2 for a wide character, whose right half has 0 */
    bool bold, dim, italic, underline, blink, reverse, strike;
    int fg, bg; /* -1: the terminal's default; 0 to 255; 0x1000000 | rgb. reverse is not applied */
};
struct vt_cell vt_cell(const struct vt *vt, int row, int col);

/* Whether the cursor is shown, and where it is. row and col may be NULL. */
bool vt_cursor(const struct vt *vt, int *row, int *col);

/* Everything that the program has written so far; of more than 8 MiB the newest 4 at least. Valid
 * until the next wait. vt_written is the count of all of it. */
size_t vt_bytes(const struct vt *vt, const char **bytes);
unsigned long vt_written(const struct vt *vt);

/* --- judging ---------------------------------------------------------------------------------- */

/* Whether the terminal is as a program must leave it: main screen, cursor shown, no mouse, focus or
 * paste reporting, plain cursor keys and keypad, no colour or attribute left on, and on the tty the
 * settings of the start, blocking. Prints what is not. */
bool vt_is_sane(struct vt *vt);

/* Whether a sanitizer has reported anything about the program or its children, which is printed. */
bool vt_reported(struct vt *vt);

/* User and system time of the process so far; 0 once it has ended. The kernel counts in 10 ms. */
unsigned long vt_cpu_ms(struct vt *vt);

#endif
