/* SPDX-License-Identifier: MIT */
#include "cmd/progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS_MAX = 200, BAR_MAX = 40 };

/* Columns that can be drawn in; the last stays free, or some terminals would wrap. Asked each time:
 * windows are resized while a transfer runs. */
static size_t columns(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 79;
    return (size_t)(size.ws_col < COLUMNS_MAX ? size.ws_col : COLUMNS_MAX) - 1;
}

/* "server-ca    [#####-----]  52%  731/1375 bytes  0:01 left", or less of it. */
static size_t compose(char *line, size_t width, const char *name, const char *unit, size_t n,
                      size_t total, usec left)
{
    char figures[96], bar[BAR_MAX + 3] = "";
    long seconds = (long)((left + USEC_PER_SEC - 1) / USEC_PER_SEC);
    size_t percent = total > 0 ? n * 100 / total : 0;
    int used = snprintf(figures, sizeof figures, " %3zu%%  %zu/%zu %s  %ld:%02ld left", percent, n,
                        total, unit, seconds / 60, seconds % 60);
    size_t fixed = 13 + (size_t)used + 3;

    if (width > fixed + 8) {
        size_t room = width - fixed < BAR_MAX ? width - fixed : BAR_MAX;
        size_t full = total > 0 ? room * n / total : 0;

        bar[0] = '[';
        memset(bar + 1, '#', full);
        memset(bar + 1 + full, '-', room - full);
        bar[room + 1] = ']';
        bar[room + 2] = '\0';
    }
    snprintf(line, width + 1, "%-12s %s%s", name, bar, figures);
    return strlen(line);
}

void progress_draw(struct progress *p, const char *name, size_t n, size_t total, usec left,
                   usec now)
{
    char line[COLUMNS_MAX + 1];
    size_t width, len;

    if (!p->console->live || p->console->quiet ||
        (p->drawn > 0 && now - p->drawn_at < 100 * USEC_PER_MS))
        return;
    width = columns();
    len = compose(line, width, name, p->unit != NULL ? p->unit : "bytes", n, total, left);
    /* Blanks rather than a control sequence: understood by every terminal. */
    fprintf(stderr, "\r%s", line);
    if (p->drawn > len && p->drawn <= width)
        fprintf(stderr, "%*s\r%s", (int)(p->drawn - len), "", line);
    fflush(stderr);
    p->drawn = len;
    p->drawn_at = now;
}

void progress_clear(struct progress *p)
{
    size_t width;

    if (p->drawn == 0)
        return;
    width = columns();
    fprintf(stderr, "\r%*s\r", (int)(p->drawn < width ? p->drawn : width), "");
    fflush(stderr);
    p->drawn = 0;
}
