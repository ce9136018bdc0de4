/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_SPEEDFIND_H
#define COMCERT_RUN_SPEEDFIND_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "device/profile.h"
#include "device/speedscore.h"
#include "port/port.h"

/*
 * Find speed: tries one usual speed after another on an open port and ranks them by what the device
 * says (device/speedscore.h). At each speed the line end is sent once, and again when the device
 * has been quiet for 150 ms, and once more at the end at the speed that was found, where the others
 * may have begun a line in the device; nothing else is ever sent. That takes 0.2 to 0.7 s a speed.
 *
 * Ask before: at the wrong speed the device receives something else than a line end, at a low one
 * even a break, and an upload that is open takes it for a part of the file. A device that echoes
 * nothing and says nothing to an empty line cannot be found this way, and is never guessed at.
 *
 * Nothing here blocks.
 */
struct speedfind;

struct speedfind_result {
    long baud;
    bool tried;       /* false: still to come */
    bool unsupported; /* tried, but the driver does not do this speed */
    size_t bytes, printable;
    bool echoed;                    /* each line end that was sent came back as one */
    int score;                      /* 0 to SPEEDSCORE_MAX */
    char sample[SPEEDSCORE_SAMPLE]; /* how it began, escaped; a size where it could be a key */
};

enum { SPEEDFIND_MAX = 12 }; /* results at most */

/* Starts with the speed `first` (the profile's; 0: none), then the usual ones, the most likely
 * first. The port stays the caller's, but must not be used or closed before speedfind_destroy. */
int speedfind_create(struct port *port, enum eol eol, long first, struct speedfind **out,
                     struct err *err) ATTR_MUST_USE;

/* If it is not done, the port goes back to the speed that it had. Accepts NULL. */
void speedfind_destroy(struct speedfind *s);

/* What to wait for (one descriptor; none once it is done), and when to dispatch at the latest. */
size_t speedfind_pollfd(const struct speedfind *s, struct pollfd *fd, usec *deadline);
void speedfind_dispatch(struct speedfind *s);

/* All speeds were tried, or the port has gone. The port then has the speed that was found, or else
 * the one that it had before. */
bool speedfind_done(const struct speedfind *s);
bool speedfind_gone(const struct speedfind *s);

/* The speed that is being tried; 0 once it is done. */
long speedfind_current(const struct speedfind *s);

/* Fills out with at most max results, best first; those not tried yet last, in the order in which
 * they will be. May be called at any time. Returns how many. */
size_t speedfind_results(const struct speedfind *s, struct speedfind_result *out, size_t max);

/* The speed at which the device speaks text; 0 if there is none so far, or several are equally
 * good. Final once it is done. */
long speedfind_best(const struct speedfind *s);

#endif
