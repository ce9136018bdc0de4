/* SPDX-License-Identifier: MIT */
/* src/port on a driver of the kernel. Runs in the guest as root: driver /dev/ttyUSB0. The far end
 * echoes. */
#include <fcntl.h>
#include <linux/serial.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "port/port.h"
#include "port/portlist.h"
#include "port/portwatch.h"
#include "port/speed.h"

static const char *path;

static void check(bool good, const char *name, const char *fmt, ...) ATTR_PRINTF(3, 4);

static void check(bool good, const char *name, const char *fmt, ...)
{
    va_list ap;

    printf("%s - %s\n", good ? "ok" : "not ok", name);
    if (!good) {
        printf("#   ");
        va_start(ap, fmt);
        vprintf(fmt, ap);
        va_end(ap);
        printf("\n");
    }
    fflush(stdout);
}

static struct port *open_with(const struct line_settings *line, const char *name)
{
    struct port *port = NULL;
    struct err err = {0};
    int rc = port_open(path, line, &port, &err);

    check(rc == 0, name, "%d: %s", rc, err.text);
    return port;
}

/* What the driver has now, seen through a descriptor of root's own. */
static struct termios look(int *modem_lines)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    struct termios t = {0};

    tcgetattr(fd, &t);
    if (modem_lines != NULL)
        ioctl(fd, TIOCMGET, modem_lines);
    close(fd);
    return t;
}

static void test_settings(void)
{
    struct line_settings line = line_defaults();
    struct port *port = open_with(&line, "opens at 115200 8N1");
    struct termios t = look(NULL);

    check(cfgetospeed(&t) == B115200 && (t.c_cflag & CSIZE) == CS8 && !(t.c_cflag & PARENB),
          "the driver has 115200 8N1", "c_cflag %#x", t.c_cflag);
    check((t.c_lflag & (ICANON | ECHO | ISIG)) == 0 && t.c_cc[VMIN] == 1, "the line is raw",
          "c_lflag %#x", t.c_lflag);
    check((t.c_cflag & (HUPCL | CRTSCTS)) == 0, "neither HUPCL nor CRTSCTS", "c_cflag %#x",
          t.c_cflag);
    check(port_queued(port) == 0 && port_cts(port) == 1, "queue and CTS can be read", "%ld %d",
          port_queued(port), port_cts(port));
    check(port_info(port)->input_delay == USEC_PER_MS, "input delay is 1 ms", "%ld us",
          (long)port_info(port)->input_delay);
    check(!port_info(port)->is_pty && port_info(port)->note[0] == '\0', "nothing to note", "%s",
          port_info(port)->note);
    port_close(port);

    line.flow = FLOW_RTSCTS;
    port = open_with(&line, "opens with rtscts");
    t = look(NULL);
    check((t.c_cflag & CRTSCTS) != 0, "the driver has CRTSCTS", "c_cflag %#x", t.c_cflag);
    port_close(port);

    line.flow = FLOW_XONXOFF;
    port = open_with(&line, "opens with xonxoff");
    t = look(NULL);
    check((t.c_iflag & (IXON | IXOFF | IXANY)) == (IXON | IXOFF), "the driver has IXON and IXOFF",
          "c_iflag %#x", t.c_iflag);
    port_close(port);
}

static void test_speeds_and_frames(void)
{
    static const struct {
        long baud;
        const char *frame;
        int result;
    } cases[] = {
        {300, "8N1", 0},
        {9600, "7E1", 0},
        {57600, "8O2", 0},
        {250000, "8N1", 0},
        {123456, "8N1", 0},
        {3000000, "8N1", 0},
        {4000000, "8N1", ERR_UNSUPPORTED},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct line_settings line = line_defaults();
        struct port *port;
        struct err err = {0};
        char name[64];
        int rc;

        line.baud = cases[i].baud;
        memcpy(line.frame, cases[i].frame, 4);
        rc = port_open(path, &line, &port, &err);
        snprintf(name, sizeof name, "%ld %s is %s", cases[i].baud, cases[i].frame,
                 cases[i].result == 0 ? "taken" : "refused");
        check(rc == cases[i].result, name, "%d: %s", rc, err.text);
        if (rc != 0 || port_info(port)->note[0] != '\0')
            printf("#   %s\n", rc == 0 ? port_info(port)->note : err.text);
        port_close(port);
    }
}

