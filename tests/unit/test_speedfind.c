/* SPDX-License-Identifier: MIT */
/*
 * Find speed over real ptys. Emulated devices (in a process of their own) and devices of a few
 * lines each (below) are all searched at the same time in one loop, because each search takes
 * seconds; the tests then look at what was found.
 */
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
#include <termios.h>
#include <unistd.h>

#include "pki/pki.h"
#include "port/speed.h"
#include "run/emuhost.h"
#include "run/speedfind.h"

static const struct {
    long baud;
    enum echo_mode echo;
    enum eol echo_eol;
    bool colour;
    long first;
    long found;
} emulated[] = {
    {115200, ECHO_ON, EOL_CRLF, false, 115200, 115200},
    {9600, ECHO_ON, EOL_CRLF, true, 115200, 9600},
    {57600, ECHO_ON, EOL_CR, false, 0, 57600},
    {38400, ECHO_ON, EOL_LF, false, 9600, 38400},
    {1200, ECHO_ON, EOL_CRLF, false, 115200, 1200},
    {230400, ECHO_ON, EOL_CRLF, false, 115200, 230400},
    {921600, ECHO_COMMANDS, EOL_CRLF, false, 115200, 921600},
    {31250, ECHO_ON, EOL_CRLF, false, 31250, 31250},
    {31250, ECHO_ON, EOL_CRLF, false, 115200, 0}, /* not among those that are tried */
    {115200, ECHO_OFF, EOL_CRLF, false, 115200, 0},
    {9600, ECHO_OFF, EOL_CRLF, false, 9600, 0},
    /* No echo either, but it complains of what it got at the wrong speed. */
    {57600, ECHO_OFF, EOL_CRLF, false, 115200, 57600},
};
enum { EMULATED = sizeof emulated / sizeof emulated[0] };

/* Devices that do one thing. */
enum kind {
    LOG,      /* prints a log all the time, and takes no notice of what it gets */
    PROMPT,   /* no echo, but a complaint for each line */
    GARBAGE,  /* answers with what is no text */
    LOOPBACK, /* a cable that leads back to itself */
    OPEN_KEY, /* an upload that was left open: echoes, and prints the rest of a key */
    LEAVES    /* is pulled out after a second */
};
static const struct {
    enum kind kind;
    long baud, found;
} scripted[] = {
    {LOG, 19200, 19200}, {LOG, 115200, 115200}, {PROMPT, 4800, 4800},   {PROMPT, 460800, 460800},
    {GARBAGE, 9600, 0},  {LOOPBACK, 0, 0},      {OPEN_KEY, 2400, 2400}, {LEAVES, 921600, 0},
};
enum { SCRIPTED = sizeof scripted / sizeof scripted[0], ALL = EMULATED + SCRIPTED };

static const char key_line[] =
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDBFzPuYh0EoX6b\r\n";
static const char log_line[] = "[0000012.345] wlan: rssi -71 dBm, channel 6\r\n";

static struct script {
    int master, slave;
    size_t received, others; /* others: bytes that are no line end */
    usec next;               /* when it prints by itself */
    size_t printed;
} scripts[SCRIPTED];

static struct search {
    struct port *port;
    struct speedfind *find;
    struct speedfind_result results[SPEEDFIND_MAX];
    size_t count;
    long best, speed; /* what the port runs at when it is done */
    bool gone;
    usec took;
} searches[ALL];

static struct profile *bench;
static struct emuhost *host;
static pid_t host_pid;

/* --- devices of a few lines --- */

/* Text at the right speed, else something else. */
static void print(size_t i, const char *text, size_t n)
{
    char wrong[128];

    if (scripted[i].baud != 0 && speed_get(scripts[i].master) != scripted[i].baud) {
        for (size_t k = 0; k < n && k < sizeof wrong; k++)
            wrong[k] = (char)(0x80 | (text[k] * 167));
        text = wrong;
    }
    (void)!write(scripts[i].master, text, n);
}

static void print_log(struct script *d, size_t i, usec now)
{
    char piece[10];

    for (size_t k = 0; k < sizeof piece; k++)
        piece[k] = log_line[d->printed++ % (sizeof log_line - 1)];
    print(i, piece, sizeof piece);
    d->next = now + (usec)sizeof piece * 10 * USEC_PER_SEC / scripted[i].baud;
}

