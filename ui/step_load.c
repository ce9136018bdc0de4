/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include <curses.h>

#include "ui/dialog.h"
#include "ui/keys.h"
#include "ui/load.h"
#include "ui/next_device.h"
#include "ui/review.h"
#include "ui/save.h"
#include "ui/view.h"

/* The load: a bar for each upload and one for all, the transcript, and how it ended. */

enum { ID_STOP = 1, ID_NEXT, ID_RETRY, ID_RECOVER, ID_SAVE, ID_REPORT, ID_BY_HAND, ID_QUIT };

enum { LOAD_STOP = 100, LOAD_SCROLL_UP, LOAD_SCROLL_DOWN };

static const struct keyrow over_keys[] = {
    {KEY_FN(KEY_PPAGE), LOAD_SCROLL_UP, NULL, "scroll the transcript"},
    {KEY_FN(KEY_NPAGE), LOAD_SCROLL_DOWN, NULL, NULL},
    {0},
};

static const struct keyrow running_keys[] = {
    {KEY_ESC, LOAD_STOP, "Stop", "ask whether to stop; the transfer goes on meanwhile"},
    {KEY_FN(KEY_PPAGE), LOAD_SCROLL_UP, NULL, "scroll the transcript"},
    {KEY_FN(KEY_NPAGE), LOAD_SCROLL_DOWN, NULL, NULL},
    {0},
};

/* --- bars --------------------------------------------------------------------------------------
 */

enum { NAME_COLUMNS = 13, BAR_COLUMNS = 20 };

static enum role role_of(enum row_state state)
{
    static const enum role roles[] = {[ROW_WAITING] = ROLE_DIM,
                                      [ROW_RUNNING] = ROLE_STRONG,
                                      [ROW_DONE] = ROLE_GOOD,
                                      [ROW_FAILED] = ROLE_BAD};

    return roles[state];
}

/* "96 % of line rate", without what held it up: that is for the report. */
static int rate_length(const struct load_row *row)
{
    return row->text != NULL ? (int)strcspn(row->text, ",") : 0;
}

static void describe_state(const struct load *l, const struct load_row *row, char *out, size_t size)
{
    switch (row->state) {
    case ROW_WAITING:
        snprintf(out, size, "waiting");
        break;
    case ROW_RUNNING:
        if (l->left > 0 && row->done > 0)
            snprintf(out, size, "%.1f s left", (double)l->left / (double)USEC_PER_SEC);
        else
            snprintf(out, size, row->done > 0 ? "waiting for the answer" : "begins");
        break;
    case ROW_DONE:
        snprintf(out, size, "%s %s%s%.*s", mark(ROLE_GOOD), row->verified ? "verified" : "loaded",
                 row->text != NULL ? ", " : "", rate_length(row), row->text);
        break;
    case ROW_FAILED:
        snprintf(out, size, "%s FAILED", mark(ROLE_BAD));
        break;
    }
}

static int draw_upload(const struct load *l, const struct canvas *c, int y,
                       const struct load_row *row)
{
    char bytes[48], state[200];
    int x = NAME_COLUMNS + BAR_COLUMNS + 1;

    snprintf(bytes, sizeof bytes, "%5zu of %zu", row->done, row->total);
    describe_state(l, row, state, sizeof state);
    draw_text(c, y, 0, NAME_COLUMNS - 1, role_of(row->state), row->name);
    draw_bar(c, y, NAME_COLUMNS, BAR_COLUMNS, row->done, row->total);
    draw_text(c, y, x, 14, ROLE_TEXT, bytes);
    draw_text(c, y, x + 15, c->area.w - x - 15, role_of(row->state), state);
    if (row->state != ROW_FAILED || row->text == NULL)
        return 1;
    return 1 + draw_hanging(c, y + 1, 2, c->area.w - 2, 0, ROLE_BAD, row->text);
}

/* Commands without a body are over at once: one row for all of them, but for one that failed. */
static int draw_commands(const struct load *l, const struct canvas *c, int y)
{
    size_t n = 0, done = 0;
    int rows = 0;
    char text[64];

    for (size_t i = 0; i < l->row_count; i++) {
        n += !l->rows[i].is_upload;
        done += !l->rows[i].is_upload && l->rows[i].state == ROW_DONE;
    }
    if (n > 0) {
        snprintf(text, sizeof text, "%5zu of %zu", done, n);
        draw_text(c, y, 0, NAME_COLUMNS - 1, done == n ? ROLE_GOOD : ROLE_STRONG, "commands");
        draw_bar(c, y, NAME_COLUMNS, BAR_COLUMNS, done, n);
        draw_text(c, y, NAME_COLUMNS + BAR_COLUMNS + 1, 20, ROLE_TEXT, text);
        rows++;
    }
    for (size_t i = 0; i < l->row_count; i++) {
        const struct load_row *row = &l->rows[i];

        if (row->is_upload || row->state != ROW_FAILED)
            continue;
        draw_text(c, y + rows, 0, c->area.w, ROLE_BAD, row->name);
        rows += 1 + draw_hanging(c, y + rows + 1, 2, c->area.w - 2, 0, ROLE_BAD,
                                 row->text != NULL ? row->text : "failed");
    }
    return rows;
}

