/* SPDX-License-Identifier: MIT */
/* The pty's master: bytes in both directions. */
#include "vt_inside.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void grow(char **buffer, size_t *cap, size_t needed)
{
    size_t wanted = *cap != 0 ? *cap : 4096;
    char *p;

    if (needed <= *cap)
        return;
    while (wanted < needed)
        wanted *= 2;
    p = realloc(*buffer, wanted);
    if (p == NULL)
        vt_fail("no memory for %zu bytes", wanted);
    *buffer = p;
    *cap = wanted;
}

static void send_queue(struct vt *vt)
{
    ssize_t n;

    if (vt->queue_len == 0)
        return;
    n = write(vt->master, vt->queue, vt->queue_len);
    if (n < 0 && errno != EAGAIN && errno != EINTR)
        vt_fail("the pty takes nothing: %s", strerror(errno));
    if (n > 0) {
        vt->queue_len -= (size_t)n;
        memmove(vt->queue, vt->queue + n, vt->queue_len);
    }
}

void vt_queue(struct vt *vt, const char *bytes, size_t n)
{
    if (vt->queue_len + n > VT_QUEUE_MAX)
        vt_fail("the program reads nothing, and %zu bytes wait for it", vt->queue_len);
    grow(&vt->queue, &vt->queue_cap, vt->queue_len + n);
    memcpy(vt->queue + vt->queue_len, bytes, n);
    vt->queue_len += n;
    send_queue(vt);
}

static void keep(struct vt *vt, const char *bytes, size_t n)
{
    if (vt->bytes_len + n > VT_BYTES_MAX) {
        size_t half = vt->bytes_len / 2;

        memmove(vt->bytes, vt->bytes + half, vt->bytes_len - half);
        vt->bytes_len -= half;
    }
    grow(&vt->bytes, &vt->bytes_cap, vt->bytes_len + n);
    memcpy(vt->bytes + vt->bytes_len, bytes, n);
    vt->bytes_len += n;
    vt->written += n;
}

static size_t receive(struct vt *vt)
{
    char bytes[16384];
    ssize_t n = read(vt->master, bytes, sizeof bytes);

    if (n <= 0)
        return 0;
    keep(vt, bytes, (size_t)n);
    vt_terminal_feed(vt, bytes, (size_t)n);
    return (size_t)n;
}

/* A process can be collected before its last words have passed through the kernel's work queue. A
 * mark written behind them by ourselves tells when they have; libvterm ignores it. */
static const char end_mark[] = "\033]comcert-end-of-test-program\007";

void vt_mark_end(struct vt *vt)
{
    vt->marked_at = vt->bytes_len;
    vt->marked = write(vt->marker, end_mark, sizeof end_mark - 1) == sizeof end_mark - 1;
}

static bool mark_came(struct vt *vt)
{
    size_t from = vt->marked_at < vt->bytes_len ? vt->marked_at : 0, len = sizeof end_mark - 1;
    char *mark = memmem(vt->bytes + from, vt->bytes_len - from, end_mark, len);

    if (mark == NULL)
        return false;
    vt->bytes_len -= len;
    vt->written -= len;
    memmove(mark, mark + len, vt->bytes_len - (size_t)(mark - vt->bytes));
    return true;
}

bool vt_pump(struct vt *vt, int timeout_ms)
{
    struct pollfd p = {.fd = vt->master};
    size_t n = 0;

    if (vt->drained)
        return false;
    vt_reap(vt);
    p.events = (short)((vt->stalled ? 0 : POLLIN) | (vt->queue_len > 0 ? POLLOUT : 0));
    poll(&p, 1, timeout_ms);
    if (p.revents & POLLOUT)
        send_queue(vt);
    if (p.revents & POLLIN)
        n = receive(vt);
    /* Without a mark (the line is stopped or full) the end is when nothing comes. */
    if (vt->ended && !vt->stalled)
        vt->drained = vt->marked ? mark_came(vt) : n == 0;
    return !vt->drained && !(vt->ended && vt->stalled);
}

void vt_stall(struct vt *vt, bool stalled)
{
    vt->stalled = stalled;
}

void vt_resize(struct vt *vt, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

    if (rows < 1 || cols < 2)
        vt_fail("a screen of %d x %d", rows, cols);
    vt->rows = rows;
    vt->cols = cols;
    vt_terminal_resize(vt);
    if (ioctl(vt->master, TIOCSWINSZ, &size) != 0)
        vt_fail("the pty takes no size: %s", strerror(errno));
}
