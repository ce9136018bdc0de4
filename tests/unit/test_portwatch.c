/* SPDX-License-Identifier: MIT */
/* A folder stands for /dev, plain files for nodes; a pty is a node that is really opened. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "port/portwatch.h"

static char folder[] = "/tmp/portwatch-XXXXXX";
static struct portwatch *w;

enum { SETTLE_MS = 30, QUIET_MS = 2 * SETTLE_MS };

static const char *path_of(const char *name)
{
    static char path[200];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void touch(const char *name)
{
    int fd = open(path_of(name), O_CREAT | O_WRONLY, 0600);

    assert_true(fd >= 0);
    (void)close(fd);
}

static void drop(const char *name)
{
    assert_int_equal(unlink(path_of(name)), 0);
}

/* Opens without the write that would end in an event of its own. */
static int open_node(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);

    assert_true(fd >= 0);
    return fd;
}

static bool readable(int timeout_ms)
{
    struct pollfd p = {.fd = portwatch_fd(w), .events = POLLIN};

    return poll(&p, 1, timeout_ms) > 0;
}

/* Until the watch says so; false after 5 s. */
static bool told(void)
{
    while (readable(5000)) {
        if (portwatch_changed(w))
            return true;
    }
    return false;
}

/* Told at once and once more, and then no more. */
static void told_twice(void)
{
    assert_true(told());
    assert_true(told());
    assert_false(readable(0));
    assert_false(portwatch_changed(w));
}

/* Whatever there is to take does not count, now or later. */
static void not_told(void)
{
    while (readable(0))
        assert_false(portwatch_changed(w));
    assert_false(readable(QUIET_MS));
}

static struct portlist list_of(const char *path)
{
    struct portlist list = {calloc(1, sizeof list.items[0]), 1};

    assert_non_null(list.items);
    (void)snprintf(list.items[0].name, sizeof list.items[0].name, "%s", path);
    return list;
}

static void follow(const char *path)
{
    struct portlist list = list_of(path);

    portwatch_follow(w, &list);
    portlist_reset(&list);
}

static void ports_come_and_go(void **state)
{
    static const char *const names[] = {"ttyUSB0", "ttyACM12", "ttyS0", "ttyAMA0", "rfcomm1"};

    (void)state;
    assert_false(readable(0));
    assert_false(portwatch_changed(w));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        touch(names[i]);
        told_twice();
        drop(names[i]);
        told_twice();
    }
}

static void udev_sets_permissions(void **state)
{
    (void)state;
    touch("ttyUSB0");
    told_twice();
    assert_int_equal(chmod(path_of("ttyUSB0"), 0660), 0);
    told_twice();
    drop("ttyUSB0");
    told_twice();
}

static void others_do_not_count(void **state)
{
    static const char *const names[] = {"null", "tty", "tty1", "tty63", "ptmx", "sda1", "tt", "x"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        touch(names[i]);
        drop(names[i]);
    }
    not_told();
}

static void links_are_watched(void **state)
{
    (void)state;
    assert_int_equal(mkdir(path_of("serial"), 0700), 0);
    told_twice();
    assert_int_equal(mkdir(path_of("serial/by-id"), 0700), 0);
    told_twice();
    assert_int_equal(symlink("../../ttyUSB0", path_of("serial/by-id/usb-FTDI-A5069RR4")), 0);
    told_twice();
    drop("serial/by-id/usb-FTDI-A5069RR4");
    told_twice();
    /* udev takes the empty folders away, too; they come back as others. */
    assert_int_equal(rmdir(path_of("serial/by-id")), 0);
    assert_int_equal(rmdir(path_of("serial")), 0);
    told_twice();
    assert_int_equal(mkdir(path_of("serial"), 0700), 0);
    assert_int_equal(mkdir(path_of("serial/by-path"), 0700), 0);
    told_twice();
    assert_int_equal(symlink("../../ttyUSB0", path_of("serial/by-path/pci-0000")), 0);
    told_twice();
    drop("serial/by-path/pci-0000");
    assert_int_equal(rmdir(path_of("serial/by-path")), 0);
    assert_int_equal(rmdir(path_of("serial")), 0);
    told_twice();
}

