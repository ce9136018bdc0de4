/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_PROFILESCHEMA_H
#define COMCERT_DEVICE_PROFILESCHEMA_H

/* The schema's limits and words, for those who read a profile file by it. The lists end with NULL;
 * their order is that of the enums. */

enum {
    PROFILE_TIME_MAX_MS = 600000, /* no profile can demand unbounded time */
    PROFILE_TRIES_MAX = 20,
    PROFILE_RETRIES_MAX = 5,
    PROFILE_LIST_MAX = 16, /* patterns of one key; steps */
    PROFILE_TEXT_MAX = 200
};

extern const char *const profile_eol_names[]; /* from EOL_CR on */
extern const char *const profile_end_names[];
extern const char *const profile_digest_names[];
extern const char *const profile_key_format_names[];
extern const char *const profile_mark_names[];

#endif
