/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_LOAD_H
#define COMCERT_UI_LOAD_H

#include <stdbool.h>

#include "run/report.h"
#include "run/session.h"
#include "run/transcript.h"
#include "ui/opening.h"
#include "ui/wizard.h"

/*
 * One load as the wizard runs it: the engine's session in the wizard's loop, and what is remembered
 * of it for the screen and the report. The plan goes with the port; what is shown later are copies.
 */
enum row_state { ROW_WAITING, ROW_RUNNING, ROW_DONE, ROW_FAILED };

/* One exchange on the screen. */
struct load_row {
    char name[48];
    enum row_state state;
    bool is_upload;
    bool verified;
    size_t size;        /* bytes of the exchange */
    size_t body;        /* of its body */
    size_t done, total; /* body bytes that have left the line, as last told */
    char *text;         /* rate, or what went wrong; NULL */
};

enum { TRANSCRIPT_MAX = 1000 };

enum load_state { LOAD_NEVER, LOAD_OPENING, LOAD_GOING, LOAD_CLOSING, LOAD_OVER };

struct load {
    struct wizard *w;
    enum load_state state;
    unsigned revision; /* of the job that was loaded */
    struct opening *opening;
    struct session session;
    struct plan *plan; /* while the session needs them */
    struct profile *profile;
    struct transcript transcript;
    struct layer *asking; /* the question whether to stop */
    bool cancelled, quitting;

    struct load_row *rows;
    size_t row_count;
    size_t bytes_done, bytes; /* of all exchanges that are done; of all */
    usec line_time;           /* of all bytes */
    usec left;                /* to the end of the running body, as last told */
    char heading[160];
    char *lines[TRANSCRIPT_MAX]; /* a ring */
    size_t line_count;           /* ever */
    size_t back;                 /* rows scrolled back */
    size_t page;                 /* rows, when last drawn */

    struct verdict verdict; /* state NULL: none yet */
    char *report;           /* text of a report; NULL */
    struct err err;         /* why the port could not be opened */
    bool left_secrets;      /* a confidential exchange began and no later one succeeded */
};

bool load_create(struct wizard *w);
void load_destroy(struct wizard *w);

/* Prepares the job strictly, opens the port, and loads. recover: end an upload that may be open
 * first. Goes to the Load step, or says why not. */
void load_start(struct wizard *w, bool recover);

/* The port is being opened, used or closed. */
bool load_is_busy(const struct wizard *w);
/* The job as it stands has been loaded, or that was tried: there is something to see. */
bool load_was_run(const struct wizard *w);
/* What the device says next may be a key's echo (TRANSFER.md section 8). */
bool load_left_secrets(const struct wizard *w);

/* Asks whether to stop; the transfer goes on meanwhile. */
void load_ask_to_stop(struct wizard *w);

/* A signal: stops as TRANSFER.md section 6 has it, then leaves the program. again: a stop that was
 * asked for before becomes one at once. */
void load_end(struct wizard *w, bool again);

/* Asks whether to recover, and loads again. */
void load_ask_recover(struct wizard *w);

/* The program ends: whatever runs is cut off. */
void load_abandon(struct wizard *w);

/* Scrolls the transcript. */
void load_scroll(struct wizard *w, int steps);

#endif
