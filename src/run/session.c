/* SPDX-License-Identifier: MIT */
#include "run/session.h"

#include <errno.h>
#include <sys/random.h>

static int start(struct session *s, runner_observer observer, void *ctx, struct err *err)
{
    const struct port_info *info = port_info(s->port);
    /* Opening a serial port may have reset the device; a pty has nobody to reset. */
    struct loader_options options = {.settle = !info->is_pty, .input_delay = info->input_delay};

    if (getrandom(&options.nonce, sizeof options.nonce, 0) != (ssize_t)sizeof options.nonce)
        return err_set_errno(err, errno, "cannot get random bytes");
    s->loader = loader_create(s->plan, &options);
    s->runner = runner_create(observer, ctx);
    if (s->loader == NULL || s->runner == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    s->began = clock_now();
    return runner_add(s->runner, s->port, s->loader, err);
}

int session_start(struct session *s, const struct plan *plan, struct port *port,
                  runner_observer observer, void *ctx, struct err *err)
{
    int rc;

    *s = (struct session){.plan = plan, .port = port};
    rc = start(s, observer, ctx, err);
    if (rc != 0)
        session_end(s);
    return rc;
}

void session_end(struct session *s)
{
    runner_destroy(s->runner);
    loader_destroy(s->loader);
    port_close(s->port);
    *s = (struct session){0};
}
