/* SPDX-License-Identifier: MIT */
#include "ui/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "base/str.h"
#include "run/report_text.h"
#include "ui/broker.h"
#include "ui/cards.h"
#include "ui/dialog.h"
#include "ui/keys.h"
#include "ui/last_word.h"

bool load_create(struct wizard *w)
{
    w->load = calloc(1, sizeof *w->load);
    if (w->load != NULL)
        w->load->w = w;
    return w->load != NULL;
}

/* What was remembered of the run before. */
static void forget(struct load *l)
{
    for (size_t i = 0; i < l->row_count; i++)
        free(l->rows[i].text);
    free(l->rows);
    for (size_t i = 0; i < TRANSCRIPT_MAX; i++)
        free(l->lines[i]);
    verdict_reset(&l->verdict);
    free(l->report);
    *l = (struct load){.w = l->w, .left_secrets = l->left_secrets};
}

void load_destroy(struct wizard *w)
{
    if (w->load == NULL)
        return;
    session_end(&w->load->session);
    plan_destroy(w->load->plan);
    profile_destroy(w->load->profile);
    forget(w->load);
    free(w->load);
    w->load = NULL;
}

bool load_is_busy(const struct wizard *w)
{
    return w->load != NULL && w->load->state >= LOAD_OPENING && w->load->state <= LOAD_CLOSING;
}

bool load_was_run(const struct wizard *w)
{
    return w->load->state != LOAD_NEVER && w->load->revision == w->revision;
}

bool load_left_secrets(const struct wizard *w)
{
    return w->load->left_secrets;
}

void load_scroll(struct wizard *w, int steps)
{
    struct load *l = w->load;
    size_t most;

    if (steps > 0 && l->back < (size_t)steps)
        l->back = 0;
    else
        l->back -= (size_t)steps;
    most = l->line_count < TRANSCRIPT_MAX ? l->line_count : TRANSCRIPT_MAX;
    most = most > l->page ? most - l->page : 0;
    if (l->back > most)
        l->back = most;
}

/* --- what happens ------------------------------------------------------------------------------
 */

static void add_line(void *ctx, const char *line, size_t n)
{
    struct load *l = ctx;
    size_t at = l->line_count % TRANSCRIPT_MAX;

    free(l->lines[at]);
    l->lines[at] = strndup(line, n);
    l->line_count += l->lines[at] != NULL;
    /* Whoever has scrolled back goes on reading. */
    if (l->back > 0)
        l->back++;
}

static void set_text(struct load_row *row, struct buf *text)
{
    free(row->text);
    row->text = text->len > 0 ? buf_take(text) : NULL;
    buf_reset(text);
}

static void on_done(struct load *l, const struct event *e)
{
    struct load_row *row = &l->rows[e->exchange];
    const struct exchange_result *r = loader_result(l->session.loader, e->exchange);
    struct buf text = {0};

    row->state = ROW_DONE;
    row->verified = r->verified;
    row->done = row->total;
    l->bytes_done += row->size;
    l->left = 0;
    report_rate(&text, l->plan, r, e->exchange);
    set_text(row, &text);
}

static void on_failed(struct load *l, const struct event *e)
{
    struct load_row *row = &l->rows[e->exchange];
    struct buf text = {0};

    row->state = ROW_FAILED;
    l->left = 0;
    report_failure(&text, l->plan, l->session.loader, e->exchange);
    set_text(row, &text);
}

static void keep_secrets_in_mind(struct load *l, const struct event *e)
{
    if (e->type == EVENT_EXCHANGE_STARTED && l->plan->exchanges[e->exchange].confidential)
        l->left_secrets = true;
    else if (e->type == EVENT_EXCHANGE_DONE)
        l->left_secrets = false;
}

static void on_event(void *ctx, size_t index, const struct event *e)
{
    struct load *l = ctx;
    struct load_row *row = e->exchange < l->row_count ? &l->rows[e->exchange] : NULL;

    (void)index;
    transcript_event(&l->transcript, e);
    if (row == NULL)
        return;
    keep_secrets_in_mind(l, e);
    switch (e->type) {
    case EVENT_EXCHANGE_STARTED:
        row->state = ROW_RUNNING;
        break;
    case EVENT_PROGRESS:
        row->done = e->n;
        row->total = e->total;
        l->left = e->left;
        break;
    case EVENT_RETRY:
        row->done = 0;
        break;
    case EVENT_EXCHANGE_DONE:
        on_done(l, e);
        break;
    case EVENT_EXCHANGE_FAILED:
        on_failed(l, e);
        break;
    default:
        break;
    }
    app_changed_soon(l->w->app);
}

