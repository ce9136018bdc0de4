/* SPDX-License-Identifier: MIT */
#include "run/prepare.h"

#include <string.h>

#include "job/check.h"
#include "job/preset.h"
#include "pki/root.h"
#include "port/port.h"

void prepared_init(struct prepared *p)
{
    *p = (struct prepared){0};
    job_init(&p->job);
}

void prepared_forget(struct prepared *p)
{
    plan_destroy(p->plan);
    profile_destroy(p->profile);
    findings_reset(&p->findings);
    p->plan = NULL;
    p->profile = NULL;
    p->unaccepted = 0;
}

void prepared_reset(struct prepared *p)
{
    prepared_forget(p);
    job_reset(&p->job);
}

static bool only_unaccepted(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *f = &findings->items[i];

        if (f->severity == SEVERITY_ERROR && strcmp(f->code, "assumed-not-accepted") != 0)
            return false;
    }
    return findings_worst(findings) == SEVERITY_ERROR && !findings->lost;
}

/* A check judges the job; whether assumed commands are accepted may be said when it is loaded. The
 * plan is made as if they were, and what a load would refuse becomes a warning. */
static void plan_as_if_accepted(struct prepared *p, const struct profile *profile,
                                const struct plan_options *options, struct findings *said)
{
    struct findings again = {0};

    p->job.accept_all_assumed = true;
    if (plan_create(&p->job, profile, options, &p->plan, &again) == 0) {
        for (size_t i = 0; i < said->count; i++) {
            if (said->items[i].severity == SEVERITY_ERROR) {
                said->items[i].severity = SEVERITY_WARNING;
                p->unaccepted++;
            }
        }
    }
    p->job.accept_all_assumed = false;
    findings_reset(&again);
}

static int make_plan(struct prepared *p, const struct profile *profile,
                     const struct prepare_options *o, struct err *err)
{
    const char *device = p->job.device;
    struct findings said = {0};
    struct plan_options options = {
        .only = o->only,
        .recover = o->recover,
        .is_pty = device != NULL && !port_is_no_pty(device),
        .port_unknown = device == NULL,
    };
    int rc = plan_create(&p->job, profile, &options, &p->plan, &said);

    if (rc != 0 && o->lenient_assumed && only_unaccepted(&said))
        plan_as_if_accepted(p, profile, &options, &said);
    findings_take_new(&p->findings, &said);
    if (rc == ERR_NOMEM)
        return err_set(err, ERR_NOMEM, "out of memory for the plan");
    return 0;
}

/* Errors of reading of which the job itself bears the mark. They may have been forgotten, and must
 * keep such a job from being sent all the same. */
static void recall_reading(struct prepared *p)
{
    const struct job *job = &p->job;

    for (enum slot s = 0; s < SLOT_COUNT; s++) {
        const struct job_credential *jc = &job->credentials[s];

        if (jc->credential != NULL && jc->resembles != NULL)
            findings_add(&p->findings, SEVERITY_ERROR, "cert-resembles-root",
                         job_credential_place(job, s),
                         "Get the certificate again from its publisher.",
                         "the file for the %s holds %s with characters changed", slot_title(s),
                         jc->resembles->name);
    }
    if (job->password_file != NULL && job->password.len == 0)
        findings_add(&p->findings, SEVERITY_ERROR, "password-unreadable",
                     job_setting_place(job, SETTING_PASSWORD),
                     "Name a file that holds the password and nothing else.",
                     "there is no password: its file could not be read, or is empty");
}

int prepare_plan(struct prepared *p, const struct prepare_options *options, struct err *err)
{
    struct place where = {"profile", p->job.file, p->job.profile_line};
    const struct profile *profile = options->profile;
    bool readable;
    int rc;

    /* Without a job that could be read there is nothing to judge: what has been said is all. */
    if (p->job.profile == NULL)
        return 0;
    if (findings_worst(&p->findings) != SEVERITY_ERROR)
        recall_reading(p);
    readable = findings_worst(&p->findings) != SEVERITY_ERROR;
    rc = preset_apply(&p->job, err);
    if (rc != 0)
        return rc;
    check_job(&p->job, options->now, &p->findings);
    if (profile == NULL) {
        if (profile_load(p->job.profile, p->job.file, where, &p->profile, &p->findings) != 0)
            return 0;
        profile = p->profile;
    }
    /* plan_create wants every credential to be there. */
    if (readable)
        rc = make_plan(p, profile, options, err);
    return rc;
}

bool prepared_is_fit(const struct prepared *p)
{
    return p->plan != NULL && findings_worst(&p->findings) != SEVERITY_ERROR;
}
