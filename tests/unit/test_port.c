/* SPDX-License-Identifier: MIT */
/* Ports over real ptys, refusals, locks and the words that go with them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pty.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "port/holder.h"
#include "port/port.h"
#include "port/portlist.h"
#include "port/speed.h"

/* A pty whose slave is held open here, as an emulator holds it. */
struct pty {
    int master, slave;
    char name[64];
};

static struct pty pty_make(void)
{
    struct pty p;

    assert_int_equal(openpty(&p.master, &p.slave, p.name, NULL, NULL), 0);
    return p;
}

static void pty_drop(struct pty *p)
{
    if (p->master >= 0)
        close(p->master);
    if (p->slave >= 0)
        close(p->slave);
}

static struct port *open_port(const char *name, const struct line_settings *line)
{
    struct port *port = NULL;
    struct err err = {0};

    if (port_open(name, line, &port, &err) != 0)
        fail_msg("port_open(%s): %s", name, err.text);
    assert_non_null(port);
    return port;
}

/* Expects the port to be refused with this code and these words. */
static struct err refuse(const char *name, enum err_code code, const char *words)
{
    struct line_settings line = line_defaults();
    struct port *port = (struct port *)&line;
    struct err err = {0};
    int rc = port_open(name, &line, &port, &err);

    if (rc != (int)code || err.code != code)
        fail_msg("port_open(%s) gave %d: %s", name, rc, err.text);
    assert_null(port);
    if (strstr(err.text, words) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, words);
    assert_string_not_equal(err.remedy, "");
    return err;
}

/* Runs `what` in a child; its exit status 0 is success. */
static void in_child(void (*what)(void *), void *arg)
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        what(arg);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("the child ended with status %#x", (unsigned)status);
}

/* For children, in which cmocka's assertions do not work. */
#define CHILD_CHECK(condition)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "# line %d: %s\n", __LINE__, #condition);                              \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static bool becomes_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 5000) > 0;
}

/* --- opening and closing ---------------------------------------------------------------------- */

static void test_open_applies_settings(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct termios t;
    struct port *port;

    (void)state;
    line.baud = 57600;
    port = open_port(p.name, &line);
    assert_true(port_info(port)->is_pty);
    assert_string_equal(port_info(port)->name, p.name);
    assert_string_equal(port_info(port)->note, "");
    assert_int_equal(port_info(port)->input_delay, 0);
    assert_int_equal(tcgetattr(p.master, &t), 0);
    assert_int_equal(cfgetospeed(&t), B57600);
    assert_int_equal(t.c_lflag & (ICANON | ECHO | ISIG | IEXTEN), 0);
    assert_int_equal(t.c_oflag & OPOST, 0);
    assert_int_equal(t.c_iflag & (ICRNL | IXON | IXOFF | ISTRIP), 0);
    assert_int_equal(t.c_cc[VMIN], 1);
    assert_int_equal(t.c_cc[VTIME], 0);
    assert_true(fcntl(port_fd(port), F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(port_fd(port), F_GETFD) & FD_CLOEXEC);
    assert_int_equal(port_queued(port), -1);
    assert_int_equal(port_cts(port), -1);
    port_close(port);
    pty_drop(&p);
}

static void assert_same_settings(const struct termios *a, const struct termios *b)
{
    assert_int_equal(a->c_iflag, b->c_iflag);
    assert_int_equal(a->c_oflag, b->c_oflag);
    assert_int_equal(a->c_cflag, b->c_cflag);
    assert_int_equal(a->c_lflag, b->c_lflag);
    assert_memory_equal(a->c_cc, b->c_cc, sizeof a->c_cc);
}

static void test_close_restores(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct termios before, after;
    struct port *port;

    (void)state;
    assert_int_equal(tcgetattr(p.slave, &before), 0);
    line.flow = FLOW_XONXOFF;
    line.baud = 250000;
    port = open_port(p.name, &line);
    port_close(port);
    assert_int_equal(tcgetattr(p.slave, &after), 0);
    assert_same_settings(&after, &before);
    pty_drop(&p);
}

static void test_speeds(void **state)
{
    static const long speeds[] = {300, 1200, 9600, 31250, 115200, 123456, 250000, 921600, 4000000};
    struct pty p = pty_make();

    (void)state;
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        struct line_settings line = line_defaults();
        struct port *port;

        line.baud = speeds[i];
        port = open_port(p.name, &line);
        assert_int_equal(speed_get(p.master), speeds[i]);
        port_close(port);
        assert_int_equal(speed_get(p.master), 38400);
    }
    /* A speed without a code survives being saved and restored. */
    assert_int_equal(speed_set(p.slave, 31250), 0);
    port_close(open_port(
        p.name, &(struct line_settings){9600, "8N1", FLOW_NONE, MODEM_LINE_KEEP, MODEM_LINE_KEEP}));
    assert_int_equal(speed_get(p.master), 31250);
    pty_drop(&p);
}

