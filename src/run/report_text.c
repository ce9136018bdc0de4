/* SPDX-License-Identifier: MIT */
#include "run/report_text.h"

#include <string.h>

#include "base/str.h"
#include "pki/validity.h"

enum { WIDTH = 100 };

static void add_heading(struct buf *out, const char *text)
{
    buf_printf(out, "\n%s\n", text);
}

/* "port      /dev/ttyUSB0 at ...": text is safe already, and is broken under itself. */
static void add_row(struct buf *out, int indent, int width, const char *name, const char *text)
{
    size_t column = (size_t)(indent + width);

    buf_printf(out, "%*s%-*s", indent, "", text[0] != '\0' ? width : 0, name);
    str_wrap(out, WIDTH, column, column, text);
    buf_add_char(out, '\n');
}

/* The same from a buf, which is empty afterwards. */
static void add_buf_row(struct buf *out, int indent, int width, const char *name, struct buf *text)
{
    add_row(out, indent, width, name, text->data != NULL ? text->data : "");
    out->failed |= text->failed;
    buf_reset(text);
}

/* The same for text from outside; nothing for NULL. */
static void add_foreign_row(struct buf *out, int indent, int width, const char *name,
                            const char *text)
{
    struct buf b = {0};

    if (text == NULL)
        return;
    str_escape(&b, text, strlen(text));
    add_buf_row(out, indent, width, name, &b);
}

/* --- what, where and when ------------------------------------------------------------------- */

enum { HEAD = 10, CERT = 17, DETAIL = 8 };

static void add_port(struct buf *out, const struct report_source *s)
{
    struct buf b = {0};

    if (s->port != NULL)
        str_escape(&b, s->port, strlen(s->port));
    else
        buf_add_str(&b, "(none)");
    if (s->plan != NULL)
        buf_printf(&b, " at %ld %s, flow control %s", s->plan->line.baud, s->plan->line.frame,
                   flow_name(s->plan->line.flow));
    add_buf_row(out, 0, HEAD, "port", &b);
}

static void add_profile(struct buf *out, const struct report_source *s)
{
    struct buf b = {0};

    if (s->plan == NULL) {
        add_foreign_row(out, 0, HEAD, "profile", s->job->profile);
        return;
    }
    str_escape(&b, s->plan->profile->id, strlen(s->plan->profile->id));
    buf_add_str(&b, " (");
    str_safe(&b, s->plan->profile->title);
    buf_add_char(&b, ')');
    if (s->plan->profile->file != NULL) {
        buf_add_str(&b, ", ");
        str_escape(&b, s->plan->profile->file, strlen(s->plan->profile->file));
    }
    add_buf_row(out, 0, HEAD, "profile", &b);
}

static void add_head(struct buf *out, const struct report_source *s)
{
    const struct job *job = s->job;
    char when[48];

    buf_printf(out, "comcert %s: report of a load\n\n", s->version != NULL ? s->version : "");
    add_row(out, 0, HEAD, "time", validity_date(s->when, when, sizeof when));
    add_port(out, s);
    add_profile(out, s);
    add_foreign_row(out, 0, HEAD, "job", job->file);
    add_foreign_row(out, 0, HEAD, "device",
                    job->device_id != NULL ? job->device_id : job_value(job, SETTING_CLIENT_ID));
}

static void add_verdict(struct buf *out, const struct report_source *s)
{
    const struct verdict *v = s->verdict;

    buf_add_char(out, '\n');
    if (v == NULL) {
        add_row(out, 0, HEAD, "result", s->loader == NULL ? "nothing was sent" : "not known yet");
        return;
    }
    add_row(out, 0, HEAD, "result", v->exit_status == 0 ? "OK" : "NOT OK");
    add_row(out, 0, HEAD, "", v->state);
    if (v->remedy != NULL)
        add_row(out, 0, HEAD, "next", v->remedy);
}

/* --- exchanges ------------------------------------------------------------------------------ */

/* A step changes nothing that the device keeps: it was done or not. */
static const char *state_of(const struct exchange *x, const struct exchange_result *r)
{
    if (x->kind == EXCHANGE_UPLOAD || x->kind == EXCHANGE_SETTING)
        return device_state_name(r->state);
    if (r->failure != FAILURE_NONE)
        return "failed";
    return r->ended > 0 ? "done" : "not sent";
}

