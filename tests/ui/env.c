/* SPDX-License-Identifier: MIT */
#include "env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20, KEY_LINES = 16, ARGS_MAX = 24 };

static const struct {
    const char *slot, *file;
} uploads[] = {
    {"server-ca", "digicert-global-root-g2.pem"},
    {"device-cert", "pump-7.crt"},
    {"device-key", "pump-7.key"},
};
enum { UPLOADS = sizeof uploads / sizeof uploads[0] };

static char *fixture(const char *file)
{
    char name[ENV_PATH], *path;

    snprintf(name, sizeof name, "fixtures/pem/%s", file);
    path = realpath(name, NULL);
    if (path == NULL)
        fail_msg("%s: %s (the tests run from the top folder)", name, strerror(errno));
    return path;
}

static void write_job(const struct env *env, const char *more)
{
    FILE *f = fopen(env->job, "we");

    assert_non_null(f);
    fprintf(f,
            "profile = \"infinite\"\nport: { device = \"%s\" baud = %d }\n"
            "mqtt: { preset = \"azure\" hub = \"my-hub\" device-id = \"pump-7\" }\n"
            "accept-assumed = true\ncertificates: {\n",
            env->port, env->baud);
    for (size_t i = 0; i < UPLOADS; i++) {
        char *path = fixture(uploads[i].file);

        fprintf(f, "  %s = \"%s\"\n", uploads[i].slot, path);
        free(path);
    }
    fprintf(f, "}\n%s", more != NULL ? more : "");
    assert_int_equal(fclose(f), 0);
}

static void name_file(char out[ENV_PATH], const struct env *env, const char *name)
{
    assert_true(snprintf(out, ENV_PATH, "%s/%s", env->dir, name) < ENV_PATH);
}

struct env *env_create(int baud, const char *more)
{
    struct env *env = calloc(1, sizeof *env);

    assert_non_null(env);
    strcpy(env->dir, "/tmp/comcert-env.XXXXXX");
    assert_non_null(mkdtemp(env->dir));
    name_file(env->job, env, "job.cfg");
    name_file(env->port, env, "dev");
    name_file(env->store, env, "store");
    env->baud = baud;
    write_job(env, more);
    return env;
}

/* --- the device ------------------------------------------------------------------------------- */

static void pause_a_little(void)
{
    const struct timespec t = {.tv_nsec = 2000000};

    nanosleep(&t, NULL);
}

/* What it says goes to a file: on standard output it would be TAP. */
static void spawn(struct env *env, const char *const *argv)
{
    char log[ENV_PATH];
    int status;

    name_file(log, env, "device.log");
    env->device = fork();
    assert_true(env->device >= 0);
    if (env->device == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    while (access(env->port, F_OK) != 0) {
        if (waitpid(env->device, &status, WNOHANG) == env->device) {
            char *said = env_read(env, "device.log");

            fail_msg("the device did not start: %s", said);
        }
        pause_a_little();
    }
}

void env_emulate(struct env *env, const char *const *options)
{
    char baud[16];
    const char *argv[ARGS_MAX] = {getenv("COMCERT"), "emulate",  "--link", env->port,
                                  "--store",         env->store, "--baud", baud};
    size_t n = 8;

    snprintf(baud, sizeof baud, "%d", env->baud);
    for (; options != NULL && *options != NULL && n + 1 < ARGS_MAX; options++)
        argv[n++] = *options;
    argv[n] = NULL;
    spawn(env, argv);
}

static const char script_head[] = "import os, pty, select, sys, time, tty\n"
                                  "master, slave = pty.openpty()\n"
                                  "tty.setraw(slave)\n"
                                  "port = sys.argv[1]\n"
                                  "def note(text):\n"
                                  "    with open(os.path.dirname(port) + '/notes', 'a') as f:\n"
                                  "        f.write(text + '\\n')\n"
                                  "os.symlink(os.ttyname(slave), port + '.new')\n"
                                  "os.rename(port + '.new', port)\n";

void env_script(struct env *env, const char *code)
{
    char *program = malloc(sizeof script_head + strlen(code));
    const char *const argv[] = {"python3", "-c", program, env->port, NULL};

    assert_non_null(program);
    strcpy(program, script_head);
    strcat(program, code);
    spawn(env, argv);
    free(program);
}

void env_stop_device(struct env *env)
{
    if (env->device == 0)
        return;
    kill(env->device, SIGTERM);
    waitpid(env->device, NULL, 0);
    unlink(env->port);
    env->device = 0;
}

/* --- files ------------------------------------------------------------------------------------ */

static char *read_file(const char *path)
{
    char *text = calloc(1, FILE_MAX + 1);
    FILE *f = fopen(path, "re");

    assert_non_null(text);
    if (f == NULL)
        return text;
    text[fread(text, 1, FILE_MAX, f)] = '\0';
    fclose(f);
    return text;
}

char *env_read(const struct env *env, const char *name)
{
    char path[ENV_PATH];

    name_file(path, env, name);
    return read_file(path);
}

bool env_is_stored(const struct env *env)
{
    bool same = true;

    for (size_t i = 0; i < UPLOADS; i++) {
        char name[64], *path = fixture(uploads[i].file), *want = read_file(path), *got;

        snprintf(name, sizeof name, "store/%s.pem", uploads[i].slot);
        got = env_read(env, name);
        if (want[0] == '\0' || strcmp(want, got) != 0)
            same = false;
        free(path);
        free(want);
        free(got);
    }
    return same;
}

const char *const *env_key_lines(void)
{
    static char lines[KEY_LINES][80];
    static const char *list[KEY_LINES + 1];
    char *path = fixture("pump-7.key"), *text = read_file(path), *at = strchr(text, '\n');
    size_t n = 0;

    for (; at != NULL && n < KEY_LINES; at = strchr(at + 1, '\n')) {
        snprintf(lines[n], sizeof lines[n], "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
        list[n] = lines[n];
        n++;
    }
    assert_int_equal(n, KEY_LINES);
    free(path);
    free(text);
    return list;
}

/* --- the end ---------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void env_end(struct env *env)
{
    env_stop_device(env);
    nftw(env->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(env);
}