static int draw_total(const struct load *l, const struct canvas *c, int y)
{
    size_t done = l->bytes_done;
    double left;
    char bytes[48], time[48] = "";
    int x = NAME_COLUMNS + BAR_COLUMNS + 1;

    for (size_t i = 0; i < l->row_count; i++) {
        if (l->rows[i].state == ROW_RUNNING)
            done += l->rows[i].done;
    }
    left = l->bytes > 0 ? (double)l->line_time * (double)(l->bytes - done) / (double)l->bytes : 0;
    snprintf(bytes, sizeof bytes, "%5zu of %zu", done, l->bytes);
    if (l->state == LOAD_GOING)
        snprintf(time, sizeof time, "%.1f s left on the line", left / (double)USEC_PER_SEC);
    draw_text(c, y, 0, NAME_COLUMNS - 1, ROLE_STRONG, "all");
    draw_bar(c, y, NAME_COLUMNS, BAR_COLUMNS, done, l->bytes);
    draw_text(c, y, x, 14, ROLE_TEXT, bytes);
    draw_text(c, y, x + 15, c->area.w - x - 15, ROLE_TEXT, time);
    return 1;
}

/* --- the end -----------------------------------------------------------------------------------
 */

static int draw_verdict(const struct load *l, const struct canvas *c, int y)
{
    const struct verdict *v = &l->verdict;
    bool ok = v->exit_status == 0;
    char text[1024];
    int rows;

    if (l->err.text[0] != '\0') {
        rows = draw_hanging(c, y, 0, c->area.w, 2, ROLE_BAD, l->err.text);
        rows += draw_hanging(c, y + rows, 2, c->area.w - 2, 0, ROLE_TEXT,
                             "Nothing was sent: the device is as it was.");
        if (l->err.remedy[0] != '\0')
            rows += draw_hanging(c, y + rows, 2, c->area.w - 2, 0, ROLE_TEXT, l->err.remedy);
        return rows;
    }
    if (v->state == NULL)
        return 0;
    snprintf(text, sizeof text, "%s %s", ok ? "OK" : "NOT OK", v->state);
    rows = draw_hanging(c, y, 0, c->area.w, 3, ok ? ROLE_GOOD : ROLE_BAD, text);
    if (v->remedy != NULL) {
        snprintf(text, sizeof text, "next: %s", v->remedy);
        rows += draw_hanging(c, y + rows, 3, c->area.w - 3, 6, ROLE_TEXT, text);
    }
    return rows;
}

static void draw_transcript(struct load *l, const struct canvas *c)
{
    size_t kept = l->line_count < TRANSCRIPT_MAX ? l->line_count : TRANSCRIPT_MAX;
    size_t page = (size_t)(c->area.h - 1), back = l->back, first;

    if (c->area.h < 2)
        return;
    l->page = page;
    if (back + page > kept)
        back = kept > page ? kept - page : 0;
    draw_rule(c, 0, 0, c->area.w, ROLE_DIM, "Transcript; keys and passwords are sizes", ROLE_DIM,
              back > 0 ? "scrolled back" : NULL);
    first = l->line_count - back > page ? l->line_count - back - page : 0;
    for (size_t i = 0; i < page && first + i < l->line_count - back; i++) {
        const char *line = l->lines[(first + i) % TRANSCRIPT_MAX];

        draw_text(c, (int)i + 1, 0, c->area.w, ROLE_TEXT, line);
    }
}

static const char *state_words(const struct load *l)
{
    switch (l->state) {
    case LOAD_OPENING:
        return "opening the port ...";
    case LOAD_GOING:
        return l->cancelled ? "stopping ..." : "loading";
    default:
        return "";
    }
}