static void test_set_speed(void **state)
{
    static const long speeds[] = {115200, 9600, 31250, 1200, 921600, 115200};
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct termios before, after;
    struct port *port;
    struct err err;

    (void)state;
    assert_int_equal(speed_set(p.slave, 123456), 0);
    line.flow = FLOW_XONXOFF;
    port = open_port(p.name, &line);
    assert_int_equal(port_info(port)->baud, 115200);
    assert_int_equal(port_line_errors(port), -1);
    assert_int_equal(tcgetattr(p.master, &before), 0);
    for (size_t i = 0; i < sizeof speeds / sizeof speeds[0]; i++) {
        assert_int_equal(port_set_speed(port, speeds[i], &err), 0);
        assert_int_equal(speed_get(p.master), speeds[i]);
        assert_int_equal(port_info(port)->baud, speeds[i]);
    }
    assert_int_equal(port_set_speed(port, 0, &err), ERR_VALUE);
    assert_int_equal(port_set_speed(port, -9600, &err), ERR_VALUE);
    assert_int_equal(port_info(port)->baud, 115200);
    /* Nothing but the speed was touched. */
    assert_int_equal(tcgetattr(p.master, &after), 0);
    assert_same_settings(&after, &before);
    assert_int_equal(port_set_speed(port, 4800, &err), 0);
    port_close(port);
    assert_int_equal(speed_get(p.master), 123456);

    port = open_port(p.name, &line);
    close(p.master);
    p.master = -1;
    assert_int_equal(port_set_speed(port, 9600, &err), ERR_GONE);
    assert_int_equal(port_info(port)->baud, 115200);
    port_close(port);
    pty_drop(&p);
}

/* What was received at the old speed is still there, what was sent is not held up. */
static void test_set_speed_keeps_what_waits(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port = open_port(p.name, &line);
    char got[8];

    (void)state;
    assert_int_equal(write(p.master, "abc", 3), 3);
    assert_true(becomes_readable(port_fd(port)));
    assert_int_equal(port_write(port, "xyz", 3), 3);
    assert_int_equal(port_set_speed(port, 9600, NULL), 0);
    assert_int_equal(port_read(port, got, sizeof got), 3);
    assert_true(becomes_readable(p.master));
    assert_int_equal(read(p.master, got, sizeof got), 3);
    port_close(port);
    pty_drop(&p);
}

static void test_speed_fits(void **state)
{
    (void)state;
    assert_true(speed_fits(115200, 115200));
    assert_true(speed_fits(57600, 57692));
    assert_true(speed_fits(115200, 113000));
    assert_false(speed_fits(115200, 110000));
    assert_false(speed_fits(1200, 9600));
    assert_false(speed_fits(9600, -1));
}

static void test_flow_and_frame(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct termios t;
    struct port *port;

    (void)state;
    line.flow = FLOW_RTSCTS;
    memcpy(line.frame, "7E2", 4);
    port = open_port(p.name, &line);
    assert_int_equal(tcgetattr(p.master, &t), 0);
    assert_true((t.c_cflag & CRTSCTS) != 0);
    assert_true((t.c_cflag & CSTOPB) != 0);
    assert_non_null(strstr(port_info(port)->note, "7E2")); /* the kernel makes it 8N */
    port_close(port);

    line.flow = FLOW_XONXOFF;
    memcpy(line.frame, "8N1", 4);
    port = open_port(p.name, &line);
    assert_int_equal(tcgetattr(p.master, &t), 0);
    assert_int_equal(t.c_iflag & (IXON | IXOFF | IXANY), IXON | IXOFF);
    assert_int_equal(t.c_cflag & (CRTSCTS | CSTOPB), 0);
    assert_string_equal(port_info(port)->note, "");
    port_close(port);
    pty_drop(&p);
}

static void test_incomplete_settings(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port;
    struct err err;

    (void)state;
    line.baud = 0;
    assert_int_equal(port_open(p.name, &line, &port, &err), ERR_INTERNAL);
    assert_null(port);
    pty_drop(&p);
}

