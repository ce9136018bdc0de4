/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_LOADER_STATE_H
#define COMCERT_DEVICE_LOADER_STATE_H

/* The inside of the loader, shared by its files and by nothing else. */

#include "device/echo.h"
#include "device/loader.h"
#include "device/pacing.h"
#include "device/reply.h"

/* Time limits of the exchange itself (TRANSFER.md); a device's own limits are in its profile. */
#define LINE_QUIET      (200 * USEC_PER_MS) /* ends a line that has no line end */
#define OPEN_QUIET      (100 * USEC_PER_MS)
#define OPEN_MAX        USEC_PER_SEC
#define ECHO_STALL      USEC_PER_SEC
#define JUDGE_MAX       USEC_PER_SEC
#define RETRY_MAX       USEC_PER_SEC
#define RECOVER_MAX     (5 * USEC_PER_SEC)
#define RECOVER_QUIET   USEC_PER_SEC
#define CANCEL_FINISHES (10 * USEC_PER_SEC)
#define HOST_STOPPED    USEC_PER_SEC
/* Between the last body byte and the byte that ends the body: an answer that was on its way before
 * then shows itself as early. */
#define MARK_GUARD (2 * USEC_PER_MS)

enum phase {
    PHASE_CREATED,
    PHASE_OPENED,  /* open-settle: waiting for quiet */
    PHASE_RETRY,   /* waiting for quiet before the next attempt */
    PHASE_COMMAND, /* sending a command */
    PHASE_ANSWER,  /* of a setting or a step */
    PHASE_PROMPT,
    PHASE_PAUSE, /* from prompt to body */
    PHASE_BODY,
    PHASE_GUARD, /* body handed over: until it has left and was echoed */
    PHASE_MARK,  /* sending what ends the body */
    PHASE_RESULT,
    PHASE_UNECHOED, /* success without the terminator's echo: does that still come? */
    PHASE_REPEATED, /* a step was answered that had been sent again: its first answer may come yet
                     */
    PHASE_JUDGE,    /* the echo differs: is the device saying something? */
    PHASE_ABORT,
    PHASE_SYNC,
    PHASE_RECOVER_END,  /* --recover: the terminator, then an answer or quiet */
    PHASE_RECOVER_LINE, /* a line end, then quiet */
    PHASE_ENDED
};

enum { EVENTS_MAX = 64, EVENTS_FOR_NOISE = 48, SAMPLES_MAX = 16 };

struct loader {
    const struct plan *plan;
    struct loader_options options;
    struct exchange_result *results;
    enum load_outcome outcome;
    enum phase phase;
    const struct exchange *x;
    struct exchange_result *result;
    size_t index;
    int attempt;
    bool cancelled; /* stop before the next exchange */
    bool prompted;  /* of this attempt: the device opened an upload ... */
    bool marked;    /* ... and its end was handed over */
    bool in_upload; /* the device waits for more of a body */
    bool flush_wanted;
    bool masking;      /* section 8 */
    size_t mask_since; /* the exchange that started it */
    bool digest_differs, digest_matches;

    /* What is being sent: a command, or a body with what ends it. */
    const unsigned char *out;
    size_t out_len, out_pos;
    const unsigned char *offer; /* what loader_output answered last */
    size_t offered;
    bool read_first; /* this computer was stopped: what waits in the kernel comes before any output
                      */
    struct secret stream; /* body and terminator */
    size_t mark_at;       /* where in it the end begins, that goes alone */
    struct secret sync_command, sync_ok, sync_fail;
    uint64_t nonce;

    /* What has come. */
    struct control_filter filter;
    struct reply line;
    struct echo echo;
    size_t heard;     /* bytes since the command began */
    size_t heard_odd; /* of them, no text */
    bool command_echoed;
    bool body_echoes, body_echo_known; /* learned on earlier bodies of this run */
    bool echoed;                       /* this body has been echoed, as far as it was */
    bool echo_lost;
    size_t differs_at;
    bool held_told;

    /* When. */
    usec seen_now; /* the latest `now` */
    usec limit_at; /* the phase's own limit; USEC_NEVER */
    usec body_limit_at;
    usec heard_at;    /* last byte from the line */
    usec progress_at; /* last byte of echo, or the last that was handed over while none was due */
    usec handed_at;   /* last byte of the command or of the body's end */

    struct pacing pacing;
    struct {
        size_t pos;
        usec left_at;
    } samples[SAMPLES_MAX]; /* when which body byte left: for the echo's delay */
    size_t sample_head, sample_count;
    usec delay_sum, delay_min;
    size_t delay_count;
    size_t progress_told;

    struct event events[EVENTS_MAX];
    size_t event_head, event_count, events_dropped;
    struct event nowhere; /* takes what is dropped */
};

/* loader_event.c */
struct event *loader_push(struct loader *l, enum event_type type, usec now);
void loader_note(struct loader *l, usec now, const char *code, const char *text);
void loader_tell_sent(struct loader *l, const unsigned char *bytes, size_t n, usec now);
void loader_tell_line(struct loader *l, const unsigned char *text, size_t n, usec now);
void loader_tell_progress(struct loader *l, usec now, bool force);
/* Keeps the device's words as the answer of the running exchange, masked by section 8. */
void loader_keep_answer(struct loader *l, const unsigned char *text, size_t n);
/* True if a line that came while the echo went wrong is the device's own and not a piece of the
 * body: of that only the size is ever told. */
bool loader_is_own_line(const struct loader *l, const unsigned char *text, size_t n);

/* loader_phase.c: what follows from what */
void loader_enter(struct loader *l, enum phase phase, usec limit_at);
void loader_begin_exchange(struct loader *l, size_t index, usec now);
void loader_begin_attempt(struct loader *l, usec now);
void loader_begin_body(struct loader *l, usec now);
void loader_prompted(struct loader *l, usec now);
void loader_mark_ready(struct loader *l, usec now);
void loader_succeed(struct loader *l, usec now);
void loader_fail(struct loader *l, enum load_failure failure, usec now);
void loader_unanswered(struct loader *l, usec now);
void loader_differs(struct loader *l, usec now);
void loader_aborted(struct loader *l, usec now);
void loader_recovered(struct loader *l, usec now);
void loader_finish(struct loader *l, enum load_outcome outcome, usec now);
enum load_outcome loader_outcome_of(enum load_failure failure);
bool loader_body_running(const struct loader *l);

/* loader_time.c: when what is due */
size_t loader_in_flight(const struct loader *l);
bool loader_awaits_echo(const struct loader *l);
usec loader_stall_at(const struct loader *l);
usec loader_mark_at(const struct loader *l);
usec loader_quiet_needed(const struct loader *l);
size_t loader_out_room(const struct loader *l, usec now);
void loader_advance(struct loader *l, usec now);

/* loader_line.c: what has come */
void loader_byte(struct loader *l, unsigned char byte, usec now);
void loader_line_over(struct loader *l, usec now);

#endif
