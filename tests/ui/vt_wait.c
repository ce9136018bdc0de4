/* SPDX-License-Identifier: MIT */
/* Waiting until, with a deadline. */
#include "vt_inside.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

enum { STEP_MS = 10, QUIET_MS = 60, UNREAD_MS = 1000 };

long vt_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int vt_patience_ms(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return 30000;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return 30000;
#endif
#endif
    return 10000;
}

struct condition {
    bool (*holds)(struct vt *vt, const struct condition *c);
    const char *text;
    int row;
};

static bool wait_until(struct vt *vt, const struct condition *c, const char *what)
{
    long end = vt_now_ms() + vt_patience_ms();

    while (!c->holds(vt, c)) {
        if (vt_pump(vt, STEP_MS) && vt_now_ms() < end)
            continue;
        if (c->holds(vt, c))
            break;
        fprintf(stderr, "# waited for %s \"%s\", but %s:\n", what, c->text,
                vt->ended ? "the program has ended" : "the screen stays");
        vt_print(vt);
        return false;
    }
    return true;
}

static bool stands(struct vt *vt, const struct condition *c)
{
    return vt_find(vt, c->text, NULL, NULL);
}

static bool is_gone(struct vt *vt, const struct condition *c)
{
    return !vt_find(vt, c->text, NULL, NULL);
}

static bool stands_in_row(struct vt *vt, const struct condition *c)
{
    return strstr(vt_row(vt, c->row), c->text) != NULL;
}

bool vt_wait(struct vt *vt, const char *text)
{
    const struct condition c = {stands, text, 0};

    return wait_until(vt, &c, "the text");
}

bool vt_wait_gone(struct vt *vt, const char *text)
{
    const struct condition c = {is_gone, text, 0};

    return wait_until(vt, &c, "the end of the text");
}

bool vt_wait_row(struct vt *vt, int row, const char *text)
{
    const struct condition c = {stands_in_row, text, row};
    char what[32];

    snprintf(what, sizeof what, "in row %d the text", row);
    return wait_until(vt, &c, what);
}

static bool has_unread(const struct vt *vt)
{
    int waiting = 0;

    return vt->queue_len > 0 || (ioctl(vt->slave, FIONREAD, &waiting) == 0 && waiting > 0);
}

void vt_settle(struct vt *vt)
{
    long now = vt_now_ms(), end = now + vt_patience_ms(), quiet_since = now, wrote_at = now;
    unsigned long written = vt->written;

    while (now < end && now - quiet_since < QUIET_MS) {
        char state;

        if (!vt_pump(vt, STEP_MS))
            return;
        now = vt_now_ms();
        if (vt->written != written) {
            written = vt->written;
            quiet_since = wrote_at = now;
        }
        if (vt->stalled)
            continue; /* it may well hang in a write, with input unread */
        state = vt_process_state(vt, NULL);
        if (state == 'R' || state == 'D' || (has_unread(vt) && now - wrote_at < UNREAD_MS))
            quiet_since = now;
    }
}

bool vt_taken(struct vt *vt, int timeout_ms)
{
    long end = vt_now_ms() + timeout_ms;

    while (has_unread(vt)) {
        if (!vt_pump(vt, 1))
            break;
        if (vt_now_ms() >= end)
            return false;
    }
    return true;
}

bool vt_exited(struct vt *vt, int *status)
{
    long end = vt_now_ms() + vt_patience_ms();

    while (vt_pump(vt, STEP_MS)) {
        if (vt_now_ms() < end)
            continue;
        if (vt->ended)
            break; /* but a child of its goes on writing */
        fprintf(stderr, "# the program does not end:\n");
        vt_print(vt);
        return false;
    }
    *status = vt->status;
    return true;
}
