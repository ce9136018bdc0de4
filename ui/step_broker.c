/* SPDX-License-Identifier: MIT */
#include "ui/broker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "base/file.h"
#include "base/str.h"
#include "job/preset.h"
#include "ui/complete.h"
#include "ui/dialog.h"
#include "ui/keys.h"
#include "ui/probe_box.h"
#include "ui/sas_box.h"
#include "ui/sheet_view.h"
#include "ui/worker.h"

/* Broker, client ID, user name, topic: what a preset can derive appears as its sources are typed,
 * and what is typed over it wins. */

enum {
    ID_PRESET = 1,
    ID_HUB,
    ID_DEVICE_ID,
    ID_PASSWORD_FILE,
    ID_PASSWORD_TYPE,
    ID_PASSWORD_FORGET,
    ID_TOKEN,
    ID_SHEET,
    ID_PROBE,
    ID_SETTING = 20
};

enum { BROKER_SHEET = 100, BROKER_PROBE, BROKER_TOKEN };

static const struct keyrow broker_keys[] = {
    {KEY_FN(KEY_F(6)), BROKER_SHEET, "Sheet", "what to type into the vendor's own program"},
    {KEY_FN(KEY_F(7)), BROKER_PROBE, "Try", "try these settings and files at the broker"},
    {KEY_FN(KEY_F(8)), BROKER_TOKEN, NULL,
     "make the SAS token that Azure takes where no certificate is used"},
    {0},
};

static const char *const preset_words[] = {"other", "Azure IoT Hub", "AWS IoT Core", NULL};
static const char *const tls_words[] = {"yes", "no", NULL};

void broker_add_findings(struct wizard *w, struct findings *out)
{
    findings_copy(out, &w->broker->password_findings);
}

const char *broker_unfit(struct wizard *w)
{
    return w->broker->busy ? "the password file is still being read" : NULL;
}

void broker_destroy(struct wizard *w)
{
    if (w->broker == NULL)
        return;
    edit_reset(&w->broker->hub);
    edit_reset(&w->broker->device_id);
    edit_reset(&w->broker->password_file);
    for (int i = 0; i < SETTING_COUNT; i++)
        edit_reset(&w->broker->settings[i]);
    findings_reset(&w->broker->password_findings);
    completion_destroy(w->broker->completion);
    free(w->broker);
    w->broker = NULL;
}

void broker_refresh(struct wizard *w)
{
    const struct job *job = &w->prepared.job;
    struct broker *b = w->broker;

    edit_set(&b->hub, job->hub);
    edit_set(&b->device_id, job->device_id);
    edit_set(&b->password_file, job->password_file);
    for (int i = 0; i < SETTING_COUNT; i++)
        edit_set(&b->settings[i], job_value(job, (enum setting)i));
}

/* --- the form --------------------------------------------------------------------------------- */

static void add_said(const struct wizard *w, struct item *item, const char *key)
{
    lines_add_findings(&item->lines, 0, &w->prepared.findings, key, NULL);
}

static void build_text(struct wizard *w, struct form *f, enum setting setting, const char *label)
{
    const struct job_setting *s = &w->prepared.job.settings[setting];
    struct edit *edit = &w->broker->settings[setting];
    int id = ID_SETTING + (int)setting;
    struct item *item;

    /* A derived value follows its sources; the field that is being typed in is left alone. */
    if (f->focus != id && (s->derived || s->value == NULL))
        edit_set(edit, s->value);
    item = form_text(f, id, label, edit);
    if (s->derived)
        item->remark = "derived";
    add_said(w, item, setting_info(setting)->key);
}

static void build_tls(struct wizard *w, struct form *f)
{
    const struct job_setting *s = &w->prepared.job.settings[SETTING_TLS];
    struct item *item = form_add(f, ITEM_CHOICE, ID_SETTING + SETTING_TLS, "Use SSL/TLS");

    item->words = tls_words;
    item->word = s->value == NULL ? -1 : strcmp(s->value, "false") == 0; /* -1: neither */
    item->remark = s->derived ? "derived" : NULL;
    add_said(w, item, setting_info(SETTING_TLS)->key);
}