/* By what it is known that the device has what was sent, beyond its own word. */
static const char *verified_by(const struct exchange *x, const struct exchange_result *r)
{
    if (x->kind != EXCHANGE_UPLOAD || r->state != STATE_LOADED)
        return "-";
    if (r->verified)
        return "digest";
    return report_compared(r) ? "echo" : "no";
}

static void add_figures(struct buf *out, const struct plan *plan, const struct exchange_result *r,
                        size_t i)
{
    struct buf rate = {0};

    if (r->began > 0 && r->ended > r->began)
        buf_printf(out, "  %7.2f", (double)(r->ended - r->began) / (double)USEC_PER_SEC);
    else
        buf_printf(out, "  %7s", "-");
    buf_printf(out, "  %5d", r->attempts);
    report_rate(&rate, plan, r, i);
    if (rate.len > 0) {
        buf_add_str(out, "  ");
        str_wrap(out, WIDTH, 65, 65, rate.data);
    }
    out->failed |= rate.failed;
    buf_reset(&rate);
}

/* The device's words, unless the reason of the failure has told them. */
static void add_answer(struct buf *out, const char *answer, const char *told)
{
    struct buf b = {0};

    str_escape(&b, answer, strlen(answer));
    if (b.len > 0 && strstr(told, b.data) == NULL)
        add_row(out, 5, DETAIL, "answer", b.data);
    out->failed |= b.failed;
    buf_reset(&b);
}

static void add_outcome(struct buf *out, const struct report_source *s, size_t i)
{
    struct buf failure = {0};

    report_failure(&failure, s->plan, s->loader, i);
    if (failure.len > 0)
        add_row(out, 5, DETAIL, "failed", failure.data);
    add_answer(out, loader_result(s->loader, i)->answer, failure.len > 0 ? failure.data : "");
    out->failed |= failure.failed;
    buf_reset(&failure);
}

static void add_exchange(struct buf *out, const struct report_source *s, size_t i)
{
    const struct exchange *x = &s->plan->exchanges[i];
    const struct exchange_result *r = s->loader != NULL ? loader_result(s->loader, i) : NULL;

    buf_printf(out, "%3zu  %-12s  %-9s  %-8s  %6zu", i + 1, x->name,
               r != NULL ? state_of(x, r) : "not sent", r != NULL ? verified_by(x, r) : "-",
               exchange_size(x));
    if (r != NULL)
        add_figures(out, s->plan, r, i);
    buf_add_char(out, '\n');
    if (x->kind == EXCHANGE_SETTING && !x->confidential)
        add_foreign_row(out, 5, DETAIL, "value", job_value(s->job, (enum setting)x->setting));
    if (r != NULL)
        add_outcome(out, s, i);
}

static void add_exchanges(struct buf *out, const struct report_source *s)
{
    if (s->plan == NULL)
        return;
    add_heading(out, "Exchanges");
    buf_add_str(out, "  #  name          state      verified   bytes  seconds  tries\n");
    for (size_t i = 0; i < s->plan->count; i++)
        add_exchange(out, s, i);
}

/* --- what the plan does not send, and what it sends on trust -------------------------------- */

static void add_manual(struct buf *out, const struct plan *plan)
{
    struct buf where = {0};

    if (plan == NULL || plan->manual_count == 0)
        return;
    str_safe(&where, plan->manual[0].where);
    buf_printf(out, "\nTo be entered by hand, in %s\n", where.data != NULL ? where.data : "");
    out->failed |= where.failed;
    buf_reset(&where);
    for (size_t i = 0; i < plan->manual_count; i++) {
        const struct manual_step *m = &plan->manual[i];
        size_t length = strlen(m->field);

        buf_add_str(out, "  ");
        str_safe(out, m->field);
        buf_printf(out, "%*s", length < 20 ? (int)(20 - length) : 1, "");
        report_manual_value(out, m); /* never broken: it is to be copied */
        buf_add_char(out, '\n');
    }
}

/* Where the assumption comes from; "" for an emulated device's profile, which is none. */
static const char *source_of(const struct plan *plan, const char *name)
{
    const char *source = "";

    if (strcmp(name, "abort") == 0)
        (void)profile_provenance(plan->profile, "abort.send", &source);
    else if (strcmp(name, "sync") == 0)
        (void)profile_provenance(plan->profile, "sync.command", &source);
    for (size_t i = 0; i < plan->count; i++) {
        if (strcmp(plan->exchanges[i].name, name) == 0)
            source = plan->exchanges[i].source;
    }
    return source != NULL ? source : "";
}

