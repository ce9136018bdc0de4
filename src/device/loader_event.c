/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "device/loader_state.h"
#include "device/masking.h"

static struct event *last_event(struct loader *l)
{
    if (l->event_count == 0)
        return NULL;
    return &l->events[(l->event_head + l->event_count - 1) % EVENTS_MAX];
}

/* What is told often joins the event of its kind that nobody has fetched yet; noise is dropped
 * before anything that matters could be. */
struct event *loader_push(struct loader *l, enum event_type type, usec now)
{
    struct event *e = last_event(l);

    if ((type == EVENT_PROGRESS || type == EVENT_ECHO) && e != NULL && e->type == type)
        return e;
    if (l->event_count >= EVENTS_FOR_NOISE &&
        (type == EVENT_REPLY || type == EVENT_ECHO || type == EVENT_SENT ||
         type == EVENT_PROGRESS || l->event_count == EVENTS_MAX)) {
        l->events_dropped++;
        return &l->nowhere;
    }
    e = &l->events[(l->event_head + l->event_count++) % EVENTS_MAX];
    *e = (struct event){.type = type, .at = now, .exchange = l->index, .outcome = l->outcome};
    return e;
}

static void set_text(struct event *e, const void *text, size_t n)
{
    e->text_len = n < EVENT_TEXT_MAX ? n : EVENT_TEXT_MAX;
    memcpy(e->text, text, e->text_len);
}

void loader_note(struct loader *l, usec now, const char *code, const char *text)
{
    struct event *e = loader_push(l, EVENT_NOTE, now);

    e->code = code;
    set_text(e, text, strlen(text));
}

/* Commands are shown unless they carry a password; of bodies only the size is told. */
void loader_tell_sent(struct loader *l, const unsigned char *bytes, size_t n, usec now)
{
    struct event *e = loader_push(l, EVENT_SENT, now);
    bool body = l->phase == PHASE_BODY || (l->phase == PHASE_MARK && l->marked == false &&
                                           l->plan->profile->upload.end == END_LENGTH);

    e->n = n;
    e->masked = l->x->confidential && (body || l->x->kind != EXCHANGE_UPLOAD);
    if (!body && !e->masked)
        set_text(e, bytes, n);
}

/* Section 8: text is shown only if it equals one of the profile's own. A pattern with a wildcard
 * equals nothing. */
static bool equals_any(const texts list, const unsigned char *text, size_t n)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        if (strlen(list[i]) == n && memcmp(list[i], text, n) == 0)
            return true;
    }
    return false;
}

bool loader_is_own_line(const struct loader *l, const unsigned char *text, size_t n)
{
    bool armour = false, body = n > 0;

    for (size_t i = 0; i < n; i++) {
        armour |= text[i] == '-';
        body &= masking_is_body_byte(text[i]) || text[i] == '-' || text[i] == ' ';
    }
    return !echo_resembles(&l->echo, text, n) && !(body && (armour || n >= 16));
}

static bool may_show(const struct loader *l, const unsigned char *text, size_t n)
{
    const struct profile *p = l->plan->profile;
    const char *prompt = p->upload.prompt;

    if (!l->masking && l->phase == PHASE_JUDGE)
        return loader_is_own_line(l, text, n);
    /* A run that was killed may have left a key's echo on its way: what looks like a body's line is
     * not shown before this run has sent anything of its own. */
    if (!l->masking)
        return !(l->x == NULL || l->x->kind == EXCHANGE_RECOVER) || !masking_has_body(text, n);
    return equals_any(p->upload.ok, text, n) || equals_any(p->upload.fail, text, n) ||
           equals_any(p->answers.ok, text, n) || equals_any(p->answers.fail, text, n) ||
           equals_any(p->answers.boot, text, n) || equals_any(p->abort.answers, text, n) ||
           (prompt != NULL && strlen(prompt) == n && memcmp(prompt, text, n) == 0);
}

void loader_tell_line(struct loader *l, const unsigned char *text, size_t n, usec now)
{
    struct event *e = loader_push(l, EVENT_REPLY, now);

    /* A line that is too long to be an answer comes without text: what would be shown is its start.
     */
    if (n == 0) {
        text = l->line.text;
        n = l->line.len;
    }
    e->n = l->line.raw;
    e->masked = !may_show(l, text, n);
    if (e->masked) {
        e->text_len = masking_put_size(e->text, l->line.raw);
    } else {
        set_text(e, l->line.text, l->line.len);
    }
}

void loader_keep_answer(struct loader *l, const unsigned char *text, size_t n)
{
    char *answer = l->result->answer;
    size_t size = sizeof l->result->answer;

    if (!may_show(l, text, n)) {
        masking_put_size(answer, n);
        return;
    }
    n = n < size ? n : size - 1;
    memcpy(answer, text, n);
    answer[n] = '\0';
}

void loader_tell_progress(struct loader *l, usec now, bool force)
{
    size_t step = l->options.progress_bytes != 0 ? l->options.progress_bytes : 64;
    size_t total = l->x->body.len;
    size_t handed = l->echo.handed < total ? l->echo.handed : total;
    size_t outstanding = pacing_outstanding(&l->pacing, now);
    size_t left = handed > outstanding ? handed - outstanding : 0;
    struct event *e;

    if (left < l->progress_told || (!force && left - l->progress_told < step) ||
        (left == l->progress_told && left != 0))
        return;
    l->progress_told = left;
    e = loader_push(l, EVENT_PROGRESS, now);
    e->at = now;
    e->n = left;
    e->total = total;
    e->left = left > 64 ? (now - l->result->body_began) * (usec)(total - left) / (usec)left
                        : pacing_time(&l->pacing, total - left);
}

bool loader_next_event(struct loader *l, struct event *event)
{
    if (l->event_count == 0)
        return false;
    *event = l->events[l->event_head];
    mem_wipe(&l->events[l->event_head], sizeof l->events[0]);
    l->event_head = (l->event_head + 1) % EVENTS_MAX;
    l->event_count--;
    return true;
}

const char *device_state_name(enum device_state state)
{
    static const char *const names[] = {
        [STATE_UNTOUCHED] = "untouched",
        [STATE_LOADED] = "loaded",
        [STATE_UNKNOWN] = "unknown",
    };

    return names[state];
}

const char *load_outcome_name(enum load_outcome outcome)
{
    static const char *const names[] = {
        [LOAD_RUNNING] = "running",     [LOAD_DONE] = "done",
        [LOAD_REFUSED] = "refused",     [LOAD_NO_ANSWER] = "no-answer",
        [LOAD_PORT_GONE] = "port-gone", [LOAD_CANCELLED] = "cancelled",
    };

    return names[outcome];
}

const char *load_failure_name(enum load_failure failure)
{
    static const char *const names[] = {
        [FAILURE_NONE] = "none",
        [FAILURE_NO_PROMPT] = "no-prompt",
        [FAILURE_REFUSED] = "refused",
        [FAILURE_ANSWERED_EARLY] = "answered-early",
        [FAILURE_ECHO_MISMATCH] = "echo-mismatch",
        [FAILURE_REBOOTED] = "rebooted",
        [FAILURE_NO_ANSWER] = "no-answer",
        [FAILURE_SPEED_MISMATCH] = "speed-mismatch",
        [FAILURE_DIGEST] = "digest-mismatch",
        [FAILURE_STALLED] = "stalled",
        [FAILURE_LINK_LOST] = "port-gone",
        [FAILURE_CANCELLED] = "cancelled",
    };

    return names[failure];
}
