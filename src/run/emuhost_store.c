/* SPDX-License-Identifier: MIT */
#include "run/emuhost_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

int store_open(struct store *s, const char *dir, struct err *err)
{
    if (dir == NULL)
        return 0;
    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return err_set_errno(err, errno, "cannot make the folder %s", dir);
    s->dir = str_copy(dir);
    return s->dir == NULL ? err_set(err, ERR_NOMEM, "out of memory") : 0;
}

void store_reset(struct store *s)
{
    free(s->dir);
    for (int i = 0; i < SETTING_COUNT; i++)
        free(s->values[i]);
    *s = (struct store){0};
}

static int write_file(const struct store *s, const char *name, const void *bytes, size_t n,
                      struct err *err)
{
    char *path = NULL;
    int rc;

    if (asprintf(&path, "%s/%s", s->dir, name) < 0)
        return err_set(err, ERR_NOMEM, "out of memory");
    rc = file_write(path, 0600, true, bytes, n, err);
    free(path);
    return rc;
}

/* Writes the text and frees it. */
static int write_text(const struct store *s, const char *name, struct buf *text, struct err *err)
{
    int rc = text->failed ? err_set(err, ERR_NOMEM, "out of memory")
                          : write_file(s, name, text->data, text->len, err);

    buf_reset(text);
    return rc;
}

static int store_body(struct store *s, const struct emulator_event *event, struct err *err)
{
    char name[64];
    struct buf text = {0};
    int rc;

    s->slots[event->slot].there = true;
    s->slots[event->slot].bytes = event->n;
    s->slots[event->slot].first = event->body_began;
    s->slots[event->slot].last = event->body_ended;
    (void)snprintf(name, sizeof name, "%s.pem", slot_name((enum slot)event->slot));
    rc = write_file(s, name, event->body->data, event->body->len, err);
    if (rc != 0)
        return rc;
    for (int i = 0; i < SLOT_COUNT; i++) {
        if (s->slots[i].there)
            buf_printf(&text, "%s bytes=%zu first_us=%" PRId64 " last_us=%" PRId64 "\n",
                       slot_name((enum slot)i), s->slots[i].bytes, s->slots[i].first,
                       s->slots[i].last);
    }
    return write_text(s, "timing.txt", &text, err);
}

static int store_setting(struct store *s, const struct emulator_event *event, struct err *err)
{
    struct buf text = {0};

    if (setting_info((enum setting)event->setting)->secret)
        return 0;
    free(s->values[event->setting]);
    s->values[event->setting] = str_copy(event->text);
    if (s->values[event->setting] == NULL)
        return err_set(err, ERR_NOMEM, "out of memory");
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (s->values[i] != NULL)
            buf_printf(&text, "%s = %s\n", setting_info((enum setting)i)->name, s->values[i]);
    }
    return write_text(s, "settings.txt", &text, err);
}

int store_event(struct store *s, const struct emulator_event *event, struct err *err)
{
    if (s->dir == NULL)
        return 0;
    if (event->type == EMULATOR_STORED)
        return store_body(s, event, err);
    if (event->type == EMULATOR_SETTING)
        return store_setting(s, event, err);
    return 0;
}
