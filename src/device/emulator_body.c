/* SPDX-License-Identifier: MIT */
#include "device/emulator_state.h"

#include <string.h>

#include "base/buf.h"
#include "device/emulator_text.h"

static const usec reboot_time = 300 * USEC_PER_MS;
static const usec stall_time = 2 * USEC_PER_SEC;

enum progress { BODY_MORE, BODY_COMPLETE, BODY_ABORTED, BODY_BROKEN };

size_t emulator_body_limit(const struct emulator *e)
{
    long max = e->profile->upload.max_bytes;

    return max > 0 && max < EMULATOR_BODY_MAX ? (size_t)max : EMULATOR_BODY_MAX;
}

void emulator_body_open(struct emulator *e, enum slot slot, size_t length, usec t)
{
    long window = e->profile->upload.window_ms;

    secret_reset(&e->body.bytes);
    e->body.open = true;
    e->body.slot = slot;
    e->body.seen = 0;
    e->body.length = length;
    e->body.began = e->body.ended = 0;
    e->body.window_end = window > 0 ? t + e->options.latency + window * USEC_PER_MS : USEC_NEVER;
    e->body.echo_stopped = false;
    e->body.answered = false;
}

static void close_body(struct emulator *e)
{
    e->body.open = false;
    secret_reset(&e->body.bytes);
}

/* Nothing is stored, the device is back at its command line; what still comes of the body is taken
 * for commands. */
static void refuse(struct emulator *e, enum refusal why, usec t)
{
    e->stored = false;
    emulator_tell_refused(e, (int)e->body.slot, -1, refusal_text(why));
    if (!e->body.answered)
        emulator_say_failure(e, SAY_BODY_ANSWER, why, t);
    close_body(e);
}

void emulator_body_expire(struct emulator *e, usec t)
{
    refuse(e, REFUSAL_TIME, t);
}

static bool ends_with(const struct secret *s, const char *tail)
{
    size_t n = tail == NULL ? 0 : strlen(tail);

    return n > 0 && s->len >= n && memcmp(s->data + s->len - n, tail, n) == 0;
}

/* Takes the terminator off the body. */
static void cut_tail(struct secret *s, size_t n)
{
    mem_wipe(s->data + s->len - n, n);
    s->len -= n;
}

static enum progress judge_length(struct emulator *e, const char *terminator)
{
    size_t extra = terminator == NULL ? 0 : strlen(terminator);

    if (e->body.bytes.len < e->body.length + extra)
        return BODY_MORE;
    if (extra > 0 && !ends_with(&e->body.bytes, terminator))
        return BODY_BROKEN;
    cut_tail(&e->body.bytes, extra);
    return BODY_COMPLETE;
}

static enum progress judge(struct emulator *e)
{
    const struct profile *p = e->profile;

    if (p->upload.end == END_TERMINATOR && ends_with(&e->body.bytes, p->upload.terminator)) {
        cut_tail(&e->body.bytes, strlen(p->upload.terminator));
        return BODY_COMPLETE;
    }
    if (ends_with(&e->body.bytes, p->abort.send))
        return BODY_ABORTED;
    if (p->upload.end == END_TERMINATOR)
        return BODY_MORE;
    return judge_length(e, p->upload.end == END_LENGTH ? NULL : p->upload.terminator);
}

static void abort_body(struct emulator *e, usec t)
{
    texts answers = e->profile->abort.answers;
    struct buf text = {0};

    e->stored = false;
    emulator_tell_refused(e, (int)e->body.slot, -1, "cancelled by the other side");
    if (answers != NULL && answers[0] != NULL && !e->body.answered) {
        text_of_pattern(&text, answers[0], NULL, 0, "");
        buf_add(&text, "", 0);
        if (!text.failed)
            emulator_say(e, SAY_BODY_ANSWER, text.data, t);
    }
    buf_reset(&text);
    close_body(e);
}

/* Quectel's: byte pairs, first byte high; an odd last byte is a high one. */
static unsigned xor16(const struct secret *s)
{
    unsigned sum = 0;

    for (size_t i = 0; i < s->len; i++)
        sum ^= i % 2 == 0 ? (unsigned)s->data[i] << 8 : s->data[i];
    return sum;
}

static void say_report(struct emulator *e, usec t)
{
    char sha256[65] = "";
    struct buf size = {0}, digest = {0}, text = {0};

    if (e->profile->upload.report == NULL)
        return;
    buf_printf(&size, "%zu", e->body.bytes.len);
    if (e->profile->upload.digest == DIGEST_SHA256_SENT) {
        pki_sha256_hex(e->body.bytes.data, e->body.bytes.len, sha256);
        buf_add_str(&digest, sha256);
    } else {
        buf_printf(&digest, "%04x", xor16(&e->body.bytes));
    }
    if (!size.failed && !digest.failed) {
        const struct text_value values[] = {
            {"size", 4, size.data, size.len},
            {"length", 6, size.data, size.len},
            {"digest", 6, digest.data, digest.len},
        };

        text_of_pattern(&text, e->profile->upload.report, values, 3, "");
        buf_add(&text, "", 0);
    }
    if (!text.failed && text.len > 0)
        emulator_say(e, SAY_BODY_LINE, text.data, t);
    buf_reset(&text);
    buf_reset(&digest);
    buf_reset(&size);
}