/* --- the end -----------------------------------------------------------------------------------
 */

/* What the session needed is not needed any more. */
static void give_back(struct load *l)
{
    plan_destroy(l->plan);
    profile_destroy(l->profile);
    l->plan = NULL;
    l->profile = NULL;
    l->w->checked = false;
}

static void session_closed(void *task)
{
    struct wizard *w = task;

    give_back(w->load);
    w->load->state = LOAD_OVER;
    if (w->load->quitting)
        app_quit(w->app);
}

static void end_session(void *task)
{
    struct wizard *w = task;

    session_end(&w->load->session);
}

static void take_report(struct wizard *w)
{
    struct load *l = w->load;
    struct buf text = {0};
    struct report_source source = {
        .version = w->version,
        .when = time(NULL),
        .port = port_info(l->session.port)->name,
        .job = &w->prepared.job,
        .plan = l->plan,
        .loader = l->session.loader,
        .verdict = &l->verdict,
        .findings = &w->prepared.findings,
    };

    report_text(&text, &source);
    free(l->report);
    l->report = buf_take(&text);
}

static void finish(struct wizard *w)
{
    struct load *l = w->load;
    struct err err;

    transcript_end(&l->transcript);
    if (verdict_make(l->plan, l->session.loader, READER_WIZARD, &l->verdict, &err) == 0) {
        w->status = l->quitting ? 130 : l->verdict.exit_status;
        last_word_take(l);
        take_report(w);
    }
    dialog_dismiss(w->app, l->asking);
    l->asking = NULL;
    keys_flush(); /* what was typed for the running load must not press what stands there now */
    app_remove_source(w->app, l);
    l->state = LOAD_CLOSING;
    closing_start(end_session, session_closed, w);
    app_changed(w->app);
}

/* --- the loop's side ---------------------------------------------------------------------------
 */

static size_t pollfds(void *ctx, struct pollfd *fds, size_t max, usec *deadline)
{
    return runner_pollfds(((struct load *)ctx)->session.runner, fds, max, deadline);
}

static void dispatch(void *ctx)
{
    struct load *l = ctx;

    runner_dispatch(l->session.runner);
    if (loader_outcome(l->session.loader) == LOAD_RUNNING)
        return;
    runner_dispatch(l->session.runner); /* its last events */
    finish(l->w);
}

/* --- the beginning ------------------------------------------------------------------------------
 */

static bool make_rows(struct load *l)
{
    const struct plan *plan = l->plan;

    l->rows = calloc(plan->count + 1, sizeof *l->rows);
    if (l->rows == NULL)
        return false;
    l->row_count = plan->count;
    l->line_time = plan->line_time;
    for (size_t i = 0; i < plan->count; i++) {
        const struct exchange *x = &plan->exchanges[i];
        struct load_row *row = &l->rows[i];

        snprintf(row->name, sizeof row->name, "%s", x->name);
        row->is_upload = x->kind == EXCHANGE_UPLOAD;
        row->size = exchange_size(x);
        row->body = row->total = x->body.len;
        l->bytes += row->size;
    }
    return true;
}

static void fail(struct load *l, const struct err *err)
{
    l->err = *err;
    l->w->status = 4;
    last_word_take_unsent(l);
    l->state = LOAD_OVER;
    give_back(l);
    app_changed(l->w->app);
    if (l->quitting)
        app_quit(l->w->app);
}

static void on_opened(void *ctx, struct port *port, const struct err *err)
{
    struct load *l = ctx;
    struct err own;

    l->opening = NULL;
    if (port == NULL) {
        fail(l, err);
        return;
    }
    if (session_start(&l->session, l->plan, port, on_event, l, &own) != 0) {
        fail(l, &own);
        return;
    }
    transcript_init(&l->transcript, l->plan, l->session.began, add_line, l);
    if (port_info(port)->note[0] != '\0')
        add_line(l, port_info(port)->note, strlen(port_info(port)->note));
    l->state = LOAD_GOING;
    app_add_source(l->w->app, (struct source){pollfds, dispatch, l});
    app_changed(l->w->app);
}

