/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_EMUHOST_H
#define COMCERT_RUN_EMUHOST_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "device/emulator.h"

/*
 * Emulated devices, each on a pty of its own, in one loop. What an emulator knows nothing of is
 * modelled here: the line with its speed both ways, garbage at the wrong speed, the line that goes
 * away, and files for what arrived.
 *
 * Nothing here prints. The struct is not safe for several threads.
 */
struct emuhost;

struct emuhost_options {
    const struct profile *profile; /* must outlive the host */
    struct emulator_options device;
    long baud;         /* the device's own speed; 0: the profile's */
    bool rate_limit;   /* bytes take their time on the line; without it they take none */
    const char *link;  /* symbolic link to the pty; NULL: none. Replaced only if it is a link */
    const char *store; /* folder for what arrives; NULL: none. Made (0700) if it is not there */
};

/* Creates `count` devices. The options may go afterwards, profiles may not. On failure *out is NULL
 * and nothing is left behind. ERR_BUSY if something other than a link stands where the link should.
 *
 * In the folder `store`: server-ca.pem, device-cert.pem, device-key.pem byte for byte as they came;
 * settings.txt ("client-id = pump-7", never the password); timing.txt ("server-ca bytes=1188
 * first_us=7100 last_us=110220": arrival of the first and last body byte, clock_now). All 0600,
 * each replaced as a whole. */
int emuhost_create(const struct emuhost_options *devices, size_t count, struct emuhost **out,
                   struct err *err) ATTR_MUST_USE;

/* Closes the ptys and removes the links that still lead to them. Accepts NULL. */
void emuhost_destroy(struct emuhost *h);

/* The pty's name: what a loader opens. Belongs to the host. */
const char *emuhost_name(const struct emuhost *h, size_t device);

/* Called for each event of a device. The event's body is valid during the call. Must not call back
 * into the host. */
typedef void (*emuhost_observer)(void *ctx, size_t device, const struct emulator_event *event);
void emuhost_observe(struct emuhost *h, emuhost_observer observer, void *ctx);

/* The device itself, which belongs to the host: to see what it holds, to have it say something. To
 * be used by the observer and the source, and before the host runs; in the child of emuhost_spawn
 * only there. Never for bytes and time: those are the host's. */
struct emulator *emuhost_emulator(struct emuhost *h, size_t device);

/* One thing more to wait for in emuhost_run and in the child of emuhost_spawn. */
struct emuhost_source {
    int (*fd)(void *ctx);     /* to be readable; -1: nothing now. Asked before each wait */
    void (*ready)(void *ctx); /* it is; must not block */
    void *ctx;
};
void emuhost_attach(struct emuhost *h, const struct emuhost_source *source);

/* How many devices have not hung up. */
size_t emuhost_active(const struct emuhost *h);

/* Runs until stop_fd (-1: none) is readable or every device has hung up. Waiting costs no CPU.
 * Answers 0, or the first error in storing what arrived. */
int emuhost_run(struct emuhost *h, int stop_fd, struct err *err) ATTR_MUST_USE;

/* For a caller with a loop of its own: what to wait for (at most max; never more than the devices),
 * and when to dispatch at the latest. */
size_t emuhost_pollfds(struct emuhost *h, struct pollfd *fds, size_t max, usec *deadline);
/* Does what can be done now, without blocking. Errors in storing are kept for emuhost_run and
 * emuhost_error. */
void emuhost_dispatch(struct emuhost *h);
/* The first error in storing what arrived, or NULL. */
const struct err *emuhost_error(const struct emuhost *h);

/* Runs the host in a child process that ends with emuhost_stop, or when the calling thread dies; it
 * then removes the links. Here only names can be asked of h afterwards, and it is to be destroyed
 * as usual. The observer is called in the child. Call it before other threads are started. */
int emuhost_spawn(struct emuhost *h, pid_t *pid, struct err *err) ATTR_MUST_USE;
/* Ends the child and waits for it. */
void emuhost_stop(pid_t pid);

#endif
