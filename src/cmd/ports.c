/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/console.h"
#include "port/portlist.h"
#include "run/report.h"

static void print_detail(const struct console *c, const char *name, const char *value)
{
    if (value[0] == '\0')
        return;
    fprintf(c->people, "    %-8s ", name);
    print_safe(c->people, value);
    fputc('\n', c->people);
}

static void print_holder(const struct console *c, const struct port_entry *e)
{
    if (!e->held)
        return;
    fprintf(c->people, "    %sheld%s     ", console_style(c, STYLE_WARN),
            console_style(c, STYLE_PLAIN));
    if (e->holder.pid > 0) {
        fprintf(c->people, "by process %d: ", e->holder.pid);
        print_safe(c->people, e->holder.command);
    } else {
        fputs("by a process of another user", c->people);
    }
    fputc('\n', c->people);
}

static void print_port(const struct console *c, const struct port_entry *e)
{
    FILE *f = c->people;

    fputs(console_style(c, STYLE_BOLD), f);
    print_safe(f, e->name);
    fprintf(f, "%s%*s ", console_style(c, STYLE_PLAIN),
            strlen(e->name) < 14 ? (int)(14 - strlen(e->name)) : 0, "");
    print_safe(f, e->description);
    if (e->usb_vid >= 0) {
        fprintf(f, "  [usb:%04x:%04x%s", (unsigned)e->usb_vid, (unsigned)e->usb_pid,
                e->usb_serial[0] != '\0' ? ":" : "");
        print_safe(f, e->usb_serial);
        fputc(']', f);
    }
    fputc('\n', f);
    print_detail(c, "by-id", e->by_id);
    print_detail(c, "by-path", e->by_path);
    if (e->same_serial)
        print_detail(c, "note",
                     "another adapter has the same serial number: only by-path tells them apart");
    print_holder(c, e);
}

int cmd_ports(const struct args *args)
{
    struct console c = console_make(args, stdout);
    struct portlist list = {0};
    struct err err = {0};
    int status = EXIT_STATUS_OK;

    if (portlist_read(&list, &err) != 0) {
        console_error(&err);
        return EXIT_STATUS_PORT;
    }
    for (size_t i = 0; i < list.count; i++) {
        if (c.text)
            print_port(&c, &list.items[i]);
        if (c.json && !console_json(json_port(&list.items[i])))
            status = EXIT_STATUS_INTERNAL;
    }
    if (list.count == 0 && c.text)
        fputs("This machine has no serial port. Plug in an adapter, or rehearse on an emulated "
              "device:\n    comcert emulate\n",
              c.people);
    portlist_reset(&list);
    return status;
}
