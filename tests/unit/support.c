/* SPDX-License-Identifier: MIT */
#include "support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "job/jobfile.h"
#include "job/preset.h"
#include "pki/pki.h"

static void show(const struct findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        fprintf(stderr, "# %s %s: %s\n", severity_name(findings->items[i].severity),
                findings->items[i].code, findings->items[i].what);
}

void bench_make(struct bench *b, const char *profile, const char *const *assignments,
                const struct plan_options *options)
{
    const struct passphrase_source none = {NULL, NULL};
    const char *list[16];
    size_t n = 0;
    struct err err;

    memset(b, 0, sizeof *b);
    job_init(&b->job);
    for (; assignments != NULL && assignments[n] != NULL; n++)
        list[n] = assignments[n];
    if (jobfile_read("fixtures/jobs/pump-7.cfg", list, n, &b->job, &b->findings) != 0 ||
        job_load_credentials(&b->job, &none, &b->findings) != 0 ||
        preset_apply(&b->job, &err) != 0 ||
        profile_load(profile, NULL, (struct place){0}, &b->profile, &b->findings) != 0 ||
        plan_create(&b->job, b->profile, options, &b->plan, &b->findings) != 0) {
        show(&b->findings);
        fail_msg("no plan");
    }
}

void bench_reset(struct bench *b)
{
    plan_destroy(b->plan);
    profile_destroy(b->profile);
    job_reset(&b->job);
    findings_reset(&b->findings);
}

/* --- the line --------------------------------------------------------------------------------- */

static void wire_put(struct wire *w, const unsigned char *bytes, size_t n, usec now, long byte_ns)
{
    usec start = w->free_at > now ? w->free_at : now;

    for (size_t i = 0; i < n; i++) {
        if (w->count == w->capacity) {
            w->capacity = w->capacity != 0 ? w->capacity * 2 : 1024;
            w->bytes = realloc(w->bytes, w->capacity);
            w->at = realloc(w->at, w->capacity * sizeof *w->at);
            assert_non_null(w->bytes);
            assert_non_null(w->at);
        }
        w->bytes[w->count] = bytes[i];
        w->at[w->count++] = start + (usec)((long)(i + 1) * byte_ns / 1000);
    }
    w->free_at = start + (usec)((long)n * byte_ns / 1000);
}

static usec wire_next(const struct wire *w)
{
    return w->head < w->count ? w->at[w->head] : USEC_NEVER;
}

/* How many bytes have arrived by now. */
static size_t wire_ready(const struct wire *w, usec now)
{
    size_t n = 0;

    while (w->head + n < w->count && w->at[w->head + n] <= now)
        n++;
    return n;
}

/* --- the simulation --------------------------------------------------------------------------- */

void simulation_make(struct simulation *s, const struct bench *b,
                     const struct loader_options *loader, const struct emulator_options *emulator)
{
    memset(s, 0, sizeof *s);
    s->loader = loader_create(b->plan, loader);
    s->emulator = emulator_create(b->profile, emulator);
    assert_non_null(s->loader);
    assert_non_null(s->emulator);
    s->byte_ns = 1000000000L * (long)line_bits_per_byte(&b->plan->line) / b->plan->line.baud;
    s->now = USEC_PER_SEC;
    loader_start(s->loader, s->now);
}

static void drain_loader(struct simulation *s)
{
    struct event e;

    while (loader_next_event(s->loader, &e)) {
        if (s->log_count < LOG_MAX)
            s->log[s->log_count++] = e;
    }
}

static void drain_emulator(struct simulation *s)
{
    struct emulator_event e;

    while (emulator_next_event(s->emulator, &e)) {
        if (e.type == EMULATOR_STORED) {
            assert_int_equal(secret_set(&s->stored[e.slot], e.body->data, e.body->len, NULL), 0);
            s->stored_count[e.slot]++;
            s->stored_began[e.slot] = e.body_began;
            s->stored_ended[e.slot] = e.body_ended;
        } else if (e.type == EMULATOR_HUNG_UP) {
            s->hung_up = true;
        } else if (e.type == EMULATOR_OVERRUN) {
            s->overruns += e.n;
        }
    }
}

static void host_side(struct simulation *s)
{
    const unsigned char *bytes;
    size_t n = wire_ready(&s->to_host, s->now);

    while (n > 0) {
        size_t part = s->split != 0 && s->split < n ? s->split : n;

        loader_receive(s->loader, s->to_host.bytes + s->to_host.head, part, s->now);
        s->to_host.head += part;
        n -= part;
        drain_loader(s);
    }
    if (s->now >= loader_deadline(s->loader))
        loader_tick(s->loader, s->now);
    (void)loader_wants_flush(s->loader);
    while ((n = loader_output(s->loader, s->now, &bytes)) > 0) {
        wire_put(&s->to_device, bytes, n, s->now, s->byte_ns);
        loader_sent(s->loader, n, s->now);
        s->sent += n;
    }
    if (s->hung_up)
        loader_link_lost(s->loader, s->now);
    drain_loader(s);
}

