/* SPDX-License-Identifier: MIT */
#include "ui/review.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "run/report.h"
#include "ui/keys.h"
#include "ui/load.h"
#include "ui/probe_box.h"
#include "ui/rehearsal.h"

/* The plan, exchange by exchange, as a load will send it; what is to be done by hand; what is
 * assumed, and the one yes to it. */

enum { ID_ACCEPT = 1, ID_LOAD, ID_PROBE };

enum { REVIEW_PROBE = 100 };

static const struct keyrow review_keys[] = {
    {KEY_FN(KEY_F(7)), REVIEW_PROBE, "Try", "try these settings and files at the broker"},
    {0},
};

static void add_time(struct buf *out, usec t)
{
    if (t >= 10 * USEC_PER_SEC)
        buf_printf(out, "%lld s", (long long)((t + USEC_PER_SEC / 2) / USEC_PER_SEC));
    else
        buf_printf(out, "%.2f s", (double)t / (double)USEC_PER_SEC);
}

static void add_exchange(struct lines *out, const struct plan *plan, size_t i)
{
    const struct exchange *x = &plan->exchanges[i];
    bool assumed = x->provenance == ASSUMED;
    size_t n = x->command.len >= x->command_eol_len ? x->command.len - x->command_eol_len : 0;
    struct buf b = {0};

    buf_printf(&b, "%2zu. %-12s %5zu bytes ", i + 1, x->name, exchange_size(x));
    add_time(&b, line_time(&plan->line, exchange_size(x)));
    buf_printf(&b, "  %-10s  ", provenance_name(x->provenance));
    if (x->confidential && x->kind != EXCHANGE_UPLOAD)
        buf_printf(&b, "<%zu bytes: secret>", x->command.len);
    else
        str_escape(&b, x->command.data, n);
    lines_add_hanging(out, assumed ? ROLE_WARN : ROLE_TEXT, 0, 4, b.data != NULL ? b.data : "");
    if (assumed && x->source != NULL)
        lines_add(out, ROLE_DIM, 6, "%s", x->source);
    buf_reset(&b);
}

static void build_plan(struct wizard *w, struct form *f)
{
    static char remark[80];
    const struct plan *plan = w->prepared.plan;
    struct item *heading = form_add(f, ITEM_HEADING, 0, "What is sent, in this order");
    struct lines *out = &form_add(f, ITEM_LINES, 0, NULL)->lines;
    struct buf time = {0};
    size_t bytes = 0;

    if (plan == NULL) {
        lines_add(out, ROLE_BAD, 0, "There is no plan yet: something below is in the way.");
        return;
    }
    for (size_t i = 0; i < plan->count; i++) {
        bytes += exchange_size(&plan->exchanges[i]);
        add_exchange(out, plan, i);
    }
    add_time(&time, plan->line_time);
    snprintf(remark, sizeof remark, "%zu bytes, %s", bytes, time.data != NULL ? time.data : "");
    heading->remark = remark;
    buf_reset(&time);
    lines_add(out, ROLE_DIM, 0, "over %s at %ld %s, flow control %s%s",
              rehearsal_is_on(w)               ? "the emulated device's line"
              : w->prepared.job.device != NULL ? w->prepared.job.device
                                               : "no port",
              plan->line.baud, plan->line.frame, flow_name(plan->line.flow),
              rehearsal_is_on(w) ? ": a rehearsal" : "");
}

void review_add_manual(const struct wizard *w, struct lines *out)
{
    const struct plan *plan = w->prepared.plan;

    if (plan == NULL || plan->manual_count == 0)
        return;
    lines_add(out, ROLE_TEXT, 0,
              "This family has no command for these. Type them in %s:", plan->manual[0].where);
    for (size_t i = 0; i < plan->manual_count; i++) {
        struct buf value = {0};

        report_manual_value(&value, &plan->manual[i]);
        lines_add_labelled(out, ROLE_STRONG, 2, 20, plan->manual[i].field,
                           value.data != NULL ? value.data : "");
        buf_reset(&value);
    }
}

