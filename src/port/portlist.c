/* SPDX-License-Identifier: MIT */
#include "port/portlist.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <libserialport.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "port/holder.h"
#include "port/sysfs.h"

#define TTY_DIR "/sys/class/tty"

/* Foreign text (a USB descriptor) into a field, harmless to a terminal. */
static void set_text(char *out, size_t size, const char *text)
{
    out[0] = '\0';
    if (text != NULL)
        str_escape_to(out, size, text, strlen(text));
}

/* True for the name of a tty in /sys with a chip or an adapter behind it. */
static bool is_serial(const char *name)
{
    char path[PATH_MAX], target[PATH_MAX];
    ssize_t n;

    if (snprintf(path, sizeof path, TTY_DIR "/%s", name) >= (int)sizeof path)
        return false;
    n = readlink(path, target, sizeof target - 1);
    if (n <= 0)
        return false;
    target[n] = '\0';
    /* Consoles and ptys are virtual; the 8250 driver makes names for ports that do not exist, whose
     * type is 0 (PORT_UNKNOWN). */
    return strstr(target, "/virtual/") == NULL && sysfs_tty_number(name, "type") != 0;
}

/* Asks libserialport about one port, which does not open it. */
static bool describe(const char *name, struct port_entry *out)
{
    struct sp_port *sp;
    char path[sizeof out->name];

    if (snprintf(path, sizeof path, "/dev/%s", name) >= (int)sizeof path ||
        access(path, F_OK) != 0 || sp_get_port_by_name(path, &sp) != SP_OK)
        return false;
    *out = (struct port_entry){.usb_vid = -1, .usb_pid = -1, .usb_bus = -1, .usb_address = -1};
    memcpy(out->name, path, sizeof path);
    if (sp_get_port_usb_vid_pid(sp, &out->usb_vid, &out->usb_pid) != SP_OK)
        out->usb_vid = out->usb_pid = -1;
    if (sp_get_port_usb_bus_address(sp, &out->usb_bus, &out->usb_address) != SP_OK)
        out->usb_bus = out->usb_address = -1;
    set_text(out->usb_serial, sizeof out->usb_serial, sp_get_port_usb_serial(sp));
    set_text(out->usb_maker, sizeof out->usb_maker, sp_get_port_usb_manufacturer(sp));
    set_text(out->usb_product, sizeof out->usb_product, sp_get_port_usb_product(sp));
    set_text(out->description, sizeof out->description, sp_get_port_description(sp));
    if (strcmp(out->description, name) == 0)
        out->description[0] = '\0'; /* all that it knows */
    sp_free_port(sp);
    return true;
}

static int add(struct portlist *list, const struct port_entry *entry, struct err *err)
{
    struct port_entry *more = realloc(list->items, (list->count + 1) * sizeof *more);

    if (more == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    list->items = more;
    list->items[list->count++] = *entry;
    return 0;
}

static int collect(struct portlist *list, struct err *err)
{
    const struct dirent *entry;
    DIR *dir = opendir(TTY_DIR);
    int rc = 0;

    if (dir == NULL && errno == ENOENT)
        return 0; /* a container without /sys, or a kernel without terminals: no ports */
    if (dir == NULL)
        return err_set_errno(err, errno, "cannot list the serial ports in " TTY_DIR);
    while (rc == 0 && (entry = readdir(dir)) != NULL) {
        struct port_entry port;

        if (entry->d_name[0] != '.' && is_serial(entry->d_name) && describe(entry->d_name, &port))
            rc = add(list, &port, err);
    }
    closedir(dir);
    return rc;
}

static struct port_entry *by_name(const struct portlist *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].name, name) == 0)
            return &list->items[i];
    }
    return NULL;
}

/* Notes the links of one folder at the entries that they lead to. `field` is the offset of a name
 * of 256 bytes in struct port_entry. */
static void add_links(struct portlist *list, const char *folder, size_t field)
{
    const struct dirent *entry;
    DIR *dir = opendir(folder);

    if (dir == NULL)
        return; /* no udev, or no adapter */
    while ((entry = readdir(dir)) != NULL) {
        char link[256], target[PATH_MAX];
        struct port_entry *port;

        if (snprintf(link, sizeof link, "%s/%s", folder, entry->d_name) >= (int)sizeof link ||
            realpath(link, target) == NULL)
            continue;
        port = by_name(list, target);
        /* udev makes two by-path links to one port ("usb", "usbv2"): the first by name stays. */
        if (port != NULL) {
            char *name = (char *)port + field;

            if (name[0] == '\0' || strcmp(link, name) < 0)
                memcpy(name, link, sizeof link);
        }
    }
    closedir(dir);
}

static void add_holders(struct portlist *list)
{
    struct holder_query *queries;

    if (list->count == 0)
        return;
    queries = calloc(list->count, sizeof *queries);
    if (queries == NULL)
        return; /* a nicety */
    for (size_t i = 0; i < list->count; i++)
        holder_query_init(&queries[i], list->items[i].name);
    holder_search(queries, list->count, true);
    for (size_t i = 0; i < list->count; i++) {
        list->items[i].held = queries[i].found;
        list->items[i].holder = queries[i].holder;
    }
    free(queries);
}

static int compare(const void *a, const void *b)
{
    return strverscmp(((const struct port_entry *)a)->name, ((const struct port_entry *)b)->name);
}

/* Two adapters that claim to be the same one. The ports of one adapter (it has one place on the
 * bus) share their serial number rightly. */
static bool share_serial(const struct port_entry *a, const struct port_entry *b)
{
    return a->usb_vid >= 0 && a->usb_vid == b->usb_vid && a->usb_pid == b->usb_pid &&
           a->usb_serial[0] != '\0' && strcmp(a->usb_serial, b->usb_serial) == 0 &&
           (a->usb_bus != b->usb_bus || a->usb_address != b->usb_address);
}

