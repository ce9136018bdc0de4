/* SPDX-License-Identifier: MIT */
/* The program's process: its birth, its state, its end. */
#include "vt_inside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vt_env.h"

static struct vt *living;

void vt_fail(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("# vt: ", stderr);
    vfprintf(stderr, format, args);
    putc('\n', stderr);
    va_end(args);
    fail();
    abort(); /* not reached: fail() jumps or exits */
}

/* --- birth ------------------------------------------------------------------------------------ */

static void open_pty(struct vt *vt)
{
    struct winsize size = {.ws_row = (unsigned short)vt->rows, .ws_col = (unsigned short)vt->cols};

    if (openpty(&vt->master, &vt->slave, NULL, NULL, &size) != 0)
        vt_fail("no pty: %s", strerror(errno));
    vt->marker = open(ttyname(vt->slave), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    fcntl(vt->master, F_SETFD, FD_CLOEXEC);
    fcntl(vt->slave, F_SETFD, FD_CLOEXEC);
    fcntl(vt->master, F_SETFL, O_RDWR | O_NONBLOCK);
    tcgetattr(vt->slave, &vt->before);
    vt->before.c_iflag |= IUTF8; /* as every terminal program does */
    tcsetattr(vt->slave, TCSANOW, &vt->before);
    tcgetattr(vt->slave, &vt->before);
}

/* In the child, where nothing may fail but by `tell`. */
static void become(const struct vt *vt, const char *cwd, char *const *argv, char *const *env,
                   int tell)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    sigset_t none;
    int error;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int i = 1; i < NSIG; i++)
        sigaction(i, &plain, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* when the test is killed by its time limit */
    setsid();
    if (ioctl(vt->slave, TIOCSCTTY, 0) == 0 && chdir(cwd) == 0) {
        for (int fd = 0; fd < 3; fd++)
            dup2(vt->slave, fd);
        execvpe(argv[0], argv, env);
    }
    error = errno;
    (void)!write(tell, &error, sizeof error);
    _exit(127);
}

/* A relative name is meant from here, not from the program's folder. */
static char **argv_copy(const char *const *argv)
{
    size_t n = 0;
    char **copy;

    while (argv[n] != NULL)
        n++;
    copy = calloc(n + 1, sizeof *copy);
    if (n == 0 || copy == NULL)
        vt_fail("no program to run");
    for (size_t i = 0; i < n; i++)
        copy[i] = strdup(argv[i]);
    if (argv[0][0] != '/' && strchr(argv[0], '/') != NULL) {
        free(copy[0]);
        copy[0] = realpath(argv[0], NULL);
        if (copy[0] == NULL)
            vt_fail("%s: %s", argv[0], strerror(errno));
    }
    return copy;
}

static void free_list(char **list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        free(list[i]);
    free(list);
}

static void spawn(struct vt *vt, const struct vt_options *o, const char *const *argv)
{
    char **copy = argv_copy(argv), **env = vt_env(vt, o->env);
    int error = 0, tell[2];

    if (pipe2(tell, O_CLOEXEC) != 0)
        vt_fail("no pipe: %s", strerror(errno));
    vt->pid = fork();
    if (vt->pid < 0)
        vt_fail("no process: %s", strerror(errno));
    if (vt->pid == 0)
        become(vt, o->cwd != NULL ? o->cwd : vt->home, copy, env, tell[1]);
    close(tell[1]);
    if (read(tell[0], &error, sizeof error) != sizeof error)
        error = 0; /* closed by exec: it runs */
    close(tell[0]);
    free_list(copy);
    free_list(env);
    if (error != 0)
        vt_fail("%s: %s", argv[0], strerror(error));
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    remove(path); /* what cannot be removed stays */
    return 0;
}

