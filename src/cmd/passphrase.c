/* SPDX-License-Identifier: MIT */
#include "cmd/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

enum { PASSPHRASE_MAX = 1024, PROMPTS_MAX = 3 };

int passphrase_init(struct passphrase *p, const struct args *args, struct err *err)
{
    return passphrase_init_from(p, args, OPT_PASSPHRASE_FILE, OPT_PASSPHRASE_FD, err);
}

/* A text editor that saves as UTF-16 makes a NUL of every other byte: what stands before the first
 * is no passphrase that anybody meant. */
static int take_line(struct secret *value, const char *from, struct err *err)
{
    size_t n = 0;

    while (n < value->len && value->data[n] != '\r' && value->data[n] != '\n')
        n++;
    if (n > 0 && memchr(value->data, '\0', n) != NULL) {
        err_set(err, ERR_VALUE, "the passphrase from %s is not plain text", from);
        err_remedy(err, "save it as UTF-8, not as UTF-16 (\"Unicode\")");
        return ERR_VALUE;
    }
    if (value->data != NULL) {
        value->len = n;
        value->data[n] = '\0';
    }
    return 0;
}

int passphrase_init_from(struct passphrase *p, const struct args *args, enum option_id file_option,
                         enum option_id fd_option, struct err *err)
{
    const char *path = args_value(args, file_option);
    const char *file_name = option_info(file_option)->name, *fd_name = option_info(fd_option)->name;
    struct stat st;
    long fd;
    int rc;

    *p = (struct passphrase){.prompts = !args_has(args, OPT_JSON)};
    rc = args_number(args, fd_option, 0, 65535, -1, &fd, err);
    if (rc != 0)
        return rc;
    if (path != NULL && fd >= 0)
        return err_set(err, ERR_USAGE, "--%s and --%s exclude each other", file_name, fd_name);
    if (fd >= 0) {
        if (fcntl((int)fd, F_GETFD) < 0)
            return err_set(err, ERR_USAGE, "--%s %ld: that descriptor is not open", fd_name, fd);
        rc = file_read_line_fd((int)fd, PASSPHRASE_MAX, &p->value, err);
    } else if (path != NULL && stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) {
        err_set(err, ERR_USAGE, "--%s: %s is a pipe, not a file", file_name, path);
        err_remedy(err, "hand it over as a descriptor: --%s 3 3< PIPE", fd_name);
        return ERR_USAGE;
    } else if (path != NULL) {
        rc = file_read(path, PASSPHRASE_MAX, &p->value, err);
    }
    p->fixed = path != NULL || fd >= 0;
    return rc == 0 && p->fixed ? take_line(&p->value, path != NULL ? path : fd_name, err) : rc;
}

void passphrase_reset(struct passphrase *p)
{
    secret_reset(&p->value);
    free(p->file);
    *p = (struct passphrase){0};
}

/* --- the prompt ----------------------------------------------------------------------------- */

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { CAUGHT_COUNT = sizeof caught / sizeof caught[0] };

static volatile sig_atomic_t caught_signal;

static void on_signal(int number)
{
    caught_signal = number;
}

/* While the terminal does not echo, signals are let in only inside ppoll, so that none can end the
 * process before the terminal is as it was. */
struct quiet_terminal {
    int fd;
    struct termios saved;
    sigset_t old_mask;
    struct sigaction old_actions[CAUGHT_COUNT];
};

static bool terminal_hush(struct quiet_terminal *t)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct termios hushed;
    sigset_t block;

    if (tcgetattr(t->fd, &t->saved) != 0)
        return false;
    caught_signal = 0;
    sigemptyset(&block);
    for (size_t i = 0; i < CAUGHT_COUNT; i++) {
        sigaddset(&block, caught[i]);
        sigaction(caught[i], &action, &t->old_actions[i]);
    }
    sigprocmask(SIG_BLOCK, &block, &t->old_mask);
    hushed = t->saved;
    hushed.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    hushed.c_lflag |= ICANON | ISIG;
    /* Ctrl-Z would leave a shell on a terminal that does not echo. */
    hushed.c_cc[VSUSP] = _POSIX_VDISABLE;
    /* TCSAFLUSH also drops what was typed before anybody asked. */
    return tcsetattr(t->fd, TCSAFLUSH, &hushed) == 0;
}

static void terminal_restore(struct quiet_terminal *t)
{
    tcsetattr(t->fd, TCSAFLUSH, &t->saved);
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        sigaction(caught[i], &t->old_actions[i], NULL);
    sigprocmask(SIG_SETMASK, &t->old_mask, NULL);
}