static void test_close_accepts_null(void **state)
{
    (void)state;
    port_close(NULL);
}

/* Opening again and again leaves no descriptor behind, whether it succeeds or not. */
static void test_no_descriptor_leaks(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    int before = dup(0), after;

    (void)state;
    close(before);
    for (int i = 0; i < 10; i++) {
        struct port *port = open_port(p.name, &line), *second;
        struct err err;

        assert_int_equal(port_open(p.name, &line, &second, &err), ERR_BUSY);
        port_close(port);
        assert_int_equal(port_open("/etc/passwd", &line, &port, &err), ERR_VALUE);
        assert_int_equal(port_open("/no/such/port", &line, &port, &err), ERR_MISSING);
    }
    after = dup(0);
    close(after);
    assert_int_equal(after, before);
    pty_drop(&p);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static void test_read_and_write(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port = open_port(p.name, &line);
    unsigned char all[256], got[512];
    size_t have = 0;

    (void)state;
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (unsigned char)i;
    assert_int_equal(port_read(port, got, sizeof got), PORT_AGAIN);
    assert_int_equal(port_read(port, got, 0), PORT_AGAIN);

    /* Every byte value, both ways, unchanged. */
    assert_int_equal(port_write(port, all, sizeof all), sizeof all);
    while (have < sizeof all) {
        assert_true(becomes_readable(p.master));
        have += (size_t)read(p.master, got + have, sizeof got - have);
    }
    assert_memory_equal(got, all, sizeof all);

    assert_int_equal(write(p.master, all, sizeof all), sizeof all);
    for (have = 0; have < sizeof all;) {
        ssize_t n;

        assert_true(becomes_readable(port_fd(port)));
        n = port_read(port, got + have, 100);
        assert_true(n > 0);
        have += (size_t)n;
    }
    assert_memory_equal(got, all, sizeof all);
    assert_int_equal(port_read(port, got, sizeof got), PORT_AGAIN);
    port_close(port);
    pty_drop(&p);
}

/* A master that does not read: the port says so instead of blocking, and goes on once it does. */
static void test_back_pressure(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port = open_port(p.name, &line);
    struct pollfd out = {.fd = port_fd(port), .events = POLLOUT};
    char block[1024], drain[4096];
    ssize_t n;
    size_t total = 0;

    (void)state;
    memset(block, 'x', sizeof block);
    while ((n = port_write(port, block, sizeof block)) > 0) {
        total += (size_t)n;
        assert_true(total < (1U << 22));
    }
    assert_int_equal(n, PORT_AGAIN);
    assert_int_equal(poll(&out, 1, 0), 0);
    while (poll(&out, 1, 0) == 0)
        assert_true(read(p.master, drain, sizeof drain) > 0);
    assert_true(port_write(port, block, 1) == 1);
    port_close(port);
    pty_drop(&p);
}

/* What the master's side of the kernel has taken (4 kB) cannot be called back; what waits is
 * dropped.
 */
static void test_flush_output(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port = open_port(p.name, &line);
    char block[1024], got[4096];
    size_t written = 0, arrived = 0;
    ssize_t n = 0;

    (void)state;
    memset(block, 'x', sizeof block);
    while ((n = port_write(port, block, sizeof block)) > 0)
        written += (size_t)n;
    port_flush_output(port);
    while (port_write(port, "!", 1) != 1)
        arrived += (size_t)read(p.master, got, sizeof got);
    do {
        assert_true(becomes_readable(p.master));
        n = read(p.master, got, sizeof got);
        assert_true(n > 0);
        arrived += (size_t)n;
    } while (got[n - 1] != '!');
    assert_true(arrived < written);
    port_close(port);
    pty_drop(&p);
}

static void test_gone(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port = open_port(p.name, &line);
    struct pollfd in = {.fd = port_fd(port), .events = POLLIN};
    char got[16];

    (void)state;
    close(p.master);
    p.master = -1;
    assert_int_equal(poll(&in, 1, 5000), 1);
    assert_true((in.revents & POLLHUP) != 0);
    assert_int_equal(port_read(port, got, sizeof got), PORT_GONE);
    assert_int_equal(port_read(port, got, sizeof got), PORT_GONE);
    assert_int_equal(port_write(port, "x", 1), PORT_GONE);
    port_flush_output(port);
    port_close(port);
    pty_drop(&p);
}

/* Somebody runs stty on the port: a read of 0 is then silence, not the end. */
static void test_vmin_zero_is_not_gone(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port = open_port(p.name, &line);
    struct termios t;
    char got[16];

    (void)state;
    assert_int_equal(tcgetattr(p.slave, &t), 0);
    t.c_cc[VMIN] = 0;
    assert_int_equal(tcsetattr(p.slave, TCSANOW, &t), 0);
    assert_int_equal(port_read(port, got, sizeof got), PORT_AGAIN);
    assert_int_equal(write(p.master, "a", 1), 1);
    assert_true(becomes_readable(port_fd(port)));
    assert_int_equal(port_read(port, got, sizeof got), 1);
    close(p.master);
    p.master = -1;
    assert_true(becomes_readable(port_fd(port)));
    assert_int_equal(port_read(port, got, sizeof got), PORT_GONE);
    port_close(port);
    pty_drop(&p);
}

/* --- who holds it ----------------------------------------------------------------------------- */

static void test_second_open_names_holder(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port = open_port(p.name, &line);
    struct port_holder holder;
    struct termios t;
    struct err err;
    char pid[32];

    (void)state;
    snprintf(pid, sizeof pid, "process %d: ", (int)getpid());
    err = refuse(p.name, ERR_BUSY, pid);
    assert_non_null(strstr(err.text, "test_port"));
    assert_true(port_find_holder(p.name, &holder));
    assert_int_equal(holder.pid, getpid());
    /* The refused one has changed nothing. */
    assert_int_equal(tcgetattr(p.master, &t), 0);
    assert_int_equal(cfgetospeed(&t), B115200);
    assert_int_equal(t.c_lflag & ECHO, 0);
    port_close(port);
    port_close(open_port(p.name, &line));
    pty_drop(&p);
}

/* A child that holds the device until its standard input closes: by flock, or just open. */
struct other {
    pid_t pid;
    int stop;
};

static struct other other_start(const char *path, bool lock)
{
    struct other o;
    int stop[2], ready[2];
    char c;

    assert_int_equal(pipe(stop), 0);
    assert_int_equal(pipe(ready), 0);
    o.pid = fork();
    assert_true(o.pid >= 0);
    if (o.pid == 0) {
        int fd;

        /* Nothing of the parent's but the pipes: its own pty descriptors would be found, too. */
        for (fd = 3; fd < 64; fd++) {
            if (fd != stop[0] && fd != ready[1])
                close(fd);
        }
        fd = open(path, O_RDWR | O_NOCTTY);
        if (fd < 0 || (lock && flock(fd, LOCK_EX | LOCK_NB) != 0))
            _exit(1);
        close(ready[1]);
        (void)!read(stop[0], &c, 1);
        _exit(0);
    }
    close(stop[0]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 0);
    close(ready[0]);
    o.stop = stop[1];
    return o;
}

static void other_end(struct other *o)
{
    close(o->stop);
    assert_int_equal(waitpid(o->pid, NULL, 0), o->pid);
}

static void test_other_process_holds(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct other o = other_start(p.name, true);
    char pid[32];

    (void)state;
    snprintf(pid, sizeof pid, "process %d: ", (int)o.pid);
    refuse(p.name, ERR_BUSY, pid);
    other_end(&o);
    port_close(open_port(p.name, &line));
    pty_drop(&p);
}

/* A killed run leaves nothing behind that would keep the next one out. */
static void test_killed_holder_leaves_no_lock(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    int ready[2];
    pid_t pid;
    char c;

    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct port *port;

        if (port_open(p.name, &line, &port, NULL) != 0)
            _exit(1);
        (void)!write(ready[1], "r", 1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    close(ready[1]);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    port_close(open_port(p.name, &line));
    pty_drop(&p);
}

/* No lock: found by its open descriptor. */
static void test_find_holder_by_descriptor(void **state)
{
    struct pty p = pty_make();
    struct port_holder holder;
    struct other o;

    (void)state;
    assert_false(port_find_holder(p.name, &holder));
    o = other_start(p.name, false);
    assert_true(port_find_holder(p.name, &holder));
    assert_int_equal(holder.pid, o.pid);
    assert_non_null(strstr(holder.command, "test_port"));
    other_end(&o);
    assert_false(port_find_holder(p.name, &holder));
    assert_false(port_find_holder("/no/such/device", &holder));
    assert_false(port_find_holder("/etc/passwd", &holder));
    pty_drop(&p);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), n);
    close(fd);
}

