/* SPDX-License-Identifier: MIT */
#include "device/emulator_state.h"

#include <string.h>

static const char *const refusals[] = {
    [REFUSAL_UNKNOWN] = "unknown command",
    [REFUSAL_LINE] = "line too long",
    [REFUSAL_CONTENT] = "not what belongs here",
    [REFUSAL_SIZE] = "too large",
    [REFUSAL_FAULT] = "refused",
    [REFUSAL_TIME] = "upload took too long",
    [REFUSAL_END] = "no end where the length says",
    [REFUSAL_MEMORY] = "out of memory",
};

const char *refusal_text(enum refusal why)
{
    return refusals[why];
}

static struct queued_event *slot_at(struct emulator *e, size_t i)
{
    return &e->events[(e->event_first + i) % EMULATOR_EVENTS_MAX];
}

/* Nobody has to take events: when there is no more room the oldest goes. */
static struct queued_event *add(struct emulator *e, enum emulator_event_type type)
{
    struct queued_event *q;

    if (e->event_count == EMULATOR_EVENTS_MAX) {
        secret_reset(&slot_at(e, 0)->body);
        e->event_first = (e->event_first + 1) % EMULATOR_EVENTS_MAX;
        e->event_count--;
    }
    q = slot_at(e, e->event_count++);
    *q = (struct queued_event){.event = {.type = type, .slot = -1, .setting = -1}};
    return q;
}

static void set_text(struct emulator_event *event, const char *text, size_t n)
{
    if (n >= sizeof event->text)
        n = sizeof event->text - 1;
    memcpy(event->text, text, n);
    event->text[n] = '\0';
}

void emulator_tell_stored(struct emulator *e)
{
    struct queued_event *q = add(e, EMULATOR_STORED);

    q->event.slot = (int)e->body.slot;
    q->event.n = e->body.bytes.len;
    q->event.body_began = e->body.began;
    q->event.body_ended = e->body.ended;
    secret_move(&q->body, &e->body.bytes);
}

void emulator_tell_setting(struct emulator *e, enum setting setting, const char *value, size_t n)
{
    struct queued_event *q = add(e, EMULATOR_SETTING);

    q->event.setting = (int)setting;
    q->event.n = n;
    if (!setting_info(setting)->secret)
        set_text(&q->event, value, n);
}

void emulator_tell_refused(struct emulator *e, int slot, int setting, const char *why)
{
    struct queued_event *q = add(e, EMULATOR_REFUSED);

    q->event.slot = slot;
    q->event.setting = setting;
    set_text(&q->event, why, strlen(why));
}

/* Bytes that are lost in a row are one event. */
void emulator_tell_overrun(struct emulator *e)
{
    struct queued_event *last = e->event_count > 0 ? slot_at(e, e->event_count - 1) : NULL;

    if (last == NULL || last->event.type != EMULATOR_OVERRUN)
        last = add(e, EMULATOR_OVERRUN);
    last->event.n++;
}

void emulator_tell_hung_up(struct emulator *e)
{
    add(e, EMULATOR_HUNG_UP);
}

void emulator_tell_settled(struct emulator *e)
{
    add(e, EMULATOR_SETTLED);
}

bool emulator_next_event(struct emulator *e, struct emulator_event *event)
{
    struct queued_event *q = slot_at(e, 0);

    secret_reset(&e->taken);
    if (e->event_count == 0)
        return false;
    *event = q->event;
    secret_move(&e->taken, &q->body);
    event->body = event->type == EMULATOR_STORED ? &e->taken : NULL;
    e->event_first = (e->event_first + 1) % EMULATOR_EVENTS_MAX;
    e->event_count--;
    return true;
}
