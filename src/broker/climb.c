/* SPDX-License-Identifier: MIT */
#include "broker/climb.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/date.h"
#include "base/str.h"

/* Most rungs keep their own time; beyond it by this much, something blocks that should not. After a
 * port that is silent another one is tried. */
#define WATCHDOG_SLACK     USEC_PER_SEC
#define WATCHDOG_SLACK_TCP (5 * USEC_PER_SEC)

/* --- telling -------------------------------------------------------------------------------- */

/* Safe in a signal handler. Whole records only: they are shorter than PIPE_BUF. */
static void tell(int out, const struct probe_event *event)
{
    ssize_t n;

    do
        n = write(out, event, sizeof *event);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof *event)
        _exit(1);
}

void climb_say(struct climb *c, enum probe_outcome outcome, const char *fmt, ...)
{
    struct probe_event event = {
        .rung = c->rung, .outcome = outcome, .elapsed = clock_now() - c->began};
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(event.text, sizeof event.text, fmt, ap);
    va_end(ap);
    tell(c->out, &event);
}

static void copy(char *out, size_t size, const struct buf *b)
{
    snprintf(out, size, "%s", b->data != NULL ? b->data : "");
}

static void make_failure(const struct climb *c, enum symptom symptom, const char *detail,
                         const char *more, struct probe_event *event)
{
    struct buf cause = {0}, remedy = {0};

    *event = (struct probe_event){.rung = c->rung, .outcome = PROBE_FAILED};
    dictionary_explain(c->rung, symptom, c->kind, &c->facts, &cause, &remedy);
    if (more != NULL && more[0] != '\0')
        buf_printf(&cause, " %s", more);
    snprintf(event->symptom, sizeof event->symptom, "%s", symptom_name(symptom));
    copy(event->text, sizeof event->text, &cause);
    copy(event->remedy, sizeof event->remedy, &remedy);
    snprintf(event->detail, sizeof event->detail, "%s", detail);
    buf_reset(&cause);
    buf_reset(&remedy);
}

bool climb_fail(struct climb *c, enum symptom symptom, const char *detail, const char *more)
{
    struct probe_event event;

    make_failure(c, symptom, detail, more, &event);
    event.elapsed = clock_now() - c->began;
    c->failed = true;
    tell(c->out, &event);
    return false;
}

void climb_fact(struct climb *c, enum fact fact, const char *text)
{
    if (text == NULL)
        text = "";
    str_escape_to(c->fact_text[fact], sizeof c->fact_text[fact], text, strlen(text));
    c->facts.values[fact] = c->fact_text[fact];
}

usec climb_deadline(const struct climb *c)
{
    return c->began + c->limit;
}

/* --- which rungs ---------------------------------------------------------------------------- */

bool climb_wants(const struct climb *c, enum probe_rung rung, const char **why)
{
    const struct probe_account *a = c->account;
    const struct probe_options *o = c->options;
    bool watches = o->watch != NULL;

    *why = NULL;
    if (rung == PROBE_NAMES || rung == PROBE_TCP)
        return true;
    if (rung <= PROBE_CERTIFICATE && !a->tls)
        *why = "the job says that the device speaks no TLS";
    else if (rung == PROBE_TLS_SYSTEM && !o->system_roots && a->server_ca != NULL)
        *why = "not asked for";
    else if (rung == PROBE_TLS_DEVICE && a->server_ca == NULL)
        *why = "the job has no server CA: this machine's own roots had to do";
    else if (rung == PROBE_CERTIFICATE && !c->asked && a->device_cert == NULL)
        *why = "the job has no device certificate: user name and password have to do";
    else if (rung == PROBE_CERTIFICATE && !c->asked && a->device_key == NULL)
        *why = "the job has no key for the device certificate, which is not shown";
    else if (rung >= PROBE_CONNECT && !o->connect)
        *why = "not asked for";
    else if ((rung == PROBE_SUBSCRIBE || rung == PROBE_WATCH) && !watches)
        *why = "not asked for";
    else if (rung == PROBE_PUBLISH && !o->publish && !watches)
        *why = "not asked for";
    return *why == NULL;
}

/* Says of all rungs from `rung` on that they were not tried, and ends. Safe in a signal handler. */
static _Noreturn void give_up(const struct climb *c, enum probe_rung rung)
{
    static struct probe_event event;
    const char *why;

    for (; rung < PROBE_RUNG_COUNT; rung++) {
        event = (struct probe_event){.rung = rung, .outcome = PROBE_UNTRIED};
        if (climb_wants(c, rung, &why))
            tell(c->out, &event);
    }
    event = (struct probe_event){.rung = c->rung, .outcome = PROBE_END};
    tell(c->out, &event);
    _exit(0);
}

/* --- the watchdog --------------------------------------------------------------------------- */

