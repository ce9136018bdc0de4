/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_SHEET_H
#define COMCERT_JOB_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/finding.h"
#include "job/job.h"

/*
 * What somebody types into the vendor's own program, WA Manager, for a job: its "Edit Device"
 * window in the window's order, the three boxes of its "SSL Parameters" tab included, and what is
 * to be known about these values where the vendor guide (Infinite, 2021), the IoT Hub article
 * (2020) and the present documentation differ. Rows, so that whoever shows them lays them out.
 */

/* One sentence each; constants. A note stands under the row that it concerns. */
enum sheet_source { SHEET_GUIDE, SHEET_ARTICLE, SHEET_TODAY };

struct sheet_note {
    enum sheet_source source; /* who says otherwise, or SHEET_TODAY: what none of them says */
    const char *text;
};

enum { SHEET_NOTES_MAX = 4 };

struct sheet_row {
    const char *label; /* the window's own words: "Broker IP" */
    int setting;       /* enum setting, or -1 */
    int slot;          /* enum slot, or -1: the row is a box for PEM text */
    char *value; /* exactly what to type or tick; of a box and of the password, the file to take it
                    from. NULL: there is none */
    const char *what; /* for a box and the password, what belongs into it; a constant; else NULL */
    struct sheet_note notes[SHEET_NOTES_MAX];
    size_t note_count;
};

enum { SHEET_ROWS_MAX = SETTING_COUNT + SLOT_COUNT };

struct sheet {
    struct sheet_row rows[SHEET_ROWS_MAX]; /* settings, then boxes */
    size_t count;
};

extern const char sheet_window[]; /* "WA Manager, Edit Device window" */
extern const char
    sheet_boxes[]; /* "WA Manager, Edit Device window, SSL Parameters tab": the boxes are there */

/* "vendor guide", "article", "today". */
const char *sheet_source_name(enum sheet_source source);

/* The sheet of a job to which its preset was applied. Values are not escaped. ERR_NOMEM only; then
 * the sheet is empty. */
int sheet_make(const struct job *job, struct sheet *out, struct err *err) ATTR_MUST_USE;
void sheet_reset(struct sheet *sheet);

/*
 * What the user knows of a cloud's device, made into a job's fields. Texts are copied.
 */
struct sheet_wish {
    enum preset preset;
    const char *hub;      /* azure: hub name or its full host name; NULL if hostname says it */
    const char *hostname; /* azure: the address to call: classic, .device., sovereign, or a
                             gateway's; NULL: the hub's classic one */
    const char *endpoint; /* aws */
    const char *device;
    const char *module; /* azure; NULL */
    const char *topic;  /* aws, where no topic follows; NULL */
};

/* Fills a job that is fresh from job_init and applies its preset. The user name carries the hub's
 * classic host name also where the device calls another address. ERR_USAGE if hub and hostname name
 * two hubs, or a gateway's name comes without a hub; ERR_NOMEM. What is wrong with the values
 * themselves is for check_settings_alone (check.h). */
int sheet_fill(struct job *job, const struct sheet_wish *wish, struct err *err) ATTR_MUST_USE;

#endif