/* As a batch run would: nothing is lenient now, and nothing else than what stood on the Review page
 * is sent (a profile file may have changed since). The load gets plan and profile. */
static bool take_plan(struct wizard *w, bool recover)
{
    struct load *l = w->load;
    char digest[65];

    wizard_prepare(w, false, recover);
    w->checked = false;
    if (!prepared_is_fit(&w->prepared))
        return false;
    plan_digest(w->prepared.plan, digest);
    if (digest[0] == '\0' || strcmp(digest, w->shown) != 0)
        return false;
    forget(l);
    l->revision = w->revision;
    wizard_set(&w->last_word, NULL);
    l->plan = w->prepared.plan;
    l->profile = w->prepared.profile;
    w->prepared.plan = NULL;
    w->prepared.profile = NULL;
    return true;
}

void load_start(struct wizard *w, bool recover)
{
    struct load *l = w->load;
    const char *device = w->prepared.job.device;

    if (load_is_busy(w) || device == NULL || !take_plan(w, recover)) {
        wizard_go(w, STEP_REVIEW);
        app_say(w->app, ROLE_BAD,
                "Nothing was sent: look at the plan again, it is not what it was.");
        return;
    }
    snprintf(l->heading, sizeof l->heading, "%.80s at %ld %s, profile %s", device,
             l->plan->line.baud, l->plan->line.frame, l->profile->id);
    /* A body is paced by times below a millisecond; the kernel may else wake us 50 us late. */
    (void)prctl(PR_SET_TIMERSLACK, 1000UL);
    if (make_rows(l))
        l->opening = opening_start(device, &l->plan->line, on_opened, l);
    if (l->opening == NULL) {
        give_back(l);
        app_say(w->app, ROLE_BAD, "Out of memory: nothing was opened.");
        return;
    }
    l->state = LOAD_OPENING;
    wizard_show_load(w);
}

/* --- stopping -----------------------------------------------------------------------------------
 */

static void stop(struct load *l)
{
    struct err err = {0};

    if (l->state == LOAD_GOING) {
        l->cancelled = true;
        runner_cancel(l->session.runner);
    } else if (l->state == LOAD_OPENING) {
        opening_cancel(l->opening);
        l->opening = NULL;
        err_set(&err, ERR_IO, "Stopped before the port was open.");
        fail(l, &err);
        l->w->status = 130;
    }
}

static void on_stop(void *ctx, int button, const char *text, struct secret *secret)
{
    struct load *l = ctx;

    (void)text;
    (void)secret;
    l->asking = NULL;
    if (button == 1)
        stop(l);
}

void load_ask_to_stop(struct wizard *w)
{
    static const char *const first[] = {"Go on", "Stop", NULL};
    static const char *const again[] = {"Wait", "Stop at once", NULL};
    struct load *l = w->load;
    struct dialog spec = {
        .title = "Stop the load?",
        .buttons = l->cancelled ? again : first,
        .escape = 0,
        .done = on_stop,
        .ctx = l,
    };
    struct lines text = {0};

    if (l->asking != NULL || l->state == LOAD_CLOSING)
        return;
    if (l->cancelled)
        lines_add(&text, ROLE_TEXT, 0,
                  "It stops as soon as the file that is on its way is through. Stopping at once "
                  "breaks it off: nobody can tell then what the device has stored, and it may wait "
                  "for the rest.");
    else
        lines_add(
            &text, ROLE_TEXT, 0,
            "The transfer goes on while you decide. A file that is nearly through is finished "
            "first; then nothing more is sent.");
    l->asking = dialog_open(w->app, &spec, &text);
}

void load_end(struct wizard *w, bool again)
{
    w->load->quitting = true;
    dialog_dismiss(w->app, w->load->asking);
    w->load->asking = NULL;
    if (!w->load->cancelled || again)
        stop(w->load);
}

void load_abandon(struct wizard *w)
{
    struct load *l = w->load;

    opening_cancel(l->opening);
    l->opening = NULL;
    l->quitting = false;
    app_remove_source(w->app, l);
    if (l->state == LOAD_GOING) {
        l->state = LOAD_CLOSING;
        closing_start(end_session, session_closed, w);
    }
}
