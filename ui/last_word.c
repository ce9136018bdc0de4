/* SPDX-License-Identifier: MIT */
#include "ui/last_word.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "ui/rehearsal.h"

/* How wide that screen is then nobody knows yet. */
enum { COLUMNS = 80 };

/* Several devices may have been loaded: which one was the last belongs to it, and whether it was
 * one at all. */
static void add_device(struct buf *out, const struct load *l)
{
    const struct job *job = &l->w->prepared.job;
    const char *id = job->device_id != NULL ? job->device_id : job_value(job, SETTING_CLIENT_ID);

    if (id != NULL) {
        str_escape(out, id, strlen(id));
        buf_add_str(out, ": ");
    }
    buf_add_str(out, rehearsal_is_on(l->w) ? "a rehearsal with the emulated device" : l->heading);
}

/* As `comcert load` prints it. */
static void take(struct load *l, bool ok, const char *state, const char *remedy)
{
    const char *word = ok ? "OK" : "NOT OK", *next = "   next: ";
    struct buf text = {0};

    add_device(&text, l);
    buf_printf(&text, "\n%s ", word);
    str_wrap(&text, COLUMNS, strlen(word) + 1, 3, state);
    if (remedy != NULL && remedy[0] != '\0') {
        buf_printf(&text, "\n%s", next);
        str_wrap(&text, COLUMNS, strlen(next), strlen(next), remedy);
    }
    free(l->w->last_word);
    l->w->last_word = buf_take(&text);
}

void last_word_take(struct load *l)
{
    struct verdict v;
    struct err err;

    if (verdict_make(l->plan, l->session.loader, READER_SHELL, &v, &err) != 0)
        return;
    take(l, v.exit_status == 0, v.state, v.remedy);
    verdict_reset(&v);
}

void last_word_take_unsent(struct load *l)
{
    struct buf state = {0};

    buf_printf(&state, "%s%s Nothing was sent: the device is as it was.", l->err.text,
               str_ends(l->err.text, ".") ? "" : ".");
    if (!state.failed)
        take(l, false, state.data, l->err.remedy);
    buf_reset(&state);
}