static void add_accepted(struct buf *out, const struct plan *plan)
{
    if (plan == NULL)
        return;
    add_heading(out, "Accepted although assumed, not documented");
    if (plan->accepted_count == 0)
        buf_add_str(out, "  nothing\n");
    for (size_t i = 0; i < plan->accepted_count; i++)
        add_row(out, 2, 14, plan->accepted[i], source_of(plan, plan->accepted[i]));
}

/* --- credentials ---------------------------------------------------------------------------- */

static void add_field(struct buf *out, const char *name, const char *value)
{
    add_foreign_row(out, 4, CERT, name, value);
}

static void add_cert(struct buf *out, const struct cert_info *info, time_t now)
{
    char from[48], to[48], left[48];
    struct buf valid = {0};

    buf_printf(&valid, "%s to %s (%s)", validity_date(info->not_before, from, sizeof from),
               validity_date(info->not_after, to, sizeof to),
               validity_left(info, now, left, sizeof left));
    add_field(out, "subject", info->subject);
    add_field(out, "issuer", info->self_signed ? "itself (self-signed)" : info->issuer);
    add_buf_row(out, 4, CERT, "valid", &valid);
    add_field(out, "key", info->key.name);
    add_field(out, "SHA-1", info->sha1);
    add_field(out, "SHA-256", info->sha256);
}

static void add_certs(struct buf *out, const struct credential *c, time_t now)
{
    size_t n = credential_cert_count(c);

    for (size_t i = 0; i < n; i++) {
        if (n > 1)
            buf_printf(out, "    certificate %zu of %zu\n", i + 1, n);
        add_cert(out, credential_cert(c, i), now);
    }
}

static void add_slot(struct buf *out, const struct report_source *s, enum slot slot)
{
    const struct job_credential *jc = &s->job->credentials[slot];
    const struct key_info *key;

    buf_printf(out, "  %s\n", slot_name(slot));
    add_field(out, "file", jc->path);
    if (jc->credential == NULL) {
        add_field(out, "", "could not be used");
        return;
    }
    if (slot != SLOT_DEVICE_KEY) {
        add_certs(out, jc->credential, s->when);
        return;
    }
    key = credential_key(jc->credential);
    add_field(out, "key", key != NULL ? key->name : "none");
    if (key != NULL)
        add_field(out, "public SHA-256", key->sha256);
}

static void add_credentials(struct buf *out, const struct report_source *s)
{
    const struct job_credential *all = s->job->credentials;
    bool any = false;

    for (enum slot slot = 0; slot < SLOT_COUNT; slot++) {
        if (all[slot].path == NULL && all[slot].credential == NULL)
            continue;
        if (!any)
            add_heading(out, "Certificates and key");
        any = true;
        add_slot(out, s, slot);
    }
}

/* --- findings ------------------------------------------------------------------------------- */

static void add_finding(struct buf *out, const struct finding *f)
{
    struct buf b = {0};

    buf_printf(&b, "%s: ", f->code);
    finding_add_text(&b, f);
    add_buf_row(out, 2, 9, severity_name(f->severity), &b);
    if (f->remedy != NULL)
        add_row(out, 11, 5, "fix:", f->remedy);
}

static void add_findings(struct buf *out, const struct findings *list)
{
    if (list == NULL)
        return;
    add_heading(out, "Findings");
    if (list->count == 0)
        buf_add_str(out, "  none\n");
    for (int severity = SEVERITY_ERROR; severity >= SEVERITY_NOTE; severity--) {
        for (size_t i = 0; i < list->count; i++) {
            if (list->items[i].severity == (enum severity)severity)
                add_finding(out, &list->items[i]);
        }
    }
    if (list->lost)
        buf_add_str(out, "  some are missing: there was not enough memory\n");
}

void report_text(struct buf *out, const struct report_source *source)
{
    add_head(out, source);
    add_verdict(out, source);
    add_exchanges(out, source);
    add_manual(out, source->plan);
    add_accepted(out, source->plan);
    add_credentials(out, source);
    add_findings(out, source->findings);
}
