/* SPDX-License-Identifier: MIT */
#ifndef COMCERT_DEVICE_PLAN_BUILD_H
#define COMCERT_DEVICE_PLAN_BUILD_H

/* The inside of plan_create, shared by its files and by nothing else. */

#include "device/plan.h"

struct plan_builder {
    const struct job *job;
    const struct profile *profile;
    const struct plan_options *options;
    struct plan *plan;
    struct findings *findings;
    const char
        *terminator; /* of bodies: the job's or the profile's; "" if their length ends them */
    bool refused;    /* for a reason that findings may have held before */
    bool nomem;
};

/* Passes on what a function of secret or template said: true for 0; memory that ran out becomes the
 * finding secret-memory, once. */
bool plan_went_well(struct plan_builder *b, int rc);

/* The text, if there is one; notes when memory runs out. */
char *plan_copy(struct plan_builder *b, const char *text);

/* --- plan_exchange.c: what is sent ------------------------------------------------------------ */

/* Each adds its exchanges to the plan, or the findings that speak against them. */
void plan_add_recover(struct plan_builder *b);
void plan_add_steps(struct plan_builder *b, const char *group, const struct profile_step *steps,
                    size_t n);
/* A setting that the job has; a manual step where the profile has no command. */
void plan_add_setting(struct plan_builder *b, enum setting setting);
/* A credential that the job names. */
void plan_add_upload(struct plan_builder *b, enum slot slot);

/* --- plan_value.c: what a setting may be ------------------------------------------------------ */

/* Adds value-unsafe for everything in the value that the device could take for something else. The
 * findings never hold the value. */
void plan_check_value(struct plan_builder *b, enum setting setting, const char *value, size_t n);

/* --- plan_body.c: what a credential becomes --------------------------------------------------- */

/* Encodes the job's credential into x->body, checks it against the profile, and notes the digest
 * that the device should report. False if there is no body. */
bool plan_make_body(struct plan_builder *b, struct exchange *x, enum slot slot);

/* --- plan_accept.c: what is assumed ----------------------------------------------------------- */

/* Sets provenance and source of the exchange from the profile's key. If that is assumed, it must
 * have been accepted under the exchange's name or `group` (may be NULL). */
void plan_judge(struct plan_builder *b, struct exchange *x, const char *key, const char *command,
                const char *group, struct place place);

/* For what is used only if the profile's key is documented, or accepted under this name. */
bool plan_may_use(struct plan_builder *b, const char *name, const char *key,
                  enum provenance *provenance);

void plan_check_emulator_only(struct plan_builder *b);
void plan_check_line(struct plan_builder *b);

#endif
