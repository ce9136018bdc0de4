/* SPDX-License-Identifier: MIT */
#include "device/plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "device/plan_build.h"

bool plan_went_well(struct plan_builder *b, int rc)
{
    if (rc == 0)
        return true;
    if (!b->nomem)
        findings_add(b->findings, SEVERITY_ERROR, "secret-memory", (struct place){0},
                     "Close other programs, or raise the limit of locked memory (ulimit -l).",
                     "there is not enough memory to hold the keys");
    b->nomem = true;
    return false;
}

char *plan_copy(struct plan_builder *b, const char *text)
{
    char *copy = str_copy(text);

    if (text != NULL && copy == NULL)
        b->nomem = b->findings->lost = true;
    return copy;
}

/* --- what is wanted --------------------------------------------------------------------------- */

enum { NAMES_MAX = SLOT_COUNT + SETTING_COUNT };

static void all_names(const char *names[NAMES_MAX + 1])
{
    size_t n = 0;

    for (int i = 0; i < SLOT_COUNT; i++)
        names[n++] = slot_name((enum slot)i);
    for (int i = 0; i < SETTING_COUNT; i++)
        names[n++] = setting_info((enum setting)i)->name;
    names[n] = NULL;
}

static void only_unknown(struct plan_builder *b, const char *name)
{
    const char *names[NAMES_MAX + 1];
    const char *near;
    struct buf remedy = {0};

    all_names(names);
    near = str_nearest(name, names);
    if (near != NULL) {
        buf_printf(&remedy, "Did you mean \"%s\"?", near);
    } else {
        buf_add_str(&remedy, "It can be");
        for (size_t i = 0; names[i] != NULL; i++)
            buf_printf(&remedy, "%s %s", i > 0 ? "," : "", names[i]);
        buf_add_char(&remedy, '.');
    }
    if (remedy.failed)
        b->nomem = b->findings->lost = true;
    else
        findings_add(b->findings, SEVERITY_ERROR, "only-unknown", (struct place){"only", NULL, 0},
                     remedy.data, "\"%s\" is neither a credential nor a setting", name);
    buf_reset(&remedy);
}

static bool job_has(const struct job *job, const char *name)
{
    int slot = slot_of_name(name), setting = setting_of_name(name);

    if (slot >= 0)
        return job->credentials[slot].path != NULL || job->credentials[slot].credential != NULL;
    if (setting == SETTING_PASSWORD)
        return job->password_file != NULL || job->password.len > 0;
    return job_value(job, (enum setting)setting) != NULL;
}

/* Every name of --only must exist, and the job must have it. */
static void check_only(struct plan_builder *b)
{
    const char *list = b->options->only;

    while (list != NULL && *list != '\0') {
        struct buf name = {0};
        size_t n;

        list += strspn(list, ", ");
        n = strcspn(list, ", ");
        buf_add(&name, list, n);
        list += n;
        if (name.failed)
            b->nomem = b->findings->lost = true;
        else if (n > 0 && slot_of_name(name.data) < 0 && setting_of_name(name.data) < 0)
            only_unknown(b, name.data);
        else if (n > 0 && !job_has(b->job, name.data))
            findings_add(b->findings, SEVERITY_ERROR, "value-missing",
                         (struct place){"only", NULL, 0}, "Add it to the job.",
                         "\"%s\" was asked for, but the job does not have it", name.data);
        buf_reset(&name);
    }
}

static bool is_wanted(const struct plan_builder *b, const char *name)
{
    return job_has(b->job, name) &&
           (b->options->only == NULL || str_in_list(name, b->options->only));
}

/* --- the plan --------------------------------------------------------------------------------- */

static bool allocate(struct plan *plan, const struct profile *p)
{
    size_t most = 1 + p->prepare_count + SETTING_COUNT + SLOT_COUNT + p->finish_count;

    plan->exchanges = calloc(most, sizeof *plan->exchanges);
    plan->manual = calloc(SETTING_COUNT, sizeof *plan->manual);
    /* Every exchange, abort, sync, and the profile itself. */
    plan->accepted = calloc(most + 3, sizeof *plan->accepted);
    return plan->exchanges != NULL && plan->manual != NULL && plan->accepted != NULL;
}

static void set_transfer(struct plan_builder *b)
{
    const struct job *job = b->job;
    const struct profile *p = b->profile;
    struct plan *plan = b->plan;

    plan->profile = p;
    plan->line = line_merge(line_merge(line_defaults(), p->line), job->line);
    plan->retries = job->transfer.retries >= 0 ? job->transfer.retries : p->upload.retries;
    plan->window = job->transfer.window > 0 ? (size_t)job->transfer.window : 0;
    plan->rate_percent = p->upload.rate_percent;
    b->terminator = p->upload.terminator != NULL ? p->upload.terminator : "";
    if (job->transfer.terminator == NULL)
        return;
    if (p->upload.end != END_LENGTH)
        b->terminator = job->transfer.terminator;
    else
        findings_add(b->findings, SEVERITY_WARNING, "terminator-unused",
                     (struct place){"transfer.terminator", job->file, 0},
                     "Remove it from the job (transfer.terminator).",
                     "this device ends a body by its length; the job's terminator is not sent");
}

