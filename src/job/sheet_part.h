/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_JOB_SHEET_PART_H
#define COMCERT_JOB_SHEET_PART_H

#include "job/check_part.h"
#include "job/sheet.h"

/* Adds the notes that concern a row: its setting or slot, in this cloud. */
void sheet_add_notes(struct sheet_row *row, const struct check *c);

#endif
