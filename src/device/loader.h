/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_LOADER_H
#define COMCERT_DEVICE_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/clock.h"
#include "device/plan.h"

/*
 * The loader executes a plan. It is sans-I/O: bytes and time in, bytes, deadlines and events out.
 * TRANSFER.md is its specification.
 *
 * The caller's loop:
 *     read everything readable            -> loader_receive
 *     then, if the deadline has passed    -> loader_tick      (never a timer before the bytes)
 *     loader_output -> write -> loader_sent, until loader_output answers 0
 *     if loader_wants_flush               -> drop what the kernel still holds
 *     loader_next_event until there is none
 *     wait until readable, writable (if output was refused) or loader_deadline
 * `now` never goes back. Nothing here allocates after loader_create.
 */
struct loader;

struct loader_options {
    bool settle; /* wait for quiet after opening (serial ports: opening may reset the device) */
    usec input_delay;      /* how long the adapter may keep received bytes back */
    uint64_t nonce;        /* makes sync queries of this run unlike those of any other */
    size_t progress_bytes; /* a PROGRESS event at least every so many bytes; 0: 64 */
};

/* What is known of the device's memory after a run, for each exchange (TRANSFER.md section 5). */
enum device_state { STATE_UNTOUCHED, STATE_LOADED, STATE_UNKNOWN };

enum load_outcome {
    LOAD_RUNNING,
    LOAD_DONE,      /* every exchange succeeded */
    LOAD_REFUSED,   /* the device said no, or damaged on the line: exit 5 */
    LOAD_NO_ANSWER, /* silence, or noise without an answer, past a limit: exit 6 */
    LOAD_PORT_GONE, /* exit 4 */
    LOAD_CANCELLED  /* exit 130 */
};

/* Why an exchange failed. The name is the stable code in reports: "no-prompt", "echo-mismatch"...
 */
enum load_failure {
    FAILURE_NONE,
    FAILURE_NO_PROMPT,      /* silence after the command; detail 1: the command was echoed */
    FAILURE_REFUSED,        /* the device's own words in reply */
    FAILURE_ANSWERED_EARLY, /* success before the terminator can have left */
    FAILURE_ECHO_MISMATCH,  /* detail: body byte at which the echo differs */
    FAILURE_REBOOTED,       /* a boot banner where none belongs */
    FAILURE_NO_ANSWER,      /* after the end of the body or a plain command */
    FAILURE_SPEED_MISMATCH, /* what came was mostly not text: wrong line speed */
    FAILURE_DIGEST,         /* the device stored something else than was sent */
    FAILURE_STALLED,        /* the line did not take the bytes in time (flow control) */
    FAILURE_LINK_LOST,
    FAILURE_CANCELLED
};

enum event_type {
    EVENT_EXCHANGE_STARTED,
    EVENT_SENT,     /* bytes were handed to the port: text for a command, count only for a body */
    EVENT_ECHO,     /* n bytes came back as echo */
    EVENT_REPLY,    /* a line (or what stood for 200 ms) that was not echo; masked by section 8 */
    EVENT_PROGRESS, /* of the running exchange, in bytes that have left the line */
    EVENT_NOTE,     /* something the report should carry: code and text (echo-lost, held...) */
    EVENT_EXCHANGE_DONE,
    EVENT_EXCHANGE_FAILED,
    EVENT_RETRY,
    EVENT_ABORTED, /* the device answered the abort sequence: never a success */
    EVENT_FINISHED
};

enum { EVENT_TEXT_MAX = 240 };

struct event {
    enum event_type type;
    usec at;
    size_t exchange; /* index in the plan */
    size_t
        n; /* SENT, ECHO: bytes; PROGRESS: body bytes that have left the line; REPLY: raw length */
    size_t total; /* PROGRESS: body bytes in all */
    usec left;    /* PROGRESS: estimated time to the end of the body */
    bool masked;  /* REPLY: text was withheld, it reads "<n bytes>"; SENT: confidential */
    enum load_failure failure; /* EXCHANGE_FAILED */
    enum load_outcome outcome; /* FINISHED */
    const char *code;          /* NOTE, EXCHANGE_FAILED: stable code */
    size_t text_len;
    char text[EVENT_TEXT_MAX]; /* raw bytes of the device or of a command: escape before showing.
                                  NOTE and EXCHANGE_FAILED: a sentence. Not NUL-terminated. */
};

/* What happened in one exchange; for the report. */
struct exchange_result {
    enum device_state state;
    bool started;
    bool verified; /* loaded, and the device's digest matches */
    bool asked;    /* the outcome is the device's answer to a sync query */
    enum load_failure failure;
    size_t failure_at; /* detail of the failure */
    size_t body_sent;  /* body bytes handed to the port in the last attempt */
    int attempts;
    usec began, ended;           /* first command byte, answer; 0: never */
    usec body_began, body_ended; /* first and last body byte handed to the port */
    size_t window;               /* largest number of unechoed bytes in flight; 0: not echo-paced */
    usec echo_delay; /* mean time from a byte leaving to its echo, beyond the byte's own time */
    const char *limited_by; /* "line speed", "echo delay", "device", "flow control", "pace", "lost
                               echo", "waiting for an echo"; NULL: no body */
    char answer[EVENT_TEXT_MAX]; /* the device's own words that decided it; "" or "<n bytes>" if
                                    masked */
};

/* The plan must outlive the loader. NULL when memory runs out. */
struct loader *loader_create(const struct plan *plan, const struct loader_options *options);

/* Wipes. Accepts NULL. */
void loader_destroy(struct loader *l);

/* Once, when the port is open. */
void loader_start(struct loader *l, usec now);

/* Bytes from the line. */
void loader_receive(struct loader *l, const void *bytes, size_t n, usec now);

/* What may go out now: the count, and *bytes points to it until the next call. 0: nothing now. */
size_t loader_output(struct loader *l, usec now, const unsigned char **bytes);

/* The port took n of them. */
void loader_sent(struct loader *l, size_t n, usec now);

/* What the driver says is still in its queue (TIOCOUTQ); corrects the computed clock when the line
 * is held by flow control. */
void loader_queued(struct loader *l, size_t n, usec now);

/* True once after the loader stopped in mid-body: the caller drops what the kernel still holds. */
bool loader_wants_flush(struct loader *l);

/* When to call loader_tick, at the latest; USEC_NEVER if nothing is waited for. */
usec loader_deadline(const struct loader *l);
void loader_tick(struct loader *l, usec now);

/* The port is gone. */
void loader_link_lost(struct loader *l, usec now);

/* The user wants out (TRANSFER.md section 6). May be called again: the second call stops at once.
 */
void loader_cancel(struct loader *l, usec now);

/* The next event, oldest first; false if there is none. */
bool loader_next_event(struct loader *l, struct event *event);

/* LOAD_RUNNING until the end. */
enum load_outcome loader_outcome(const struct loader *l);

/* Result of exchange i of the plan. */
const struct exchange_result *loader_result(const struct loader *l, size_t i);

/* True if, as far as is known, the device still waits inside an upload. */
bool loader_device_in_upload(const struct loader *l);

const char *device_state_name(enum device_state state);   /* "untouched", "loaded", "unknown" */
const char *load_outcome_name(enum load_outcome outcome); /* "done", "refused", "no-answer"... */
const char *load_failure_name(enum load_failure failure); /* "no-prompt"... */

#endif