/* One line from the terminal, without its end. False on a signal, an error, or the end of input. */
static bool read_line(struct quiet_terminal *t, struct secret *out)
{
    while (caught_signal == 0) {
        struct pollfd p = {.fd = t->fd, .events = POLLIN};
        ssize_t n;

        if (ppoll(&p, 1, NULL, &t->old_mask) < 0)
            continue; /* a signal; the loop's condition tells which */
        n = read(t->fd, out->data + out->len, PASSPHRASE_MAX - out->len);
        if (n <= 0)
            return false;
        out->len += (size_t)n;
        if (out->data[out->len - 1] == '\n') {
            out->data[--out->len] = '\0';
            return true;
        }
        if (out->len >= PASSPHRASE_MAX)
            return false;
    }
    return false;
}

static void say(int fd, const char *text)
{
    ssize_t n = write(fd, text, strlen(text));

    (void)n; /* a prompt that cannot be shown can still be answered */
}

/* "Passphrase for x.key: " */
static void say_prompt(int fd, const char *words, const char *what)
{
    struct buf b = {0};

    buf_add_str(&b, words);
    str_escape(&b, what, strlen(what));
    buf_add_str(&b, ": ");
    if (!b.failed)
        say(fd, b.data);
    buf_reset(&b);
}

static int prompt(struct passphrase *p, const char *words, const char *what, struct secret *out,
                  struct err *err)
{
    struct quiet_terminal t = {.fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)};
    int rc = secret_reserve(out, PASSPHRASE_MAX + 1, err);
    bool ok = false;

    if (t.fd < 0 || tcgetpgrp(t.fd) != getpgrp()) /* none, or in the background */
        rc = rc != 0 ? rc : err_set(err, ERR_MISSING, "there is no terminal to ask on");
    if (rc == 0) {
        out->len = 0;
        say_prompt(t.fd, words, what);
        if (terminal_hush(&t))
            ok = read_line(&t, out);
        terminal_restore(&t);
        say(t.fd, "\n");
        p->interrupted |= caught_signal != 0;
        if (!ok)
            rc = err_set(err, ERR_MISSING, "no passphrase was given");
    }
    if (t.fd >= 0)
        close(t.fd);
    return rc;
}

/* What was typed for a file serves again when the same file is read for its other slot. */
static void remember(struct passphrase *p, const char *file, const struct secret *value)
{
    struct err err;

    free(p->file);
    p->file = str_copy(file);
    if (secret_set(&p->value, value->data, value->len, &err) != 0)
        secret_reset(&p->value);
}

static int ask(void *ctx, const char *file, int attempt, struct secret *out, struct err *err)
{
    struct passphrase *p = ctx;
    bool known = p->fixed || (p->file != NULL && strcmp(p->file, file) == 0);
    int rc;

    if (p->interrupted)
        return err_set(err, ERR_MISSING, "no passphrase was given");
    if (attempt == 0 && known && p->value.data != NULL)
        return secret_set(out, p->value.data, p->value.len, err);
    if (p->fixed || !p->prompts || attempt >= PROMPTS_MAX)
        return err_set(err, ERR_MISSING, "there is no further passphrase");
    rc = prompt(p, attempt > 0 ? "That is not it. Passphrase for " : "Passphrase for ", file, out,
                err);
    if (rc == 0)
        remember(p, file, out);
    return rc;
}

int passphrase_choose(struct passphrase *p, const char *what, struct secret *out, struct err *err)
{
    struct secret again = {0};
    int rc;

    if (p->fixed) /* data is NULL for an empty file */
        return secret_set(out, p->value.data, p->value.len, err);
    if (!p->prompts)
        return err_set(err, ERR_USAGE, "no passphrase is given for the key of %s", what);
    rc = prompt(p, "New passphrase for the key of ", what, out, err);
    /* An empty one is refused by whoever makes the key: no need to type it twice. */
    if (rc == 0 && out->len > 0)
        rc = prompt(p, "The same once more, for ", what, &again, err);
    if (rc == 0 && out->len > 0 &&
        (out->len != again.len || memcmp(out->data, again.data, out->len) != 0))
        rc = err_set(err, ERR_VALUE, "the two passphrases are not the same; nothing was made");
    secret_reset(&again);
    return rc;
}

struct passphrase_source passphrase_source(struct passphrase *p)
{
    return (struct passphrase_source){.ask = ask, .ctx = p};
}
