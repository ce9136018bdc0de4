/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_BASE_DATE_H
#define COMCERT_BASE_DATE_H

#include <time.h>

enum { DATE_SIZE = 24 };

/* A time of day for people who read a file later: "2026-11-23T14:33:10Z". Writes DATE_SIZE bytes at
 * most; "" for a time that no calendar has. */
void date_write(char *out, time_t when);

#endif
