/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_EMULATOR_STATE_H
#define COMCERT_DEVICE_EMULATOR_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "device/emulator.h"
#include "device/emulator_queue.h"

/*
 * What the files of the emulator share. Bytes come in through emulator.c (UART, FIFO, echo), are
 * understood in emulator_command.c (command line) and emulator_body.c (upload), and answers go out
 * through emulator_say.c.
 */

enum {
    EMULATOR_LINE_MAX = 1024,
    EMULATOR_BODY_MAX = 64 * 1024,
    EMULATOR_QUEUE_MAX = 128 * 1024,
    EMULATOR_EVENTS_MAX = 32,
    EMULATOR_FLOOD = 4 * 1024 * 1024
};

/* Why something is refused. The numbers are those in the device's own answers. */
enum refusal {
    REFUSAL_UNKNOWN = 1,
    REFUSAL_LINE,
    REFUSAL_CONTENT,
    REFUSAL_SIZE,
    REFUSAL_FAULT,
    REFUSAL_TIME,
    REFUSAL_END,
    REFUSAL_MEMORY
};

/* Where in an exchange something is said: decides what surrounds it and which faults it meets. */
enum say {
    SAY_PROMPT,
    SAY_ANSWER,      /* the result of a setting */
    SAY_REFUSAL,     /* of an upload's command */
    SAY_BODY_LINE,   /* before the result of an upload */
    SAY_BODY_ANSWER, /* that result */
    SAY_OTHER        /* steps, sync, unknown commands */
};

struct queued_event {
    struct emulator_event event;
    struct secret body;
};

struct emulator {
    const struct profile *profile;
    struct emulator_options options;
    usec now;        /* the latest time that was seen */
    usec busy_until; /* the firmware does not look at the FIFO before */
    usec off_until;  /* rebooting: what arrives before is gone */
    bool hung_up;
    bool deaf;      /* for good */
    bool mute_line; /* deaf for the command line that is coming in */
    bool cr_seen;   /* the last byte was CR: an LF belongs to it */

    struct byte_queue fifo; /* with times of arrival */
    struct byte_queue out;  /* with times at which they may leave */
    usec last_due;
    bool midline;      /* what was said last did not end a line */
    size_t flood_left; /* generated when asked for */
    bool flood_offered;
    unsigned noise_lines;

    struct secret line; /* the command line so far: it may hold a password */
    bool line_too_long;
    bool stored; /* the last upload or setting was */

    struct {
        bool open;
        enum slot slot;
        struct secret bytes;
        size_t seen;   /* bytes that came, lost ones too */
        size_t length; /* given in the command */
        usec began, ended;
        usec window_end;
        bool echo_stopped;
        bool answered; /* FAULT_OK_EARLY: nothing more is said */
    } body;

    struct {
        struct emulator_fault set;
        int left;    /* strikes left; -1: without end */
        bool armed;  /* for the exchange that is going on */
        bool struck; /* in it */
    } faults[EMULATOR_FAULTS_MAX];

    struct {
        struct secret body[SLOT_COUNT];
        struct secret setting[SETTING_COUNT];
        bool has_setting[SETTING_COUNT]; /* a value may be empty */
        bool news;                       /* something came since SETTLED was told */
    } kept;

    struct {
        char text[EMULATOR_WORDS_WAITING][EMULATOR_WORDS_MAX + 1];
        size_t first, count;
        bool leaving; /* what is in `out` is such a line: no activity */
        usec last_at; /* when a byte was last heard, or of an answer sent */
    } words;

    struct queued_event events[EMULATOR_EVENTS_MAX];
    size_t event_first, event_count;
    struct secret taken; /* body of the event that was handed out last */
};

/* --- emulator_fault_state.c: which fault strikes now --- */

/* A new exchange: the faults of its slot (-1: a setting, or anything else) are in force. */
void emulator_arm(struct emulator *e, int slot);
/* True if such a fault is in force; it has then struck. */
bool emulator_strike(struct emulator *e, enum fault fault);
/* The same for one with a place, at body byte `at`. */
bool emulator_strike_at(struct emulator *e, enum fault fault, size_t at);
/* True if a fault of this kind for every slot has strikes left, armed or not. */
bool emulator_faulty(const struct emulator *e, enum fault fault);

/* --- emulator_say.c --- */

void emulator_emit(struct emulator *e, const void *bytes, size_t n, usec due);
void emulator_echo(struct emulator *e, unsigned char c, usec t);
/* Says one line, not before t. */
void emulator_say(struct emulator *e, enum say what, const char *text, usec t);
/* A log line at t, if FAULT_NOISE is in force. */
void emulator_noise(struct emulator *e, usec t);
/* Success and failure of what is going on, in the profile's words. */
void emulator_say_ok(struct emulator *e, enum say what, usec t);
/* FAULT_OK_IN_LOG */
void emulator_say_ok_in_log(struct emulator *e, enum say what, usec t);
void emulator_say_failure(struct emulator *e, enum say what, enum refusal why, usec t);
/* FAULT_GARBAGE, FAULT_FLOOD */
void emulator_say_garbage(struct emulator *e, usec t);
void emulator_flood(struct emulator *e);
/* CR LF, banner, CR LF at t. */
void emulator_say_banner(struct emulator *e, usec t);

/* --- emulator_event.c --- */

void emulator_tell_stored(struct emulator *e); /* takes body.bytes */
void emulator_tell_setting(struct emulator *e, enum setting setting, const char *value, size_t n);
void emulator_tell_refused(struct emulator *e, int slot, int setting, const char *why);
void emulator_tell_overrun(struct emulator *e);
void emulator_tell_hung_up(struct emulator *e);
void emulator_tell_settled(struct emulator *e);
const char *refusal_text(enum refusal why);

/* --- emulator_command.c --- */

/* One byte on the command line, looked at by the firmware at t. */
void emulator_take_command(struct emulator *e, unsigned char c, usec t);

/* --- emulator_body.c --- */

/* The longest body that the device takes. */
size_t emulator_body_limit(const struct emulator *e);
void emulator_body_open(struct emulator *e, enum slot slot, size_t length, usec t);
/* One byte of a body that arrived at `arrival`, looked at by the firmware at t. */
void emulator_take_body(struct emulator *e, unsigned char c, usec arrival, usec t);
/* The profile's window has closed. */
void emulator_body_expire(struct emulator *e, usec t);

/* --- emulator_keep.c --- */

/* Remembers the body that is complete, or a setting; true without `keep`. False if memory ran out:
 * what was there stays. */
bool emulator_keep_body(struct emulator *e);
bool emulator_keep_setting(struct emulator *e, enum setting setting, const void *value, size_t n);
void emulator_forget(struct emulator *e);

/* --- emulator_words.c --- */

/* When the line is at rest, if something waits for that; else USEC_NEVER. */
usec emulator_rest_at(const struct emulator *e);
/* It is at rest since t. */
void emulator_rest(struct emulator *e, usec t);

/* The firmware does something else until then. */
void emulator_away(struct emulator *e, usec until);

#endif
