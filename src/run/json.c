/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "run/json_line.h"
#include "run/report.h"

/* --- findings and plan ---------------------------------------------------------------------- */

static struct json_line finding_object(const struct finding *f, const char *type)
{
    struct json_line o = json_begin(type);

    json_put_text(&o, "severity", severity_name(f->severity));
    json_put_text(&o, "code", f->code);
    json_put_text(&o, "key", f->key);
    json_put_text(&o, "file", f->file);
    if (f->line > 0)
        json_put(&o, "line", json_integer(f->line));
    json_put_text(&o, "what", f->what);
    json_put_text(&o, "remedy", f->remedy);
    return o;
}

char *json_finding(const struct finding *finding)
{
    struct json_line o = finding_object(finding, "finding");

    return json_print(&o);
}

static const char *kind_name(enum exchange_kind kind)
{
    static const char *const names[] = {
        [EXCHANGE_RECOVER] = "recover",
        [EXCHANGE_STEP] = "step",
        [EXCHANGE_SETTING] = "setting",
        [EXCHANGE_UPLOAD] = "upload",
    };

    return names[kind];
}

static struct json_line exchange_object(const struct plan *plan, const struct exchange *x)
{
    struct json_line o = json_begin(NULL);
    bool hidden = x->confidential && x->kind != EXCHANGE_UPLOAD;

    json_put_text(&o, "name", x->name);
    json_put_text(&o, "kind", kind_name(x->kind));
    json_put_text(&o, "provenance", provenance_name(x->provenance));
    json_put_text(&o, "source", x->source);
    json_put(&o, "confidential", json_boolean(x->confidential));
    if (!hidden)
        json_put_bytes(&o, "command", x->command.data, x->command.len);
    json_put_size(&o, "command_bytes", x->command.len);
    if (x->prompt != NULL)
        json_put_bytes(&o, "prompt", x->prompt, strlen(x->prompt));
    if (x->kind == EXCHANGE_UPLOAD) {
        json_put_size(&o, "body_bytes", x->body.len);
        json_put_bytes(&o, "terminator", x->terminator, strlen(x->terminator));
    }
    json_put_size(&o, "bytes", exchange_size(x));
    json_put_ms(&o, "line_ms", line_time(&plan->line, exchange_size(x)));
    return o;
}

static void put_manual_steps(struct json_line *o, const struct plan *plan)
{
    json_t *steps = json_array();
    bool ok = true;

    for (size_t i = 0; plan != NULL && i < plan->manual_count; i++) {
        const struct manual_step *m = &plan->manual[i];
        struct json_line step = json_begin(NULL);

        json_put_text(&step, "setting", setting_info(m->setting)->name);
        json_put_text(&step, "where", m->where);
        json_put_text(&step, "field", m->field);
        json_put_text(&step, "value", m->value);
        ok &= json_append(steps, &step);
    }
    json_put_array(o, "manual_steps", steps, ok);
}

static void put_accepted(struct json_line *o, const struct plan *plan)
{
    json_t *names = json_array();
    bool ok = true;

    for (size_t i = 0; plan != NULL && i < plan->accepted_count; i++)
        ok &= json_array_append_new(names, json_text(plan->accepted[i])) == 0;
    json_put_array(o, "accepted", names, ok);
}

static void put_line(struct json_line *o, const struct line_settings *line)
{
    json_put(o, "baud", json_integer(line->baud));
    json_put_text(o, "frame", line->frame);
    json_put_text(o, "flow", flow_name(line->flow));
}

char *json_plan(const struct plan *plan)
{
    struct json_line o = json_begin("plan");
    json_t *exchanges = json_array();
    bool ok = true;

    json_put_text(&o, "profile", plan->profile->id);
    put_line(&o, &plan->line);
    for (size_t i = 0; i < plan->count; i++) {
        struct json_line x = exchange_object(plan, &plan->exchanges[i]);

        ok &= json_append(exchanges, &x);
    }
    json_put_array(&o, "exchanges", exchanges, ok);
    put_manual_steps(&o, plan);
    put_accepted(&o, plan);
    json_put_ms(&o, "line_ms", plan->line_time);
    json_put_ms(&o, "limit_ms", plan->limit);
    return json_print(&o);
}

/* --- events --------------------------------------------------------------------------------- */

static const char *event_name(enum event_type type)
{
    static const char *const names[] = {
        [EVENT_EXCHANGE_STARTED] = "started",
        [EVENT_SENT] = "sent",
        [EVENT_ECHO] = "echo",
        [EVENT_REPLY] = "reply",
        [EVENT_PROGRESS] = "progress",
        [EVENT_NOTE] = "note",
        [EVENT_EXCHANGE_DONE] = "done",
        [EVENT_EXCHANGE_FAILED] = "failed",
        [EVENT_RETRY] = "retry",
        [EVENT_ABORTED] = "aborted",
        [EVENT_FINISHED] = "finished",
    };

    return names[type];
}