static void draw(struct wizard *w, const struct canvas *c)
{
    struct load *l = w->load;
    const char *words = state_words(l);
    struct canvas part;
    int y = 1;

    draw_text(c, 0, 0, c->area.w - text_columns(words) - 1, ROLE_STRONG, l->heading);
    draw_text(c, 0, c->area.w - text_columns(words), 21, ROLE_DIM, words);
    y += draw_commands(l, c, y);
    for (size_t i = 0; i < l->row_count; i++) {
        if (l->rows[i].is_upload)
            y += draw_upload(l, c, y, &l->rows[i]);
    }
    y += draw_total(l, c, y);
    y += draw_verdict(l, c, y);
    part = canvas_part(c, y < c->area.h - 2 ? y : c->area.h - 2, 0, 1, c->area.w);
    wizard_draw_form(w, &part);
    y++;
    part = canvas_part(c, y, 0, c->area.h - y, c->area.w);
    draw_transcript(l, &part);
}

/* --- buttons -----------------------------------------------------------------------------------
 */

static void build_over(struct wizard *w, struct item *buttons)
{
    const struct load *l = w->load;
    bool ok = l->verdict.state != NULL && l->verdict.exit_status == 0;
    bool manual = w->prepared.plan != NULL && w->prepared.plan->manual_count > 0;

    if (!ok)
        form_button(buttons, l->verdict.recover ? ID_RECOVER : ID_RETRY,
                    l->verdict.recover ? "Recover and retry" : "Retry", false);
    form_button(buttons, ID_NEXT, "Next device", false);
    if (ok && manual)
        form_button(buttons, ID_BY_HAND, "By hand", false);
    form_button(buttons, ID_REPORT, "Save report", l->report == NULL);
    if (ok)
        form_button(buttons, ID_SAVE, "Save job", false);
    form_button(buttons, ID_QUIT, "Quit", false);
}

static void build(struct wizard *w, struct form *f)
{
    struct item *buttons = form_add(f, ITEM_BUTTONS, 0, NULL);

    if (w->load->state == LOAD_OVER)
        build_over(w, buttons);
    else if (load_is_busy(w))
        form_button(buttons, ID_STOP, "Stop", w->load->state == LOAD_CLOSING);
}

static void show_manual(struct wizard *w)
{
    struct lines lines = {0};

    review_add_manual(w, &lines);
    view_open(w->app, "By hand", &lines);
}

static void on_recover(void *ctx, int button, const char *text, struct secret *secret)
{
    (void)text;
    (void)secret;
    if (button < 2)
        load_start(ctx, button == 0);
}

/* What recovering sends is assumed: it is asked for, and said what it may do. */
void load_ask_recover(struct wizard *w)
{
    static const char *const buttons[] = {"Recover and load", "Load only", "Leave it", NULL};
    struct dialog spec = {
        .title = "Recover",
        .buttons = buttons,
        .focus = 2,
        .escape = 2,
        .done = on_recover,
        .ctx = w,
    };
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0,
              "The device may still wait for the rest of a file. The surest way is to power-cycle "
              "it, then Load only.");
    lines_add(
        &text, ROLE_TEXT, 0,
        "To recover, the end of a file is sent first. That is assumed to work; what the device "
        "then stores in the slot that was open is not known, and it is loaded anew.");
    (void)dialog_open(w->app, &spec, &text);
}

static void on_form(struct wizard *w, enum form_event event, int id)
{
    if (event != FORM_PRESSED)
        return;
    switch (id) {
    case ID_STOP:
        load_ask_to_stop(w);
        break;
    case ID_NEXT:
        next_device_ask(w);
        break;
    case ID_RETRY:
        load_start(w, false);
        break;
    case ID_RECOVER:
        load_ask_recover(w);
        break;
    case ID_SAVE:
        save_job_ask(w);
        break;
    case ID_REPORT:
        save_report_ask(w);
        break;
    case ID_BY_HAND:
        show_manual(w);
        break;
    case ID_QUIT:
        wizard_leave(w);
        break;
    default:
        break;
    }
}

static void act(struct wizard *w, int action)
{
    if (action == LOAD_SCROLL_UP)
        load_scroll(w, -5);
    else if (action == LOAD_SCROLL_DOWN)
        load_scroll(w, 5);
    else
        load_ask_to_stop(w);
}

static const struct keyrow *keys(const struct wizard *w)
{
    return load_is_busy(w) ? running_keys : over_keys;
}

const struct step_class step_load = {
    .title = "Load",
    .about = "Bytes count once they have left the line, not once they were handed over. The line "
             "at the end says what state the device is in, and what to do next.",
    .keys = keys,
    .build = build,
    .on_form = on_form,
    .act = act,
    .draw = draw,
};