static void remove_home(const struct vt *vt)
{
    nftw(vt->home, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* What a failing test or an exit leaves behind. */
static void kill_living(void)
{
    for (struct vt *vt = living; vt != NULL; vt = vt->next) {
        vt_reap(vt);
        if (!vt->ended)
            kill(-vt->pid, SIGKILL);
        remove_home(vt);
    }
}

static void make_home(struct vt *vt)
{
    const char *folder = getenv("TMPDIR");

    snprintf(vt->home, sizeof vt->home, "%s/comcert-ui.XXXXXX", folder != NULL ? folder : "/tmp");
    if (mkdtemp(vt->home) == NULL)
        vt_fail("%s: %s", vt->home, strerror(errno));
}

struct vt *vt_start(const struct vt_options *o, const char *const *argv)
{
    static bool registered;
    struct vt *vt = calloc(1, sizeof *vt);

    if (vt == NULL)
        vt_fail("no memory for a terminal");
    if (!registered)
        registered = atexit(kill_living) == 0;
    vt->rows = o->rows != 0 ? o->rows : 24;
    vt->cols = o->cols != 0 ? o->cols : 80;
    vt->master = vt->slave = vt->marker = -1;
    if (vt->rows < 1 || vt->cols < 2)
        vt_fail("a screen of %d x %d", vt->rows, vt->cols);
    make_home(vt);
    vt_terminal_make(vt);
    open_pty(vt);
    spawn(vt, o, argv);
    vt->next = living;
    living = vt;
    return vt;
}

/* --- state ------------------------------------------------------------------------------------ */

void vt_reap(struct vt *vt)
{
    if (vt->ended || waitpid(vt->pid, &vt->status, WNOHANG) != vt->pid)
        return;
    vt->ended = true;
    vt_mark_end(vt);
}

char vt_process_state(const struct vt *vt, unsigned long *cpu_ms)
{
    unsigned long user = 0, system = 0;
    char path[64], line[1024] = "", state = '?';
    const char *after_name;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)vt->pid);
    f = vt->ended ? NULL : fopen(path, "re");
    if (f == NULL)
        return '?';
    after_name = fgets(line, sizeof line, f) != NULL ? strrchr(line, ')') : NULL;
    fclose(f);
    if (after_name != NULL)
        sscanf(after_name, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &state, &user,
               &system);
    if (cpu_ms != NULL)
        *cpu_ms = (user + system) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK);
    return state;
}

unsigned long vt_cpu_ms(struct vt *vt)
{
    unsigned long ms = 0;

    vt_process_state(vt, &ms);
    return ms;
}

pid_t vt_pid(const struct vt *vt)
{
    return vt->pid;
}

const char *vt_home(const struct vt *vt)
{
    return vt->home;
}

/* --- end -------------------------------------------------------------------------------------- */

static bool tty_is_sane(const struct vt *vt)
{
    const struct termios *a = &vt->before;
    struct termios b;
    bool sane = true;

    tcgetattr(vt->slave, &b);
    if (a->c_iflag != b.c_iflag || a->c_oflag != b.c_oflag || a->c_cflag != b.c_cflag ||
        a->c_lflag != b.c_lflag || memcmp(a->c_cc, b.c_cc, sizeof a->c_cc) != 0) {
        fprintf(stderr, "# insane tty: iflag %#x, oflag %#x, cflag %#x, lflag %#x (was %#x)\n",
                b.c_iflag, b.c_oflag, b.c_cflag, b.c_lflag, a->c_lflag);
        sane = false;
    }
    if (fcntl(vt->slave, F_GETFL) & O_NONBLOCK) {
        fprintf(stderr, "# insane tty: it does not block\n");
        sane = false;
    }
    return sane;
}

bool vt_is_sane(struct vt *vt)
{
    unsigned long written;
    bool tty, terminal;

    do {
        written = vt->written;
        vt_pump(vt, 0);
    } while (vt->written != written);
    tty = tty_is_sane(vt);
    terminal = vt_terminal_is_sane(vt);
    return tty && terminal;
}

static void print_file(const char *path)
{
    char line[1024];
    FILE *f = fopen(path, "re");

    fprintf(stderr, "# %s:\n", path);
    while (f != NULL && fgets(line, sizeof line, f) != NULL)
        fprintf(stderr, "# %.*s\n", (int)strcspn(line, "\n"), line);
    if (f != NULL)
        fclose(f);
}

bool vt_reported(struct vt *vt)
{
    char pattern[sizeof vt->reports + 2];
    glob_t found = {.gl_pathc = 0};
    bool any;

    snprintf(pattern, sizeof pattern, "%s.*", vt->reports);
    any = glob(pattern, 0, NULL, &found) == 0;
    for (size_t i = 0; any && !vt->reports_told && i < found.gl_pathc; i++)
        print_file(found.gl_pathv[i]);
    vt->reports_told |= any;
    globfree(&found);
    return any;
}

static void unlist(const struct vt *vt)
{
    for (struct vt **p = &living; *p != NULL; p = &(*p)->next) {
        if (*p == vt) {
            *p = vt->next;
            return;
        }
    }
}

static void free_vt(struct vt *vt)
{
    unlist(vt);
    vt_terminal_free(vt);
    close(vt->master);
    close(vt->slave);
    close(vt->marker);
    remove_home(vt);
    free(vt->queue);
    free(vt->bytes);
    free(vt->row);
    free(vt);
}

void vt_end(struct vt *vt)
{
    bool news;

    if (vt == NULL)
        return;
    kill(-vt->pid, SIGKILL);
    if (!vt->ended)
        waitpid(vt->pid, &vt->status, 0);
    vt->ended = true;
    news = !vt->reports_told && vt_reported(vt);
    free_vt(vt);
    if (news)
        vt_fail("a sanitizer has reported something");
}
