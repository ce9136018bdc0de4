/* SPDX-License-Identifier: MIT */
#include "run/report.h"

#include <stdlib.h>
#include <string.h>

#include "run/verdict_remedy.h"

/* What the plan did to the device, by state. A pair that is not part of the plan is -1. */
struct tally {
    size_t count[3];    /* exchanges that change the device, by state */
    size_t settings[3]; /* of these, settings */
    int cert, key;      /* enum device_state, or -1 */
    bool verified;      /* every upload that is loaded was verified by its digest */
    size_t unproved;    /* uploads that are loaded, neither verified nor compared with their echo */
    size_t unechoed;    /* of these, those of which no byte came back */
    bool recovered;     /* --recover has sent something */
    size_t failed;      /* index of the failed exchange; plan->count if none */
};

static bool changes_device(const struct exchange *x)
{
    return x->kind == EXCHANGE_UPLOAD || x->kind == EXCHANGE_SETTING;
}

static struct tally tally_make(const struct plan *plan, const struct loader *loader)
{
    struct tally t = {.cert = -1, .key = -1, .verified = true, .failed = plan->count};

    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange *x = &plan->exchanges[i];
        const struct exchange_result *r = loader_result(loader, i);

        if (r->failure != FAILURE_NONE && t.failed == plan->count)
            t.failed = i;
        if (x->kind == EXCHANGE_RECOVER && r->began > 0)
            t.recovered = true;
        if (!changes_device(x))
            continue;
        t.count[r->state]++;
        t.settings[r->state] += x->kind == EXCHANGE_SETTING;
        if (x->kind == EXCHANGE_UPLOAD && r->state == STATE_LOADED)
            t.verified &= r->verified;
        if (x->kind == EXCHANGE_UPLOAD && r->state == STATE_LOADED && !r->verified &&
            !report_compared(r)) {
            t.unproved++;
            t.unechoed += r->window == 0;
        }
        if (x->slot == SLOT_DEVICE_CERT)
            t.cert = (int)r->state;
        if (x->slot == SLOT_DEVICE_KEY)
            t.key = (int)r->state;
    }
    return t;
}

/* "7 settings, server CA and private key": everything in this state. */
static void add_members(struct buf *out, const struct plan *plan, const struct loader *loader,
                        const struct tally *t, enum device_state state)
{
    bool group = t->settings[state] > 1;
    size_t total = t->count[state] - (group ? t->settings[state] - 1 : 0);
    size_t told = 0;

    if (group) {
        buf_printf(out, "%zu settings", t->settings[state]);
        told++;
    }
    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange *x = &plan->exchanges[i];

        if (!changes_device(x) || loader_result(loader, i)->state != state ||
            (group && x->kind == EXCHANGE_SETTING))
            continue;
        if (told > 0)
            buf_add_str(out, told + 1 == total ? " and " : ", ");
        buf_add_str(out, x->kind == EXCHANGE_UPLOAD
                             ? slot_title((enum slot)x->slot)
                             : setting_info((enum setting)x->setting)->title);
        told++;
    }
}

/* What a state of the certificate and one of the key mean together; -1 (row and column 3) is "not
 * part of this run". */
static const char *const pair_texts[4][4] = {
    [STATE_UNTOUCHED] =
        {
            [STATE_LOADED] = "key is new, certificate is not: this device cannot connect until the "
                             "device certificate is loaded",
            [STATE_UNKNOWN] = "certificate is as it was, whether the key is new cannot be told: "
                              "load both again",
        },
    [STATE_LOADED] =
        {
            [STATE_UNTOUCHED] = "certificate is new, key is not: this device cannot connect until "
                                "the private key is loaded",
            [STATE_UNKNOWN] = "certificate is new, whether the key is cannot be told: do not count "
                              "on this device to connect until the private key is loaded",
            [3] = "certificate is new, the key was not part of this run: it must be the one that "
                  "belongs to it",
        },
    [STATE_UNKNOWN] =
        {
            [STATE_UNTOUCHED] = "key is as it was, whether the certificate is new cannot be told: "
                                "do not count on this device to connect until both are loaded",
            [STATE_LOADED] = "key is new, whether the certificate is cannot be told: load both "
                             "again",
            [STATE_UNKNOWN] = "whether certificate and key are new cannot be told: load both again",
            [3] = "whether the certificate is new cannot be told: load it again",
        },
    [3] =
        {
            [STATE_LOADED] = "key is new, the certificate was not part of this run: it must be the "
                             "one that belongs to it",
            [STATE_UNKNOWN] = "whether the key is new cannot be told: load it again",
        },
};

static void add_pair(struct buf *out, const struct tally *t)
{
    const char *text = pair_texts[t->cert < 0 ? 3 : t->cert][t->key < 0 ? 3 : t->key];

    if (text != NULL)
        buf_printf(out, "; %s", text);
}

