/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_CMD_WATCH_H
#define COMCERT_CMD_WATCH_H

#include "cmd/console.h"
#include "cmd/progress.h"
#include "run/session.h"
#include "run/trace.h"

/* Follows one load: events become lines, a bar, objects and a trace. The session's observer. */
struct watch {
    const struct console *console;
    const struct session *session;
    struct trace *trace; /* NULL: none */
    struct progress progress;
    usec json_progress_at;
    size_t exchange; /* the one that runs */
    usec body_ends; /* when its body will have left, as far as is known; 0: no body is on its way */
    bool cancelled;
    bool started; /* the first exchange has begun: what came before is the device's own doing */
};

/* The session may be started after this; before that no event may come. trace may be NULL. */
struct watch watch_make(const struct console *console, const struct session *session,
                        struct trace *trace);

/* The user wants out, and the loader has been told so: says what happens now. Once. */
void watch_cancelled(struct watch *w);

/* ctx is a struct watch. */
void watch_event(void *ctx, size_t index, const struct event *event);

#endif