/* On a port that stays open; an odd speed from before comes back, too. */
static void test_set_speed(void)
{
    struct line_settings line = line_defaults();
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    int rc = speed_set(fd, 31250);
    long odd = speed_get(fd); /* as the driver makes it */
    struct port *port = open_with(&line, "opens");
    struct termios before = look(NULL), after;
    struct err err = {0};

    check(rc == 0 && speed_fits(31250, odd), "an odd speed to begin with", "%d %ld", rc, odd);
    rc = port_set_speed(port, 9600, &err);
    check(rc == 0 && speed_get(fd) == 9600, "9600 on the open port", "%d: %s", rc, err.text);
    rc = port_set_speed(port, 250000, &err);
    check(rc == 0 && speed_fits(250000, speed_get(fd)), "and 250000", "%d: %s", rc, err.text);
    rc = port_set_speed(port, 4000000, &err);
    check(rc == ERR_UNSUPPORTED && speed_fits(250000, speed_get(fd)) &&
              port_info(port)->baud == 250000,
          "what it cannot do leaves it as it was", "%d: %s", rc, err.text);
    rc = port_set_speed(port, 115200, &err);
    after = look(NULL);
    check(rc == 0 && before.c_cflag == after.c_cflag && before.c_iflag == after.c_iflag &&
              before.c_lflag == after.c_lflag && after.c_cc[VMIN] == 1,
          "nothing else is changed", "%#x %#x", before.c_cflag, after.c_cflag);
    printf("#   damaged bytes by the driver's count: %ld\n", port_line_errors(port));
    port_close(port);
    check(speed_get(fd) == odd, "the odd speed is restored", "%ld", speed_get(fd));
    (void)speed_set(fd, 9600);
    close(fd);
}

static void test_restores(void)
{
    static const struct {
        enum modem_line dtr;
        const char *name;
    } cases[] = {{MODEM_LINE_KEEP, "keep"}, {MODEM_LINE_ON, "on"}, {MODEM_LINE_OFF, "off"}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct line_settings line = line_defaults();
        int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
        struct termios before, after;
        struct serial_struct flags, flags_after;
        struct port *port;
        int lines = 0;
        bool off = cases[i].dtr == MODEM_LINE_OFF;

        tcgetattr(fd, &before);
        before.c_lflag |= ECHO | ICANON;
        before.c_cflag |= HUPCL;
        cfsetspeed(&before, B19200);
        tcsetattr(fd, TCSANOW, &before);
        tcgetattr(fd, &before);
        ioctl(fd, TIOCGSERIAL, &flags);
        flags.flags &= ~(int)ASYNC_LOW_LATENCY;
        ioctl(fd, TIOCSSERIAL, &flags);
        line.dtr = line.rts = cases[i].dtr;
        printf("# DTR %s\n", cases[i].name);
        port = open_with(&line, "opens while root has it open too");
        check(strstr(port_info(port)->note, "has it open too") == NULL, "its own is no other", "%s",
              port_info(port)->note);
        /* Not through another open: that would raise them again. */
        ioctl(fd, TIOCMGET, &lines);
        check(((lines & TIOCM_DTR) == 0) == off && ((lines & TIOCM_RTS) == 0) == off,
              "DTR and RTS are as asked", "%#x", (unsigned)lines);
        port_close(port);
        tcgetattr(fd, &after);
        ioctl(fd, TIOCGSERIAL, &flags_after);
        check(((after.c_cflag & HUPCL) != 0) == off, "HUPCL follows DTR", "%#x", after.c_cflag);
        after.c_cflag |= HUPCL;
        check(after.c_cflag == before.c_cflag && after.c_lflag == before.c_lflag &&
                  after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag &&
                  memcmp(after.c_cc, before.c_cc, sizeof after.c_cc) == 0,
              "everything else is restored", "%#x %#x", after.c_cflag, after.c_lflag);
        check(flags.flags == flags_after.flags, "low latency too", "%#x %#x", (unsigned)flags.flags,
              (unsigned)flags_after.flags);
        close(fd);
    }
}

static void test_locks(void)
{
    struct line_settings line = line_defaults();
    struct port *port = open_with(&line, "opens"), *second;
    struct err err = {0};
    int fd, rc = port_open(path, &line, &second, &err);

    check(rc == ERR_BUSY && strstr(err.text, "driver /dev/ttyUSB0") != NULL, "but not twice",
          "%d: %s", rc, err.text);
    port_close(port);
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    ioctl(fd, TIOCEXCL);
    rc = port_open(path, &line, &second, &err);
    check(rc == ERR_BUSY, "nor, even as root, past a TIOCEXCL", "%d: %s", rc, err.text);
    ioctl(fd, TIOCNXCL);
    close(fd);
    port_close(open_with(&line, "opens again"));

    rc = port_open("/dev/ttyS2", &line, &second, &err);
    check(rc == ERR_MISSING, "a port without a chip is refused", "%d: %s", rc, err.text);
}

