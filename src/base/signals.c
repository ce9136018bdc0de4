/* SPDX-License-Identifier: MIT */
#include "base/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum { MAX = 8 };

static struct {
    int number;
    struct sigaction before;
} caught[MAX];
static size_t caught_count;
static int ends[2] = {-1, -1};

static void on_signal(int number)
{
    int saved = errno;
    char byte = (char)number;
    ssize_t n = write(ends[1], &byte, 1); /* a full pipe has told it already */

    (void)n;
    errno = saved;
}

int signals_start(const int *numbers, size_t count, int *fd, struct err *err)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return err_set_errno(err, errno, "cannot make a pipe for signals");
    for (size_t i = 0; i < count && i < MAX; i++) {
        caught[i].number = numbers[i];
        sigaction(numbers[i], NULL, &caught[i].before);
        if (numbers[i] != SIGHUP || caught[i].before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
        caught_count++;
    }
    *fd = ends[0];
    return 0;
}

int signals_start_ending(int *fd, struct err *err)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};

    return signals_start(numbers, sizeof numbers / sizeof numbers[0], fd, err);
}

void signals_stop(void)
{
    if (ends[0] < 0)
        return;
    for (size_t i = 0; i < caught_count; i++)
        sigaction(caught[i].number, &caught[i].before, NULL);
    caught_count = 0;
    close(ends[0]);
    close(ends[1]);
    ends[0] = ends[1] = -1;
}
