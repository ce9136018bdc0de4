/* SPDX-License-Identifier: MIT */
#include "run/transcript.h"

#include <string.h>

#include "base/buf.h"
#include "base/date.h"
#include "base/str.h"

#define STRETCH (100 * USEC_PER_MS)

void transcript_init(struct transcript *t, const struct plan *plan, usec began,
                     transcript_sink *sink, void *ctx)
{
    *t = (struct transcript){.plan = plan, .began = began, .sink = sink, .ctx = ctx};
}

/* Gives the line away; b is empty afterwards. */
static void put(struct transcript *t, struct buf *b)
{
    t->lost |= b->failed;
    t->sink(t->ctx, b->data != NULL ? b->data : "", b->len);
    buf_reset(b);
}

/* --- the heading ---------------------------------------------------------------------------- */

static void put_exchange(struct transcript *t, size_t i)
{
    const struct exchange *x = &t->plan->exchanges[i];
    struct buf b = {0};

    buf_printf(&b, "# %2zu %-12s %-10s ", i + 1, x->name, provenance_name(x->provenance));
    if (x->confidential && x->kind != EXCHANGE_UPLOAD)
        buf_printf(&b, "<%zu bytes>", x->command.len);
    else
        str_escape(&b, x->command.data, x->command.len);
    if (x->kind == EXCHANGE_UPLOAD)
        buf_printf(&b, " and a body of %zu bytes", x->body.len);
    put(t, &b);
}

void transcript_heading(struct transcript *t, const char *version, time_t when, const char *port)
{
    const struct plan *plan = t->plan;
    struct buf b = {0};
    char text[DATE_SIZE];

    date_write(text, when);
    buf_printf(&b, "# comcert %s, %s", version, text);
    put(t, &b);
    buf_printf(&b, "# profile %s", plan->profile->id);
    put(t, &b);
    buf_add_str(&b, "# port ");
    str_escape(&b, port, strlen(port));
    buf_printf(&b, " at %ld %s, flow control %s", plan->line.baud, plan->line.frame,
               flow_name(plan->line.flow));
    put(t, &b);
    buf_add_str(&b, "# Seconds since the start. > sent, < received; keys, passwords and what comes "
                    "while they are sent are sizes.");
    put(t, &b);
    buf_add_char(&b, '#');
    put(t, &b);
    for (size_t i = 0; i < plan->count; i++)
        put_exchange(t, i);
    buf_add_char(&b, '#');
    put(t, &b);
}

/* --- events --------------------------------------------------------------------------------- */

static void add_text(struct buf *b, const struct event *e)
{
    str_escape(b, e->text, e->text_len);
}

static void add_sent(struct buf *b, const struct event *e)
{
    if (e->text_len > 0) {
        buf_add_str(b, "> ");
        add_text(b, e);
    } else {
        buf_printf(b, "> <%zu bytes>", e->n);
    }
}

static void add_echo(struct buf *b, const struct event *e)
{
    buf_printf(b, "< echo of %zu bytes", e->n);
}

static void add_reply(struct buf *b, const struct event *e)
{
    buf_add_str(b, "< ");
    add_text(b, e);
    if (!e->masked && e->n > e->text_len)
        buf_printf(b, " (%zu bytes in all)", e->n);
}

static void add_coded(struct buf *b, const struct event *e)
{
    buf_printf(b, "%s %s", e->type == EVENT_NOTE ? "note" : "failed",
               e->code != NULL ? e->code : load_failure_name(e->failure));
    if (e->text_len > 0)
        buf_add_str(b, ": ");
    add_text(b, e);
}

static void add_started(struct buf *b, const struct event *e)
{
    (void)e;
    buf_add_str(b, "begins");
}

static void add_done(struct buf *b, const struct event *e)
{
    (void)e;
    buf_add_str(b, "done");
}

static void add_retry(struct buf *b, const struct event *e)
{
    buf_add_str(b, "again ");
    add_text(b, e);
}

static void add_aborted(struct buf *b, const struct event *e)
{
    buf_add_str(b, "aborted: the device left the upload ");
    add_text(b, e);
}

static void add_finished(struct buf *b, const struct event *e)
{
    buf_printf(b, "finished: %s", load_outcome_name(e->outcome));
}

static void (*const adders[])(struct buf *, const struct event *) = {
    [EVENT_EXCHANGE_STARTED] = add_started,
    [EVENT_SENT] = add_sent,
    [EVENT_ECHO] = add_echo,
    [EVENT_REPLY] = add_reply,
    [EVENT_PROGRESS] = NULL,
    [EVENT_NOTE] = add_coded,
    [EVENT_EXCHANGE_DONE] = add_done,
    [EVENT_EXCHANGE_FAILED] = add_coded,
    [EVENT_RETRY] = add_retry,
    [EVENT_ABORTED] = add_aborted,
    [EVENT_FINISHED] = add_finished,
};

/* The name of an exchange, or "-" for what belongs to none. */
static const char *name_of(const struct transcript *t, const struct event *e)
{
    return e->exchange < t->plan->count && e->type != EVENT_FINISHED
               ? t->plan->exchanges[e->exchange].name
               : "-";
}

static void put_event(struct transcript *t, const struct event *e)
{
    struct buf b = {0};

    buf_printf(&b, "%11.6f %-12s ", (double)(e->at - t->began) / (double)USEC_PER_SEC,
               name_of(t, e));
    adders[e->type](&b, e);
    put(t, &b);
}

void transcript_end(struct transcript *t)
{
    const struct transcript_stretch s = t->stretch;
    struct event sent = {.type = EVENT_SENT, .at = s.from, .exchange = s.exchange, .n = s.sent};
    struct event echo = {.type = EVENT_ECHO, .at = s.to, .exchange = s.exchange, .n = s.echoed};

    t->stretch = (struct transcript_stretch){0};
    if (s.sent > 0)
        put_event(t, &sent);
    if (s.echoed > 0)
        put_event(t, &echo);
}

/* With echo a body goes out two bytes at a time: a line for each would bury everything else. True
 * if the event was taken into the stretch. */
static bool stretches(struct transcript *t, const struct event *e)
{
    struct transcript_stretch *s = &t->stretch;
    bool piece = e->type == EVENT_ECHO || (e->type == EVENT_SENT && e->text_len == 0);

    if (s->sent + s->echoed > 0 &&
        (!piece || e->exchange != s->exchange || e->at - s->from > STRETCH))
        transcript_end(t);
    if (!piece)
        return false;
    if (s->sent + s->echoed == 0)
        s->from = e->at;
    s->exchange = e->exchange;
    s->to = e->at;
    s->sent += e->type == EVENT_SENT ? e->n : 0;
    s->echoed += e->type == EVENT_ECHO ? e->n : 0;
    return true;
}

void transcript_event(struct transcript *t, const struct event *event)
{
    if (adders[event->type] != NULL && !stretches(t, event))
        put_event(t, event);
}