static void add_exchanges(struct plan_builder *b)
{
    const struct profile *p = b->profile;
    bool anything = false;

    if (b->options->recover)
        plan_add_recover(b);
    plan_add_steps(b, "prepare", p->prepare, p->prepare_count);
    for (int i = 0; i < SETTING_COUNT && !b->nomem; i++) {
        if (is_wanted(b, setting_info((enum setting)i)->name))
            plan_add_setting(b, (enum setting)i);
    }
    for (int i = 0; i < SLOT_COUNT && !b->nomem; i++) {
        if (is_wanted(b, slot_name((enum slot)i)))
            plan_add_upload(b, (enum slot)i);
    }
    for (size_t i = 0; i < b->plan->count; i++)
        anything |= b->plan->exchanges[i].kind >= EXCHANGE_SETTING;
    if (!anything && !b->nomem)
        findings_add(b->findings, SEVERITY_ERROR, "plan-empty", (struct place){0},
                     b->plan->manual_count > 0
                         ? "What the job holds is typed into the maker's software by hand."
                         : "Name credentials or settings in the job.",
                     "there is nothing to send to the device");
    plan_add_steps(b, "finish", p->finish, p->finish_count);
}

static usec longer(usec a, usec b)
{
    return a > b ? a : b;
}

static usec send_limit(const struct plan *plan, size_t n)
{
    return longer(PLAN_SEND_LIMIT_MIN, PLAN_SEND_LIMIT_FACTOR * line_time(&plan->line, n));
}

/* See plan.h. */
static usec exchange_limit(const struct plan *plan, const struct exchange *x)
{
    const struct profile *p = plan->profile;
    usec way_out = 0, attempt;
    int attempts = x->kind == EXCHANGE_UPLOAD ? plan->retries + 1 : x->tries;

    if (x->kind == EXCHANGE_RECOVER)
        return PLAN_RECOVER_LIMIT + 2 * send_limit(plan, exchange_size(x)) + PLAN_SLACK;
    if (p->abort.send != NULL)
        way_out += send_limit(plan, strlen(p->abort.send)) + p->abort.timeout_ms * USEC_PER_MS;
    if (p->sync.command != NULL)
        way_out += send_limit(plan, PLAN_COMMAND_MAX) + p->sync.timeout_ms * USEC_PER_MS;
    attempt = send_limit(plan, x->command.len) + x->prompt_timeout + x->settle + x->result_timeout +
              way_out + PLAN_SLACK;
    if (x->kind == EXCHANGE_UPLOAD)
        attempt += send_limit(plan, x->body.len + strlen(x->terminator));
    return attempts * attempt;
}

static void set_times(struct plan *plan)
{
    size_t bytes = 0;

    plan->limit = PLAN_SLACK; /* settling after the port was opened */
    for (size_t i = 0; i < plan->count; i++) {
        bytes += exchange_size(&plan->exchanges[i]);
        plan->limit += exchange_limit(plan, &plan->exchanges[i]);
    }
    plan->line_time = line_time(&plan->line, bytes);
}

int plan_create(const struct job *job, const struct profile *profile,
                const struct plan_options *options, struct plan **out, struct findings *findings)
{
    struct plan *plan = calloc(1, sizeof *plan);
    struct plan_builder b = {
        .job = job, .profile = profile, .options = options, .plan = plan, .findings = findings};
    size_t errors = findings_count(findings, SEVERITY_ERROR);

    *out = NULL;
    if (plan == NULL || !allocate(plan, profile)) {
        findings->lost = true;
        plan_destroy(plan);
        return ERR_NOMEM;
    }
    set_transfer(&b);
    check_only(&b);
    plan_check_emulator_only(&b);
    add_exchanges(&b);
    plan->abort.usable = profile->abort.send != NULL &&
                         plan_may_use(&b, "abort", "abort.send", &plan->abort.provenance);
    plan->sync.usable = profile->sync.command != NULL &&
                        plan_may_use(&b, "sync", "sync.command", &plan->sync.provenance);
    plan_check_line(&b);
    if (b.nomem || findings->lost || b.refused ||
        findings_count(findings, SEVERITY_ERROR) > errors) {
        plan_destroy(plan);
        return b.nomem || findings->lost ? ERR_NOMEM : ERR_VALUE;
    }
    set_times(plan);
    *out = plan;
    return 0;
}

void plan_destroy(struct plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->count; i++) {
        struct exchange *x = &plan->exchanges[i];

        secret_reset(&x->command);
        secret_reset(&x->body);
        free(x->name);
        free(x->prompt);
        free(x->terminator);
        free(x->report);
        texts_free(x->ok);
        texts_free(x->fail);
    }
    for (size_t i = 0; i < plan->accepted_count; i++)
        free(plan->accepted[i]);
    free(plan->exchanges);
    free(plan->manual);
    free(plan->accepted);
    free(plan);
}

size_t exchange_size(const struct exchange *x)
{
    return x->command.len + x->body.len + (x->terminator != NULL ? strlen(x->terminator) : 0);
}

static bool add_text(struct secret *all, const char *text)
{
    return text == NULL || secret_append(all, text, strlen(text) + 1, NULL) == 0;
}

/* Lengths stand before what could run into its neighbour. */
static bool add_bytes(struct secret *all, const struct secret *bytes)
{
    return secret_append(all, &bytes->len, sizeof bytes->len, NULL) == 0 &&
           (bytes->len == 0 || secret_append(all, bytes->data, bytes->len, NULL) == 0);
}

void plan_digest(const struct plan *plan, char out[65])
{
    struct secret all = {0};
    bool ok = secret_append(&all, &plan->line.baud, sizeof plan->line.baud, NULL) == 0 &&
              add_text(&all, plan->line.frame);

    for (size_t i = 0; i < plan->count && ok; i++) {
        const struct exchange *x = &plan->exchanges[i];

        if (x->kind != EXCHANGE_RECOVER)
            ok = add_text(&all, x->name) && add_bytes(&all, &x->command) &&
                 add_bytes(&all, &x->body) && add_text(&all, x->terminator);
    }
    out[0] = '\0';
    if (ok)
        pki_sha256_hex(all.data, all.len, out);
    secret_reset(&all);
}