static void build_password(struct wizard *w, struct form *f)
{
    static char remark[64];
    struct broker *b = w->broker;
    const struct secret *password = &w->prepared.job.password;
    struct item *item = form_text(f, ID_PASSWORD_FILE, "Password file", &b->password_file);
    struct item *buttons;

    if (b->password_typed && password->len > 0)
        snprintf(remark, sizeof remark, "typed: %zu bytes", password->len);
    else if (password->len > 0)
        snprintf(remark, sizeof remark, "%zu bytes", password->len);
    else
        snprintf(remark, sizeof remark, "no password");
    item->remark = remark;
    if (f->focus == ID_PASSWORD_FILE)
        item->ghost = completion_ghost(b->completion, edit_text(&b->password_file));
    add_said(w, item, setting_info(SETTING_PASSWORD)->key);
    buttons = form_add(f, ITEM_BUTTONS, 0, "");
    form_button(buttons, ID_PASSWORD_TYPE, "Type a password", false);
    form_button(buttons, ID_PASSWORD_FORGET, "No password", password->len == 0);
    if (w->prepared.job.preset == PRESET_AZURE)
        form_button(buttons, ID_TOKEN, "SAS token", false);
}

static void build_tools(struct form *f)
{
    struct item *buttons;

    form_gap(f);
    buttons = form_add(f, ITEM_BUTTONS, 0, NULL);
    form_button(buttons, ID_PROBE, "Try at the broker", false);
    form_button(buttons, ID_SHEET, "Settings sheet", false);
}

static void build(struct wizard *w, struct form *f)
{
    const struct job *job = &w->prepared.job;
    struct item *item = form_add(f, ITEM_CHOICE, ID_PRESET, "Broker is");

    item->words = preset_words;
    item->word = (int)job->preset;
    add_said(w, item, "mqtt.preset");
    if (job->preset == PRESET_AZURE)
        add_said(w, form_text(f, ID_HUB, "IoT hub", &w->broker->hub), "mqtt.hub");
    if (job->preset != PRESET_NONE)
        add_said(w,
                 form_text(f, ID_DEVICE_ID,
                           job->preset == PRESET_AZURE ? "Device ID" : "Thing name",
                           &w->broker->device_id),
                 "mqtt.device-id");
    form_add(f, ITEM_HEADING, 0,
             job->preset == PRESET_NONE ? "What the device is told"
                                        : "What follows from that; type over it to change it");
    build_text(w, f, SETTING_BROKER, "Broker IP");
    build_text(w, f, SETTING_PORT, "Port");
    build_tls(w, f);
    build_text(w, f, SETTING_CLIENT_ID, "Client ID");
    build_text(w, f, SETTING_USERNAME, "Username");
    build_text(w, f, SETTING_TOPIC, "Topic");
    build_password(w, f);
    build_tools(f);
}

/* --- what was typed --------------------------------------------------------------------------- */

/* What is typed over a derived value is the user's; an emptied field is derived again. */
static void take_setting(struct wizard *w, enum setting setting, const char *text)
{
    struct job_setting *s = &w->prepared.job.settings[setting];

    s->derived = false;
    s->line = 0;
    wizard_set(&s->value, text);
}

/* One reading of a password file, by a worker. */
struct password_reading {
    struct wizard *w;
    unsigned number;
    char *path;
    struct secret password;
    struct findings findings;
};

static void read_password(void *task)
{
    struct password_reading *r = task;
    struct place place = {.key = setting_info(SETTING_PASSWORD)->key};

    if (job_read_password(r->path, place, &r->password, &r->findings) != 0)
        secret_reset(&r->password);
}

static void password_read(void *task)
{
    struct password_reading *r = task;
    struct broker *b = r->w->broker;

    if (r->number == b->reading) {
        b->busy = false;
        secret_move(&r->w->prepared.job.password, &r->password);
        findings_reset(&b->password_findings);
        findings_take(&b->password_findings, &r->findings);
        r->w->checked = false;
    }
    secret_reset(&r->password);
    findings_reset(&r->findings);
    free(r->path);
    free(r);
}

/* The job's password is what its file holds: none until that has been read. */
static void load_password(struct wizard *w)
{
    struct broker *b = w->broker;
    struct job *job = &w->prepared.job;
    struct password_reading *r;

    b->reading++;
    b->busy = false;
    b->password_typed = false;
    findings_reset(&b->password_findings);
    secret_reset(&job->password);
    if (job->password_file == NULL)
        return;
    r = calloc(1, sizeof *r);
    if (r == NULL || (r->path = str_copy(job->password_file)) == NULL) {
        free(r);
        return;
    }
    r->w = w;
    r->number = b->reading;
    b->busy = true;
    worker_run(read_password, password_read, r);
}

static void take_password_file(struct wizard *w)
{
    struct job *job = &w->prepared.job;
    const char *text = edit_text(&w->broker->password_file);

    free(job->password_file);
    job->password_file = text[0] != '\0' ? file_resolve(NULL, text) : NULL;
    job->password_line = 0;
    load_password(w);
}

void broker_forget_password(struct wizard *w)
{
    edit_set(&w->broker->password_file, NULL);
    take_password_file(w);
}

