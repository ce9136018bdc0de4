/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curses.h>

#include "base/str.h"
#include "device/profile.h"
#include "ui/find_speed.h"
#include "ui/keys.h"
#include "ui/line_terminal.h"
#include "ui/ports.h"
#include "ui/rehearsal.h"

/* The port, the device family behind it, and how the line is set. */

enum {
    ID_DEVICE = 1,
    ID_PROFILE,
    ID_PROFILE_FILE,
    ID_BAUD,
    ID_FRAME,
    ID_FLOW,
    ID_LISTEN,
    ID_FIND,
    ID_TERMINAL,
    ID_REHEARSE,
    ID_PORT = 20
};

enum { PORT_LISTEN = 100, PORT_FIND };

static const struct keyrow port_keys[] = {
    {KEY_FN(KEY_F(6)), PORT_LISTEN, "Listen", "show what the device says, and send nothing"},
    {KEY_FN(KEY_F(7)), PORT_FIND, "Speed", "try the usual speeds; sends line ends only"},
    {0},
};

/* --- device families -------------------------------------------------------------------------- */

enum { FAMILIES_MAX = 12 };

/* The ids that are built in, then "a file". */
static const char *const *family_words(void)
{
    static const char *words[FAMILIES_MAX + 2];
    const char *const *ids = profile_builtin_ids();
    int n = 0;

    while (ids[n] != NULL && n < FAMILIES_MAX) {
        words[n] = ids[n];
        n++;
    }
    words[n] = "a profile file";
    return words;
}

static int family_of(const struct wizard *w)
{
    const char *const *words = family_words();
    int n = 0;

    for (; words[n + 1] != NULL && !w->ports->file_profile; n++) {
        if (strcmp(words[n], w->prepared.job.profile) == 0)
            return n;
    }
    while (words[n + 1] != NULL)
        n++;
    return n;
}

/* What was accepted of one family's assumptions says nothing about another's. */
static void set_profile(struct wizard *w, const char *name)
{
    struct job *job = &w->prepared.job;

    if (strcmp(job->profile, name) == 0)
        return;
    wizard_set(&job->profile, name);
    if (job->profile == NULL)
        job->profile = str_copy("-");
    job->profile_line = 0;
    wizard_set(&job->accept_assumed, NULL);
    job->accept_all_assumed = false;
    if (rehearsal_is_on(w))
        rehearsal_start(w);
    wizard_changed(w);
}

static void take_family(struct wizard *w, int word)
{
    const char *const *words = family_words();

    w->ports->file_profile = words[word + 1] == NULL;
    if (w->ports->file_profile)
        set_profile(w, edit_text(&w->ports->profile_file));
    else
        set_profile(w, words[word]);
    wizard_changed(w);
}

/* A profile file is told from an id by a slash or a dot. */
static void take_profile_file(struct wizard *w)
{
    const char *path = edit_text(&w->ports->profile_file);
    char with_slash[EDIT_MAX + 3];

    snprintf(with_slash, sizeof with_slash, "%s%s", strpbrk(path, "/.") == NULL ? "./" : "", path);
    set_profile(w, path[0] != '\0' ? with_slash : "-");
}

/* --- the line --------------------------------------------------------------------------------- */

/* What holds if the user sets nothing. */
static struct line_settings profile_line(const struct wizard *w)
{
    struct line_settings line = line_defaults();

    return w->prepared.profile != NULL ? line_merge(line, w->prepared.profile->line) : line;
}

static const char *const common_frames[] = {"8N1", "7E1", "8E1", "8N2", "7N2"};
enum { FRAMES = sizeof common_frames / sizeof common_frames[0] };

static const char *const *frame_words(const struct wizard *w)
{
    static const char *words[FRAMES + 3];
    static char of_profile[32];
    const char *own = w->prepared.job.line.frame;
    size_t n = 0;

    snprintf(of_profile, sizeof of_profile, "profile (%s)", profile_line(w).frame);
    words[n++] = of_profile;
    for (size_t i = 0; i < FRAMES; i++)
        words[n++] = common_frames[i];
    words[n] = NULL;
    for (size_t i = 1; i < n; i++) {
        if (strcmp(words[i], own) == 0)
            return words;
    }
    if (own[0] != '\0')
        words[n++] = own;
    words[n] = NULL;
    return words;
}