static void test_lock_files(void **state)
{
    char dir[] = "/tmp/test_port.XXXXXX", path[128], text[64];
    struct port_holder holder;
    int alive = (int)fork();

    (void)state;
    assert_true(alive >= 0);
    if (alive == 0) {
        pause();
        _exit(0);
    }
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/LCK..ttyUSB0", dir);
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));

    snprintf(text, sizeof text, "%10d minicom root\n", alive);
    write_file(path, text, strlen(text));
    assert_true(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    assert_int_equal(holder.pid, alive);
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB1", &holder));

    write_file(path, &alive, sizeof alive);
    assert_true(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    assert_int_equal(holder.pid, alive);

    /* Stale, empty, rubbish and our own: nobody. */
    write_file(path, "2147483646\n", 11);
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    write_file(path, "", 0);
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    write_file(path, "-1\n", 3);
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    write_file(path, "rubbish", 7);
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    snprintf(text, sizeof text, "%10d\n", (int)getpid());
    write_file(path, text, strlen(text));
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    kill(alive, SIGKILL);
    assert_int_equal(waitpid(alive, NULL, 0), alive);
    snprintf(text, sizeof text, "%10d\n", alive);
    write_file(path, text, strlen(text));
    assert_false(holder_of_lock_file(dir, "/dev/ttyUSB0", &holder));
    unlink(path);
    rmdir(dir);
}

static void test_holder_words(void **state)
{
    struct port_holder holder = {.pid = 812, .command = "/usr/sbin/ModemManager --debug"};
    struct err err;

    (void)state;
    assert_int_equal(holder_explain("/dev/ttyUSB0", &holder, &err), ERR_BUSY);
    assert_string_equal(err.text,
                        "/dev/ttyUSB0 is in use by process 812: /usr/sbin/ModemManager --debug");
    assert_non_null(strstr(err.remedy, "ENV{ID_MM_DEVICE_IGNORE}=\"1\""));

    snprintf(holder.command, sizeof holder.command, "/sbin/agetty -o -p -- \\u --keep-baud");
    holder_explain("/dev/ttyS0", &holder, &err);
    assert_non_null(strstr(err.remedy, "systemctl stop serial-getty@ttyS0"));

    holder = (struct port_holder){.pid = 7};
    holder_explain("/dev/ttyS0", &holder, &err);
    assert_string_equal(err.text, "/dev/ttyS0 is in use by process 7");

    holder = (struct port_holder){0};
    holder_explain("/dev/ttyS0", &holder, &err);
    assert_non_null(strstr(err.text, "a process of another user"));
    holder_explain("/dev/ttyS0", &holder, NULL);
}

/* --- names and refusals ----------------------------------------------------------------------- */

static void test_links_are_resolved(void **state)
{
    struct line_settings line = line_defaults();
    char dir[] = "/tmp/test_port.XXXXXX", link[64], chain[64];
    struct pty p = pty_make();
    struct port *port;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(link, sizeof link, "%s/dev0", dir);
    snprintf(chain, sizeof chain, "%s/chain", dir);
    assert_int_equal(symlink(p.name, link), 0);
    assert_int_equal(symlink(link, chain), 0);
    port = open_port(chain, &line);
    assert_string_equal(port_info(port)->name, p.name);
    refuse(link, ERR_BUSY, p.name); /* the same device by another name */
    port_close(port);
    pty_drop(&p);
    refuse(link, ERR_MISSING, "is a link to ");
    unlink(link);
    unlink(chain);
    rmdir(dir);
}

static void test_bare_name(void **state)
{
    struct line_settings line = line_defaults();
    struct pty p = pty_make();
    struct port *port;
    char cwd[4096];

    (void)state;
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_int_equal(chdir("/dev/pts"), 0);
    port = open_port(p.name + strlen("/dev/pts/"), &line);
    assert_string_equal(port_info(port)->name, p.name);
    port_close(port);
    assert_int_equal(chdir(cwd), 0);
    refuse("null", ERR_VALUE, "/dev/null is a device, but not a serial port");
    pty_drop(&p);
}

static void test_missing(void **state)
{
    struct err err;

    (void)state;
    err =
        refuse("/dev/ttyUSB99", ERR_MISSING, "there is no port /dev/ttyUSB99; this computer has ");
    assert_true(strstr(err.remedy, "comcert emulate") != NULL ||
                strstr(err.remedy, "comcert ports") != NULL);
    refuse("COM3", ERR_MISSING, "there is no port COM3");
    refuse("", ERR_MISSING, "there is no port");
    refuse("/etc/passwd/x", ERR_MISSING, "there is no port");
    err = refuse("/dev/\x1b[31m", ERR_MISSING, "/dev/\\x1B[31m"); /* harmless to a terminal */
    assert_null(strchr(err.text, '\x1b'));
}

static void test_refusals(void **state)
{
    char dir[] = "/tmp/test_port.XXXXXX", path[64];
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    int sock;

    (void)state;
    assert_non_null(mkdtemp(dir));
    refuse(dir, ERR_VALUE, "is a folder");

    snprintf(path, sizeof path, "%s/file", dir);
    write_file(path, "untouched", 9);
    refuse(path, ERR_VALUE, "is a plain file");
    unlink(path);

    snprintf(path, sizeof path, "%s/fifo", dir);
    assert_int_equal(mkfifo(path, 0600), 0);
    refuse(path, ERR_VALUE, "is a pipe");
    unlink(path);

    snprintf(sun.sun_path, sizeof sun.sun_path, "%s/sock", dir);
    sock = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(sock, (struct sockaddr *)&sun, sizeof sun), 0);
    refuse(sun.sun_path, ERR_VALUE, "is a socket");
    close(sock);
    unlink(sun.sun_path);
    rmdir(dir);

    refuse("/dev/null", ERR_VALUE, "but not a serial port");
    refuse("/dev/ptmx", ERR_VALUE, "screen of this computer");
    refuse("/dev/tty", ERR_VALUE, "not");
}

