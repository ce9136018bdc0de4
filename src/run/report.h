/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_RUN_REPORT_H
#define COMCERT_RUN_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/finding.h"
#include "device/loader.h"
#include "device/plan.h"
#include "port/port.h"

/*
 * What is said of a run, as values and as JSON; nothing here prints. The only jansson user.
 *
 * The verdict is one sentence that says what state the device is in, and one that says what to do
 * next. It judges the pair too: a new certificate with an old key cannot connect. Why an exchange
 * failed is named in it and told by report_failure.
 */
struct verdict {
    char *state;     /* "The device is loaded: ..." */
    char *remedy;    /* NULL if nothing needs doing */
    bool recover;    /* to load anew with recovery is of use, and known how */
    int exit_status; /* DESIGN.md section 5: 0, 4, 5, 6, 130 */
};

/* Who is told what to do next: someone who types command lines, or someone who has the wizard's
 * steps and buttons. The state is the same for both. */
enum verdict_reader { READER_SHELL, READER_WIZARD, READER_COUNT };

/* Judges a finished run. ERR_NOMEM only. */
int verdict_make(const struct plan *plan, const struct loader *loader, enum verdict_reader reader,
                 struct verdict *out, struct err *err) ATTR_MUST_USE;
void verdict_reset(struct verdict *v);

/* One sentence for a failed exchange: what happened and why, in plain words, without the slot's
 * name; the device's words are escaped, a confidential exchange's are masked. Appended to out. */
void report_failure(struct buf *out, const struct plan *plan, const struct loader *loader,
                    size_t exchange);

/* The rate of an upload: "96 % of line rate", and what held it up if it was not the line itself:
 * "25 % of line rate, limited by echo delay of 15.9 ms, window 48". Appends nothing for other
 * exchanges. */
void report_rate(struct buf *out, const struct plan *plan, const struct exchange_result *result,
                 size_t exchange);

/* Body bytes per second of an upload that was loaded; 0 for anything else. */
double report_bytes_per_second(const struct plan *plan, const struct exchange_result *result,
                               size_t exchange);

/* What has to be typed, escaped; for the password, where it is. */
void report_manual_value(struct buf *out, const struct manual_step *step);

/* True if every byte of the body was held against its echo. */
bool report_compared(const struct exchange_result *result);

/* JSON objects on one line each, without line end; the caller frees; NULL when memory runs out.
 * Every object has "type". Texts of the device are escaped (str_escape). */
char *json_finding(const struct finding *finding);
char *json_event(const struct plan *plan, const char *port, usec began, const struct event *event);
char *json_plan(const struct plan *plan);
/* {"type":"result", "exit":0, "outcome":"done", "exchanges":[{name, state, verified, failure,
 * ...}], "manual_steps":[...], "accepted":[...], "findings":[...], "state":..., "remedy":...}. plan
 * and loader may be NULL for a job that was refused before a port was opened. */
char *json_result(const struct plan *plan, const struct loader *loader,
                  const struct verdict *verdict, const struct findings *findings, int exit_status,
                  const char *port);
/* `comcert check --list`: a row with all that is said of it, and the end. `findings` concern no
 * row.
 */
struct checklist;
struct manifest;
char *json_checklist_row(const struct manifest *m, const struct checklist *list, size_t row,
                         const char *job_file);
char *json_checklist_result(const struct checklist *list, const struct findings *findings,
                            int exit_status);
/* One entry of `comcert ports`. */
struct port_entry;
char *json_port(const struct port_entry *entry);
/* What is in one file (`comcert show`): never a private key, only its kind. */
char *json_credential(const char *path, const struct credential *c);
/* What `comcert new` made: {"type":"new", "kind":"device", "id":...}. */
struct issued;
char *json_new(const char *kind, const struct issued *made);
/* The end of a list: how many were made, and how many were there already. */
char *json_new_list(size_t made, size_t kept, const char *manifest);
/* `comcert settings`: a row of the sheet, and the text of the job file. */
struct sheet_row;
char *json_sheet_row(const struct sheet_row *row);
char *json_job_text(const char *text);
/* `comcert profile list` and, for each key, `comcert profile show`. */
char *json_profile(const struct profile *profile);
char *json_profile_key(const char *key, const char *value, const char *provenance,
                       const char *source);

/* One rung of `comcert probe`, and how the ladder ended; failed NULL: no rung did. */
struct json_rung {
    const char *name, *outcome, *text, *symptom, *remedy, *detail;
    usec elapsed;
};
char *json_rung(const struct json_rung *rung);
char *json_probe_result(int exit_status, bool stands, const struct json_rung *failed);

#endif
