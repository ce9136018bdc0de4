/* SPDX-License-Identifier: MIT */
#include "ui/dialog.h"
#include "ui/probe_box.h"

enum { ANSWER_TLS, ANSWER_LOGIN, ANSWER_PUBLISH };

static void on_answer(void *ctx, int button, const char *text, struct secret *secret)
{
    struct probe_options options = {
        .system_roots = true,
        .connect = button >= ANSWER_LOGIN,
        .publish = button >= ANSWER_PUBLISH,
    };

    (void)text;
    (void)secret;
    if (button <= ANSWER_PUBLISH)
        probe_box_open(ctx, &options);
}

/* What must be filled in first; NULL: nothing. */
static const char *what_is_missing(const struct wizard *w)
{
    const struct job *job = &w->prepared.job;

    if (job_value(job, SETTING_BROKER) != NULL)
        return NULL;
    return job->preset == PRESET_AZURE ? "fill in the IoT hub first" : "fill in Broker IP first";
}

static void add_login(const struct job *job, struct lines *text)
{
    const char *id = job_value(job, SETTING_CLIENT_ID), *topic = job_value(job, SETTING_TOPIC);

    if (id != NULL)
        lines_add(text, ROLE_WARN, 0,
                  "The login throws a device off that is connected as %s at this moment: a broker "
                  "keeps one connection for each client ID.",
                  id);
    if (topic != NULL)
        lines_add(text, ROLE_TEXT, 0, "Publishing sends one small message to %s.", topic);
}

void probe_ask(struct wizard *w)
{
    static const char *const buttons[] = {"Only up to TLS", "Log in", "Log in and publish",
                                          "Leave it", NULL};
    struct dialog spec = {
        .title = "Try at the broker",
        .buttons = buttons,
        .escape = ANSWER_PUBLISH + 1,
        .done = on_answer,
        .ctx = w,
    };
    struct lines text = {0};
    const char *missing;

    wizard_check(w);
    missing = what_is_missing(w);
    if (wizard_is_loading(w) || missing != NULL) {
        app_say(w->app, ROLE_WARN, "Not yet: %s", missing != NULL ? missing : "a load is running");
        return;
    }
    lines_add(&text, ROLE_TEXT, 0,
              "Connects to %s over this machine's network, as the device would, with this job's "
              "settings and files. How far?",
              job_value(&w->prepared.job, SETTING_BROKER));
    add_login(&w->prepared.job, &text);
    lines_add(&text, ROLE_TEXT, 0, " ");
    (void)dialog_open(w->app, &spec, &text);
}