/* Runs as a session leader: with the pty as controlling terminal only, then as descriptor 0 only.
 */
static void own_terminal_child(void *arg)
{
    const struct pty *p = arg;
    struct line_settings line = line_defaults();
    struct port *port;
    struct err err = {0};
    int null = open("/dev/null", O_RDWR);

    CHILD_CHECK(setsid() > 0);
    for (int fd = 0; fd <= 1; fd++)
        dup2(null, fd);
    CHILD_CHECK(port_open(p->name, &line, &port, &err) == 0);
    port_close(port);

    CHILD_CHECK(ioctl(p->slave, TIOCSCTTY, 0) == 0);
    CHILD_CHECK(port_open(p->name, &line, &port, &err) == ERR_VALUE);
    CHILD_CHECK(strstr(err.text, "the terminal that you are typing in") != NULL);

    signal(SIGHUP, SIG_IGN);
    CHILD_CHECK(ioctl(p->slave, TIOCNOTTY) == 0);
    CHILD_CHECK(port_open(p->name, &line, &port, &err) == 0);
    port_close(port);
    dup2(p->slave, 0);
    CHILD_CHECK(port_open(p->name, &line, &port, &err) == ERR_VALUE);
    CHILD_CHECK(strstr(err.text, "the terminal that you are typing in") != NULL);
}

