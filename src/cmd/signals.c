/* SPDX-License-Identifier: MIT */
#include "cmd/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
enum { COUNT = sizeof numbers / sizeof numbers[0] };

static struct sigaction before[COUNT];
static int ends[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t n = write(ends[1], &byte, 1); /* a full pipe has told it already */

    (void)n;
    errno = saved;
}

int signals_start(int *fd, struct err *err)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_set_errno(err, errno, "cannot make a pipe for signals");
    for (size_t i = 0; i < COUNT; i++) {
        sigaction(numbers[i], NULL, &before[i]);
        /* Whoever was started with nohup stays deaf to the hang-up. */
        if (numbers[i] != SIGHUP || before[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    *fd = ends[0];
    return 0;
}

void signals_stop(void)
{
    if (ends[0] < 0)
        return;
    for (size_t i = 0; i < COUNT; i++)
        sigaction(numbers[i], &before[i], NULL);
    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
}