static void add_done(struct buf *out, const struct plan *plan, const struct loader *loader,
                     const struct tally *t)
{
    size_t uploads = t->count[STATE_LOADED] - t->settings[STATE_LOADED];

    buf_add_str(out, "The device is loaded: ");
    add_members(out, plan, loader, t, STATE_LOADED);
    if (uploads > 0 && t->verified)
        buf_add_str(out, ", accepted by the device and verified by its digest");
    else
        buf_add_str(out, ", accepted by the device");
    if (t->unproved > 0)
        buf_printf(out, "; %s: %s", t->unproved < uploads ? "not all compared" : "not compared",
                   t->unechoed > 0 ? "it does not echo" : "its echo stopped");
    add_pair(out, t);
}

/* "; loaded: ...; unknown: ...; untouched: ...". */
static void add_states(struct buf *out, const struct plan *plan, const struct loader *loader,
                       const struct tally *t)
{
    static const enum device_state order[] = {STATE_LOADED, STATE_UNKNOWN, STATE_UNTOUCHED};

    if (t->recovered)
        buf_add_str(out, "; unknown: the slot of the earlier upload, if one was open");
    if (t->count[STATE_LOADED] == 0 && t->count[STATE_UNKNOWN] == 0) {
        buf_add_str(out, t->recovered ? "; nothing else on the device was changed"
                                      : "; nothing on the device was changed");
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        if (t->count[order[i]] == 0)
            continue;
        buf_printf(out, "; %s: ", device_state_name(order[i]));
        add_members(out, plan, loader, t, order[i]);
    }
}

static const char *const failure_words[] = {
    [FAILURE_NONE] = "",
    [FAILURE_NO_PROMPT] = "no prompt",
    [FAILURE_REFUSED] = "refused",
    [FAILURE_ANSWERED_EARLY] = "answered too early",
    [FAILURE_ECHO_MISMATCH] = "damaged on the line",
    [FAILURE_REBOOTED] = "the device restarted",
    [FAILURE_NO_ANSWER] = "no answer",
    [FAILURE_SPEED_MISMATCH] = "wrong line speed",
    [FAILURE_DIGEST] = "stored wrongly",
    [FAILURE_STALLED] = "the line stalled",
    [FAILURE_LINK_LOST] = "the port went away",
    [FAILURE_CANCELLED] = "interrupted",
};

static void add_not_done(struct buf *out, const struct plan *plan, const struct loader *loader,
                         const struct tally *t)
{
    buf_add_str(out, t->count[STATE_LOADED] > 0 ? "The device is only partly loaded: "
                                                : "The device is not loaded: ");
    if (t->failed < plan->count) {
        const struct exchange *x = &plan->exchanges[t->failed];
        const struct exchange_result *r = loader_result(loader, t->failed);

        /* Why is told for the exchange (report_failure), and not again here. */
        buf_printf(out, "%s: %s",
                   x->slot >= 0      ? slot_title((enum slot)x->slot)
                   : x->setting >= 0 ? setting_info((enum setting)x->setting)->title
                                     : x->name,
                   r->failure == FAILURE_REFUSED && r->asked ? "not stored"
                                                             : failure_words[r->failure]);
    } else {
        buf_add_str(out, loader_outcome(loader) == LOAD_PORT_GONE ? "the port went away"
                                                                  : "interrupted");
    }
    add_states(out, plan, loader, t);
    add_pair(out, t);
}

static const int exit_statuses[] = {
    [LOAD_RUNNING] = 1,   [LOAD_DONE] = 0,      [LOAD_REFUSED] = 5,
    [LOAD_NO_ANSWER] = 6, [LOAD_PORT_GONE] = 4, [LOAD_CANCELLED] = 130,
};

int verdict_make(const struct plan *plan, const struct loader *loader, enum verdict_reader reader,
                 struct verdict *out, struct err *err)
{
    enum load_outcome outcome = loader_outcome(loader);
    struct tally t = tally_make(plan, loader);
    struct ending ending = {plan, loader, reader, t.failed, t.count[STATE_UNKNOWN] > 0};
    struct buf state = {0}, remedy = {0};
    bool failed;

    *out = (struct verdict){.exit_status = exit_statuses[outcome]};
    if (outcome == LOAD_DONE)
        add_done(&state, plan, loader, &t);
    else
        add_not_done(&state, plan, loader, &t);
    buf_add_char(&state, '.');
    out->recover = verdict_add_remedy(&remedy, &ending);
    failed = state.failed || remedy.failed;
    out->remedy = remedy.len > 0 ? buf_take(&remedy) : NULL;
    out->state = buf_take(&state);
    buf_reset(&remedy);
    if (failed || out->state == NULL) {
        verdict_reset(out);
        return err_set(err, ERR_NOMEM, "out of memory for the report");
    }
    return 0;
}

void verdict_reset(struct verdict *v)
{
    free(v->state);
    free(v->remedy);
    *v = (struct verdict){0};
}
