/* SPDX-License-Identifier: MIT */
#include "ui/next_device.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "ui/broker.h"
#include "ui/cards.h"
#include "ui/dialog.h"
#include "ui/load.h"

enum { ID_MIN = 3 }; /* a shorter ID would be found in anything */

static const char *id_of(const struct job *job)
{
    return job->device_id != NULL ? job->device_id : job_value(job, SETTING_CLIENT_ID);
}

/* text with every `from` replaced by `to`; NULL if there is none, or memory ran out. */
static char *replaced(const char *text, const char *from, const char *to)
{
    struct buf out = {0};
    const char *at;
    bool any = false;

    if (text == NULL || from[0] == '\0')
        return NULL;
    if (strcmp(text, from) == 0)
        return str_copy(to);
    if (strlen(from) < ID_MIN)
        return NULL;
    while ((at = strstr(text, from)) != NULL) {
        buf_add(&out, text, (size_t)(at - text));
        buf_add_str(&out, to);
        text = at + strlen(from);
        any = true;
    }
    buf_add_str(&out, text);
    if (any)
        return buf_take(&out);
    buf_reset(&out);
    return NULL;
}

/* What names the device, where the user typed it himself. What is derived follows by itself; broker
 * and port stay, whatever they are called. */
static void rename_settings(struct job *job, const char *old, const char *new)
{
    static const enum setting named[] = {SETTING_CLIENT_ID, SETTING_USERNAME, SETTING_TOPIC};

    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        struct job_setting *s = &job->settings[named[i]];
        char *text = s->derived ? NULL : replaced(s->value, old, new);

        if (text != NULL)
            wizard_set(&s->value, text);
        free(text);
    }
    if (job->device_id != NULL)
        wizard_set(&job->device_id, new);
}

/* Certificate and key are the device's own: never the last one's again. A file of the same name but
 * for the ID is read; whether it is there is said by the card. */
static void next_file(struct wizard *w, enum slot slot, const char *old, const char *new)
{
    char *path = replaced(edit_text(&w->cards->card[slot].path), old, new);

    cards_name(w, slot, path != NULL ? path : "", true);
    free(path);
}

static void on_answer(void *ctx, int button, const char *text, struct secret *secret)
{
    struct wizard *w = ctx;
    struct job *job = &w->prepared.job;
    char *old = str_copy(id_of(job) != NULL ? id_of(job) : "");

    (void)secret;
    if (button == 0 && old != NULL && (text[0] == '\0' || strcmp(text, old) == 0)) {
        app_say(w->app, ROLE_WARN, "The next device needs an ID of its own.");
    } else if (button == 0 && old != NULL) {
        rename_settings(job, old, text);
        next_file(w, SLOT_DEVICE_CERT, old, text);
        next_file(w, SLOT_DEVICE_KEY, old, text);
        broker_forget_password(w);
        broker_refresh(w);
        wizard_set(&w->saved_as, NULL);
        wizard_changed(w);
        wizard_go(w, STEP_CERTIFICATES);
        app_say(w->app, ROLE_NOTE, "Port and broker stay. Now the files of the next device.");
    }
    free(old);
}

void next_device_ask(struct wizard *w)
{
    static const char *const buttons[] = {"Go on", "Leave it", NULL};
    const char *id = id_of(&w->prepared.job);
    struct dialog spec = {
        .title = "Next device",
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_TEXT,
        .label = "Its ID",
        .done = on_answer,
        .ctx = w,
    };
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0,
              "Unplug this device and connect the next one. Port, broker and server CA stay; "
              "certificate and key are the new device's own.");
    if (id != NULL)
        lines_add(&text, ROLE_TEXT, 0, "This one was %s.", id);
    lines_add(&text, ROLE_TEXT, 0, " ");
    (void)dialog_open(w->app, &spec, &text);
}
