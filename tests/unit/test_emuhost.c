/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "pki/pki.h"
#include "run/emuhost.h"

/* Emulated devices on real ptys, spoken to with read and write. The line's speed is only asked to
 * be right within a factor of three upwards; it can never be faster than the wire. */

static char folder[] = "/tmp/emuhost-XXXXXX";
static struct profile *bench;

static char *path_of(const char *name)
{
    static char path[4][200];
    static int next;

    next = (next + 1) % 4;
    (void)snprintf(path[next], sizeof path[0], "%s/%s", folder, name);
    return path[next];
}

static struct emuhost_options plain(void)
{
    struct emuhost_options o = {.profile = bench, .device = emulator_defaults()};

    o.device.lenient = true;
    return o;
}

/* One device in a child; the slave, opened as a loader would. */
struct device {
    struct emuhost *host;
    pid_t pid;
    int fd;
};

static void start(struct device *d, const struct emuhost_options *o, speed_t speed)
{
    struct termios t;
    struct err err;

    if (emuhost_create(o, 1, &d->host, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(emuhost_spawn(d->host, &d->pid, &err), 0);
    d->fd = open(emuhost_name(d->host, 0), O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(d->fd >= 0);
    if (speed == B0)
        return;
    assert_int_equal(tcgetattr(d->fd, &t), 0);
    assert_int_equal(cfsetspeed(&t, speed), 0);
    assert_int_equal(tcsetattr(d->fd, TCSANOW, &t), 0);
}

static void stop(struct device *d)
{
    (void)close(d->fd);
    emuhost_stop(d->pid);
    emuhost_destroy(d->host);
}

static void put(const struct device *d, const char *text, size_t n)
{
    while (n > 0) {
        struct pollfd p = {.fd = d->fd, .events = POLLOUT};
        ssize_t written;

        assert_int_equal(poll(&p, 1, 10000), 1);
        written = write(d->fd, text, n);
        if (written < 0) {
            assert_int_equal(errno, EAGAIN);
            continue;
        }
        text += written;
        n -= (size_t)written;
    }
}

static void type(const struct device *d, const char *text)
{
    put(d, text, strlen(text));
}

/* Reads until `text` has come (true), or the line has hung up or been quiet for `patience` ms. */
static bool await(const struct device *d, const char *text, int patience, struct buf *seen)
{
    struct buf own = {0};
    struct buf *b = seen != NULL ? seen : &own;
    bool found = false;

    while (!found) {
        struct pollfd p = {.fd = d->fd, .events = POLLIN};
        char bytes[512];
        ssize_t n;

        if (poll(&p, 1, patience) != 1)
            break;
        n = read(d->fd, bytes, sizeof bytes);
        if (n <= 0)
            break;
        buf_add(b, bytes, (size_t)n);
        found = memmem(b->data, b->len, text, strlen(text)) != NULL;
    }
    buf_reset(&own);
    return found;
}

/* --- */

static void speaks(void **state)
{
    struct emuhost_options o = plain();
    struct buf seen = {0};
    struct device d;

    (void)state;
    start(&d, &o, B0);
    type(&d, "EMU,4,pump-7\r");
    assert_true(await(&d, "OK\r\n", 5000, &seen));
    assert_string_equal(seen.data, "EMU,4,pump-7\r\nCOMMAND PROCESSED OK\r\n");
    buf_reset(&seen);
    stop(&d);
}

static usec cpu_of_children(void)
{
    struct rusage u;

    assert_int_equal(getrusage(RUSAGE_CHILDREN, &u), 0);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * USEC_PER_SEC + u.ru_utime.tv_usec +
           u.ru_stime.tv_usec;
}

static void waits_without_cpu(void **state)
{
    struct emuhost_options o = plain();
    usec before = cpu_of_children();
    struct device d;

    (void)state;
    o.rate_limit = true;
    start(&d, &o, B0);
    type(&d, "EMU,1,b\r");
    assert_true(await(&d, "OK\r\n", 5000, NULL));
    assert_false(await(&d, "never", 600, NULL));
    stop(&d);
    assert_true(cpu_of_children() - before < 100 * USEC_PER_MS);
}

/* 960 bytes at 9600 baud take one second, and their echo comes as they go. */
static void keeps_to_the_speed_of_the_line(void **state)
{
    struct emuhost_options o = plain();
    struct buf body = {0};
    struct device d;
    usec began, took;

    (void)state;
    o.rate_limit = true;
    o.baud = 9600;
    o.device.echo_eol = EOL_LF;
    for (int i = 0; i < 959; i++)
        buf_add_char(&body, i % 60 == 59 ? '\n' : 'A');
    buf_add_char(&body, '*');
    start(&d, &o, B9600);
    type(&d, "9270,10\r");
    assert_true(await(&d, "SEND FILE...\r\n", 5000, NULL));
    began = clock_now();
    put(&d, body.data, body.len);
    assert_true(await(&d, "PROCESSED OK\r\n", 5000, NULL));
    took = clock_now() - began;
    assert_true(took > 990 * USEC_PER_MS);
    assert_true(took < 3 * USEC_PER_SEC);
    stop(&d);

    /* Without a line it takes next to nothing. */
    o.rate_limit = false;
    start(&d, &o, B9600);
    type(&d, "9270,10\r");
    assert_true(await(&d, "SEND FILE...\r\n", 5000, NULL));
    began = clock_now();
    put(&d, body.data, body.len);
    assert_true(await(&d, "PROCESSED OK\r\n", 5000, NULL));
    assert_true(clock_now() - began < 500 * USEC_PER_MS);
    stop(&d);
    buf_reset(&body);
}

static void garbles_at_the_wrong_speed(void **state)
{
    struct emuhost_options o = plain();
    struct buf seen = {0};
    struct device d;
    size_t text = 0;

    (void)state;
    o.rate_limit = true;
    start(&d, &o, B57600);
    type(&d, "9270,10\r9270,10\r9270,10\r9270,10\r");
    assert_false(await(&d, "SEND", 300, &seen));
    assert_true(seen.len > 10);
    for (size_t i = 0; i < seen.len; i++)
        text += seen.data[i] >= ' ' && seen.data[i] < 0x7F;
    assert_true(text < seen.len / 2);
    buf_reset(&seen);
    stop(&d);
}

static size_t read_whole(const char *path, struct secret *out)
{
    struct err err;
    struct stat st;

    if (file_read(path, 1 << 20, out, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    return out->len;
}

static void stores_what_arrives(void **state)
{
    static const char *const files[] = {"server-ca.pem", "device-cert.pem", "device-key.pem"};
    struct emuhost_options o = plain();
    struct secret got = {0};
    char body[3][300];
    char line[80];
    size_t bytes;
    long long first, last;
    struct device d;

    (void)state;
    o.store = path_of("store");
    o.rate_limit = true;
    start(&d, &o, B115200);
    for (int s = 0; s < 3; s++) {
        for (size_t i = 0; i < sizeof body[s]; i++)
            body[s][i] = i % 50 == 49 ? '\n' : (char)('a' + s);
        (void)snprintf(line, sizeof line, "9270,%d\r", 10 + s);
        type(&d, line);
        assert_true(await(&d, "SEND FILE...\r\n", 5000, NULL));
        put(&d, body[s], sizeof body[s]);
        type(&d, "*");
        assert_true(await(&d, "PROCESSED OK\r\n", 5000, NULL));
    }
    type(&d, "EMU,4,pump-7\rEMU,6,hunter2\r");
    assert_true(await(&d, "hunter2\r\nCOMMAND PROCESSED OK\r\n", 5000, NULL));
    stop(&d);

    for (int s = 0; s < 3; s++) {
        char name[40];

        (void)snprintf(name, sizeof name, "store/%s", files[s]);
        assert_int_equal(read_whole(path_of(name), &got), sizeof body[s]);
        assert_memory_equal(got.data, body[s], sizeof body[s]);
        assert_int_equal(unlink(path_of(name)), 0);
    }
    read_whole(path_of("store/settings.txt"), &got);
    assert_string_equal(got.data, "client-id = pump-7\n");
    read_whole(path_of("store/timing.txt"), &got);
    assert_int_equal(sscanf((char *)got.data, "server-ca bytes=%zu first_us=%lld last_us=%lld",
                            &bytes, &first, &last),
                     3);
    assert_int_equal(bytes, sizeof body[0]);
    /* 299 byte times at 115200 baud. */
    assert_true(last - first > 25000 && last - first < 300000);
    assert_int_equal(unlink(path_of("store/settings.txt")), 0);
    assert_int_equal(unlink(path_of("store/timing.txt")), 0);
    assert_int_equal(rmdir(path_of("store")), 0);
    secret_reset(&got);
}

static void makes_and_removes_its_link(void **state)
{
    struct emuhost_options o = plain();
    struct emuhost *host;
    char target[100];
    struct device d;
    struct err err;
    ssize_t n;
    int fd;

    (void)state;
    o.link = path_of("link");
    assert_int_equal(symlink("/nowhere", o.link), 0);
    start(&d, &o, B0);
    n = readlink(o.link, target, sizeof target - 1);
    assert_true(n > 0);
    target[n] = '\0';
    assert_string_equal(target, emuhost_name(d.host, 0));
    stop(&d);
    assert_int_equal(access(o.link, F_OK), -1);

    /* Somebody else's link by then stays. */
    start(&d, &o, B0);
    assert_int_equal(unlink(o.link), 0);
    assert_int_equal(symlink("/elsewhere", o.link), 0);
    stop(&d);
    assert_true(readlink(o.link, target, sizeof target) == 10);
    assert_int_equal(unlink(o.link), 0);

    /* A file is not replaced. */
    fd = open(o.link, O_CREAT | O_WRONLY, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(emuhost_create(&o, 1, &host, &err), ERR_BUSY);
    assert_null(host);
    assert_int_equal(unlink(o.link), 0);
}

static void hangs_up(void **state)
{
    struct emuhost_options o = plain();
    struct pollfd p = {.events = POLLIN};
    struct device d;
    char c;
    int tries = 0;

    (void)state;
    o.link = path_of("link");
    o.device.faults[0] = (struct emulator_fault){.fault = FAULT_HANG_UP, .slot = -1, .at = 3};
    o.device.fault_count = 1;
    start(&d, &o, B0);
    type(&d, "9270,10\r");
    assert_true(await(&d, "SEND FILE...\r\n", 5000, NULL));
    type(&d, "abcdef");
    p.fd = d.fd;
    do {
        assert_int_equal(poll(&p, 1, 5000), 1);
        if ((p.revents & POLLHUP) == 0)
            assert_int_equal(read(d.fd, &c, 1), 1);
    } while ((p.revents & POLLHUP) == 0 && tries++ < 100);
    assert_true((p.revents & POLLHUP) != 0);
    assert_int_equal(access(o.link, F_OK), -1);
    stop(&d);
}

/* The child must not outlive its parent, and takes its link with it. */
static void ends_with_its_parent(void **state)
{
    struct emuhost_options o = plain();
    int tries = 0;
    pid_t parent;

    (void)state;
    o.link = path_of("orphan");
    parent = fork();
    if (parent == 0) {
        struct emuhost *host;
        pid_t pid;

        if (emuhost_create(&o, 1, &host, NULL) != 0 || emuhost_spawn(host, &pid, NULL) != 0)
            _exit(1);
        (void)poll(NULL, 0, 100);
        (void)kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    while (access(o.link, F_OK) == 0 || readlink(o.link, (char[2]){0}, 1) > 0) {
        assert_true(tries++ < 500);
        (void)poll(NULL, 0, 10);
    }
}

struct tally {
    size_t settings[2];
};

static void observe(void *ctx, size_t device, const struct emulator_event *event)
{
    struct tally *tally = ctx;

    tally->settings[device] += event->type == EMULATOR_SETTING;
}

/* Two devices in this process, in a loop of the caller's own. */
static void can_be_embedded(void **state)
{
    struct emuhost_options o[2] = {plain(), plain()};
    struct pollfd fds[2];
    struct tally tally = {{0, 0}};
    struct emuhost *host;
    struct device d[2];
    usec deadline;

    (void)state;
    assert_int_equal(emuhost_create(o, 2, &host, NULL), 0);
    emuhost_observe(host, observe, &tally);
    assert_int_equal(emuhost_active(host), 2);
    for (size_t i = 0; i < 2; i++) {
        d[i].fd = open(emuhost_name(host, i), O_RDWR | O_NOCTTY | O_NONBLOCK);
        assert_true(d[i].fd >= 0);
    }
    assert_int_equal(emuhost_pollfds(host, fds, 2, &deadline), 2);
    assert_true(deadline == USEC_NEVER);
    type(&d[1], "EMU,1,b\rEMU,2,8883\r");
    assert_int_equal(poll(fds, 2, 5000), 1);
    emuhost_dispatch(host);
    assert_int_equal(tally.settings[0], 0);
    assert_int_equal(tally.settings[1], 2);
    assert_true(await(&d[1], "8883\r\nCOMMAND PROCESSED OK\r\n", 5000, NULL));
    assert_null(emuhost_error(host));
    for (size_t i = 0; i < 2; i++)
        (void)close(d[i].fd);
    emuhost_destroy(host);
}

static void says_when_it_cannot_store(void **state)
{
    struct emuhost_options o = plain();
    struct emuhost *host;
    struct device d;
    int stop_pipe[2];
    struct err err;

    (void)state;
    o.store = path_of("gone");
    assert_int_equal(emuhost_create(&o, 1, &host, &err), 0);
    assert_int_equal(rmdir(o.store), 0);
    d.fd = open(emuhost_name(host, 0), O_RDWR | O_NOCTTY | O_NONBLOCK);
    type(&d, "EMU,1,b\r");
    emuhost_dispatch(host);
    assert_non_null(emuhost_error(host));
    assert_int_equal(pipe(stop_pipe), 0);
    assert_int_equal(write(stop_pipe[1], "x", 1), 1);
    assert_int_equal(emuhost_run(host, stop_pipe[0], &err), emuhost_error(host)->code);
    (void)close(stop_pipe[0]);
    (void)close(stop_pipe[1]);
    (void)close(d.fd);
    emuhost_destroy(host);
}

static int set_up(void **state)
{
    struct findings findings = {0};
    struct place nowhere = {0};
    struct err err;
    int rc;

    (void)state;
    if (pki_start(&err) != 0 || mkdtemp(folder) == NULL)
        return -1;
    rc = profile_load("bench", NULL, nowhere, &bench, &findings);
    findings_reset(&findings);
    return rc;
}

static int tear_down(void **state)
{
    (void)state;
    profile_destroy(bench);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speaks),
        cmocka_unit_test(waits_without_cpu),
        cmocka_unit_test(keeps_to_the_speed_of_the_line),
        cmocka_unit_test(garbles_at_the_wrong_speed),
        cmocka_unit_test(stores_what_arrives),
        cmocka_unit_test(makes_and_removes_its_link),
        cmocka_unit_test(hangs_up),
        cmocka_unit_test(ends_with_its_parent),
        cmocka_unit_test(can_be_embedded),
        cmocka_unit_test(says_when_it_cannot_store),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
