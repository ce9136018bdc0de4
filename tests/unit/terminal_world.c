/* SPDX-License-Identifier: MIT */
#include "terminal_world.h"

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
#include <unistd.h>

#include "pki/pki.h"

struct terminal_world w;
char folder[] = "/tmp/terminal-XXXXXX";
static struct profile *bench;

int world_make(void **state)
{
    struct findings findings = {0};
    struct place nowhere = {0};
    int rc;

    (void)state;
    if (pki_start(NULL) != 0 || mkdtemp(folder) == NULL)
        return -1;
    rc = profile_load("bench", NULL, nowhere, &bench, &findings);
    findings_reset(&findings);
    return rc;
}

int world_drop(void **state)
{
    (void)state;
    profile_destroy(bench);
    return rmdir(folder);
}

const char *path_of(const char *name)
{
    static char path[200];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

struct terminal_options plain(void)
{
    return (struct terminal_options){.eol = EOL_CR, .line = line_defaults()};
}

static void open_terminal(const char *name, const struct terminal_options *o)
{
    struct port *port;
    struct err err;

    if (port_open(name, &o->line, &port, &err) != 0 || terminal_create(port, o, &w.t, &err) != 0)
        fail_msg("%s", err.text);
}

void begin(const struct terminal_options *o)
{
    char name[64];
    int slave;

    memset(&w, 0, sizeof w);
    assert_int_equal(openpty(&w.master, &slave, name, NULL, NULL), 0);
    open_terminal(name, o);
    (void)close(slave); /* the port holds one of its own */
    assert_int_equal(fcntl(w.master, F_SETFL, O_NONBLOCK), 0);
}

void begin_emulated(const struct terminal_options *o, const struct emulator_options *device)
{
    struct emuhost_options host = {
        .profile = bench, .device = *device, .baud = o->line.baud, .rate_limit = true};
    struct err err;

    memset(&w, 0, sizeof w);
    w.master = -1;
    if (emuhost_create(&host, 1, &w.host, &err) != 0 || emuhost_spawn(w.host, &w.pid, &err) != 0)
        fail_msg("%s", err.text);
    open_terminal(emuhost_name(w.host, 0), o);
}

void end(void)
{
    terminal_destroy(w.t);
    if (w.master >= 0)
        (void)close(w.master);
    if (w.host != NULL) {
        emuhost_stop(w.pid);
        emuhost_destroy(w.host);
    }
    buf_reset(&w.heard);
}

static void hear(void)
{
    char bytes[4096];
    ssize_t n = read(w.master, bytes, sizeof bytes);

    if (n <= 0)
        return;
    buf_add(&w.heard, bytes, (size_t)n);
    if (w.on_heard != NULL)
        w.on_heard((size_t)n);
}

void turn(usec until)
{
    struct pollfd fds[2] = {{.fd = -1}, {.fd = w.master, .events = POLLIN}};
    usec deadline, now = clock_now();
    struct timespec wait;

    (void)terminal_pollfd(w.t, &fds[0], &deadline);
    deadline = deadline < until ? deadline : until;
    deadline = deadline > now ? deadline - now : 0;
    wait.tv_sec = deadline / USEC_PER_SEC;
    wait.tv_nsec = deadline % USEC_PER_SEC * 1000;
    (void)ppoll(fds, 2, &wait, NULL);
    if (w.master >= 0)
        hear();
    if (terminal_dispatch(w.t) && w.on_news != NULL)
        w.on_news();
}

void run(usec time)
{
    usec until = clock_now() + time;

    while (clock_now() < until)
        turn(until);
}

void after_flush(void)
{
    usec until = clock_now() + 5 * USEC_PER_SEC;
    struct pollfd fd;
    usec deadline;

    /* With nothing to do, the end of the flush is the only deadline. */
    while (terminal_pollfd(w.t, &fd, &deadline) == 1 && deadline != USEC_NEVER &&
           clock_now() < until)
        turn(until);
    assert_true(deadline == USEC_NEVER);
}

const char *text_of(size_t i)
{
    return terminal_line(w.t, i)->text;
}

char *all_lines(void)
{
    static const char marks[] = {'>', '<', '-'};
    static char text[8192];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < terminal_count(w.t) && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%c%s\n",
                                 marks[terminal_line(w.t, i)->source], text_of(i));
    return text;
}

void await(const char *lines)
{
    usec until = clock_now() + 5 * USEC_PER_SEC;

    while (strcmp(all_lines(), lines) != 0 && clock_now() < until)
        turn(until);
    assert_string_equal(all_lines(), lines);
}

static bool last_is(const char *text)
{
    return terminal_count(w.t) > 0 && strcmp(text_of(terminal_count(w.t) - 1), text) == 0;
}

void await_last(const char *text)
{
    usec until = clock_now() + 10 * USEC_PER_SEC;

    while (!last_is(text) && clock_now() < until)
        turn(until);
    if (!last_is(text))
        fail_msg("no line \"%s\" at the end of\n%.900s", text, all_lines());
}

void await_sent(void)
{
    usec until = clock_now() + 10 * USEC_PER_SEC;

    while (terminal_pending(w.t) > 0 && clock_now() < until)
        turn(until);
    assert_int_equal(terminal_pending(w.t), 0);
}

void say_bytes(const char *bytes, size_t n)
{
    assert_int_equal(write(w.master, bytes, n), n);
}

void say(const char *text)
{
    say_bytes(text, strlen(text));
}

int send_line(const char *text)
{
    return terminal_send_line(w.t, text, strlen(text), NULL);
}

int send_text(const char *text, struct err *err)
{
    struct secret s = {0};
    int rc;

    assert_int_equal(secret_set(&s, text, strlen(text), NULL), 0);
    rc = terminal_send_text(w.t, &s, err);
    secret_reset(&s);
    return rc;
}
