/* SPDX-License-Identifier: MIT */
/* The wizard's folder, its device, and its birth and end. */
#include "wizard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 24 };

/* --- the folder ------------------------------------------------------------------------------- */

void wiz_folder(struct wiz *z)
{
    const char *tmp = getenv("TMPDIR");

    *z = (struct wiz){.vt = NULL};
    if (tmp == NULL || strlen(tmp) > 40)
        tmp = "/tmp";
    snprintf(z->folder, sizeof z->folder, "%s/comcert-ui.XXXXXX", tmp);
    assert_non_null(mkdtemp(z->folder));
}

const char *wiz_path(const struct wiz *z, const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];

    snprintf(path, sizeof paths[0], "%s%s%s", name[0] == '/' ? "" : z->folder,
             name[0] == '/' ? "" : "/", name);
    return path;
}

static char *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    char *bytes = NULL;
    size_t capacity = 0;

    *n = 0;
    if (f == NULL)
        return NULL;
    do {
        capacity += 65536;
        bytes = realloc(bytes, capacity + 1);
        assert_non_null(bytes);
        *n += fread(bytes + *n, 1, capacity - *n, f);
    } while (*n == capacity);
    fclose(f);
    bytes[*n] = '\0';
    return bytes;
}

static void spill(const char *path, int mode, const char *bytes, size_t n)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

    if (fd < 0 || fchmod(fd, (mode_t)mode) != 0 || write(fd, bytes, n) != (ssize_t)n ||
        close(fd) != 0)
        fail_msg("cannot write %s", path);
}

void wiz_copy(const struct wiz *z, const char *name, const char *from)
{
    size_t n;
    char *bytes = slurp(from, &n);

    if (bytes == NULL)
        fail_msg("%s is not there", from);
    spill(wiz_path(z, name), 0600, bytes, n);
    free(bytes);
}

void wiz_write(const struct wiz *z, const char *name, int mode, const char *text)
{
    spill(wiz_path(z, name), mode, text, strlen(text));
}

char *wiz_read(const struct wiz *z, const char *name, size_t *n)
{
    size_t own;

    return slurp(wiz_path(z, name), n != NULL ? n : &own);
}

int wiz_mode(const struct wiz *z, const char *name)
{
    struct stat st;

    return stat(wiz_path(z, name), &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

void wiz_same(const struct wiz *z, const char *a, const char *b)
{
    size_t na, nb;
    char *bytes_a = wiz_read(z, a, &na), *bytes_b = wiz_read(z, b, &nb);

    if (bytes_a == NULL || bytes_b == NULL)
        fail_msg("%s or %s is not there", a, b);
    if (na != nb || memcmp(bytes_a, bytes_b, na) != 0)
        fail_msg("%s and %s differ:\n%s\n%s", a, b, bytes_a, bytes_b);
    free(bytes_a);
    free(bytes_b);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

/* --- other programs --------------------------------------------------------------------------- */

static const char *comcert(void)
{
    const char *program = getenv("COMCERT");

    if (program == NULL)
        fail_msg("COMCERT is not set");
    return program;
}

int wiz_shell(const struct wiz *z, char **out, const char *command)
{
    char line[4096];
    char *text = NULL;
    size_t n;
    int status;
    FILE *f;

    comcert();
    snprintf(line, sizeof line, "cd '%s' && { %s\n} >.shell-out", z->folder, command);
    f = popen(line, "r");
    assert_non_null(f);
    status = pclose(f);
    text = wiz_read(z, ".shell-out", &n);
    unlink(wiz_path(z, ".shell-out"));
    if (out != NULL)
        *out = text;
    else
        free(text);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Its first line is the name of its pty; it can be opened from then on. */
static void read_port(struct wiz *z, int fd)
{
    size_t n = 0;
    char c;

    while (n + 1 < sizeof z->port && read(fd, &c, 1) == 1 && c != '\n')
        z->port[n++] = c;
    z->port[n] = '\0';
    z->device_out = fd;
    if (z->port[0] != '/')
        fail_msg("the emulated device does not start");
}

void wiz_device(struct wiz *z, ...)
{
    const char *argv[ARGUMENTS_MAX] = {comcert(), "emulate"};
    size_t n = 2;
    va_list args;
    int ends[2];

    va_start(args, z);
    while (n + 1 < ARGUMENTS_MAX && (argv[n] = va_arg(args, const char *)) != NULL)
        n++;
    va_end(args);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    z->device = fork();
    if (z->device == 0) {
        /* A test that fails leaves no device behind. */
        if (prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 && chdir(z->folder) == 0 && dup2(ends[1], 1) == 1)
            execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(ends[1]);
    read_port(z, ends[0]);
}

/* --- the wizard ------------------------------------------------------------------------------- */

void wiz_start(struct wiz *z, const struct vt_options *options, ...)
{
    struct vt_options own = options != NULL ? *options : (struct vt_options){.rows = 24};
    const char *argv[ARGUMENTS_MAX] = {comcert()};
    size_t n = 1;
    va_list args;

    va_start(args, options);
    while (n + 1 < ARGUMENTS_MAX && (argv[n] = va_arg(args, const char *)) != NULL)
        n++;
    va_end(args);
    own.cwd = z->folder;
    z->vt = vt_start(&own, argv);
    wiz_wait(z, "1 Port");
    vt_settle(z->vt);
}

void wiz_stop(struct wiz *z)
{
    vt_end(z->vt);
    z->vt = NULL;
}

void wiz_end(struct wiz *z)
{
    wiz_stop(z);
    if (z->device > 0) {
        kill(z->device, SIGTERM);
        waitpid(z->device, NULL, 0);
        close(z->device_out);
    }
    if (nftw(z->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fail_msg("%s cannot be removed", z->folder);
}