static void who_opens_a_node(void **state)
{
    int master, slave, fd;
    char name[64];

    (void)state;
    assert_int_equal(openpty(&master, &slave, name, NULL, NULL), 0);
    fd = open_node(name);
    not_told(); /* it is not followed yet */
    follow(name);
    (void)close(fd);
    told_twice();
    fd = open_node(name);
    told_twice();
    /* Bytes are none of its business. */
    assert_int_equal(write(slave, "x", 1), 1);
    assert_int_equal(read(master, (char[8]){0}, 8), 1);
    not_told();
    /* The same again changes nothing, another list ends it. */
    follow(name);
    not_told();
    follow("/no/such/node");
    (void)close(fd);
    not_told();
    (void)close(slave);
    (void)close(master);
}

/* A followed node of a name that says nothing; it comes back as another one. */
static void followed_nodes_go(void **state)
{
    int fd;

    (void)state;
    touch("odd0");
    not_told();
    follow(path_of("odd0"));
    fd = open_node(path_of("odd0"));
    told_twice();
    drop("odd0"); /* while it is open */
    told_twice();
    touch("odd0");
    follow(path_of("odd0"));
    (void)close(fd); /* of the old one */
    not_told();
    fd = open_node(path_of("odd0"));
    told_twice();
    (void)close(fd);
    told_twice();
    drop("odd0");
    told_twice();
}

/* Somebody opens and closes the port in a loop: the caller is not kept busy by that. */
static void a_storm_is_few_changes(void **state)
{
    usec began = clock_now(), took;
    int changes = 0;

    (void)state;
    touch("ttyUSB0");
    follow(path_of("ttyUSB0"));
    for (int i = 0; i < 5000; i++) {
        (void)close(open_node(path_of("ttyUSB0")));
        changes += portwatch_changed(w);
    }
    took = clock_now() - began;
    assert_true(changes >= 1);
    assert_true(changes <= 1 + took / (SETTLE_MS * USEC_PER_MS));
    assert_true(told()); /* the last one is after all of it */
    while (readable(QUIET_MS))
        (void)portwatch_changed(w);
    drop("ttyUSB0");
    told_twice();
}

static void more_events_than_the_kernel_keeps(void **state)
{
    (void)state;
    touch("ttyUSB0");
    touch("ttyUSB1");
    follow(path_of("ttyUSB0"));
    told_twice();
    for (int i = 0; i < 20000; i++) {
        (void)chmod(path_of("ttyUSB0"), 0600);
        (void)chmod(path_of("ttyUSB1"), 0600); /* or the kernel would merge them */
    }
    assert_true(told());
    while (readable(QUIET_MS))
        (void)portwatch_changed(w);
    drop("ttyUSB0");
    drop("ttyUSB1");
    told_twice();
}

static void what_cannot_be_watched(void **state)
{
    struct portwatch *none = w;
    struct err err;

    (void)state;
    assert_int_equal(portwatch_create_in("/no/such/folder", 1, &none, &err), ERR_UNSUPPORTED);
    assert_null(none);
    assert_non_null(strstr(err.text, "/no/such/folder"));
    assert_int_equal(portwatch_create_in("/etc/passwd", 1, &none, &err), ERR_UNSUPPORTED);
    portwatch_destroy(NULL);
}

static void the_real_folder(void **state)
{
    struct portwatch *real;
    struct portlist list;
    struct err err;

    (void)state;
    if (portwatch_create(&real, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(portlist_read(&list, &err), 0);
    portwatch_follow(real, &list);
    portlist_reset(&list);
    portwatch_destroy(real);
}

static int make_watch(void **state)
{
    struct err err;

    (void)state;
    return portwatch_create_in(folder, SETTLE_MS * USEC_PER_MS, &w, &err);
}

static int drop_watch(void **state)
{
    (void)state;
    portwatch_destroy(w);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(folder);
}

#define WATCHED(test) cmocka_unit_test_setup_teardown(test, make_watch, drop_watch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WATCHED(ports_come_and_go),
        WATCHED(udev_sets_permissions),
        WATCHED(others_do_not_count),
        WATCHED(links_are_watched),
        WATCHED(who_opens_a_node),
        WATCHED(followed_nodes_go),
        WATCHED(a_storm_is_few_changes),
        WATCHED(more_events_than_the_kernel_keeps),
        cmocka_unit_test(what_cannot_be_watched),
        cmocka_unit_test(the_real_folder),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
