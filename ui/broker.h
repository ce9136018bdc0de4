/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_BROKER_H
#define COMCERT_UI_BROKER_H

#include <stdbool.h>

#include "ui/wizard.h"

/* The Broker step's own state: the texts in its fields. */
struct broker {
    struct edit hub, device_id, password_file;
    struct edit settings[SETTING_COUNT];
    struct completion *completion;
    bool password_typed; /* the job's password did not come from a file */
    struct findings password_findings;
    unsigned reading; /* number of the read of a password file that counts */
    bool busy;        /* it is under way */
};

/* Starts with what the job says. False if memory runs out. */
bool broker_create(struct wizard *w);
void broker_destroy(struct wizard *w);

/* What was said about the password file. */
void broker_add_findings(struct wizard *w, struct findings *out);

/* Why one cannot go on, but for findings; NULL. */
const char *broker_unfit(struct wizard *w);

/* No password any more. */
void broker_forget_password(struct wizard *w);

/* The password that was typed was written to this file. */
void broker_file_password(struct wizard *w, const char *path);

/* Fills the fields from the job again: it was changed by somebody else. */
void broker_refresh(struct wizard *w);

#endif