void portlist_arrange(struct portlist *list)
{
    if (list->count > 0)
        qsort(list->items, list->count, sizeof list->items[0], compare);
    for (size_t i = 0; i < list->count; i++) {
        list->items[i].same_serial = false;
        for (size_t j = 0; j < list->count; j++) {
            if (share_serial(&list->items[i], &list->items[j]))
                list->items[i].same_serial = true;
        }
    }
}

int portlist_read(struct portlist *list, struct err *err)
{
    int rc;

    *list = (struct portlist){0};
    rc = collect(list, err);
    if (rc != 0) {
        portlist_reset(list);
        return rc;
    }
    add_links(list, "/dev/serial/by-id", offsetof(struct port_entry, by_id));
    add_links(list, "/dev/serial/by-path", offsetof(struct port_entry, by_path));
    add_holders(list);
    portlist_arrange(list);
    return 0;
}

void portlist_reset(struct portlist *list)
{
    free(list->items);
    *list = (struct portlist){0};
}

bool portlist_is_selector(const char *name)
{
    return str_starts(name, "usb:");
}

struct selector {
    int vid, pid;
    const char *serial; /* NULL: any */
};

/* One to four hexadecimal digits; NULL if there are none or more. */
static const char *parse_hex(const char *p, int *out)
{
    const char *start = p;

    *out = 0;
    for (; isxdigit((unsigned char)*p) && p - start < 4; p++) {
        int c = tolower((unsigned char)*p);

        *out = *out * 16 + (c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return p > start ? p : NULL;
}

static bool parse_selector(const char *text, struct selector *out)
{
    const char *p = text + strlen("usb:");

    out->serial = NULL;
    p = parse_hex(p, &out->vid);
    if (p == NULL || *p++ != ':')
        return false;
    p = parse_hex(p, &out->pid);
    if (p == NULL || (*p != '\0' && *p != ':'))
        return false;
    if (*p == ':') {
        out->serial = p + 1;
        return out->serial[0] != '\0';
    }
    return true;
}

static bool matches(const struct port_entry *entry, const struct selector *selector)
{
    return entry->usb_vid == selector->vid && entry->usb_pid == selector->pid &&
           (selector->serial == NULL || strcmp(entry->usb_serial, selector->serial) == 0);
}

/* "/dev/ttyUSB0 (0403:6001 serial A5069RR4)": what tells this port from the others. */
static void add_entry(struct buf *out, const struct port_entry *entry)
{
    if (out->len > 0)
        buf_add_str(out, ", ");
    buf_add_str(out, entry->name);
    if (entry->usb_vid < 0)
        return;
    buf_printf(out, " (%04x:%04x", (unsigned)entry->usb_vid, (unsigned)entry->usb_pid);
    if (entry->usb_serial[0] != '\0')
        buf_printf(out, " serial %s", entry->usb_serial);
    buf_add_char(out, ')');
}

static int no_match(const struct portlist *list, const char *shown, struct err *err)
{
    struct buf names = {0};

    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].usb_vid >= 0)
            add_entry(&names, &list->items[i]);
    }
    if (names.len > 0)
        err_set(err, ERR_MISSING, "no adapter %s is plugged in; there is %.400s", shown,
                names.data);
    else
        err_set(err, ERR_MISSING, "no adapter %s is plugged in, and no other USB serial adapter",
                shown);
    err_remedy(err, "plug it in; `comcert ports` shows what is there");
    buf_reset(&names);
    return ERR_MISSING;
}

static int several_match(const struct portlist *list, const struct selector *selector,
                         const char *shown, struct err *err)
{
    const struct port_entry *first = NULL;
    struct buf names = {0};
    bool alike = true; /* in their serial number, too */

    for (size_t i = 0; i < list->count; i++) {
        const struct port_entry *entry = &list->items[i];

        if (!matches(entry, selector))
            continue;
        add_entry(&names, entry);
        first = first != NULL ? first : entry;
        alike = alike && strcmp(entry->usb_serial, first->usb_serial) == 0;
    }
    err_set(err, ERR_VALUE, "%s selects several ports: %.400s", shown,
            names.failed ? "(out of memory)" : names.data);
    if (alike)
        err_remedy(err,
                   "they cannot be told apart by serial number: name one by where it is plugged "
                   "in, /dev/serial/by-path/... (`comcert ports` lists these names)");
    else
        err_remedy(err, "add the serial number: usb:%04x:%04x:%s", (unsigned)selector->vid,
                   (unsigned)selector->pid,
                   first != NULL && first->usb_serial[0] != '\0' ? first->usb_serial : "SERIAL");
    buf_reset(&names);
    return ERR_VALUE;
}

int portlist_select(const struct portlist *list, const char *selector,
                    const struct port_entry **out, struct err *err)
{
    struct selector wanted;
    char shown[96];
    size_t found = 0;

    *out = NULL;
    str_escape_to(shown, sizeof shown, selector, strlen(selector));
    if (!portlist_is_selector(selector) || !parse_selector(selector, &wanted)) {
        err_set(err, ERR_USAGE, "%s is not of the form usb:VID:PID or usb:VID:PID:SERIAL", shown);
        err_remedy(err,
                   "an example: usb:0403:6001; `comcert ports` shows the numbers of each port");
        return ERR_USAGE;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (matches(&list->items[i], &wanted)) {
            *out = &list->items[i];
            found++;
        }
    }
    if (found == 1)
        return 0;
    *out = NULL;
    return found == 0 ? no_match(list, shown, err) : several_match(list, &wanted, shown, err);
}