static void test_own_terminal(void **state)
{
    struct pty p = pty_make();

    (void)state;
    in_child(own_terminal_child, &p);
    pty_drop(&p);
}

/* Opening a port never makes it the controlling terminal of a session that has none. */
static void no_controlling_terminal_child(void *arg)
{
    struct line_settings line = line_defaults();
    struct port *port;

    CHILD_CHECK(setsid() > 0);
    CHILD_CHECK(port_open(arg, &line, &port, NULL) == 0);
    CHILD_CHECK(open("/dev/tty", O_RDWR) < 0);
    port_close(port);
}

static void test_no_controlling_terminal(void **state)
{
    struct pty p = pty_make();

    (void)state;
    in_child(no_controlling_terminal_child, p.name);
    pty_drop(&p);
}

struct access_case {
    const char *name;
    const char *words, *remedy;
};

static void no_access_child(void *arg)
{
    const struct access_case *c = arg;
    struct line_settings line = line_defaults();
    struct port *port;
    struct err err = {0};
    const struct passwd *nobody = getpwnam("nobody");

    CHILD_CHECK(nobody != NULL);
    CHILD_CHECK(setgid(nobody->pw_gid) == 0 && seteuid(nobody->pw_uid) == 0);
    CHILD_CHECK(port_open(c->name, &line, &port, &err) == ERR_ACCESS);
    if (strstr(err.text, c->words) == NULL || strstr(err.remedy, c->remedy) == NULL) {
        fprintf(stderr, "# %s | %s\n", err.text, err.remedy);
        _exit(1);
    }
}

