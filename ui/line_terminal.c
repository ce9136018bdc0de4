/* SPDX-License-Identifier: MIT */
#include "ui/line_terminal_inside.h"

#include <stdio.h>
#include <stdlib.h>

#include <curses.h>

#include "ui/dialog.h"
#include "ui/keys.h"
#include "ui/load.h"
#include "ui/opening.h"

enum { TERM_CLOSE = 1, TERM_SEND, TERM_LOG, TERM_SCROLL, TERM_DROP };

static const struct keyrow send_keys[] = {
    {KEY_RETURN, TERM_SEND, "Send", "send the line, with the profile's line end"},
    {KEY_FN(KEY_F(8)), TERM_DROP, NULL, "do not send what still waits to be sent"},
    {0},
};

static const struct keyrow terminal_keys[] = {
    {KEY_ESC, TERM_CLOSE, "Close", "close the port and go back"},
    {KEY_CTRL('C'), TERM_CLOSE, NULL, NULL},
    {KEY_FN(KEY_F(6)), TERM_LOG, "Log", "write what is said to a file, or stop that"},
    {KEY_FN(KEY_PPAGE), TERM_SCROLL, NULL, "scroll"},
    {KEY_FN(KEY_NPAGE), TERM_SCROLL, NULL, NULL},
    {0},
};

static void terminal_tables(const struct layer *l, const struct keyrow *tables[LAYER_TABLES])
{
    const struct line_terminal *t = (const struct line_terminal *)l;
    size_t n = 0;

    if (!t->listen_only)
        tables[n++] = send_keys;
    tables[n] = terminal_keys;
}

static const char *terminal_title(const struct layer *l)
{
    return ((const struct line_terminal *)l)->title;
}

static const char *terminal_about(const struct layer *l)
{
    return ((const struct line_terminal *)l)->listen_only
               ? "What the device says by itself. Nothing is sent."
               : "What you type is sent as a line when you press Enter. What looks like a key is "
                 "neither shown nor logged.";
}

/* --- the port --------------------------------------------------------------------------------- */

static size_t pollfds(void *ctx, struct pollfd *fds, size_t max, usec *deadline)
{
    const struct line_terminal *t = ctx;

    (void)max;
    return terminal_pollfd(t->terminal, fds, deadline);
}

static void dispatch(void *ctx)
{
    struct line_terminal *t = ctx;

    if (terminal_dispatch(t->terminal))
        app_changed_soon(t->layer.app);
}

enum { PATTERNS_MAX = 64 };

/* What a device of this family is known to say. */
static size_t collect_patterns(const struct profile *p, const char *out[PATTERNS_MAX])
{
    const texts lists[] = {p->answers.ok, p->answers.fail, p->answers.boot, p->upload.ok,
                           p->upload.fail};
    size_t n = 0;

    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (size_t j = 0; lists[i] != NULL && lists[i][j] != NULL && n < PATTERNS_MAX; j++)
            out[n++] = lists[i][j];
    }
    if (p->upload.prompt != NULL && n < PATTERNS_MAX)
        out[n++] = p->upload.prompt;
    return n;
}

static int create_terminal(struct line_terminal *t, struct port *port,
                           const struct profile *profile)
{
    const char *patterns[PATTERNS_MAX];
    struct terminal_options options = {
        .eol = profile->command_eol,
        .listen_only = t->listen_only,
        .patterns = patterns,
        .pattern_count = collect_patterns(profile, patterns),
        .withhold = load_left_secrets(t->w),
        .line = opening_line(t->w),
    };

    return terminal_create(port, &options, &t->terminal, &t->err);
}

static void on_opened(void *ctx, struct port *port, const struct err *err)
{
    struct line_terminal *t = ctx;
    const struct profile *profile = t->w->prepared.profile;

    t->opening = NULL;
    t->began = clock_now();
    if (port == NULL) {
        t->err = *err;
    } else if (profile == NULL) { /* its file has gone meanwhile */
        closing_start_port(port);
        err_set(&t->err, ERR_VALUE, "The profile cannot be read any more.");
    } else if (create_terminal(t, port, profile) == 0) {
        app_add_source(t->layer.app, (struct source){pollfds, dispatch, t});
    }
}

static void destroy_terminal(void *task)
{
    terminal_destroy(task);
}

static void terminal_close(struct layer *l)
{
    struct line_terminal *t = (struct line_terminal *)l;

    app_remove_source(l->app, t);
    opening_cancel(t->opening);
    if (t->terminal != NULL)
        closing_start(destroy_terminal, NULL, t->terminal);
    edit_reset(&t->line);
    secret_reset(&t->pasted);
    free(t);
}

/* --- sending ---------------------------------------------------------------------------------- */

static bool can_send(struct line_terminal *t)
{
    if (t->terminal != NULL && !terminal_gone(t->terminal))
        return true;
    app_say(t->layer.app, ROLE_WARN, "The port is not open.");
    return false;
}

static void send_line(struct line_terminal *t)
{
    struct err err;

    if (!can_send(t))
        return;
    t->back = 0;
    if (terminal_send_line(t->terminal, edit_text(&t->line), t->line.len, &err) == 0)
        edit_set(&t->line, NULL);
    else
        app_say(t->layer.app, ROLE_BAD, "%s", err.text);
}