static int frame_word(const struct wizard *w, const char *const *words)
{
    for (int i = 1; words[i] != NULL; i++) {
        if (strcmp(words[i], w->prepared.job.line.frame) == 0)
            return i;
    }
    return 0;
}

static void take_frame(struct wizard *w, const char *word, bool of_profile)
{
    char *frame = w->prepared.job.line.frame;

    snprintf(frame, sizeof w->prepared.job.line.frame, "%s", of_profile ? "" : word);
    wizard_changed(w);
}

static const char *const *all_flow_words(const struct wizard *w)
{
    static char of_profile[32];
    static const char *words[] = {of_profile, "none", "RTS/CTS", "XON/XOFF", NULL};

    snprintf(of_profile, sizeof of_profile, "profile (%s)", flow_name(profile_line(w).flow));
    return words;
}

static bool baud_is_bad(const struct wizard *w)
{
    const char *text = edit_text(&w->ports->baud);
    long baud = atol(text);

    return text[0] != '\0' && (strspn(text, "0123456789") != strlen(text) || strlen(text) > 7 ||
                               baud < 50 || baud > 4000000);
}

static void take_baud(struct wizard *w)
{
    w->prepared.job.line.baud = baud_is_bad(w) ? 0 : atol(edit_text(&w->ports->baud));
    wizard_changed(w);
}

void ports_set_baud(struct wizard *w, long baud)
{
    char text[16];

    snprintf(text, sizeof text, "%ld", baud);
    edit_set(&w->ports->baud, text);
    take_baud(w);
}

/* --- the form --------------------------------------------------------------------------------- */

static void describe_entry(const struct port_entry *e, struct buf *out)
{
    const char *name = str_starts(e->name, "/dev/") ? e->name + 5 : e->name;

    str_escape(out, name, strlen(name));
    buf_printf(out, "%*s", strlen(name) < 9 ? (int)(9 - strlen(name)) : 1, "");
    str_escape(out, e->description, strlen(e->description));
    if (e->usb_vid >= 0)
        buf_printf(out, "  %04x:%04x ", (unsigned)e->usb_vid, (unsigned)e->usb_pid);
    str_escape(out, e->usb_serial, strlen(e->usb_serial));
    if (e->same_serial)
        buf_add_str(out, " (not unique)");
}

static const char *holder_of(const struct port_entry *e, char *out, size_t size)
{
    if (!e->held)
        return NULL;
    if (e->holder.pid > 0)
        snprintf(out, size, "in use by %d %.40s", e->holder.pid, e->holder.command);
    else
        snprintf(out, size, "in use by another user");
    return out;
}

/* The texts of rows live as long as the form's items. */
static struct {
    char label[200], remark[80];
} rows[ITEMS_MAX];

static void build_list(struct wizard *w, struct form *f)
{
    const struct portlist *list = &w->ports->list;
    const char *device = w->prepared.job.device;
    struct item *row;
    size_t most = list->count < 60 ? list->count : 60;

    form_add(f, ITEM_HEADING, 0, "Which port is the device on?");
    if (w->ports->known && !w->ports->focused) {
        w->ports->focused = true;
        /* Never under somebody's hands: an Enter that is on its way would pick something else. */
        if (device == NULL && most > 0 && !f->used)
            form_focus(f, ID_PORT);
    }
    for (size_t i = 0; i < most; i++) {
        const struct port_entry *e = &list->items[i];
        struct buf label = {0};

        describe_entry(e, &label);
        snprintf(rows[i].label, sizeof rows[i].label, "%s", label.data != NULL ? label.data : "");
        buf_reset(&label);
        row = form_add(f, ITEM_ROW, ID_PORT + (int)i, rows[i].label);
        row->on = !rehearsal_is_on(w) && device != NULL && strcmp(device, e->name) == 0;
        row->remark = holder_of(e, rows[i].remark, sizeof rows[i].remark);
        row->remark_role = ROLE_WARN;
    }
    if (list->count == 0)
        lines_add(&form_add(f, ITEM_LINES, 0, NULL)->lines, ROLE_DIM, 4,
                  w->ports->known ? "No serial port is here. Plug the adapter in: it appears by "
                                    "itself."
                                  : "Looking ...");
    row = form_add(f, ITEM_ROW, ID_REHEARSE, "an emulated device, to rehearse: nothing leaves this "
                                             "computer");
    row->on = rehearsal_is_on(w);
}

