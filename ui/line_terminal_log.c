/* SPDX-License-Identifier: MIT */
#include "ui/line_terminal_inside.h"

#include "ui/dialog.h"

static void on_log_name(void *ctx, int button, const char *path, struct secret *secret)
{
    struct line_terminal *t = ctx;
    struct err err;

    (void)secret;
    if (button != 0 || path[0] == '\0' || t->terminal == NULL)
        return;
    if (terminal_log_start(t->terminal, path, &err) != 0) {
        app_say(t->layer.app, ROLE_BAD, "%s", err.text);
        return;
    }
    t->logging = true;
    app_say(t->layer.app, ROLE_GOOD, "Logging.");
}

static void ask_log_name(struct line_terminal *t)
{
    static const char *const buttons[] = {"Log", "Leave it", NULL};
    struct dialog spec = {
        .title = "Log to a file",
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_TEXT,
        .label = "File",
        .initial = "comcert-terminal.log",
        .done = on_log_name,
        .ctx = t,
    };
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0, "Every line from now on, but nothing that looks like a key.");
    lines_add(&text, ROLE_TEXT, 0, " ");
    (void)dialog_open(t->layer.app, &spec, &text);
}

void line_terminal_log(struct line_terminal *t)
{
    struct err err;

    if (t->terminal == NULL) {
        app_say(t->layer.app, ROLE_WARN, "The port is not open.");
        return;
    }
    if (!t->logging) {
        ask_log_name(t);
        return;
    }
    t->logging = false;
    if (terminal_log_stop(t->terminal, &err) != 0)
        app_say(t->layer.app, ROLE_BAD, "%s", err.text);
    else
        app_say(t->layer.app, ROLE_GOOD, "The log is complete.");
}
