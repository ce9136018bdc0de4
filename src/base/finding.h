/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_FINDING_H
#define COMCERT_BASE_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

/*
 * A finding is one thing that has to be said about the user's own input before anything is done
 * with it: a key of a job file, a certificate, a value. Unlike a struct err it does not end what is
 * being done: all findings of a run are collected and shown together, worst first.
 *
 * Errors stop; warnings and notes are shown and carried into the report.
 */
enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

/* Where: the key that it concerns ("mqtt.username", "certificates.device-key"; the wizard shows the
 * finding under that field), the file and the line in it. Each may be absent (NULL, 0). */
struct place {
    const char *key;
    const char *file;
    int line;
};

struct finding {
    enum severity severity;
    const char *code; /* stable, lower case with hyphens: "key-mismatch"; a string constant */
    char *key;        /* place, copied; NULL where absent */
    char *file;
    int line;
    char *what;   /* one plain sentence without the place; never a secret */
    char *remedy; /* what to do; NULL if nothing needs doing */
};

/* A list of findings. Zero-initialise it. */
struct findings {
    struct finding *items;
    size_t count;
    size_t capacity;
    bool lost; /* memory ran out: something that should stand here does not */
};

/* Adds one finding; copies all text but code. remedy may be NULL. When memory runs out the list is
 * marked as lost, and findings_worst answers SEVERITY_ERROR from then on. */
void findings_add(struct findings *list, enum severity severity, const char *code,
                  struct place place, const char *remedy, const char *fmt, ...) ATTR_PRINTF(6, 7);

/* The highest severity in the list; SEVERITY_NOTE for an empty one. */
enum severity findings_worst(const struct findings *list);

/* How many findings have this severity. */
size_t findings_count(const struct findings *list, enum severity severity);

/* The first finding with this code, or NULL. */
const struct finding *findings_get(const struct findings *list, const char *code);

/* Sorts by severity, worst first; the order within one severity stays as it was. */
void findings_sort(struct findings *list);

/* Moves all findings of from to the end of list; from is empty afterwards. */
void findings_take(struct findings *list, struct findings *from);

/* Adds copies of all findings of from. */
void findings_copy(struct findings *list, const struct findings *from);

/* Adds what it says with the place before it: "pump-7.cfg:3: what", or the key where there is no
 * file; nothing before it where `what` begins with the place itself. */
void place_add_text(struct buf *out, struct place place, const char *what);
void finding_add_text(struct buf *out, const struct finding *finding);

/* The same for those that list does not hold yet: of this code, in these words, at this place (or
 * another key of it). What one cause gives twice is told once. */
void findings_take_new(struct findings *list, struct findings *from);

/* "error", "warning", "note". */
const char *severity_name(enum severity severity);

/* Frees the contents; the list is empty afterwards and can be used again. */
void findings_reset(struct findings *list);

#endif