static void test_permission(void **state)
{
    struct pty p = pty_make();
    const struct passwd *nobody = getpwnam("nobody");

    (void)state;
    if (geteuid() != 0 || nobody == NULL) {
        pty_drop(&p);
        skip();
    }
    assert_int_equal(setgroups(0, NULL), 0);
    /* A group that helps: dialout is group 20 on every Debian. */
    assert_int_equal(chown(p.name, 0, 20), 0);
    assert_int_equal(chmod(p.name, 0660), 0);
    in_child(no_access_child,
             &(struct access_case){p.name, "belongs to the group dialout, and nobody is not in it",
                                   "`sudo usermod -aG dialout $USER`, then log out and in again"});
    /* A group that must not be joined, and one that may not do enough. */
    assert_int_equal(chown(p.name, 0, 0), 0);
    in_child(no_access_child, &(struct access_case){p.name, "only its owner root may", "as that"});
    assert_int_equal(chown(p.name, 0, 20), 0);
    assert_int_equal(chmod(p.name, 0620), 0);
    in_child(no_access_child, &(struct access_case){p.name, "only its owner root may", "as that"});
    pty_drop(&p);
}

/* --- the list of ports ------------------------------------------------------------------------ */

static struct port_entry entry(const char *name, int vid, int pid, const char *serial, int address)
{
    struct port_entry e = {.usb_vid = vid, .usb_pid = pid, .usb_bus = 1, .usb_address = address};

    snprintf(e.name, sizeof e.name, "%s", name);
    snprintf(e.usb_serial, sizeof e.usb_serial, "%s", serial);
    return e;
}

static void test_arrange(void **state)
{
    struct port_entry items[] = {
        entry("/dev/ttyUSB10", 0x0403, 0x6001, "A1", 10),
        entry("/dev/ttyUSB2", 0x0403, 0x6001, "A1", 9),
        entry("/dev/ttyS1", -1, -1, "", -1),
        entry("/dev/ttyUSB0", 0x10c4, 0xea60, "", 3),
        entry("/dev/ttyUSB1", 0x10c4, 0xea60, "", 4),
        entry("/dev/ttyACM3", 0x0403, 0x6011, "Q", 5),
        entry("/dev/ttyACM4", 0x0403, 0x6011, "Q", 5),
        entry("/dev/ttyS0", -1, -1, "", -1),
    };
    static const char *const order[] = {"/dev/ttyACM3", "/dev/ttyACM4", "/dev/ttyS0",
                                        "/dev/ttyS1",   "/dev/ttyUSB0", "/dev/ttyUSB1",
                                        "/dev/ttyUSB2", "/dev/ttyUSB10"};
    struct portlist list = {items, sizeof items / sizeof items[0]};

    (void)state;
    portlist_arrange(&list);
    for (size_t i = 0; i < list.count; i++) {
        assert_string_equal(list.items[i].name, order[i]);
        /* Shared by two adapters only; not the two ports of one (ttyACM), nor no number at all. */
        assert_int_equal(list.items[i].same_serial, i >= 6);
    }
    portlist_arrange(&(struct portlist){0});
}

static void test_select(void **state)
{
    struct port_entry items[] = {
        entry("/dev/ttyS0", -1, -1, "", -1),
        entry("/dev/ttyUSB0", 0x0403, 0x6001, "A5069RR4", 3),
        entry("/dev/ttyUSB1", 0x0403, 0x6001, "A506B:C7", 4),
        entry("/dev/ttyUSB2", 0x10c4, 0xea60, "0001", 5),
        entry("/dev/ttyUSB3", 0x1a86, 0x7523, "", 6),
        entry("/dev/ttyUSB4", 0x1a86, 0x7523, "", 7),
    };
    struct portlist list = {items, sizeof items / sizeof items[0]};
    const struct port_entry *got;
    struct err err;

    (void)state;
    assert_int_equal(portlist_select(&list, "usb:10C4:ea60", &got, &err), 0);
    assert_string_equal(got->name, "/dev/ttyUSB2");
    assert_int_equal(portlist_select(&list, "usb:403:6001:A5069RR4", &got, &err), 0);
    assert_string_equal(got->name, "/dev/ttyUSB0");
    assert_int_equal(portlist_select(&list, "usb:0403:6001:A506B:C7", &got, &err), 0);
    assert_string_equal(got->name, "/dev/ttyUSB1");

    assert_int_equal(portlist_select(&list, "usb:0403:6001", &got, &err), ERR_VALUE);
    assert_null(got);
    assert_non_null(strstr(err.text, "/dev/ttyUSB0 (0403:6001 serial A5069RR4), /dev/ttyUSB1"));
    assert_non_null(strstr(err.remedy, "usb:0403:6001:A5069RR4"));
    assert_int_equal(portlist_select(&list, "usb:1a86:7523", &got, &err), ERR_VALUE);
    assert_non_null(strstr(err.remedy, "by-path"));

    assert_int_equal(portlist_select(&list, "usb:0403:6001:a5069rr4", &got, &err), ERR_MISSING);
    assert_non_null(strstr(err.text, "/dev/ttyUSB2 (10c4:ea60 serial 0001)"));
    assert_int_equal(portlist_select(&list, "usb:dead:beef", &got, NULL), ERR_MISSING);
    assert_int_equal(portlist_select(&(struct portlist){0}, "usb:1:2", &got, &err), ERR_MISSING);
    assert_non_null(strstr(err.text, "no other USB serial adapter"));
}

