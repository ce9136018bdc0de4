/* SPDX-License-Identifier: MIT */
/* Random keys, pastes, clicks and sizes against a real program, in an empty HOME:
 *
 *     monkey SECONDS [SEED] [-t MS] [-w WORD]... -- PROGRAM [ARGUMENT...]
 *
 * Run it by monkey.sh, which fences it in: it will press whatever key deletes, kills or overwrites.
 * -w adds a word that it types and pastes among its own. Whatever is done, the program must read it
 * and must redraw after a resize, each within 5 s (-t); when it ends, and it is started anew then,
 * it must do so with a status of the README's table and leave the terminal as it was; it must give
 * a sanitizer nothing to report. One test in TAP; the seed repeats the acts, though not the
 * moments.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "monkey_hands.h"
#include "vt.h"
#include "vt_inside.h"

enum { ANSWER_MS = 5000, HISTORY = 40, WORDS_MAX = 32, TAIL = 160 };

struct monkey {
    const char *const *argv;
    uint64_t seed;
    int answer_ms;
    struct hands hands;
    struct vt *vt;
    unsigned long acts, starts, acts_since_start;
    char history[HISTORY][sizeof((struct hands *)NULL)->did];
};

/* --- the verdict ------------------------------------------------------------------------------ */

/* What it wrote last, for a look at how it left the terminal. */
static void print_tail(const struct vt *vt)
{
    const char *bytes;
    size_t n = vt_bytes(vt, &bytes);

    fputs("# last bytes: ", stderr);
    for (size_t i = n > TAIL ? n - TAIL : 0; i < n; i++) {
        if (bytes[i] == '\033')
            fputs("\\e", stderr);
        else if (bytes[i] >= ' ' && bytes[i] < 0x7f)
            putc(bytes[i], stderr);
        else
            fprintf(stderr, "\\x%02x", (unsigned char)bytes[i]);
    }
    putc('\n', stderr);
}

static void fail_run(struct monkey *m, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));
static void fail_run(struct monkey *m, const char *format, ...)
{
    unsigned long first = m->acts > HISTORY ? m->acts - HISTORY : 0;
    va_list args;

    va_start(args, format);
    printf("not ok 1 - ");
    vprintf(format, args);
    printf(" (seed %llu, act %lu)\n", (unsigned long long)m->seed, m->acts);
    va_end(args);
    for (unsigned long i = first; i < m->acts; i++)
        printf("# %lu: %s\n", i + 1, m->history[i % HISTORY]);
    fflush(stdout);
    vt_print(m->vt);
    print_tail(m->vt);
    exit(1);
}

static bool is_documented(int status)
{
    return (status >= 0 && status <= 7) || status == 130;
}

/* The program has ended: was that orderly? */
static void judge_end(struct monkey *m)
{
    int status = 0;

    if (!vt_exited(m->vt, &status))
        fail_run(m, "the program does not end");
    if (vt_reported(m->vt))
        fail_run(m, "a sanitizer has reported something");
    if (WIFSIGNALED(status))
        fail_run(m, "the program died of signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    if (!is_documented(WEXITSTATUS(status)))
        fail_run(m, "the program ended with status %d", WEXITSTATUS(status));
    if (m->acts_since_start == 0)
        fail_run(m, "the program ended by itself, with status %d", WEXITSTATUS(status));
    if (!vt_is_sane(m->vt))
        fail_run(m, "the program left the terminal insane");
}

/* --- the run ---------------------------------------------------------------------------------- */

static bool has_ended(const struct monkey *m)
{
    return m->vt->ended;
}

static bool writes(struct monkey *m, int timeout_ms)
{
    unsigned long before = vt_written(m->vt);
    long end = vt_now_ms() + timeout_ms;

    while (vt_written(m->vt) == before && vt_now_ms() < end) {
        if (!vt_pump(m->vt, 10))
            return false;
    }
    return vt_written(m->vt) != before;
}

static void start(struct monkey *m)
{
    static const struct vt_options options = {.rows = 24, .cols = 80};

    m->vt = vt_start(&options, m->argv);
    m->starts++;
    m->acts_since_start = 0;
    if (!writes(m, vt_patience_ms()) && !has_ended(m))
        fail_run(m, "the program shows nothing");
    vt_settle(m->vt); /* before its first screen stands a Ctrl-C may kill it */
    if (has_ended(m))
        judge_end(m); /* that it has ended at all is a failure here */
}

/* There is no shell that would bring it to the foreground again. */
static void wake(const struct monkey *m)
{
    char state = vt_process_state(m->vt, NULL);

    if (state == 'T')
        kill(-vt_pid(m->vt), SIGCONT);
}

static void remember(struct monkey *m)
{
    memcpy(m->history[m->acts % HISTORY], m->hands.did, sizeof m->hands.did);
    m->acts++;
    m->acts_since_start++;
}

static void act(struct monkey *m)
{
    hands_act(&m->hands, m->vt);
    remember(m);
    wake(m);
    if (!vt_taken(m->vt, m->answer_ms) && !has_ended(m))
        fail_run(m, "the program does not read what is typed");
}

/* Two sizes, as it may rightly have nothing to change for one. */
static void resize(struct monkey *m)
{
    vt_settle(m->vt);
    for (int i = 0; i < 2 && !has_ended(m); i++) {
        hands_resize(&m->hands, m->vt);
        remember(m);
        if (writes(m, m->answer_ms / 2))
            return;
    }
    if (!has_ended(m))
        fail_run(m, "the program does not redraw after a resize");
}

static void run(struct monkey *m, long end_ms)
{
    start(m);
    while (vt_now_ms() < end_ms) {
        if (hands_pick(&m->hands, 50) == 0)
            resize(m);
        else
            act(m);
        if (!has_ended(m))
            continue;
        judge_end(m);
        vt_end(m->vt);
        start(m);
    }
    if (vt_reported(m->vt))
        fail_run(m, "a sanitizer has reported something");
    vt_end(m->vt);
}

/* --- the command line ------------------------------------------------------------------------- */

static int usage(void)
{
    fputs("Usage: monkey SECONDS [SEED] [-t MS] [-w WORD]... -- PROGRAM [ARGUMENT...]\n", stderr);
    return 2;
}

static const char *words[WORDS_MAX + 1];

static bool parse(struct monkey *m, int argc, char **argv)
{
    size_t n = 0;
    int i = 2;

    if (argc > i && argv[i][0] != '-')
        m->seed = strtoull(argv[i++], NULL, 10);
    for (; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
        if (strcmp(argv[i], "-t") == 0)
            m->answer_ms = (int)strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "-w") == 0 && n < WORDS_MAX)
            words[n++] = argv[i + 1];
        else
            return false;
    }
    m->argv = (const char *const *)argv + i + 1;
    m->hands = (struct hands){.random = m->seed, .words = words};
    return i + 1 < argc && m->seed != 0;
}

int main(int argc, char **argv)
{
    /* As patient as the waits: slower under a sanitizer. */
    struct monkey m = {.seed = (uint64_t)time(NULL) << 16 ^ (uint64_t)getpid(),
                       .answer_ms = ANSWER_MS * (vt_patience_ms() / 10000)};

    if (!parse(&m, argc, argv))
        return usage();
    printf("1..1\n# seed %llu\n", (unsigned long long)m.seed);
    fflush(stdout);
    run(&m, vt_now_ms() + 1000 * strtol(argv[1], NULL, 10));
    printf("ok 1 - %lu acts, %lu starts, seed %llu\n", m.acts, m.starts,
           (unsigned long long)m.seed);
    return 0;
}