static void store(struct emulator *e, usec t)
{
    bool mute = e->body.answered || emulator_strike(e, FAULT_LOST_OK);

    e->stored = true;
    if (!mute && emulator_strike(e, FAULT_FLOOD)) {
        emulator_flood(e);
        mute = true;
    }
    if (!mute) {
        say_report(e, t);
        emulator_say_ok(e, SAY_BODY_ANSWER, t);
    }
    emulator_tell_stored(e);
    close_body(e);
}

static void complete(struct emulator *e, usec t)
{
    const struct secret *body = &e->body.bytes;

    if (emulator_strike(e, FAULT_SILENT)) {
        e->stored = false;
        emulator_tell_refused(e, (int)e->body.slot, -1, "fell silent");
        close_body(e);
    } else if (emulator_strike(e, FAULT_OK_IN_LOG)) {
        e->stored = false;
        emulator_tell_refused(e, (int)e->body.slot, -1, refusal_text(REFUSAL_FAULT));
        emulator_say_ok_in_log(e, SAY_BODY_ANSWER, t);
        close_body(e);
    } else if (emulator_strike(e, FAULT_REFUSE_END)) {
        refuse(e, REFUSAL_FAULT, t);
    } else if (body->len > emulator_body_limit(e)) {
        refuse(e, REFUSAL_SIZE, t);
    } else if (!e->options.lenient &&
               !credential_device_accepts(e->body.slot, body->data, body->len)) {
        refuse(e, REFUSAL_CONTENT, t);
    } else if (!emulator_keep_body(e)) {
        refuse(e, REFUSAL_MEMORY, t);
    } else {
        store(e, t);
    }
}

static void hang_up(struct emulator *e)
{
    e->hung_up = true;
    close_body(e);
    byte_queue_reset(&e->fifo);
    byte_queue_reset(&e->out);
    emulator_tell_hung_up(e);
}

static void reboot(struct emulator *e, usec t)
{
    e->stored = false;
    e->off_until = e->busy_until = t + reboot_time;
    e->cr_seen = false;
    emulator_tell_refused(e, (int)e->body.slot, -1, "restarted in mid-body");
    close_body(e);
    byte_queue_reset(&e->fifo);
    emulator_say_banner(e, e->off_until);
}

/* Faults that strike once byte `at` has been taken. False if the upload has ended by it. */
static bool strike_after(struct emulator *e, size_t at, usec t)
{
    if (emulator_strike_at(e, FAULT_HANG_UP, at)) {
        hang_up(e);
    } else if (emulator_strike_at(e, FAULT_REBOOT, at)) {
        reboot(e, t);
    } else if (emulator_strike_at(e, FAULT_REFUSE_BODY, at)) {
        refuse(e, REFUSAL_FAULT, t);
    } else if (emulator_strike_at(e, FAULT_OK_EARLY, at)) {
        emulator_say_ok(e, SAY_BODY_ANSWER, t);
        e->body.answered = true;
    } else if (emulator_strike_at(e, FAULT_STALL, at)) {
        emulator_away(e, t + stall_time);
    }
    return e->body.open;
}

/* Stays text where it was text, and becomes neither a line end nor `*` or DEL. */
static unsigned char changed(unsigned char c)
{
    unsigned char other = c ^ 0x01;

    return other == '*' || other == 0x7F || other == '\r' || other == '\n' ? c ^ 0x02 : other;
}

static void note_arrival(struct emulator *e, unsigned char c, usec arrival)
{
    const char *terminator = e->profile->upload.terminator;
    bool may_end =
        e->profile->upload.end != END_LENGTH && terminator != NULL && strchr(terminator, c) != NULL;

    if (e->body.seen == 0)
        e->body.began = e->body.ended = arrival;
    else if (!may_end)
        e->body.ended = arrival;
}

static void end_line(struct emulator *e, unsigned char c, usec t)
{
    unsigned char end = e->profile->upload.body_eol == EOL_CR ? '\r' : '\n';

    if (c != end)
        return;
    emulator_noise(e, t);
    emulator_away(e, t + e->options.away_per_line);
}

void emulator_take_body(struct emulator *e, unsigned char c, usec arrival, usec t)
{
    size_t at = e->body.seen;
    enum progress progress;

    /* The LF of the command's own line end. */
    if (at == 0 && c == '\n' && e->cr_seen) {
        e->cr_seen = false;
        return;
    }
    note_arrival(e, c, arrival);
    e->body.seen++;
    if (emulator_strike_at(e, FAULT_LOST, at)) {
        e->cr_seen = false;
        return;
    }
    if (emulator_strike_at(e, FAULT_CHANGED, at))
        c = changed(c);
    if (emulator_strike_at(e, FAULT_ECHO_STOPS, at))
        e->body.echo_stopped = true;
    if (secret_append(&e->body.bytes, &c, 1, NULL) != 0) {
        refuse(e, REFUSAL_MEMORY, t);
        return;
    }
    emulator_echo(e, c, t);
    e->cr_seen = c == '\r';
    end_line(e, c, t);
    if (!strike_after(e, at, t))
        return;
    progress = judge(e);
    if (progress == BODY_COMPLETE)
        complete(e, t);
    else if (progress == BODY_ABORTED)
        abort_body(e, t);
    else if (progress == BODY_BROKEN)
        refuse(e, REFUSAL_END, t);
    else if (e->body.bytes.len > EMULATOR_BODY_MAX)
        refuse(e, REFUSAL_SIZE, t);
}