/* The answer to whether the job's port is there is known. */
static bool is_looked_for(const struct wizard *w)
{
    const char *device = w->prepared.job.device;

    return device != NULL && w->ports->asked != NULL && strcmp(w->ports->asked, device) == 0;
}

static void build_device(struct wizard *w, struct form *f)
{
    struct ports *p = w->ports;
    struct item *item;

    if (rehearsal_is_on(w) && f->focus != ID_DEVICE)
        edit_set(&p->device, NULL);
    item = form_text(f, ID_DEVICE, "Port", &p->device);
    if (rehearsal_is_on(w))
        item->remark = w->prepared.job.device;
    else if (p->device.len == 0)
        item->remark = "pick one above, or type a name";
    else if (is_looked_for(w) && p->path[0] == '\0') {
        lines_add(&item->lines, ROLE_BAD, 0, "%s %s", mark(ROLE_BAD), p->missing.text);
        if (p->missing.remedy[0] != '\0')
            lines_add(&item->lines, ROLE_DIM, 2, "fix: %s", p->missing.remedy);
    }
    lines_add_findings(&item->lines, 0, &w->prepared.findings, "port.device", NULL);
}

static void build_family(struct wizard *w, struct form *f)
{
    const struct profile *profile = w->prepared.profile;
    struct item *item = form_add(f, ITEM_CHOICE, ID_PROFILE, "Device family");

    item->words = family_words();
    item->word = family_of(w);
    if (profile != NULL)
        lines_add(&item->lines, ROLE_DIM, 0, "%s (%s)", profile->title, profile->source);
    if (w->ports->file_profile) {
        item = form_text(f, ID_PROFILE_FILE, "Profile file", &w->ports->profile_file);
        if (f->focus == ID_PROFILE_FILE)
            item->ghost =
                completion_ghost(w->ports->completion, edit_text(&w->ports->profile_file));
    }
    lines_add_findings(&item->lines, 0, &w->prepared.findings, "profile", NULL);
}

/* How a setting of the line is known. */
static const char *provenance_of(const struct wizard *w, const char *key)
{
    const struct profile *profile = w->prepared.profile;

    return profile != NULL ? provenance_name(profile_provenance(profile, key, NULL)) : "";
}

static void build_line(struct wizard *w, struct form *f)
{
    static char baud[80];
    const struct job *job = &w->prepared.job;
    struct item *item = form_text(f, ID_BAUD, "Speed", &w->ports->baud);

    snprintf(baud, sizeof baud, "empty: %ld by the profile, %s", profile_line(w).baud,
             provenance_of(w, "line.baud"));
    item->remark = job->line.baud == 0 ? baud : "bit/s, set here";
    if (baud_is_bad(w))
        lines_add(&item->lines, ROLE_BAD, 0, "%s a number from 50 to 4000000", mark(ROLE_BAD));
    lines_add_findings(&item->lines, 0, &w->prepared.findings, "port.baud", NULL);
    item = form_add(f, ITEM_CHOICE, ID_FRAME, "Frame");
    item->words = frame_words(w);
    item->word = frame_word(w, item->words);
    if (item->word == 0)
        item->remark = provenance_of(w, "line.frame");
    item = form_add(f, ITEM_CHOICE, ID_FLOW, "Flow control");
    item->words = all_flow_words(w);
    item->word = (int)job->line.flow;
    if (item->word == 0)
        item->remark = provenance_of(w, "line.flow");
}

static void build(struct wizard *w, struct form *f)
{
    bool none = w->prepared.job.device == NULL;
    struct item *buttons;

    build_list(w, f);
    build_device(w, f);
    build_family(w, f);
    build_line(w, f);
    buttons = form_add(f, ITEM_BUTTONS, 0, "Try the line");
    form_button(buttons, ID_LISTEN, "Listen", none);
    form_button(buttons, ID_FIND, "Find speed", none);
    form_button(buttons, ID_TERMINAL, "Terminal", none);
}

/* --- choosing --------------------------------------------------------------------------------- */

