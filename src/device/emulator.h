/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_EMULATOR_H
#define COMCERT_DEVICE_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "device/profile.h"

/*
 * The loader's mirror: a device that obeys the same profile, with every fault that a bench has
 * seen. Sans-I/O as the loader is: bytes and time in, bytes, deadlines and events out.
 *
 * Bytes are received at the time they arrive at the device's UART (the host of the emulator models
 * the line); they wait in a receive FIFO until the firmware looks at them.
 */
struct emulator;

enum fault {
    FAULT_NONE,
    FAULT_NO_PROMPT,   /* takes the command, never prompts */
    FAULT_REFUSE,      /* answers the command with failure, before any body */
    FAULT_REFUSE_BODY, /* failure in mid-body, at byte `at` */
    FAULT_REFUSE_END,  /* takes the whole body, then answers with failure */
    FAULT_SILENT,      /* takes everything, never answers after the terminator */
    FAULT_DEAF,        /* neither echo nor answer to anything */
    FAULT_REBOOT,      /* at body byte `at`: stops, prints the boot banner 300 ms later */
    FAULT_HANG_UP,     /* at body byte `at`: the line goes away */
    FAULT_LOST,        /* body byte `at` is lost */
    FAULT_CHANGED,     /* body byte `at` arrives changed */
    FAULT_STALL,       /* at body byte `at`: does nothing for 2 s */
    FAULT_NOISE,       /* log lines between everything it says, and between body lines */
    FAULT_SPLIT,       /* replies in pieces of 3 bytes, 30 ms apart */
    FAULT_TRUNCATED,   /* the last reply ends after half its characters */
    FAULT_GLUED,       /* the reply follows the echo of the terminator without a line end */
    FAULT_NO_EOL,      /* replies without a final line end */
    FAULT_OK_IN_LOG,   /* a log line that contains the success text, then the real failure */
    FAULT_OK_EARLY,    /* success before the terminator, at body byte `at` */
    FAULT_ECHO_STOPS,  /* echo ends at body byte `at`, everything else goes on */
    FAULT_GARBAGE,     /* answers with bytes that are not text */
    FAULT_FLOOD,       /* sends megabytes and never a line end */
    FAULT_LOST_OK      /* stores, but its answer is lost; a sync query tells the truth */
};

enum echo_mode { ECHO_ON, ECHO_OFF, ECHO_COMMANDS };

struct emulator_fault {
    enum fault fault;
    int slot;  /* enum slot, or -1: every slot and setting */
    size_t at; /* body byte, from 0; where the fault has a place */
    int times; /* how often it strikes; 0: always */
};

enum { EMULATOR_FAULTS_MAX = 8 };

struct emulator_options {
    enum echo_mode echo;
    enum eol echo_eol; /* how a received line end is echoed; EOL_NONE: not at all */
    usec echo_delay;
    usec latency;       /* from terminator or command to answer */
    size_t fifo;        /* receive FIFO in bytes; 0: no limit */
    usec away_per_line; /* firmware does not look at the FIFO for so long after each line */
    bool colour;        /* prompts and replies wrapped in SGR sequences */
    bool lenient;       /* does not parse what it is given */
    bool keep;          /* remembers what it was given, and says when it has all come (SETTLED) */
    struct emulator_fault faults[EMULATOR_FAULTS_MAX];
    size_t fault_count;
};

enum emulator_event_type {
    EMULATOR_STORED,  /* a slot's body was accepted */
    EMULATOR_SETTING, /* a setting was accepted */
    EMULATOR_REFUSED, /* something was refused, with the reason */
    EMULATOR_HUNG_UP, /* FAULT_HANG_UP struck: the host closes the line */
    EMULATOR_OVERRUN, /* the FIFO overflowed: n bytes were lost */
    EMULATOR_SETTLED  /* with `keep`: something was stored or set, and the line is at rest since */
};

struct emulator_event {
    enum emulator_event_type type;
    int slot;
    int setting;
    size_t n;
    const struct secret *body;   /* STORED: as received, valid until emulator_next_event is called
                                    again */
    char text[200];              /* SETTING: the value, "" for the password; REFUSED: why */
    usec body_began, body_ended; /* STORED: arrival of the first and last body byte */
};

/* Echo on, line ends echoed as CR LF, no delays, no faults. */
struct emulator_options emulator_defaults(void);

/* The profile must outlive the emulator. NULL when memory runs out. */
struct emulator *emulator_create(const struct profile *profile,
                                 const struct emulator_options *options);
void emulator_destroy(struct emulator *e);

/* Bytes that arrived at the UART at `now`. */
void emulator_receive(struct emulator *e, const void *bytes, size_t n, usec now);

/* What the device wants to send and may send by now; paced by the caller's line. */
size_t emulator_output(struct emulator *e, usec now, const unsigned char **bytes);
void emulator_sent(struct emulator *e, size_t n, usec now);

usec emulator_deadline(const struct emulator *e);
void emulator_tick(struct emulator *e, usec now);

bool emulator_next_event(struct emulator *e, struct emulator_event *event);

/*
 * What a device does besides obeying. It speaks of its own accord only while the line is at rest:
 * no upload is open, no command has begun, every answer has left, and for EMULATOR_REST_MS nothing
 * was heard or answered. So its own lines never fall into an exchange; at most a command is already
 * on its way to it, whose echo then comes behind the whole line.
 */
enum { EMULATOR_REST_MS = 500, EMULATOR_WORDS_MAX = 200, EMULATOR_WORDS_WAITING = 8 };

/* Says a line, ended by CR LF, once the line is at rest; lines wait in order, and when there are
 * more than EMULATOR_WORDS_WAITING the oldest is lost. What is not printable ASCII becomes `?`,
 * what is longer than EMULATOR_WORDS_MAX ends in "...". False if the line reads like an answer, a
 * prompt or a boot banner of the profile, or is empty: it is not said then. */
bool emulator_announce(struct emulator *e, const char *text);

/* Forgets the lines that wait. */
void emulator_hush(struct emulator *e);

/* What the device holds, with `keep`: the body stored last, the value set last; NULL if there is
 * none. Valid until the emulator is called again. */
const struct secret *emulator_body(const struct emulator *e, enum slot slot);
const struct secret *emulator_setting(const struct emulator *e, enum setting setting);

/* Gives it a setting in another way than over the line, as by the maker's form. Needs `keep`.
 * ERR_NOMEM leaves what was there. */
int emulator_give_setting(struct emulator *e, enum setting setting, const void *value, size_t n,
                          struct err *err) ATTR_MUST_USE;

/* "lost:device-key:700" or "refuse", "reboot:server-ca:100x1": NAME[:SLOT[:AT]][xTIMES]. ERR_USAGE
 * with a suggestion. */
int emulator_fault_parse(const char *text, struct emulator_fault *out,
                         struct err *err) ATTR_MUST_USE;

const char *fault_name(enum fault fault); /* "no-prompt"... */
const char *fault_help(enum fault fault); /* one line, for --help and the manual */
enum { FAULT_COUNT = FAULT_LOST_OK + 1 };

#endif
