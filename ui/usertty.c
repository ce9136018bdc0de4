/* SPDX-License-Identifier: MIT */
#include "ui/usertty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

static struct {
    int fd; /* a description of its own: O_NONBLOCK on the shell's would be the shell's too */
    FILE *stream;
    struct termios saved;
    struct buf queue;
    size_t written; /* of queue */
} tty = {.fd = -1};

int usertty_start(struct err *err)
{
    const int flags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const char *name = ttyname(STDIN_FILENO);

    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &tty.saved) != 0)
        return err_set(err, ERR_UNSUPPORTED,
                       "the wizard needs a terminal as standard input and output");
    tty.fd = name != NULL ? open(name, flags) : -1;
    /* Another user's terminal (su) cannot be opened by its name, but as one's own. */
    if (tty.fd < 0)
        tty.fd = open("/dev/tty", flags);
    if (tty.fd < 0)
        return err_set_errno(err, errno, "cannot open the terminal");
    tty.stream = fdopen(tty.fd, "r");
    if (tty.stream != NULL)
        return 0;
    close(tty.fd);
    tty.fd = -1;
    return err_set(err, ERR_NOMEM, "out of memory");
}

void usertty_raw(void)
{
    struct termios raw = tty.saved;

    cfmakeraw(&raw);
    /* What leaves is still processed: texts of libraries end lines with \n alone. */
    raw.c_oflag |= OPOST | ONLCR;
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

void usertty_restore(void)
{
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &tty.saved);
}

void usertty_size(int *rows, int *cols)
{
    struct winsize size = {0};

    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *rows = size.ws_row > 0 ? size.ws_row : 24;
    *cols = size.ws_col > 0 ? size.ws_col : 80;
}

void usertty_put(const void *bytes, size_t n)
{
    buf_add(&tty.queue, bytes, n);
}

bool usertty_pump(void)
{
    while (tty.written < tty.queue.len) {
        ssize_t n = write(tty.fd, tty.queue.data + tty.written, tty.queue.len - tty.written);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return false;
        if (n < 0) /* the terminal has gone; a signal or the end of input tells */
            tty.written = tty.queue.len;
        else
            tty.written += (size_t)n;
    }
    tty.queue.len = tty.written = 0;
    return true;
}

bool usertty_is_behind(void)
{
    return tty.written < tty.queue.len;
}

void usertty_drain(int ms)
{
    usec end = clock_now() + ms * USEC_PER_MS;

    while (!usertty_pump()) {
        struct pollfd fd = {.fd = tty.fd, .events = POLLOUT};
        usec left = end - clock_now();

        if (left <= 0)
            break;
        (void)poll(&fd, 1, (int)(left / USEC_PER_MS) + 1);
    }
    tty.queue.len = tty.written = 0;
}

int usertty_fd(void)
{
    return tty.fd;
}

FILE *usertty_stream(void)
{
    return tty.stream;
}

void usertty_flush_input(void)
{
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
}

void usertty_stop(void)
{
    if (tty.fd < 0)
        return;
    usertty_restore();
    (void)fclose(tty.stream);
    tty.fd = -1;
    buf_reset(&tty.queue);
    tty.written = 0;
}
