/* SPDX-License-Identifier: MIT */
#include "vt_env.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENV_MAX = 64 };

struct list {
    char *items[ENV_MAX + 1];
    size_t count;
};

static bool has_name(const char *item, const char *name, size_t len)
{
    return strncmp(item, name, len) == 0 && item[len] == '=';
}

static void remove_name(struct list *list, const char *name, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++) {
        if (has_name(list->items[i], name, len))
            free(list->items[i]);
        else
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
    list->items[kept] = NULL;
}

static void add(struct list *list, char *item)
{
    if (item == NULL || list->count == ENV_MAX)
        vt_fail("no room for an environment");
    remove_name(list, item, strcspn(item, "="));
    list->items[list->count++] = item;
    list->items[list->count] = NULL;
}

static char *format(const char *text, ...) __attribute__((format(printf, 1, 2)));
static char *format(const char *text, ...)
{
    char *made = NULL;
    va_list args;

    va_start(args, text);
    if (vasprintf(&made, text, args) < 0)
        made = NULL;
    va_end(args);
    return made;
}

/* Beside the other logs of this build if there is one, else where it goes with HOME. Named after
 * HOME, as process numbers come again: in the monkey's fence at every run. */
static void name_reports(struct vt *vt)
{
    const char *build = getenv("BUILD");
    char log[256] = "";

    if (build != NULL && (size_t)snprintf(log, sizeof log, "%s/log", build) < sizeof log) {
        mkdir(log, 0777);
        snprintf(vt->reports, sizeof vt->reports, "%s/sanitizer%s", log, strrchr(vt->home, '.'));
    }
    if (build == NULL || access(log, W_OK) != 0)
        snprintf(vt->reports, sizeof vt->reports, "%s/.sanitizer", vt->home);
}

/* The options that the tests run under, with a place for the reports; the last of a name wins. */
static void add_sanitizer(struct list *list, const struct vt *vt, const char *name)
{
    const char *given = getenv(name);

    add(list, format("%s=%s%slog_path=%s:print_stacktrace=1", name, given != NULL ? given : "",
                     given != NULL ? ":" : "", vt->reports));
}

char **vt_env(struct vt *vt, const char *const *more)
{
    const char *path = getenv("PATH");
    struct list list = {.count = 0};
    char **answer = calloc(ENV_MAX + 1, sizeof *answer);

    name_reports(vt);
    add(&list, format("PATH=%s", path != NULL ? path : "/usr/local/bin:/usr/bin:/bin"));
    add(&list, format("HOME=%s", vt->home));
    add(&list, format("TERM=xterm-256color"));
    add(&list, format("LC_ALL=C.UTF-8"));
    add_sanitizer(&list, vt, "ASAN_OPTIONS");
    add_sanitizer(&list, vt, "UBSAN_OPTIONS");
    for (; more != NULL && *more != NULL; more++) {
        if (strchr(*more, '=') != NULL)
            add(&list, format("%s", *more));
        else
            remove_name(&list, *more, strlen(*more));
    }
    if (answer == NULL)
        vt_fail("no room for an environment");
    memcpy(answer, list.items, sizeof list.items);
    return answer;
}