static void answer(size_t i, const char *bytes, size_t n)
{
    switch (scripted[i].kind) {
    case PROMPT:
        print(i, "ERROR 1\r\n", 9);
        break;
    case GARBAGE:
        print(i, "\xF8\x80\x1E\xE6\x01\x98\xFE\x86", 8);
        break;
    case OPEN_KEY:
        print(i, bytes, n);
        print(i, key_line, sizeof key_line - 1);
        break;
    case LOOPBACK:
        print(i, bytes, n);
        break;
    case LOG:
    case LEAVES:
        break;
    }
}

static void hear(struct script *d, size_t i)
{
    char bytes[64];
    ssize_t n = read(d->master, bytes, sizeof bytes);

    for (ssize_t k = 0; k < n; k++)
        d->others += bytes[k] != '\r';
    if (n > 0) {
        d->received += (size_t)n;
        answer(i, bytes, (size_t)n);
    }
}

static void play(size_t i, bool readable, usec now, usec began)
{
    struct script *d = &scripts[i];

    if (d->master < 0)
        return;
    if (readable)
        hear(d, i);
    if (scripted[i].kind == LOG && now >= d->next)
        print_log(d, i, now);
    if (scripted[i].kind == LEAVES && now - began > USEC_PER_SEC) {
        close(d->master);
        close(d->slave);
        d->master = d->slave = -1;
        d->next = USEC_NEVER;
    }
}

/* --- the loop --- */

static void keep(struct search *s, usec took)
{
    s->count = speedfind_results(s->find, s->results, SPEEDFIND_MAX);
    s->best = speedfind_best(s->find);
    s->gone = speedfind_gone(s->find);
    s->speed = port_info(s->port)->baud;
    s->took = took;
    speedfind_destroy(s->find);
    s->find = NULL;
    port_close(s->port);
}

/* Fills fds, one for each search and each script; -1 for those that have ended. */
static usec prepare(struct pollfd *fds)
{
    usec first = USEC_NEVER;

    for (size_t i = 0; i < ALL; i++) {
        usec deadline;

        fds[i] = (struct pollfd){.fd = -1};
        if (searches[i].find == NULL)
            continue;
        assert_int_equal(speedfind_pollfd(searches[i].find, &fds[i], &deadline), 1);
        first = deadline < first ? deadline : first;
    }
    for (size_t i = 0; i < SCRIPTED; i++) {
        fds[ALL + i] = (struct pollfd){.fd = scripts[i].master, .events = POLLIN};
        first = scripts[i].next < first ? scripts[i].next : first;
    }
    return first;
}

static void search_all(void)
{
    struct pollfd fds[ALL + SCRIPTED];
    usec began = clock_now(), now = began;
    size_t left = ALL;

    while (left > 0) {
        usec wait = prepare(fds) - now;

        assert_true(now - began < 60 * USEC_PER_SEC);
        wait = wait < 0 ? 0 : wait > 100 * USEC_PER_MS ? 100 * USEC_PER_MS : wait;
        (void)ppoll(fds, ALL + SCRIPTED, &(struct timespec){.tv_nsec = wait * 1000}, NULL);
        now = clock_now();
        for (size_t i = 0; i < SCRIPTED; i++)
            play(i, (fds[ALL + i].revents & POLLIN) != 0, now, began);
        for (size_t i = 0; i < ALL; i++) {
            if (searches[i].find == NULL)
                continue;
            speedfind_dispatch(searches[i].find);
            if (speedfind_done(searches[i].find)) {
                keep(&searches[i], now - began);
                left--;
            }
        }
    }
}

static void begin_search(struct search *s, const char *name, long first)
{
    struct line_settings line = line_defaults();
    struct err err;

    line.baud = 300; /* none that is tried */
    if (port_open(name, &line, &s->port, &err) != 0 ||
        speedfind_create(s->port, EOL_CR, first, &s->find, &err) != 0)
        fail_msg("%s", err.text);
}

