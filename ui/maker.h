/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_UI_MAKER_H
#define COMCERT_UI_MAKER_H

#include <stdbool.h>

#include "pki/order.h"
#include "ui/complete.h"
#include "ui/edit.h"
#include "ui/wizard.h"

/*
 * Makes a key and a certificate for the device: what was typed for it, the worker at it, and what
 * came of it. What was typed stays for the next time, but for the passphrase.
 */
enum maker_how { MAKER_SELF_SIGNED, MAKER_BY_CA };

struct maker {
    struct wizard *w;
    int how; /* enum maker_how */
    int key; /* enum new_key */
    struct edit id, days, folder, ca;
    struct secret passphrase; /* only while the form is open */
    struct completion *completion;
    struct layer *form; /* NULL: not open */
    bool busy;          /* a worker is at it */

    /* Of the last attempt that failed; err.code 0: none. */
    enum order_part at;
    struct err err;

    struct issued made; /* the last that was made; id NULL: none yet */
    struct findings notes;
    bool taken;                /* the cards have its files */
    struct credential *issuer; /* its CA, for the hub; NULL */
};

/* False if memory runs out. */
bool maker_create(struct wizard *w);
void maker_destroy(struct wizard *w);

/* The device ID that the Broker step has; NULL: none, it is typed here. */
const char *maker_known_id(const struct wizard *w);

/* Starts a worker on what was typed. What it asks for, and what it made, is shown when it is done.
 */
void maker_start(struct wizard *w);

/* maker_form.c: opens the form. */
void maker_open(struct wizard *w);
/* Puts the focus on the entry of maker->at. */
void maker_show_error(struct wizard *w);

/* made.c: shows the last that was made. Nothing if there is none. */
void made_open(struct wizard *w);

/* enroll.c: shows how the device of the job is registered in its cloud. */
void enroll_open(struct wizard *w);

#endif
