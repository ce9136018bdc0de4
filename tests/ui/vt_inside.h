/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_TESTS_UI_VT_INSIDE_H
#define COMCERT_TESTS_UI_VT_INSIDE_H

#include <stdint.h>
#include <termios.h>
#include <vterm.h>

#include "vt.h"
#include "vt_filter.h"

/* What the files vt*.c share; tests include vt.h. */

enum { VT_BYTES_MAX = 8 << 20, VT_QUEUE_MAX = 16 << 20 };

struct vt {
    struct vt *next; /* of those that are killed at exit */

    /* the program */
    pid_t pid;
    bool ended;
    int status;
    char home[256], reports[512]; /* reports: the beginning of the files' names */
    bool reports_told;

    /* the line: a slave descriptor of our own keeps it open and shows its settings, also those of
     * the open file, which the program shares */
    int master, slave;
    struct termios before;
    int marker;       /* the same line by an open file of its own, that does not block */
    size_t marked_at; /* in bytes, where the mark of the end is looked for */
    bool marked, drained, stalled;
    char *queue; /* typed, not yet taken by the pty */
    size_t queue_len, queue_cap;
    char *bytes; /* written by the program */
    size_t bytes_len, bytes_cap;
    unsigned long written;

    /* the terminal */
    int rows, cols;
    VTerm *term;
    VTermScreen *screen;
    VTermState *state;
    struct vt_filter filter;
    bool alternate, cursor_shown;
    VTermPos main_at; /* the main screen's cursor while the alternate one is shown, */
    bool main_plain;  /* and whether its pen was plain */
    int mouse;        /* VTERM_PROP_MOUSE_... */
    char *row;        /* vt_row's answer */
};

/* Says why on a TAP comment and fails the test; outside of one, ends the program. */
void vt_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

long vt_now_ms(void);

/* How long a wait lasts that finds no end. */
int vt_patience_ms(void);

/* vt_terminal.c */
void vt_terminal_make(struct vt *vt);
void vt_terminal_free(struct vt *vt);
void vt_terminal_feed(struct vt *vt, const char *bytes, size_t n);
void vt_terminal_resize(struct vt *vt);
bool vt_terminal_is_sane(struct vt *vt); /* prints what is not */

/* vt_line.c: appends to what is typed and sends what the pty takes */
void vt_queue(struct vt *vt, const char *bytes, size_t n);
/* The program has ended: what it has written may still be on its way through the kernel. */
void vt_mark_end(struct vt *vt);

/* vt_process.c: collects the program if it has ended */
void vt_reap(struct vt *vt);
/* A letter as in proc(5), '?' if it is gone; the time may be NULL. */
char vt_process_state(const struct vt *vt, unsigned long *cpu_ms);

#endif
