/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "run/checklist_part.h"

/* Numbers and hashes of an answer, as they stand in memory: both ends are the same program. */
struct head {
    uint64_t size; /* of the whole frame */
    uint64_t row, unaccepted, findings;
    int64_t not_after;
    struct identity identity;
    uint8_t fit, has_cert;
};

struct finding_head {
    int32_t severity, line;
};

enum { FRAME_MAX = 4 << 20 };

static const char absent = '\0', present = '\1';

static void put_text(struct buf *out, const char *text)
{
    buf_add(out, text != NULL ? &present : &absent, 1);
    if (text != NULL)
        buf_add(out, text, strlen(text) + 1);
}

void answer_pack(const struct answer *a, struct buf *out)
{
    size_t start = out->len;
    struct head head = {
        .row = a->row,
        .unaccepted = a->unaccepted,
        .findings = a->findings.count,
        .not_after = a->not_after,
        .identity = a->identity,
        .fit = a->fit,
        .has_cert = a->has_cert,
    };

    buf_add(out, &head, sizeof head);
    put_text(out, a->device);
    for (size_t i = 0; i < a->findings.count; i++) {
        const struct finding *f = &a->findings.items[i];
        struct finding_head h = {(int32_t)f->severity, f->line};

        buf_add(out, &h, sizeof h);
        put_text(out, f->code);
        put_text(out, f->key);
        put_text(out, f->file);
        put_text(out, f->what);
        put_text(out, f->remedy);
    }
    if (out->failed)
        return;
    head.size = out->len - start;
    memcpy(out->data + start, &head, sizeof head);
}

struct cursor {
    const char *p;
    size_t n;
    bool bad;
};

static bool take(struct cursor *c, void *out, size_t n)
{
    if (c->bad || c->n < n) {
        c->bad = true;
        return false;
    }
    memcpy(out, c->p, n);
    c->p += n;
    c->n -= n;
    return true;
}

/* Inside the frame; NULL if it is absent. */
static const char *take_text(struct cursor *c)
{
    const char *text = c->p, *end;
    char mark;

    if (!take(c, &mark, 1) || mark == absent)
        return NULL;
    text = c->p;
    end = memchr(c->p, '\0', c->n);
    if (end == NULL) {
        c->bad = true;
        return NULL;
    }
    c->n -= (size_t)(end - c->p) + 1;
    c->p = end + 1;
    return text;
}

static void take_finding(struct cursor *c, struct findings *list)
{
    struct finding_head h = {0};
    struct place place = {0};
    const char *code, *what, *remedy;

    take(c, &h, sizeof h);
    place.line = h.line;
    code = take_text(c);
    place.key = take_text(c);
    place.file = take_text(c);
    what = take_text(c);
    remedy = take_text(c);
    if (c->bad || code == NULL || what == NULL) {
        c->bad = true;
        return;
    }
    code = strdup(code);
    if (code == NULL)
        list->lost = true;
    else
        findings_add(list, (enum severity)h.severity, code, place, remedy, "%s", what);
}

long answer_unpack(const char *bytes, size_t n, struct answer *out)
{
    struct cursor c = {bytes, n, false};
    const char *device;
    struct head head;

    *out = (struct answer){0};
    if (n < sizeof head)
        return 0;
    take(&c, &head, sizeof head);
    if (head.size < sizeof head || head.size > FRAME_MAX)
        return -1;
    if (head.size > n)
        return 0;
    c.n = (size_t)head.size - sizeof head;
    *out = (struct answer){
        .row = head.row,
        .fit = head.fit != 0,
        .has_cert = head.has_cert != 0,
        .unaccepted = head.unaccepted,
        .not_after = head.not_after,
        .identity = head.identity,
    };
    device = take_text(&c);
    out->device = device != NULL ? strdup(device) : NULL;
    for (uint64_t i = 0; i < head.findings && !c.bad; i++)
        take_finding(&c, &out->findings);
    if (!c.bad && !out->findings.lost && (device == NULL || out->device != NULL))
        return (long)head.size;
    answer_reset(out);
    return -1;
}

void answer_reset(struct answer *a)
{
    for (size_t i = 0; i < a->findings.count; i++)
        free((char *)(uintptr_t)a->findings.items[i].code);
    row_answer_reset(a);
}

void row_answer_reset(struct answer *a)
{
    findings_reset(&a->findings);
    free(a->device);
    *a = (struct answer){0};
}