static void build_manual(struct wizard *w, struct form *f)
{
    const struct plan *plan = w->prepared.plan;

    if (plan == NULL || plan->manual_count == 0)
        return;
    form_add(f, ITEM_HEADING, 0, "By hand");
    review_add_manual(w, &form_add(f, ITEM_LINES, 0, NULL)->lines);
}

/* All that was found, but what the tick box is for. */
static void build_findings(struct wizard *w, struct form *f)
{
    struct lines found = {0};
    struct item *item;

    lines_add_findings(&found, 0, &w->prepared.findings, NULL, "assumed-not-accepted");
    if (found.count == 0) {
        lines_reset(&found);
        return;
    }
    form_add(f, ITEM_HEADING, 0, "What was found");
    item = form_add(f, ITEM_LINES, 0, NULL);
    item->lines = found;
}

/* "device-cert, device-key": what is assumed in this plan, accepted or not. */
static void add_assumed(const struct plan *plan, struct buf *out)
{
    for (size_t i = 0; i < plan->accepted_count; i++)
        buf_printf(out, "%s%s", i > 0 ? "," : "", plan->accepted[i]);
}

static void build_accept(struct wizard *w, struct form *f)
{
    const struct plan *plan = w->prepared.plan;
    struct item *item;

    if (plan == NULL || plan->accepted_count == 0)
        return;
    form_add(f, ITEM_HEADING, 0, "What is assumed");
    item = form_add(f, ITEM_CHECK, ID_ACCEPT, "I know the assumed commands to be right: send them");
    item->on = w->prepared.unaccepted == 0;
    lines_add(&item->lines, ROLE_WARN, 0,
              "No document gives them. A wrong number may overwrite something else in the device.");
}

static void build(struct wizard *w, struct form *f)
{
    struct item *buttons;

    build_plan(w, f);
    build_accept(w, f);
    build_manual(w, f);
    build_findings(w, f);
    form_gap(f);
    buttons = form_add(f, ITEM_BUTTONS, 0, NULL);
    form_button(buttons, ID_LOAD, "Load", wizard_unfit(w, STEP_REVIEW) != NULL);
    form_button(buttons, ID_PROBE, "Try at the broker", false);
    if (w->load->state == LOAD_NEVER && !w->talked)
        lines_add(&buttons->lines, ROLE_DIM, 0, "Nothing has been sent so far.");
}

/* The yes names what it is a yes to, so that it says nothing about another plan. */
static void toggle_accepted(struct wizard *w)
{
    struct job *job = &w->prepared.job;
    bool accept = w->prepared.unaccepted > 0;
    struct buf names = {0};

    if (accept)
        add_assumed(w->prepared.plan, &names);
    job->accept_all_assumed = false;
    wizard_set(&job->accept_assumed, names.data);
    buf_reset(&names);
    wizard_changed(w);
}

void review_show_load(struct wizard *w)
{
    form_focus(&w->forms[STEP_REVIEW], ID_LOAD);
}

static void on_form(struct wizard *w, enum form_event event, int id)
{
    if (event != FORM_PRESSED)
        return;
    if (id == ID_ACCEPT && w->prepared.plan != NULL)
        toggle_accepted(w);
    else if (id == ID_LOAD && wizard_unfit(w, STEP_REVIEW) == NULL && w->load->verdict.recover)
        load_ask_recover(w);
    else if (id == ID_LOAD && wizard_unfit(w, STEP_REVIEW) == NULL)
        load_start(w, false);
    else if (id == ID_PROBE)
        probe_ask(w);
}

static void act(struct wizard *w, int action)
{
    if (action == REVIEW_PROBE)
        probe_ask(w);
}

static const struct keyrow *own_keys(const struct wizard *w)
{
    (void)w;
    return review_keys;
}

static void enter(struct wizard *w)
{
    w->forms[STEP_REVIEW].scroll = 0;
    w->forms[STEP_REVIEW].follow = false;
    keys_flush(); /* nobody can have meant what is not on the screen yet */
}

const struct step_class step_review = {
    .title = "Review",
    .about = "Everything that will be sent, in order and with how well it is known; what has to be "
             "typed by hand; what was found. Nothing is sent before you press Load.",
    .keys = own_keys,
    .build = build,
    .on_form = on_form,
    .enter = enter,
    .act = act,
};
