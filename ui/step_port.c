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
#include "ui/port_parts.h"
#include "ui/rehearsal.h"

/* The port, the device family behind it, and how the line is set. */
enum { PORT_LISTEN = 100, PORT_FIND };

static const struct keyrow port_keys[] = {
    {KEY_FN(KEY_F(6)), PORT_LISTEN, "Listen", "show what the device says, and send nothing"},
    {KEY_FN(KEY_F(7)), PORT_FIND, "Speed", "try the usual speeds; sends line ends only"},
    {0},
};

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
        if (device == NULL && most > 0 && f->focus <= ID_REHEARSE)
            form_focus(f, ID_PORT);
    }
    for (size_t i = 0; i < most; i++) {
        const struct port_entry *e = &list->items[i];
        struct buf label = {0};

        describe_entry(e, &label);
        snprintf(rows[i].label, sizeof rows[i].label, "%s", label.data != NULL ? label.data : "");
        buf_reset(&label);
        row = form_add(f, ITEM_ROW, ID_PORT + (int)i, rows[i].label);
        row->on = !rehearsal_is_on(w) && device != NULL && strcmp(w->ports->path, e->name) == 0;
        row->remark = holder_of(e, rows[i].remark, sizeof rows[i].remark);
        row->remark_role = ROLE_WARN;
    }
    if (list->count == 0)
        lines_add(&form_add(f, ITEM_LINES, 0, NULL)->lines, ROLE_DIM, 4,
                  w->ports->known ? "No serial port is here. Plug the adapter in: it appears by "
                                    "itself."
                                  : "Looking ...");
    row = form_add(f, ITEM_ROW, ID_REHEARSE,
                   "an emulated device, to rehearse: nothing leaves this "
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

static void build(struct wizard *w, struct form *f)
{
    bool none = w->prepared.job.device == NULL;
    struct item *buttons;

    build_list(w, f);
    build_device(w, f);
    port_family_build(w, f);
    port_line_build(w, f);
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
    case ID_PROFILE_FILE:
        port_family_change(w, item);
        break;
    default:
        port_line_change(w, item);
        break;
    }
}

static void on_form(struct wizard *w, enum form_event event, int id)
{
    if (event == FORM_PRESSED)
        press(w, id);
    else if (event == FORM_COMPLETED)
        port_family_complete(w);
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
    if (port_line_is_bad(w))
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
    .about =
        "The serial port that the device is on, and how the line is set. The list follows what "
        "is plugged in. Nothing is opened here but by Listen, Find speed and Terminal: opening "
        "a port raises DTR and RTS, which resets some devices.",
    .keys = keys,
    .build = build,
    .on_form = on_form,
    .enter = ports_enter,
    .leave = ports_leave,
    .act = act,
};
