/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_PORTS_H
#define COMCERT_UI_PORTS_H

#include <stdbool.h>

#include "port/portlist.h"
#include "port/portwatch.h"
#include "ui/complete.h"
#include "ui/wizard.h"

/*
 * The Port step's own state: the list of ports as it is now, and the texts in its fields. The list
 * is read by a worker whenever the system says that it may have changed; where the system cannot
 * tell, every second while one looks at it.
 */
struct ports {
    struct portlist list;
    bool known;               /* it has been read once */
    bool focused;             /* the first port that could be picked had the focus once */
    char *asked;              /* the job's port, when it was looked for last */
    char path[PORT_PATH_MAX]; /* where it leads; "" if it is not there */
    struct err missing;       /* why it is not */
    bool reading, again;      /* a worker reads it; it may have changed since */
    usec look_at;             /* when to look without being told; USEC_NEVER */
    struct portwatch *watch;  /* NULL: the system cannot tell */
    bool listening;           /* a source of the loop's */
    struct edit device, baud, profile_file;
    struct completion *completion;
    bool file_profile; /* the profile is a file */
};

bool ports_create(struct wizard *w);
void ports_destroy(struct wizard *w);

/* Looks at the ports anew: what is there, and whether the job's is. */
void ports_look(struct wizard *w);

/* Picks the emulated device. */
void ports_pick_rehearsal(struct wizard *w);

/* Why one cannot go on; NULL if nothing is in the way but findings. */
const char *ports_unfit(struct wizard *w);

/* Looks at the ports from now on ... */
void ports_enter(struct wizard *w);
/* ... and no longer. */
void ports_leave(struct wizard *w);

/* A speed that was found. */
void ports_set_baud(struct wizard *w, long baud);

#endif
