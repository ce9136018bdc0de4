/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "cmd/new.h"
#include "cmd/progress.h"
#include "pki/issue_list.h"
#include "run/report.h"

struct listing {
    struct new_run *run;
    struct progress progress;
    int signals; /* a descriptor that can be read once the user wants to end */
    bool ended;
    bool json_failed;
    usec began;
    size_t kept;
};

static bool tick(void *ctx, size_t done, size_t total)
{
    struct listing *l = ctx;
    usec now = clock_now();
    usec left = 0;
    char byte;

    if (read(l->signals, &byte, 1) > 0)
        l->ended = true;
    if (done > l->kept) /* what was kept took no time */
        left = (now - l->began) / (usec)(done - l->kept) * (usec)(total - done);
    if (done > 0)
        progress_draw(&l->progress, "issuing", done, total, left, now);
    return l->ended || l->json_failed;
}

static void ready(void *ctx, const struct issued *made, bool kept)
{
    struct listing *l = ctx;

    l->kept += kept;
    /* What is kept was told when it was made. */
    if (l->run->console.json && !kept)
        l->json_failed |= !console_json(json_new("device", made));
}

static int say_end(const struct listing *l, const struct issue_list_result *result, struct err *err)
{
    const struct console *c = &l->run->console;

    if (c->json && !result->stopped &&
        !console_json(json_new_list(result->made, result->kept, result->manifest)))
        return err_set(err, ERR_NOMEM, "out of memory");
    if (!c->text || c->quiet)
        return 0;
    fprintf(c->people, "%sMade %zu key%s and certificate%s%s", console_style(c, STYLE_BOLD),
            result->made, result->made == 1 ? "" : "s", result->made == 1 ? "" : "s",
            console_style(c, STYLE_PLAIN));
    if (result->kept > 0)
        fprintf(c->people, "; %zu %s there already", result->kept,
                result->kept == 1 ? "was" : "were");
    fputc('\n', c->people);
    if (result->manifest != NULL) {
        fputs("  manifest       ", c->people);
        print_safe(c->people, result->manifest);
        fputc('\n', c->people);
    }
    if (result->stopped)
        new_say_next(l->run, "The rest is missing: the same command goes on from here.");
    return 0;
}

int new_list(struct new_run *run, const char *file, struct err *err)
{
    struct listing l = {.run = run, .progress = {.console = &run->console, .unit = "devices"}};
    struct issue_list_watch watch = {tick, ready, &l};
    struct issue_list_result result = {0};
    struct issue_list *list = NULL;
    int rc = issue_list_read(file, &list, &run->notes);

    if (rc != 0)
        return err_set(err, (enum err_code)rc, "nothing was made: the list cannot be used");
    rc = new_open_ca(run, err);
    if (rc == 0)
        rc = signals_start_ending(&l.signals, err);
    if (rc == 0) {
        l.began = clock_now();
        rc = issue_list_make(run->authority, &run->wish, list, &watch, &result, &run->notes, err);
        progress_clear(&l.progress);
        signals_stop();
        run->interrupted = l.ended && result.stopped;
    }
    if (rc == 0)
        rc = say_end(&l, &result, err);
    free(result.manifest);
    issue_list_destroy(list);
    return rc;
}
