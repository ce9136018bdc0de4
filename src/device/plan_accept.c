/* SPDX-License-Identifier: MIT */
#include "device/plan_build.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* The list was made long enough for every name that there can be. */
static void note_accepted(struct plan_builder *b, const char *name)
{
    char *copy = plan_copy(b, name);

    if (copy != NULL)
        b->plan->accepted[b->plan->accepted_count++] = copy;
}

static void refuse(struct plan_builder *b, const struct exchange *x, const char *command,
                   struct place place)
{
    struct buf remedy = {0};

    buf_printf(&remedy,
               "If you know it to be right, accept it (--accept-assumed=%s, or accept-assumed = [ "
               "\"%s\" ] in the job).",
               x->name, x->name);
    if (remedy.failed)
        b->nomem = b->findings->lost = true;
    else
        findings_add(b->findings, SEVERITY_ERROR, "assumed-not-accepted", place, remedy.data,
                     "the command \"%s\" for %s is assumed, not documented (%s)", command, x->name,
                     x->source);
    buf_reset(&remedy);
}

void plan_judge(struct plan_builder *b, struct exchange *x, const char *key, const char *command,
                const char *group, struct place place)
{
    x->provenance = profile_provenance(b->profile, key, &x->source);
    if (x->provenance != ASSUMED)
        return;
    if (job_accepts(b->job, x->name) || (group != NULL && job_accepts(b->job, group)))
        note_accepted(b, x->name);
    else
        refuse(b, x, command, place);
}

bool plan_may_use(struct plan_builder *b, const char *name, const char *key,
                  enum provenance *provenance)
{
    *provenance = profile_provenance(b->profile, key, NULL);
    if (*provenance == DOCUMENTED)
        return true;
    if (!job_accepts_by_name(b->job, name))
        return false;
    note_accepted(b, name);
    return true;
}

void plan_check_emulator_only(struct plan_builder *b)
{
    const struct profile *p = b->profile;
    struct buf remedy = {0};

    if (!p->emulator_only || b->options->is_pty || b->options->port_unknown)
        return;
    if (job_accepts(b->job, p->id)) {
        note_accepted(b, p->id);
        return;
    }
    buf_printf(&remedy,
               "Use the profile of the device, or an emulated device (its port is what 'comcert "
               "emulate' prints); to send it all the same, accept it (--accept-assumed=%s).",
               p->id);
    if (remedy.failed)
        b->nomem = b->findings->lost = true;
    else
        findings_add(b->findings, SEVERITY_ERROR, "emulator-only",
                     (struct place){"profile", b->job->file, b->job->profile_line}, remedy.data,
                     "the profile \"%s\" is the emulated device's own; no real device has its "
                     "commands",
                     p->id);
    buf_reset(&remedy);
}

static bool is_assumed(struct plan_builder *b, const char *key)
{
    return profile_provenance(b->profile, key, NULL) == ASSUMED;
}

static const char *eol_name(enum eol eol)
{
    static const char *const names[] = {
        [EOL_NONE] = "none",
        [EOL_CR] = "CR",
        [EOL_LF] = "LF",
        [EOL_CRLF] = "CR LF",
    };

    return names[eol];
}

/* A wrong speed shows as no prompt, and then nothing is sent: worth a word, not a refusal. */
void plan_check_line(struct plan_builder *b)
{
    const struct profile *p = b->profile;
    const struct plan *plan = b->plan;
    struct buf what = {0};
    bool uploads = false;

    for (size_t i = 0; i < plan->count; i++)
        uploads |= plan->exchanges[i].kind == EXCHANGE_UPLOAD;
    if (b->job->line.baud == 0 && is_assumed(b, "line.baud"))
        buf_printf(&what, ", speed %ld", plan->line.baud);
    if (b->job->line.frame[0] == '\0' && is_assumed(b, "line.frame"))
        buf_printf(&what, ", frame %s", plan->line.frame);
    if (is_assumed(b, "line.command-eol"))
        buf_printf(&what, ", end of a command %s", eol_name(p->command_eol));
    if (uploads && is_assumed(b, "upload.body-eol"))
        buf_printf(&what, ", line end in a file %s", eol_name(p->upload.body_eol));
    if (what.failed)
        b->nomem = b->findings->lost = true;
    else if (what.len > 0)
        findings_add(b->findings, SEVERITY_WARNING, "line-assumed",
                     (struct place){"port.baud", NULL, 0},
                     "If the device does not answer, try another speed (port.baud, --baud).",
                     "line settings that no document gives are assumed: %s", what.data + 2);
    buf_reset(&what);
}
