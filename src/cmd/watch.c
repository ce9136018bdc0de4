/* SPDX-License-Identifier: MIT */
#include "cmd/watch.h"

#include "base/str.h"
#include "run/report.h"

struct watch watch_make(const struct console *console, const struct session *session,
                        struct trace *trace)
{
    return (struct watch){
        .console = console,
        .session = session,
        .trace = trace,
        .progress.console = console,
    };
}

static const char *name_of(const struct watch *w, const struct event *e)
{
    return w->session->plan->exchanges[e->exchange].name;
}

static void print_text(FILE *f, const struct event *e)
{
    struct buf b = {0};

    str_escape(&b, e->text, e->text_len);
    if (b.data != NULL)
        fputs(b.data, f);
    buf_reset(&b);
}

static void on_started(struct watch *w, const struct event *e)
{
    w->started = true;
    w->exchange = e->exchange;
}

static void on_reply(struct watch *w, const struct event *e)
{
    if (w->started || w->console->quiet)
        return;
    /* Before the first command: the port's opening has reset the device, or it is talkative. */
    fputs("after opening, the device said: ", w->console->people);
    print_text(w->console->people, e);
    fputc('\n', w->console->people);
}

static void on_progress(struct watch *w, const struct event *e)
{
    w->body_ends = e->at + e->left;
    progress_draw(&w->progress, name_of(w, e), e->n, e->total, e->left, e->at);
}

static void on_note(struct watch *w, const struct event *e)
{
    struct buf b = {0};

    if (w->console->quiet)
        return;
    buf_printf(&b, "note %s: ", e->code != NULL ? e->code : "");
    str_escape(&b, e->text, e->text_len);
    fputs("  ", w->console->people);
    print_wrapped(w->console->people, 2, 4, b.data != NULL ? b.data : "note");
    buf_reset(&b);
}

/* "server-ca    loaded   1303 bytes  0.12 s  96 % of line rate". */
static void on_done(struct watch *w, const struct event *e)
{
    const struct exchange *x = &w->session->plan->exchanges[e->exchange];
    const struct exchange_result *r = loader_result(w->session->loader, e->exchange);
    struct buf b = {0};

    w->body_ends = 0;
    if (w->console->quiet)
        return;
    if (r->began > 0 && r->ended > r->began)
        buf_printf(&b, "%5zu bytes  %.2f s", exchange_size(x),
                   (double)(r->ended - r->began) / (double)USEC_PER_SEC);
    if (report_bytes_per_second(w->session->plan, r, e->exchange) > 0) {
        buf_add_str(&b, "  ");
        report_rate(&b, w->session->plan, r, e->exchange);
    }
    fprintf(w->console->people, "  %-12s %s%-8s%s ", x->name, console_style(w->console, STYLE_GOOD),
            x->kind == EXCHANGE_STEP || x->kind == EXCHANGE_RECOVER ? "done"
            : r->verified                                           ? "verified"
                                                                    : "loaded",
            console_style(w->console, STYLE_PLAIN));
    print_wrapped(w->console->people, 24, 24, b.data != NULL ? b.data : "");
    buf_reset(&b);
}

static void on_failed(struct watch *w, const struct event *e)
{
    struct buf b = {0};

    w->body_ends = 0;
    report_failure(&b, w->session->plan, w->session->loader, e->exchange);
    if (b.len == 0)
        buf_add_str(&b, load_failure_name(e->failure));
    if (e->failure == FAILURE_STALLED && port_cts(w->session->port) == 0)
        buf_add_str(&b, "; CTS is low now: the device, or the cable, holds the line");
    fprintf(w->console->people, "  %-12s %sFAILED%s   ", name_of(w, e),
            console_style(w->console, STYLE_BAD), console_style(w->console, STYLE_PLAIN));
    print_wrapped(w->console->people, 24, 24, b.data != NULL ? b.data : "");
    buf_reset(&b);
}

void watch_cancelled(struct watch *w)
{
    FILE *f = w->console->people;
    usec now = clock_now();
    bool over =
        loader_outcome(w->session->loader) != LOAD_RUNNING ||
        (w->started && loader_result(w->session->loader, w->exchange)->failure != FAILURE_NONE);

    if (w->cancelled || w->console->quiet)
        return;
    w->cancelled = true;
    progress_clear(&w->progress);
    if (over)
        fputs("stopping\n", f);
    else if (w->body_ends > now)
        fprintf(f, "finishing this file (%lld s), then stopping; Ctrl-C again stops at once\n",
                (long long)((w->body_ends - now + USEC_PER_SEC - 1) / USEC_PER_SEC));
    else
        fputs("waiting for the device's answer, then stopping; Ctrl-C again stops at once\n", f);
    fflush(f);
}

static void on_retry(struct watch *w, const struct event *e)
{
    if (!w->console->quiet)
        fprintf(w->console->people, "  %-12s again, slower\n", name_of(w, e));
}

static void on_aborted(struct watch *w, const struct event *e)
{
    if (!w->console->quiet)
        fprintf(w->console->people, "  %-12s aborted: the device has left the upload\n",
                name_of(w, e));
}

static void (*const tellers[])(struct watch *, const struct event *) = {
    [EVENT_EXCHANGE_STARTED] = on_started,
    [EVENT_SENT] = NULL,
    [EVENT_ECHO] = NULL,
    [EVENT_REPLY] = on_reply,
    [EVENT_PROGRESS] = on_progress,
    [EVENT_NOTE] = on_note,
    [EVENT_EXCHANGE_DONE] = on_done,
    [EVENT_EXCHANGE_FAILED] = on_failed,
    [EVENT_RETRY] = on_retry,
    [EVENT_ABORTED] = on_aborted,
    [EVENT_FINISHED] = NULL,
};

/* Echo and the pieces of a body say no more than progress does, and that ten times a second. */
static bool json_wanted(struct watch *w, const struct event *e)
{
    if (e->type == EVENT_ECHO || (e->type == EVENT_SENT && e->text_len == 0))
        return false;
    if (e->type != EVENT_PROGRESS)
        return true;
    if (w->json_progress_at != 0 && e->at - w->json_progress_at < 100 * USEC_PER_MS)
        return false;
    w->json_progress_at = e->at;
    return true;
}

void watch_event(void *ctx, size_t index, const struct event *event)
{
    struct watch *w = ctx;

    (void)index;
    if (w->trace != NULL)
        trace_event(w->trace, event);
    if (w->console->json && json_wanted(w, event))
        console_json(json_event(w->session->plan, port_info(w->session->port)->name,
                                w->session->began, event));
    if (event->type == EVENT_FINISHED ||
        (event->type != EVENT_PROGRESS && event->type != EVENT_ECHO && event->type != EVENT_SENT))
        progress_clear(&w->progress);
    if (tellers[event->type] != NULL) {
        tellers[event->type](w, event);
        fflush(w->console->people);
    }
}
