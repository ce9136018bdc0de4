/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_WIZARD_H
#define COMCERT_TESTS_UI_WIZARD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "vt.h"

/*
 * The real wizard ($COMCERT) in a terminal, in a folder of the test's own, and how its screen is
 * read: what has the focus, under which label or heading a row stands, and which colour a text has.
 *
 *     struct wiz z;
 *     wiz_folder(&z);
 *     wiz_copy(&z, "pump-7.crt", "fixtures/pem/pump-7.crt");
 *     wiz_start(&z, NULL, "tui", "job.cfg", NULL);
 *     ...
 *     wiz_end(&z);
 */
struct wiz {
    char folder[64]; /* absolute */
    struct vt *vt;   /* NULL: not started */
    char port[64];   /* the emulated device's pty; "": there is none */
    pid_t device;
    int device_out; /* what it says, unread */
};

/* Colours of the 256-colour theme, by role. */
enum {
    WIZ_DIM = 245,
    WIZ_GOOD = 77,
    WIZ_NOTE = 74,
    WIZ_WARN = 214,
    WIZ_BAD = 203,
    WIZ_SELECTED_BG = 74,
    WIZ_FIELD_BG = 24
};

/* A new empty folder; zeroes the rest. */
void wiz_folder(struct wiz *z);

/* Kills wizard and device, removes the folder; fails the test if a sanitizer has complained. */
void wiz_end(struct wiz *z);

/* The same for the wizard alone, to start it again. */
void wiz_stop(struct wiz *z);

/* Where a file of the folder stands. Valid until the fourth call from now. */
const char *wiz_path(const struct wiz *z, const char *name);

/* Into the folder: a file of the repository with mode 0600, text with this mode. */
void wiz_copy(const struct wiz *z, const char *name, const char *from);
void wiz_write(const struct wiz *z, const char *name, int mode, const char *text);

/* A file's whole content, NUL-terminated, to be freed; NULL if it is not there. A relative name is
 * one in the folder. */
char *wiz_read(const struct wiz *z, const char *name, size_t *n);

/* Its permissions; -1 if it is not there. */
int wiz_mode(const struct wiz *z, const char *name);

/* Asserts that two files hold the same bytes. */
void wiz_same(const struct wiz *z, const char *a, const char *b);

/* Runs a shell command in the folder, with $COMCERT set; answers its exit status. What it wrote to
 * standard output is put into *out (to be freed) unless that is NULL. */
int wiz_shell(const struct wiz *z, char **out, const char *command);

/* Runs `comcert emulate` with these further options (ended by NULL), which may name files of the
 * folder; z->port is its pty. */
void wiz_device(struct wiz *z, ...) __attribute__((sentinel));

/* Starts the wizard with these arguments (ended by NULL) in the folder, and waits for its first
 * screen. options NULL: 24 x 80; its cwd does not count. */
void wiz_start(struct wiz *z, const struct vt_options *options, ...) __attribute__((sentinel));

/* --- moving ----------------------------------------------------------------------------------- */

/* A key; then waits until what it does is drawn. */
void wiz_key(struct wiz *z, const char *key);
void wiz_keys(struct wiz *z, const char *key, int times);

/* By Alt-N to a step (1 to 5), and asserts that one gets there. */
void wiz_step(struct wiz *z, int step);

/* Asserts that one is at the step of this number, or gets there. */
void wiz_is_at(struct wiz *z, int step);

/* Moves the focus by Shift-Tab until it is on the field, row or button of this name. */
void wiz_focus(struct wiz *z, const char *name);

/* The same for the path field of a card (0: server CA, 1: device certificate, 2: key), and for a
 * button of it. */
void wiz_card(struct wiz *z, int slot);
void wiz_card_button(struct wiz *z, int slot, const char *name);

/* Empties a field and types. */
void wiz_fill(struct wiz *z, const char *name, const char *text);
void wiz_fill_card(struct wiz *z, int slot, const char *path);

/* Picks the emulated device on the Port step. */
void wiz_rehearse(struct wiz *z);

/* Presses a button or row: focus and Enter. */
void wiz_press(struct wiz *z, const char *name);

/* Clicks the middle of a text. */
void wiz_click(struct wiz *z, const char *text);

/* --- reading ---------------------------------------------------------------------------------- */

/* What has the focus: the label of a field or choice, the text of a row or button; "" if nothing is
 * to be seen. Valid until the next call. */
const char *wiz_focused(const struct wiz *z);

/* The label at the left edge of the item in which a row stands, and the title of its section ("" at
 * the top); valid until the next call. */
const char *wiz_label(const struct wiz *z, int row);
const char *wiz_section(const struct wiz *z, int row);

/* What stands in the row of a text field, without blanks at both ends. */
const char *wiz_value(struct wiz *z, const char *label);

/* A row's cells from a column on, as text without blanks at its end. Valid until the next call. */
const char *wiz_text(const struct wiz *z, int row, int from, int to);

/* Asserts that a text is on the screen, in this foreground colour (-1: any). Answers its row. */
int wiz_sees(struct wiz *z, const char *text, int colour);
void wiz_sees_not(struct wiz *z, const char *text);

/* Waits for a text and asserts that it comes. */
void wiz_wait(struct wiz *z, const char *text);

/* Whether these bytes were ever written to the terminal. */
bool wiz_wrote(const struct wiz *z, const char *bytes);

#endif
