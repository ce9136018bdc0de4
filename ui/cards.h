/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_CARDS_H
#define COMCERT_UI_CARDS_H

#include <stdbool.h>

#include "pki/slot.h"
#include "ui/complete.h"
#include "ui/edit.h"
#include "ui/wizard.h"

/*
 * The three files of a job as they are chosen: named by a path, or pasted. Files are read by
 * workers; what they hold becomes the job's.
 */
struct card {
    struct wizard *w;
    enum slot slot;
    struct edit path;
    struct secret pasted;     /* the text itself, where no file has it; empty: there is a path */
    bool unfiled;             /* what it holds is in no file: pasted, or built in */
    struct secret passphrase; /* that opened it */
    struct findings findings; /* what was said when it was read */
    unsigned reading;         /* number of the read that counts */
    bool busy;                /* it is under way */
    bool ask;                 /* if it turns out to be locked, ask for the passphrase */
    bool asking;              /* that question is on the screen */
};

struct cards {
    struct card card[SLOT_COUNT];
    struct completion *completion;
    char *folder; /* where one looked last */
};

/* Starts with what the job names. False if memory runs out. */
bool cards_create(struct wizard *w);
void cards_destroy(struct wizard *w);

/* What was said about the files, for the job's findings. */
void cards_add_findings(struct wizard *w, struct findings *out);

/* Why one cannot go on; NULL if nothing is in the way but findings. */
const char *cards_unfit(struct wizard *w);

/* The path in the card's field was changed, or is to be read again. ask: whoever chose it is there
 * to be asked for a passphrase. */
void cards_read(struct wizard *w, enum slot slot, bool ask);

/* Another path ("": none). */
void cards_name(struct wizard *w, enum slot slot, const char *path, bool ask);

/* Text that holds the credential itself; moved away from `text`. */
void cards_paste(struct wizard *w, enum slot slot, struct secret *text);

/* What the card holds was written to this file. */
void cards_file(struct wizard *w, enum slot slot, const char *path);

/* Asks for the passphrase of a locked file. */
void cards_ask_passphrase(struct wizard *w, enum slot slot);

/* True if the file waits for a passphrase. */
bool cards_is_locked(const struct wizard *w, enum slot slot);

/* Remembers the folder of a path. */
void cards_look_in(struct wizard *w, const char *path);

#endif