static void on_paste_answer(void *ctx, int button, const char *text, struct secret *secret)
{
    struct line_terminal *t = ctx;
    struct err err;

    (void)text;
    (void)secret;
    if (button == 0 && can_send(t) && terminal_send_text(t->terminal, &t->pasted, &err) != 0)
        app_say(t->layer.app, ROLE_BAD, "%s", err.text);
    secret_reset(&t->pasted);
}

static size_t count_lines(const struct secret *text)
{
    size_t n = text->len > 0 && text->data[text->len - 1] != '\n';

    for (size_t i = 0; i < text->len; i++)
        n += text->data[i] == '\n';
    return n;
}

/* Several lines are never sent because somebody hit the wrong key. */
static void ask_to_send(struct line_terminal *t)
{
    static const char *const buttons[] = {"Send it", "Leave it", NULL};
    struct dialog spec = {
        .title = "Pasted text",
        .buttons = buttons,
        .focus = 1,
        .escape = 1,
        .done = on_paste_answer,
        .ctx = t,
    };
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0, "Send %zu lines, %zu bytes, to the device as they are?",
              count_lines(&t->pasted), t->pasted.len);
    (void)dialog_open(t->layer.app, &spec, &text);
}

static void terminal_paste(struct layer *l, const struct secret *text)
{
    struct line_terminal *t = (struct line_terminal *)l;

    if (t->listen_only) {
        app_say(l->app, ROLE_WARN, "Listening only: nothing is sent.");
    } else if (count_lines(text) <= 1) {
        (void)edit_insert(&t->line, (const char *)text->data, text->len);
    } else if (secret_set(&t->pasted, text->data, text->len, NULL) == 0) {
        ask_to_send(t);
    }
}

/* --- keys ------------------------------------------------------------------------------------- */

static void scroll_back(struct line_terminal *t, long rows)
{
    if (rows < 0 && t->back < (size_t)-rows)
        t->back = 0;
    else
        t->back += (size_t)rows;
}

static void terminal_act(struct layer *l, int action, int arg)
{
    struct line_terminal *t = (struct line_terminal *)l;
    long page = t->page > 1 ? (long)t->page - 1 : 1;

    switch (action) {
    case TERM_CLOSE:
        app_pop(l->app, l);
        break;
    case TERM_SEND:
        send_line(t);
        break;
    case TERM_LOG:
        line_terminal_log(t);
        break;
    case TERM_DROP:
        if (t->terminal != NULL)
            terminal_drop_pending(t->terminal);
        break;
    default:
        scroll_back(t, arg == KEY_FN(KEY_PPAGE) ? page : -page);
        break;
    }
}

static void terminal_key(struct layer *l, int key)
{
    struct line_terminal *t = (struct line_terminal *)l;

    if (!t->listen_only)
        (void)edit_key(&t->line, key);
}

static void terminal_wheel(struct layer *l, int row, int col, int steps)
{
    (void)row;
    (void)col;
    scroll_back((struct line_terminal *)l, -steps);
}

static const struct layer_class terminal_class = {
    .keys = terminal_tables,
    .title = terminal_title,
    .about = terminal_about,
    .draw = line_terminal_draw,
    .act = terminal_act,
    .key = terminal_key,
    .paste = terminal_paste,
    .wheel = terminal_wheel,
    .close = terminal_close,
};

static void start(struct wizard *w, bool listen_only)
{
    struct line_terminal *t = calloc(1, sizeof *t);
    struct line_settings line = opening_line(w);

    if (t == NULL)
        return;
    t->layer.class = &terminal_class;
    t->w = w;
    t->listen_only = listen_only;
    w->talked |= !listen_only;
    snprintf(t->title, sizeof t->title, "%s %.80s  %ld %s",
             listen_only ? "Listen:" : "Terminal:", w->prepared.job.device, line.baud, line.frame);
    app_push(w->app, &t->layer);
    t->opening = opening_start_job(w, on_opened, t);
}

static void on_listen(void *ctx, int button, const char *text, struct secret *secret)
{
    (void)text;
    (void)secret;
    if (button == 0)
        start(ctx, true);
}

static void on_talk(void *ctx, int button, const char *text, struct secret *secret)
{
    (void)text;
    (void)secret;
    if (button == 0)
        start(ctx, false);
}

/* A pty has no DTR: nothing could come of opening it. */
void line_terminal_open(struct wizard *w, bool listen_only)
{
    static const char *const buttons[] = {"Open the port", "Leave it", NULL};
    struct dialog spec = {
        .title = listen_only ? "Listen" : "Terminal",
        .buttons = buttons,
        .escape = 1,
        .done = listen_only ? on_listen : on_talk,
        .ctx = w,
    };
    struct lines text = {0};

    wizard_check(w);
    if (!port_is_no_pty(w->prepared.job.device)) {
        start(w, listen_only);
        return;
    }
    lines_add(&text, ROLE_TEXT, 0, "Opening %s raises DTR and RTS, which resets some devices. %s",
              w->prepared.job.device,
              listen_only ? "Nothing is sent." : "Only what you type is sent.");
    (void)dialog_open(w->app, &spec, &text);
}