static void set_device(struct wizard *w, const char *name)
{
    wizard_set(&w->prepared.job.device, name);
    wizard_changed(w);
    ports_look(w);
}

static void pick_port(struct wizard *w, const char *name)
{
    rehearsal_stop(w);
    edit_set(&w->ports->device, name);
    set_device(w, name);
}

void ports_pick_rehearsal(struct wizard *w)
{
    edit_set(&w->ports->device, NULL);
    rehearsal_start(w);
    wizard_changed(w);
}

static void try_line(struct wizard *w, int id)
{
    const char *why = wizard_unfit(w, STEP_PORT);

    if (why != NULL)
        app_say(w->app, ROLE_WARN, "Not yet: %s", why);
    else if (id == ID_FIND)
        find_speed_open(w);
    else
        line_terminal_open(w, id == ID_LISTEN);
}

static void press(struct wizard *w, int id)
{
    if (id == ID_REHEARSE)
        ports_pick_rehearsal(w);
    else if (id >= ID_PORT && (size_t)(id - ID_PORT) < w->ports->list.count)
        pick_port(w, w->ports->list.items[id - ID_PORT].name);
    else if (id == ID_LISTEN || id == ID_FIND || id == ID_TERMINAL)
        try_line(w, id);
    else
        (void)form_key(&w->forms[STEP_PORT], KEY_FN(KEY_DOWN));
}

static void change(struct wizard *w, int id)
{
    const struct item *item = form_item(&w->forms[STEP_PORT], id);

    switch (id) {
    case ID_DEVICE:
        rehearsal_stop(w);
        set_device(w, edit_text(&w->ports->device));
        break;
    case ID_PROFILE:
        take_family(w, item->word);
        break;
    case ID_PROFILE_FILE:
        take_profile_file(w);
        break;
    case ID_BAUD:
        take_baud(w);
        break;
    case ID_FRAME:
        take_frame(w, item->words[item->word], item->word == 0);
        break;
    case ID_FLOW:
        w->prepared.job.line.flow = (enum flow)item->word;
        wizard_changed(w);
        break;
    default:
        break;
    }
}

static void complete(struct wizard *w)
{
    struct edit *edit = &w->ports->profile_file;
    const char *ghost = completion_ghost(w->ports->completion, edit_text(edit));

    if (edit_insert(edit, ghost, strlen(ghost)) == EDIT_CHANGED)
        take_profile_file(w);
}

static void on_form(struct wizard *w, enum form_event event, int id)
{
    if (event == FORM_PRESSED)
        press(w, id);
    else if (event == FORM_COMPLETED)
        complete(w);
    else if (event == FORM_CHANGED)
        change(w, id);
}

static void act(struct wizard *w, int action)
{
    if (w->prepared.job.device == NULL)
        app_say(w->app, ROLE_WARN, "Pick a port first.");
    else
        try_line(w, action == PORT_FIND ? ID_FIND : ID_LISTEN);
}

const char *ports_unfit(struct wizard *w)
{
    const struct portlist *list = &w->ports->list;
    const char *device = w->prepared.job.device;

    if (w->ports->file_profile && w->ports->profile_file.len == 0)
        return "name the profile file, or pick another device family";
    if (device == NULL)
        return "pick the port that the device is on, or the emulated device";
    if (baud_is_bad(w))
        return "the speed is not a number that a line can have";
    if (rehearsal_is_on(w))
        return NULL;
    if (!is_looked_for(w))
        return "looking for the port ...";
    if (w->ports->path[0] == '\0')
        return w->ports->missing.text;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].name, w->ports->path) == 0 && list->items[i].held)
            return "another program has this port: close it there first";
    }
    return NULL;
}

static const struct keyrow *keys(const struct wizard *w)
{
    (void)w;
    return port_keys;
}

const struct step_class step_port = {
    .title = "Port",
    .about = "The serial port that the device is on, and how the line is set. The list follows what "
             "is plugged in. Nothing is opened here but by Listen, Find speed and Terminal: opening "
             "a port raises DTR and RTS, which resets some devices.",
    .keys = keys,
    .build = build,
    .on_form = on_form,
    .enter = ports_enter,
    .leave = ports_leave,
    .act = act,
};