/* A name look-up and libmosquitto's connect block without a limit of their own. What is to be said
 * then has been made ready before, as nothing can be made in a signal handler. */
static struct {
    const struct climb *climb;
    struct probe_event event;
} watchdog;

static void on_alarm(int number)
{
    (void)number;
    tell(watchdog.climb->out, &watchdog.event);
    give_up(watchdog.climb, watchdog.event.rung + 1);
}

static void watch_over(const struct climb *c)
{
    usec slack = c->rung == PROBE_NAMES ? 0
                 : c->rung == PROBE_TCP ? WATCHDOG_SLACK_TCP
                                        : WATCHDOG_SLACK;
    usec after = c->limit + slack;
    struct itimerval timer = {
        .it_value = {(time_t)(after / USEC_PER_SEC), (suseconds_t)(after % USEC_PER_SEC)}};

    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    make_failure(c, SYMPTOM_TIMEOUT, "", NULL, &watchdog.event);
    watchdog.event.elapsed = after;
    watchdog.climb = c;
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* --- climbing ------------------------------------------------------------------------------- */

/* False, with the reason told, if the rung is not wanted. */
static bool begin(struct climb *c, enum probe_rung rung)
{
    const char *why;

    c->rung = rung;
    c->began = clock_now();
    if (!climb_wants(c, rung, &why)) {
        climb_say(c, PROBE_SKIPPED, "%s", why);
        return false;
    }
    watch_over(c);
    climb_say(c, PROBE_BEGUN, "%s", "");
    return true;
}

static void note_facts(struct climb *c)
{
    char number[32];

    climb_fact(c, FACT_HOST, c->account->host);
    climb_fact(c, FACT_ID, c->account->client_id);
    climb_fact(c, FACT_TOPIC, c->account->topic);
    snprintf(number, sizeof number, "%d", c->account->port);
    climb_fact(c, FACT_PORT, number);
    snprintf(number, sizeof number, "%.3g", (double)c->limit / (double)USEC_PER_SEC);
    climb_fact(c, FACT_LIMIT, number);
    date_write(number, time(NULL));
    climb_fact(c, FACT_NOW, number);
}

static void climb(struct climb *c)
{
    static bool (*const rungs[])(struct climb *) = {
        [PROBE_NAMES] = climb_names,
        [PROBE_TCP] = climb_tcp,
        [PROBE_TLS_SYSTEM] = climb_tls_system,
        [PROBE_TLS_DEVICE] = climb_tls_device,
        [PROBE_CERTIFICATE] = climb_certificate,
    };

    for (enum probe_rung r = PROBE_NAMES; r <= PROBE_CERTIFICATE; r++) {
        if (begin(c, r) && !rungs[r](c))
            return;
    }
    if (c->options->connect) {
        (void)climb_mqtt(c, begin);
        return;
    }
    for (enum probe_rung r = PROBE_CONNECT; r < PROBE_RUNG_COUNT; r++)
        (void)begin(c, r);
}

/* Whatever the other side sends: libmosquitto takes messages of up to 256 MiB, and keeps those of
 * QoS 2. What is there already is not counted, as a checker of addresses maps a lot. */
static void bound_memory(void)
{
    const rlim_t more = 64 << 20;
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    struct rlimit limit;

    if (f == NULL)
        return;
    if (fscanf(f, "%*u %*u %*u %*u %*u %lu", &pages) == 1 && getrlimit(RLIMIT_DATA, &limit) == 0) {
        limit.rlim_cur = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + more;
        (void)setrlimit(RLIMIT_DATA, &limit);
    }
    fclose(f);
}

/* Nothing of the parent's but the pipe, no core, no life beyond the parent's. */
static void seclude(struct climb *c, int out, pid_t parent)
{
    const struct rlimit none = {0, 0};
    int null = open("/dev/null", O_RDWR);

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    for (int fd = 0; fd <= 2; fd++)
        (void)dup2(null, fd);
    c->out = 3;
    if (out != c->out)
        (void)dup2(out, c->out);
    if (close_range(4, ~0U, 0) != 0) {
        for (int fd = 4; fd < 4096; fd++)
            close(fd);
    }
    bound_memory();
}

_Noreturn void climb_run(const struct probe_account *account, const struct probe_options *options,
                         int out, pid_t parent)
{
    struct climb c = {
        .account = account,
        .options = options,
        .kind = broker_kind_of(account->host),
        .limit = options->rung_limit > 0 ? options->rung_limit : PROBE_RUNG_LIMIT,
    };
    struct probe_event end = {.outcome = PROBE_END, .stands = true};
    sigset_t none;

    seclude(&c, out, parent);
    signal(SIGALRM, on_alarm);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    note_facts(&c);
    climb(&c);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    if (c.failed)
        give_up(&c, c.rung + 1);
    end.rung = c.rung;
    tell(c.out, &end);
    _exit(0);
}