static void test_selector_form(void **state)
{
    static const char *const bad[] = {
        "usb:",           "usb:0403",     "usb:0403:",     "usb::6001",
        "usb:0403:6001:", "usb:xyz:6001", "usb:0403:600g", "usb:00403:6001",
        "usb:0403:60010", "usb:-1:6001",  "usb: 403:6001", "usb:0x0403:0x6001"};
    struct port_entry one = entry("/dev/ttyUSB0", 0x0403, 0x6001, "", 3);
    struct portlist list = {&one, 1};
    const struct port_entry *got;
    struct err err;

    (void)state;
    assert_true(portlist_is_selector("usb:0403:6001"));
    assert_false(portlist_is_selector("/dev/ttyUSB0"));
    assert_false(portlist_is_selector("usb"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (portlist_select(&list, bad[i], &got, &err) != ERR_USAGE)
            fail_msg("%s was taken", bad[i]);
        assert_non_null(strstr(err.remedy, "usb:0403:6001"));
    }
    refuse("usb:zz:1", ERR_USAGE, "usb:VID:PID");
    refuse("usb:dead:beef:none", ERR_MISSING, "no adapter usb:dead:beef:none");
}

/* The machine's own list, whatever it is: sound entries in order. */
static void test_list_of_this_machine(void **state)
{
    struct portlist list;
    struct err err;

    (void)state;
    if (access("/sys/class/tty", R_OK) != 0)
        skip();
    assert_int_equal(portlist_read(&list, &err), 0);
    for (size_t i = 0; i < list.count; i++) {
        struct stat st;

        assert_int_equal(stat(list.items[i].name, &st), 0);
        assert_true(S_ISCHR(st.st_mode));
        assert_true(i == 0 || strverscmp(list.items[i - 1].name, list.items[i].name) < 0);
    }
    portlist_reset(&list);
    assert_int_equal(list.count, 0);
    portlist_reset(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_applies_settings),
        cmocka_unit_test(test_close_restores),
        cmocka_unit_test(test_speeds),
        cmocka_unit_test(test_set_speed),
        cmocka_unit_test(test_set_speed_keeps_what_waits),
        cmocka_unit_test(test_speed_fits),
        cmocka_unit_test(test_flow_and_frame),
        cmocka_unit_test(test_incomplete_settings),
        cmocka_unit_test(test_close_accepts_null),
        cmocka_unit_test(test_no_descriptor_leaks),
        cmocka_unit_test(test_read_and_write),
        cmocka_unit_test(test_back_pressure),
        cmocka_unit_test(test_flush_output),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_vmin_zero_is_not_gone),
        cmocka_unit_test(test_second_open_names_holder),
        cmocka_unit_test(test_other_process_holds),
        cmocka_unit_test(test_killed_holder_leaves_no_lock),
        cmocka_unit_test(test_find_holder_by_descriptor),
        cmocka_unit_test(test_lock_files),
        cmocka_unit_test(test_holder_words),
        cmocka_unit_test(test_links_are_resolved),
        cmocka_unit_test(test_bare_name),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_own_terminal),
        cmocka_unit_test(test_no_controlling_terminal),
        cmocka_unit_test(test_permission),
        cmocka_unit_test(test_arrange),
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_selector_form),
        cmocka_unit_test(test_list_of_this_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