char *json_event(const struct plan *plan, const char *port, usec began, const struct event *event)
{
    struct json_line o = json_begin(event_name(event->type));

    json_put_ms(&o, "ms", event->at - began);
    json_put_text(&o, "port", port);
    if (event->exchange < plan->count && event->type != EVENT_FINISHED)
        json_put_text(&o, "exchange", plan->exchanges[event->exchange].name);
    if (event->type == EVENT_SENT || event->type == EVENT_ECHO || event->type == EVENT_REPLY ||
        event->type == EVENT_PROGRESS)
        json_put_size(&o, "bytes", event->n);
    if (event->type == EVENT_PROGRESS) {
        json_put_size(&o, "total", event->total);
        json_put_ms(&o, "left_ms", event->left);
    }
    if (event->masked)
        json_put(&o, "masked", json_true());
    if (event->code != NULL)
        json_put_text(&o, "code", event->code);
    if (event->type == EVENT_EXCHANGE_FAILED)
        json_put_text(&o, "failure", load_failure_name(event->failure));
    if (event->type == EVENT_FINISHED)
        json_put_text(&o, "outcome", load_outcome_name(event->outcome));
    if (event->text_len > 0)
        json_put_bytes(&o, "text", event->text, event->text_len);
    return json_print(&o);
}

/* --- result --------------------------------------------------------------------------------- */

static struct json_line result_object(const struct plan *plan, const struct loader *loader,
                                      size_t i)
{
    const struct exchange *x = &plan->exchanges[i];
    const struct exchange_result *r = loader_result(loader, i);
    double rate = report_bytes_per_second(plan, r, i);
    struct json_line o = json_begin(NULL);
    struct buf why = {0};

    json_put_text(&o, "name", x->name);
    json_put_text(&o, "kind", kind_name(x->kind));
    json_put_text(&o, "state", device_state_name(r->state));
    json_put(&o, "verified", json_boolean(r->verified));
    json_put_text(&o, "provenance", provenance_name(x->provenance));
    json_put(&o, "attempts", json_integer(r->attempts));
    json_put_size(&o, "body_bytes", x->body.len);
    json_put_size(&o, "body_sent", r->body_sent);
    if (r->began > 0 && r->ended >= r->began)
        json_put_ms(&o, "ms", r->ended - r->began);
    if (rate > 0)
        json_put(&o, "bytes_per_second", json_integer((json_int_t)rate));
    json_put_size(&o, "window", r->window);
    if (x->kind == EXCHANGE_UPLOAD)
        json_put(&o, "compared", json_boolean(report_compared(r)));
    json_put_ms(&o, "echo_delay_ms", r->echo_delay);
    json_put_text(&o, "limited_by", r->limited_by);
    if (r->answer[0] != '\0')
        json_put_bytes(&o, "answer", r->answer, strlen(r->answer));
    if (r->failure != FAILURE_NONE) {
        json_put_text(&o, "failure", load_failure_name(r->failure));
        json_put_size(&o, "failure_at", r->failure_at);
        report_failure(&why, plan, loader, i);
        json_put_text(&o, "why", why.data);
        o.failed |= why.failed;
        buf_reset(&why);
    }
    return o;
}

static void put_results(struct json_line *o, const struct plan *plan, const struct loader *loader)
{
    json_t *results = json_array();
    bool ok = true;

    for (size_t i = 0; plan != NULL && loader != NULL && i < plan->count; i++) {
        struct json_line x = result_object(plan, loader, i);

        ok &= json_append(results, &x);
    }
    json_put_array(o, "exchanges", results, ok);
}

static void put_findings(struct json_line *o, const struct findings *findings)
{
    json_t *list = json_array();
    bool ok = true;

    for (size_t i = 0; findings != NULL && i < findings->count; i++) {
        struct json_line f = finding_object(&findings->items[i], NULL);

        ok &= json_append(list, &f);
    }
    json_put_array(o, "findings", list, ok);
}

char *json_result(const struct plan *plan, const struct loader *loader,
                  const struct verdict *verdict, const struct findings *findings, int exit_status,
                  const char *port)
{
    struct json_line o = json_begin("result");

    json_put(&o, "exit", json_integer(exit_status));
    if (loader != NULL)
        json_put_text(&o, "outcome", load_outcome_name(loader_outcome(loader)));
    json_put_text(&o, "port", port);
    if (plan != NULL) {
        json_put_text(&o, "profile", plan->profile->id);
        put_line(&o, &plan->line);
    }
    put_results(&o, plan, loader);
    if (loader != NULL)
        json_put(&o, "device_in_upload", json_boolean(loader_device_in_upload(loader)));
    put_manual_steps(&o, plan);
    put_accepted(&o, plan);
    put_findings(&o, findings);
    if (verdict != NULL) {
        json_put_text(&o, "state", verdict->state);
        json_put_text(&o, "remedy", verdict->remedy);
    }
    return json_print(&o);
}
