/* SPDX-License-Identifier: MIT */
#include "device/loader_state.h"

/* The user wants out: TRANSFER.md section 6. */

static usec body_left(const struct loader *l, usec now)
{
    size_t done = l->echo.handed, total = l->x->body.len;
    usec took = now - l->result->body_began;
    usec line = pacing_time(&l->pacing, total - (done < total ? done : total));

    if (l->phase == PHASE_PAUSE || done < 64)
        return pacing_time(&l->pacing, total) * 100 / l->pacing.slow_percent;
    return took * (usec)(total - done) / (usec)done > line
               ? took * (usec)(total - done) / (usec)done
               : line;
}

/* A device that was asked to open an upload will do so, whether its prompt is waited for or not. */
static void stop_now(struct loader *l, usec now)
{
    if (l->phase == PHASE_PROMPT) {
        l->in_upload = l->command_echoed || l->plan->abort.usable;
        l->prompted = l->plan->abort.usable;
    }
    loader_fail(l, FAILURE_CANCELLED, now);
}

static void cancel_first(struct loader *l, usec now)
{
    bool waits = l->phase == PHASE_ANSWER || l->phase == PHASE_RESULT || l->phase == PHASE_MARK ||
                 l->phase == PHASE_UNECHOED || l->phase == PHASE_SYNC || l->phase == PHASE_ABORT ||
                 l->phase == PHASE_JUDGE || (l->phase == PHASE_PROMPT && l->plan->abort.usable);

    if (waits || (loader_body_running(l) && body_left(l, now) <= CANCEL_FINISHES))
        return;
    if (l->phase == PHASE_CREATED || l->phase == PHASE_OPENED || l->phase == PHASE_RETRY ||
        (l->phase == PHASE_COMMAND && l->result->began == 0))
        loader_finish(l, LOAD_CANCELLED, now);
    else
        stop_now(l, now);
}

void loader_cancel(struct loader *l, usec now)
{
    bool again = l->cancelled;

    loader_advance(l, now);
    if (l->phase == PHASE_ENDED)
        return;
    l->cancelled = true;
    if (!again)
        cancel_first(l, now);
    else if (l->phase == PHASE_ABORT || l->phase == PHASE_RETRY)
        loader_finish(l, LOAD_CANCELLED, now);
    else
        stop_now(l, now);
}