static void make_emulated(void)
{
    struct emuhost_options o[EMULATED];
    struct err err;

    for (size_t i = 0; i < EMULATED; i++) {
        o[i] = (struct emuhost_options){
            .profile = bench, .device = emulator_defaults(), .rate_limit = true};
        o[i].baud = emulated[i].baud;
        o[i].device.echo = emulated[i].echo;
        o[i].device.echo_eol = emulated[i].echo_eol;
        o[i].device.colour = emulated[i].colour;
    }
    if (emuhost_create(o, EMULATED, &host, &err) != 0 || emuhost_spawn(host, &host_pid, &err) != 0)
        fail_msg("%s", err.text);
}

static void make_script(struct script *d, char *name)
{
    struct termios t;

    assert_int_equal(openpty(&d->master, &d->slave, name, NULL, NULL), 0);
    assert_int_equal(tcgetattr(d->slave, &t), 0);
    cfmakeraw(&t);
    assert_int_equal(tcsetattr(d->slave, TCSANOW, &t), 0);
    assert_int_equal(fcntl(d->master, F_SETFL, O_NONBLOCK), 0);
}

static int set_up(void **state)
{
    struct findings findings = {0};
    struct place nowhere = {0};
    char name[64];

    (void)state;
    if (pki_start(NULL) != 0 || profile_load("bench", NULL, nowhere, &bench, &findings) != 0)
        return -1;
    findings_reset(&findings);
    make_emulated();
    for (size_t i = 0; i < EMULATED; i++)
        begin_search(&searches[i], emuhost_name(host, i), emulated[i].first);
    for (size_t i = 0; i < SCRIPTED; i++) {
        make_script(&scripts[i], name);
        scripts[i].next = scripted[i].kind == LOG ? 0 : USEC_NEVER;
        begin_search(&searches[EMULATED + i], name, 115200);
    }
    search_all();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPTED; i++) {
        if (scripts[i].master >= 0) {
            close(scripts[i].master);
            close(scripts[i].slave);
        }
    }
    emuhost_stop(host_pid);
    emuhost_destroy(host);
    profile_destroy(bench);
    return 0;
}

/* --- what was found --- */

static void print_results(const struct search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        const struct speedfind_result *r = &s->results[i];

        printf("# %7ld: %3d %zu bytes, %zu printable%s %s\n", r->baud, r->score, r->bytes,
               r->printable, r->echoed ? ", echoed" : "", r->sample);
    }
}

static void check_found(const struct search *s, long found)
{
    if (s->best != found) {
        print_results(s);
        fail_msg("found %ld, not %ld", s->best, found);
    }
    assert_int_equal(s->speed, found != 0 ? found : 300);
    assert_true(s->count == SPEEDFIND_MAX || s->count == SPEEDFIND_MAX - 1);
    for (size_t i = 0; i < s->count; i++) {
        assert_true(s->results[i].tried);
        assert_false(s->results[i].unsupported);
        assert_true(i == 0 || s->results[i].score <= s->results[i - 1].score);
    }
    assert_true(s->took < 20 * USEC_PER_SEC);
}

static const struct search *search_of(enum kind kind)
{
    for (size_t i = 0; i < SCRIPTED; i++) {
        if (scripted[i].kind == kind)
            return &searches[EMULATED + i];
    }
    return NULL;
}

static void emulated_devices(void **state)
{
    (void)state;
    for (size_t i = 0; i < EMULATED; i++) {
        check_found(&searches[i], emulated[i].found);
        if (emulated[i].found == 0)
            continue;
        assert_true(searches[i].results[0].echoed == (emulated[i].echo != ECHO_OFF));
        assert_true(searches[i].results[0].score >= SPEEDSCORE_SPEAKS);
    }
}

static void silence_is_no_sign(void **state)
{
    (void)state;
    for (size_t i = 0; i < EMULATED; i++) {
        if (emulated[i].echo != ECHO_OFF || emulated[i].found != 0)
            continue;
        for (size_t k = 0; k < searches[i].count; k++) {
            assert_int_equal(searches[i].results[k].bytes, 0);
            assert_int_equal(searches[i].results[k].score, 0);
            assert_false(searches[i].results[k].echoed);
        }
    }
}