static void device_side(struct simulation *s)
{
    const unsigned char *bytes;
    size_t n = wire_ready(&s->to_device, s->now);

    if (n > 0) {
        emulator_receive(s->emulator, s->to_device.bytes + s->to_device.head, n, s->now);
        s->to_device.head += n;
        drain_emulator(s);
    }
    if (s->now >= emulator_deadline(s->emulator))
        emulator_tick(s->emulator, s->now);
    drain_emulator(s);
    /* What the device cannot say yet stays with it: its line carries one byte at a time. */
    while (s->to_host.free_at <= s->now + 1000 &&
           (n = emulator_output(s->emulator, s->now, &bytes)) > 0) {
        n = n < 64 ? n : 64;
        wire_put(&s->to_host, bytes, n, s->now, s->byte_ns);
        emulator_sent(s->emulator, n, s->now);
    }
    drain_emulator(s);
}

static usec earlier(usec a, usec b)
{
    return a < b ? a : b;
}

static void cancel_if_due(struct simulation *s)
{
    if ((s->cancel_at != 0 && s->now >= s->cancel_at) ||
        (s->cancel_when_sent != 0 && s->sent >= s->cancel_when_sent)) {
        loader_cancel(s->loader, s->now);
        s->cancel_at = 0;
        s->cancel_when_sent = 0;
    } else if (s->cancel_again_at != 0 && s->now >= s->cancel_again_at && s->cancel_at == 0 &&
               s->cancel_when_sent == 0) {
        loader_cancel(s->loader, s->now);
        s->cancel_again_at = 0;
    }
}

/* The next moment at which anything can happen on either side. */
static usec next_moment(const struct simulation *s)
{
    usec at = earlier(loader_deadline(s->loader), emulator_deadline(s->emulator));

    at = earlier(at, wire_next(&s->to_device));
    at = earlier(at, wire_next(&s->to_host));
    if (s->to_host.free_at > s->now + 1000)
        at = earlier(at, s->to_host.free_at - 1000);
    if (s->cancel_at != 0)
        at = earlier(at, s->cancel_at);
    if (s->cancel_again_at != 0)
        at = earlier(at, s->cancel_again_at);
    return at;
}

void simulation_run(struct simulation *s)
{
    usec end = s->now + INT64_C(3600) * USEC_PER_SEC;

    for (long steps = 0; loader_outcome(s->loader) == LOAD_RUNNING; steps++) {
        usec at;

        device_side(s);
        host_side(s);
        cancel_if_due(s);
        device_side(s);
        if (loader_outcome(s->loader) != LOAD_RUNNING)
            break;
        at = next_moment(s);
        assert_true(at < end);
        assert_true(steps < 20000000);
        s->now = at > s->now ? at : s->now + 1;
    }
    drain_loader(s);
    device_side(s);
}

void simulation_reset(struct simulation *s)
{
    loader_destroy(s->loader);
    emulator_destroy(s->emulator);
    free(s->to_device.bytes);
    free(s->to_device.at);
    free(s->to_host.bytes);
    free(s->to_host.at);
    for (int i = 0; i < SLOT_COUNT; i++)
        secret_reset(&s->stored[i]);
}

void rehearse(struct simulation *s, struct bench *b, const struct rehearsal *r)
{
    const struct plan_options plan = {.is_pty = true, .only = r->only};
    const struct loader_options options = {.nonce = 0x1234};
    struct emulator_options device = emulator_defaults();
    struct err err;

    device.echo = r->echo;
    if (r->fault != NULL) {
        if (emulator_fault_parse(r->fault, &device.faults[0], &err) != 0)
            fail_msg("%s", err.text);
        device.fault_count = 1;
    }
    bench_make(b, r->profile, r->assignments, &plan);
    simulation_make(s, b, &options, &device);
    simulation_run(s);
}

void rehearsal_reset(struct simulation *s, struct bench *b)
{
    simulation_reset(s);
    bench_reset(b);
}

const struct event *simulation_event(const struct simulation *s, enum event_type type,
                                     const char *code)
{
    for (size_t i = 0; i < s->log_count; i++) {
        const struct event *e = &s->log[i];

        if (e->type == type && (code == NULL || (e->code != NULL && strcmp(e->code, code) == 0)))
            return e;
    }
    return NULL;
}

/* --- the group -------------------------------------------------------------------------------- */

int support_start(void **state)
{
    struct err err;

    (void)state;
    return pki_start(&err);
}

int support_stop(void **state)
{
    (void)state;
    pki_stop();
    return 0;
}

/* --- what is said ----------------------------------------------------------------------------- */

void assert_occurs(const char *text, const char *part)
{
    if (text == NULL || strstr(text, part) == NULL)
        fail_msg("\"%s\" does not occur in \"%s\"", part, text != NULL ? text : "(nothing)");
}

void assert_no_key(const struct bench *b, const char *text)
{
    for (size_t i = 0; i < b->plan->count; i++) {
        const struct exchange *x = &b->plan->exchanges[i];

        if (x->slot != SLOT_DEVICE_KEY)
            continue;
        for (size_t at = 40; at + 80 < x->body.len; at += 16) {
            char part[17] = "";

            memcpy(part, x->body.data + at, 16);
            if (strchr(part, '\n') == NULL && strchr(part, '-') == NULL)
                assert_null(strstr(text, part));
        }
    }
}