void broker_file_password(struct wizard *w, const char *path)
{
    edit_set(&w->broker->password_file, path);
    take_password_file(w);
}

static void on_password(void *ctx, int button, const char *text, struct secret *secret)
{
    struct wizard *w = ctx;

    (void)text;
    if (button != 0 || secret->len == 0)
        return;
    broker_forget_password(w);
    secret_move(&w->prepared.job.password, secret);
    w->broker->password_typed = true;
    wizard_changed(w);
}

static void ask_password(struct wizard *w)
{
    static const char *const buttons[] = {"Use it", "Leave it", NULL};
    struct dialog spec = {
        .title = "Password",
        .buttons = buttons,
        .escape = 1,
        .field = DIALOG_MASKED,
        .label = "Password",
        .done = on_password,
        .ctx = w,
    };
    struct lines text = {0};

    lines_add(&text, ROLE_TEXT, 0,
              "The MQTT password, or SAS token. It stays in memory; a saved job keeps it in a file "
              "of its own that only you can read.");
    lines_add(&text, ROLE_TEXT, 0, " ");
    (void)dialog_open(w->app, &spec, &text);
}

static void take_preset(struct wizard *w, int word)
{
    w->prepared.job.preset = (enum preset)word;
    wizard_changed(w);
}

static void take_changed(struct wizard *w, int id)
{
    struct broker *b = w->broker;
    struct job *job = &w->prepared.job;
    const struct item *item = form_item(&w->forms[STEP_BROKER], id);

    if (id == ID_PRESET) {
        take_preset(w, item->word);
    } else if (id == ID_HUB) {
        wizard_set(&job->hub, edit_text(&b->hub));
        job->hub_line = 0;
    } else if (id == ID_DEVICE_ID) {
        wizard_set(&job->device_id, edit_text(&b->device_id));
        job->device_id_line = 0;
    } else if (id == ID_PASSWORD_FILE) {
        take_password_file(w);
    } else if (id == ID_SETTING + SETTING_TLS) {
        take_setting(w, SETTING_TLS, item->word == 0 ? "true" : "false");
    } else if (id >= ID_SETTING) {
        take_setting(w, (enum setting)(id - ID_SETTING), edit_text(&b->settings[id - ID_SETTING]));
    }
    wizard_changed(w);
}

static void complete_password_file(struct wizard *w)
{
    struct edit *edit = &w->broker->password_file;
    const char *ghost = completion_ghost(w->broker->completion, edit_text(edit));

    if (edit_insert(edit, ghost, strlen(ghost)) == EDIT_CHANGED)
        take_changed(w, ID_PASSWORD_FILE);
}

static void on_form(struct wizard *w, enum form_event event, int id)
{
    struct form *f = &w->forms[STEP_BROKER];

    if (event == FORM_CHANGED) {
        take_changed(w, id);
    } else if (event == FORM_COMPLETED) {
        complete_password_file(w);
    } else if (event == FORM_PRESSED && id == ID_PASSWORD_TYPE) {
        ask_password(w);
    } else if (event == FORM_PRESSED && id == ID_PASSWORD_FORGET) {
        broker_forget_password(w);
        wizard_changed(w);
    } else if (event == FORM_PRESSED && id == ID_TOKEN) {
        sas_box_open(w);
    } else if (event == FORM_PRESSED && id == ID_SHEET) {
        sheet_view_open(w);
    } else if (event == FORM_PRESSED && id == ID_PROBE) {
        probe_ask(w);
    } else if (event == FORM_PRESSED) {
        (void)form_key(f, KEY_FN(KEY_DOWN));
    }
}

static void act(struct wizard *w, int action)
{
    if (action == BROKER_SHEET)
        sheet_view_open(w);
    else if (action == BROKER_PROBE)
        probe_ask(w);
    else if (action == BROKER_TOKEN)
        sas_box_open(w);
}

static const struct keyrow *own_keys(const struct wizard *w)
{
    (void)w;
    return broker_keys;
}

bool broker_create(struct wizard *w)
{
    w->broker = calloc(1, sizeof *w->broker);
    if (w->broker == NULL)
        return false;
    w->broker->completion = completion_create(w->app);
    broker_refresh(w);
    load_password(w);
    return true;
}

static void enter(struct wizard *w)
{
    broker_refresh(w);
}

const struct step_class step_broker = {
    .title = "Broker",
    .about = "Which broker the device is to talk to, and as whom. With a preset the exact names "
             "follow from hub and device ID; each can be typed over. What is wrong is said under "
             "the field.",
    .keys = own_keys,
    .build = build,
    .on_form = on_form,
    .enter = enter,
    .act = act,
};