static void other_devices(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPTED; i++) {
        if (scripted[i].kind != LEAVES)
            check_found(&searches[EMULATED + i], scripted[i].found);
    }
    assert_true(search_of(LOG)->results[0].printable > 100);
    assert_int_equal(search_of(GARBAGE)->results[0].printable, 0);
    assert_true(search_of(GARBAGE)->results[0].bytes > 0);
    assert_int_equal(search_of(LOOPBACK)->results[1].score, search_of(LOOPBACK)->results[0].score);
    assert_true(search_of(LOOPBACK)->results[1].score >= SPEEDSCORE_SPEAKS);
}

static void nothing_but_line_ends_is_sent(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPTED; i++) {
        const struct script *d = &scripts[i];

        assert_int_equal(d->others, 0);
        assert_true(d->received <= 2 * SPEEDFIND_MAX + 1);
        if (scripted[i].kind == GARBAGE)
            assert_true(d->received >= 2 * (SPEEDFIND_MAX - 1));
    }
}

static void a_key_is_not_shown(void **state)
{
    const struct search *s = search_of(OPEN_KEY);

    (void)state;
    assert_true(s->results[0].bytes > 64);
    for (size_t i = 0; i < s->count; i++)
        assert_null(strstr(s->results[i].sample, "MIIE"));
    assert_non_null(strstr(s->results[0].sample, " bytes>"));
    assert_string_equal(search_of(PROMPT)->results[0].sample, "ERROR 1\\r\\nERROR 1\\r\\n");
}

static void the_port_goes_away(void **state)
{
    const struct search *s = search_of(LEAVES);
    bool tried = true;

    (void)state;
    assert_true(s->gone);
    assert_int_equal(s->best, 0);
    assert_true(s->took < 5 * USEC_PER_SEC);
    assert_true(s->results[0].tried);
    assert_false(s->results[s->count - 1].tried);
    for (size_t i = 0; i < s->count; i++) {
        assert_true(tried || !s->results[i].tried);
        tried = s->results[i].tried;
    }
    assert_false(search_of(LOG)->gone);
}

static void given_up_half_way(void **state)
{
    struct speedfind_result results[3];
    struct search s = {0};
    struct script d;
    struct pollfd fd;
    char name[64];
    usec deadline;

    (void)state;
    make_script(&d, name);
    begin_search(&s, name, 57600);
    assert_int_equal(speedfind_current(s.find), 57600);
    assert_int_equal(speed_get(d.master), 57600);
    assert_int_equal(speedfind_pollfd(s.find, &fd, &deadline), 1);
    assert_int_equal(fd.fd, port_fd(s.port));
    assert_true(deadline > clock_now() - USEC_PER_SEC && deadline < clock_now() + USEC_PER_SEC);
    speedfind_dispatch(s.find);
    assert_false(speedfind_done(s.find));
    /* The profile's speed once, then the usual ones in their order. */
    assert_int_equal(speedfind_results(s.find, results, 3), 3);
    assert_int_equal(results[0].baud, 57600);
    assert_int_equal(results[1].baud, 115200);
    assert_int_equal(results[2].baud, 9600);
    assert_false(results[0].tried);
    assert_int_equal(speedfind_best(s.find), 0);
    speedfind_destroy(s.find);
    assert_int_equal(speed_get(d.master), 300);

    /* Gone before it begins. */
    close(d.master);
    assert_int_equal(speedfind_create(s.port, EOL_CR, 0, &s.find, NULL), 0);
    assert_true(speedfind_done(s.find));
    assert_true(speedfind_gone(s.find));
    assert_int_equal(speedfind_pollfd(s.find, &fd, &deadline), 0);
    speedfind_dispatch(s.find);
    speedfind_destroy(s.find);
    speedfind_destroy(NULL);
    port_close(s.port);
    close(d.slave);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emulated_devices),   cmocka_unit_test(silence_is_no_sign),
        cmocka_unit_test(other_devices),      cmocka_unit_test(nothing_but_line_ends_is_sent),
        cmocka_unit_test(a_key_is_not_shown), cmocka_unit_test(the_port_goes_away),
        cmocka_unit_test(given_up_half_way),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