/* A program that neither locks nor asks. */
static void test_other_reader(void)
{
    struct line_settings line = line_defaults();
    struct port *port;
    pid_t pid = fork();

    if (pid == 0) {
        open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
        pause();
        _exit(0);
    }
    usleep(300000);
    port = open_with(&line, "opens beside a program that reads");
    check(strstr(port_info(port)->note, "has it open too") != NULL, "and says so", "%s",
          port_info(port)->note);
    port_close(port);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_list(void)
{
    struct portlist list;
    struct err err = {0};
    int rc = portlist_read(&list, &err);
    const struct port_entry *entry = NULL;

    check(rc == 0 && portlist_select(&list, "usb:0403:6001", &entry, &err) == 0 &&
              strcmp(entry->name, path) == 0,
          "the list has the adapter", "%s", err.text);
    for (size_t i = 0; i < list.count; i++)
        printf("#   %s [%s] [%s] [%s] [%s]\n", list.items[i].name, list.items[i].description,
               list.items[i].usb_maker, list.items[i].usb_product, list.items[i].usb_serial);
    portlist_reset(&list);
}

/* Sends a line of n bytes and waits for its echo; the time that took, or -1. */
static usec round_trip(struct port *port, size_t n)
{
    struct pollfd p = {.fd = port_fd(port), .events = POLLIN};
    char out[2048], in[2048];
    usec start = clock_now();
    size_t sent = 0, got = 0;

    memset(out, 'x', sizeof out);
    while (got < n) {
        ssize_t k = sent < n ? port_write(port, out, n - sent) : 0;

        if (k < 0)
            return -1;
        sent += (size_t)k;
        if (poll(&p, 1, 2000) <= 0)
            return -1;
        k = port_read(port, in, sizeof in);
        if (k < 0)
            return -1;
        got += (size_t)k;
    }
    return clock_now() - start;
}

/* Waits for the watch to tell of a change. */
static bool tells(struct portwatch *watch, int timeout_ms)
{
    struct pollfd p = {.fd = portwatch_fd(watch), .events = POLLIN};

    while (poll(&p, 1, timeout_ms) == 1) {
        if (portwatch_changed(watch))
            return true;
    }
    return false;
}

static bool follow(struct portwatch *watch)
{
    struct portlist list;
    bool there = false;

    if (portlist_read(&list, NULL) != 0)
        return false;
    for (size_t i = 0; i < list.count; i++)
        there = there || strcmp(list.items[i].name, path) == 0;
    portwatch_follow(watch, &list);
    portlist_reset(&list);
    return there;
}

/* Told, and told again until all is quiet; the list is read each time. True if it was told at all;
 * *there is whether the adapter is in the last list. */
static bool changes(struct portwatch *watch, bool *there)
{
    bool told = tells(watch, 10000);

    *there = follow(watch);
    while (tells(watch, 700))
        *there = follow(watch);
    return told;
}

/* What the list of a wizard goes through. Without udev: devtmpfs alone makes and removes nodes. */
static void test_watch(void)
{
    struct line_settings line = line_defaults();
    struct portwatch *watch;
    struct err err = {0};
    struct port *port;
    bool there;

    check(portwatch_create(&watch, &err) == 0, "/dev can be watched", "%s", err.text);
    check(follow(watch) && !tells(watch, 700), "the adapter is there, and nothing changes", "no");
    port = open_with(&line, "opens");
    check(changes(watch, &there) && there, "opening is told", "no");
    port_close(port);
    check(changes(watch, &there) && there, "so is closing", "no");
    printf("@pull\n");
    fflush(stdout);
    check(changes(watch, &there) && !there, "a pulled adapter leaves the list", "no");
    printf("@plug\n");
    fflush(stdout);
    check(changes(watch, &there) && there, "a plugged one comes into it", "no");
    portwatch_destroy(watch);
}

static void test_bytes_and_gone(void)
{
    struct line_settings line = line_defaults();
    struct port *port = open_with(&line, "opens");
    struct pollfd p = {.fd = port_fd(port), .events = POLLIN};
    char in[64];
    usec one = 0, many;

    for (int i = 0; i < 20; i++)
        one += round_trip(port, 1) / 20;
    many = round_trip(port, 1000);
    check(one > 0 && many > 0, "bytes come back", "%ld %ld", (long)one, (long)many);
    printf("#   echo of 1 byte %ld us, of 1000 %ld us\n", (long)one, (long)many);
    check(port_read(port, in, sizeof in) == PORT_AGAIN, "then silence", "no");

    printf("@pull\n");
    fflush(stdout);
    check(poll(&p, 1, 10000) == 1 && (p.revents & (POLLHUP | POLLERR)) != 0,
          "the adapter pulled out is seen by poll", "revents %#x", (unsigned)p.revents);
    check(port_read(port, in, sizeof in) == PORT_GONE, "read says gone", "no");
    check(port_write(port, "x", 1) == PORT_GONE, "write says gone", "no");
    many = clock_now();
    port_close(port);
    check(clock_now() - many < USEC_PER_SEC, "and closing does not hang", "%ld us",
          (long)(clock_now() - many));
    for (int i = 0; i < 100 && access(path, F_OK) == 0; i++)
        usleep(50000);
    printf("@plug\n");
    fflush(stdout);
    for (int i = 0; i < 100 && access(path, F_OK) != 0; i++)
        usleep(50000);
    port_close(open_with(&line, "opens again once it is back"));
}

int main(int argc, char **argv)
{
    path = argc > 1 ? argv[1] : "/dev/ttyUSB0";
    test_list();
    test_settings();
    test_speeds_and_frames();
    test_set_speed();
    test_restores();
    test_watch();
    test_locks();
    test_other_reader();
    test_bytes_and_gone();
    return 0;
}
